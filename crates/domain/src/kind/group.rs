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
            let least = match (r.choice("rule"), members.as_ref().map_or(0, Vec::len)) {
                ("any", _) => Some(1),
                // While it is not known which members it has, any number of them may be.
                ("some", 0) => Some(r.number("least", 1, 1..=u32::try_from(MEMBERS_MAX).unwrap_or(u32::MAX))),
                ("some", members) => Some(r.or("least", 1, |text| least(text, members))),
                _ => None,
            };
            Some(Self { members: members?, least })
        }
    }

    /// How many members have to be up: one at least, and all of them at most.
    fn least(text: &str, most: usize) -> Result<u32, String> {
        let wanted = text.parse::<u32>().ok().filter(|n| *n > 0);
        match wanted {
            Some(n) if usize::try_from(n).is_ok_and(|n| n <= most) => Ok(n),
            _ if most == 1 => Err("It has one member: choose 1, or add members.".into()),
            _ => Err(format!("It has {most} members: choose a whole number from 1 to {most}.")),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn the_number_of_members_is_named_for_what_it_is() {
            assert_eq!((least("3", 3), least("1", 1)), (Ok(3), Ok(1)));
            assert_eq!(least("2", 1), Err("It has one member: choose 1, or add members.".into()));
            assert_eq!(least("4", 3), Err("It has 3 members: choose a whole number from 1 to 3.".into()));
            assert!(least("0", 3).is_err() && least("many", 3).is_err());
        }
    }
}
