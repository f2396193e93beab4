//! Other monitors together: no network, only where its members stand now.

use domain::Timestamp;
use domain::check::{Failure, Observation, Reason};
use domain::kind::group::GroupSettings;
use domain::state::{Counts, State};

/// Judges a group by the states and names of those of its members that exist.
pub(crate) fn judge(settings: &GroupSettings, members: &[(State, String)], at: Timestamp) -> Option<Observation> {
    // Nobody looks at a paused member, and one in maintenance is excused: neither says anything about the group.
    let watched: Vec<&(State, String)> = members.iter().filter(|(state, _)| state.counts() != Counts::Excused).collect();
    // Of what nobody can see, nothing is known: it is not the group that fails, but what it is behind.
    let known: Vec<_> = watched.iter().filter(|(state, _)| state.counts() != Counts::Unobserved).collect();
    if known.is_empty() {
        return None;
    }
    let up = known.iter().filter(|(state, _)| state.counts() == Counts::Up).count();
    let least = settings.least.map_or(known.len(), |least| usize::try_from(least).unwrap_or(usize::MAX).min(watched.len()));
    // Members that nobody has looked at yet, after a start say, may still make up the number that is wanted.
    let unseen = watched.len() - known.len();
    if up < least && settings.least.is_some() && up + unseen >= least {
        return None;
    }
    let named = |wanted: &dyn Fn(State) -> bool| {
        let names: Vec<&str> = known.iter().filter(|(state, _)| wanted(*state)).map(|(_, name)| name.as_str()).collect();
        let more = if names.len() > 3 { format!(" and {} more", names.len() - 3) } else { String::new() };
        format!("{}{more}", names.iter().take(3).copied().collect::<Vec<_>>().join(", "))
    };
    let mut seen = Observation { at, ..Observation::default() };
    if up < least {
        let down = named(&|state| state.counts() != Counts::Up);
        let message = format!("{up} of {} members are up, and {least} are wanted. Not up: {down}.", known.len());
        seen.failure = Some(Failure { reason: Reason::Members, message: message.chars().take(400).collect() });
    } else if up < known.len() || known.iter().any(|(state, _)| *state == State::Degraded) {
        let worse = named(&|state| state != State::Up && state != State::Pending);
        let message = format!("Enough members are up, but not all are well: {worse}.");
        seen.warning = Some(Failure { reason: Reason::Members, message: message.chars().take(400).collect() });
    }
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::machine::Verdict;

    fn verdict(least: Option<u32>, states: &[State]) -> Option<Verdict> {
        let members: Vec<_> = states.iter().map(|state| (*state, "m".to_owned())).collect();
        let settings = GroupSettings { members: Vec::new(), least };
        judge(&settings, &members, Timestamp::default()).map(|seen| seen.verdict())
    }

    #[test]
    fn all_any_and_so_many() {
        use State::{Degraded, Down, Maintenance, Paused, Pending, Unknown, Unreachable, Up};
        for (least, states, expected) in [
            (None, &[Up, Up][..], Some(Verdict::Success)),
            (None, &[Up, Pending], Some(Verdict::Success)),
            (None, &[Up, Down], Some(Verdict::Failure)),
            (None, &[Up, Degraded], Some(Verdict::Degraded)),
            (Some(1), &[Up, Down], Some(Verdict::Degraded)),
            (Some(1), &[Down, Down], Some(Verdict::Failure)),
            (Some(2), &[Up, Down, Down], Some(Verdict::Failure)),
            (None, &[Up, Paused, Maintenance], Some(Verdict::Success)),
            (None, &[Paused], None),
            (None, &[Unknown, Unknown], None),
            (None, &[Up, Unreachable], Some(Verdict::Success)),
            (None, &[Unreachable], None),
            (Some(2), &[Up, Paused], Some(Verdict::Success)),
            (Some(1), &[Down, Unknown, Unknown], None),
            (Some(1), &[Down, Unreachable], None),
            (Some(2), &[Up, Down, Unknown], None),
            (Some(2), &[Down, Down, Unknown], Some(Verdict::Failure)),
            (Some(1), &[Up, Unknown], Some(Verdict::Success)),
            (None, &[Down, Unknown], Some(Verdict::Failure)),
        ] {
            assert_eq!(verdict(least, states), expected, "{least:?} {states:?}");
        }
    }
}
