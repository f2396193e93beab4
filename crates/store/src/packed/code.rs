//! The numbers that stand for the values of a check: buckets for spans of time, and one number for how it ended.

use domain::check::{Failure, Observation, Phases, Reason};
use domain::histogram::{bucket_of, middle_of};
use domain::view::CheckView;

/// Phases are kept half as finely as durations, within 2 %: each of them is only ever read beside the others.
const PHASE_STEP: u16 = 2;

/// Phases of a check.
pub(super) const PHASES: usize = 5;

/// Replaces the spans of an observation by those that stand for them, so that what is shown now is what is read back later.
pub fn represent(seen: &mut Observation) {
    seen.duration_us = middle_of(bucket_of(seen.duration_us));
    seen.phases = phases_of(codes_of(&seen.phases));
}

/// The number of a duration.
pub(super) fn duration_code(duration_us: u32) -> u16 {
    bucket_of(duration_us)
}

/// The duration of a number; `None` for one that no duration has.
pub(super) fn duration_of(code: u16) -> Option<u32> {
    (code <= bucket_of(u32::MAX)).then(|| middle_of(code))
}

/// The numbers of the phases: 0 for one that was not reached.
pub(super) fn codes_of(phases: &Phases) -> [u16; PHASES] {
    let Phases { dns_us, connect_us, tls_us, first_byte_us, download_us } = *phases;
    [dns_us, connect_us, tls_us, first_byte_us, download_us].map(|us| us.map_or(0, |us| bucket_of(us) / PHASE_STEP + 1))
}

/// The phases of their numbers. A number that no phase has stands for the longest one.
pub(super) fn phases_of(codes: [u16; PHASES]) -> Phases {
    let longest = bucket_of(u32::MAX);
    let phase = |code: u16| {
        let bucket = code.checked_sub(1)?.saturating_mul(PHASE_STEP);
        // Between the two buckets that it stands for.
        Some(middle_of(bucket.min(longest)).midpoint(middle_of(bucket.saturating_add(1).min(longest))))
    };
    let [dns_us, connect_us, tls_us, first_byte_us, download_us] = codes.map(phase);
    Phases { dns_us, connect_us, tls_us, first_byte_us, download_us }
}

/// How a check ended: 0 without a fault, else its reason, and whether it is one of degree only.
pub(super) fn outcome_code(check: &CheckView) -> u16 {
    let number = |fault: &Failure| u16::from(fault.reason.number());
    match (&check.failure, &check.warning) {
        (Some(failure), _) => number(failure) * 2 + 1,
        (None, Some(warning)) => number(warning) * 2 + 2,
        (None, None) => 0,
    }
}

/// The failure and the warning of a number and its message; `None` for a number that no outcome has.
pub(super) fn outcome_of(code: u16, message: impl FnOnce() -> Option<String>) -> Option<(Option<Failure>, Option<Failure>)> {
    let Some(code) = code.checked_sub(1) else { return Some((None, None)) };
    let fault = Failure { reason: Reason::from_number(u8::try_from(code / 2).ok()?)?, message: message()? };
    Some(if code.is_multiple_of(2) { (Some(fault), None) } else { (None, Some(fault)) })
}

/// The message of whatever is wrong with a check.
pub(super) fn message_of(check: &CheckView) -> Option<&str> {
    check.failure.as_ref().or(check.warning.as_ref()).map(|fault| fault.message.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_stands_for_a_span_stands_for_itself(duration_us: u32, phases: [Option<u32>; 5]) {
            let [dns_us, connect_us, tls_us, first_byte_us, download_us] = phases;
            let phases = Phases { dns_us, connect_us, tls_us, first_byte_us, download_us };
            let mut once = Observation { duration_us, phases, ..Observation::default() };
            represent(&mut once);
            let mut twice = once.clone();
            represent(&mut twice);
            prop_assert_eq!(&once, &twice);
            prop_assert_eq!(bucket_of(once.duration_us), bucket_of(duration_us));
            let pairs = codes_of(&phases).into_iter().zip(codes_of(&once.phases));
            prop_assert!(pairs.into_iter().all(|(before, after)| before == after));
            if let (Some(before), Some(after)) = (dns_us, once.phases.dns_us) {
                prop_assert!((f64::from(before) - f64::from(after)).abs() <= f64::from(before) * 0.02 + 1.0);
            }
        }
    }

    #[test]
    fn every_reason_has_its_numbers() {
        for reason in Reason::ALL {
            let fault = Some(Failure { reason, message: "m".into() });
            for check in
                [CheckView { failure: fault.clone(), ..CheckView::default() }, CheckView { warning: fault.clone(), ..CheckView::default() }]
            {
                let read = outcome_of(outcome_code(&check), || message_of(&check).map(str::to_owned));
                assert_eq!(read, Some((check.failure.clone(), check.warning.clone())));
            }
        }
        assert_eq!(outcome_of(u16::MAX, || Some(String::new())), None);
    }
}
