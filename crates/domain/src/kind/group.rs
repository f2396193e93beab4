//! Other monitors together.

use super::Field;
use super::field::{Input, UP};

/// The form section.
pub const FIELDS: &[&[Field]] = &[&[
    Field::line("members", "Members").typed(Input::Monitors).required().hinted("The monitors that it stands for."),
    Field::line("rule", "Up while")
        .typed(Input::Choice(&[("all", "all are up"), ("any", "any is up"), ("some", "so many are up")]))
        .within(UP),
    Field::line("least", "How many").typed(Input::Number).within(UP).by_default("1").hinted("With “so many are up”."),
]];

/// The most members of a group.
pub const MEMBERS_MAX: usize = 500;

#[cfg(feature = "ssr")]
pub use settings::GroupSettings;

#[cfg(feature = "ssr")]
mod settings {
    use super::MEMBERS_MAX;
    use crate::id::MonitorId;
    use crate::kind::Reader;

    /// Who belongs to it, and how many of them have to be up.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct GroupSettings {
        /// Its members, in order of ids. Those that are gone do not count.
        pub members: Vec<MonitorId>,
        /// How many have to be up; none: all of them.
        pub least: Option<u32>,
    }

    impl GroupSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let members = r.monitors("members", MEMBERS_MAX);
            if members.as_ref().is_some_and(Vec::is_empty) {
                r.refuse("members", "Choose at least one monitor.");
            }
            let most = members.as_ref().map_or(1, Vec::len);
            let least = match r.choice("rule") {
                "any" => Some(1),
                "some" => Some(r.number("least", 1, 1..=u32::try_from(most.max(1)).unwrap_or(u32::MAX))),
                _ => None,
            };
            Some(Self { members: members?, least })
        }
    }
}
