//! Invented checks for the tests of the packed forms.

use domain::Timestamp;
use domain::check::{Failure, Observation, Phases, Reason};
use domain::view::CheckView;
use proptest::prelude::*;

use super::represent;

/// A full hour.
pub(super) const HOUR: Timestamp = Timestamp::from_millis(1_790_000_000_000 / 3_600_000 * 3_600_000);

fn check(at: i64, duration_us: u32, phases: Phases, status: Option<u16>, fault: Option<(usize, bool, String)>) -> CheckView {
    let mut seen = Observation { duration_us, phases, ..Observation::default() };
    represent(&mut seen);
    let fault = fault.map(|(reason, degraded, message)| (degraded, Failure { reason: Reason::ALL[reason], message }));
    let (failure, warning) = match fault {
        Some((true, fault)) => (None, Some(fault)),
        Some((false, fault)) => (Some(fault), None),
        None => (None, None),
    };
    let excerpt = failure.as_ref().filter(|f| f.message.len() % 2 == 1).map(|f| f.message.repeat(3));
    CheckView { at: Timestamp::from_millis(at), duration_us: seen.duration_us, phases: seen.phases, status, failure, warning, excerpt }
}

/// Any checks of an hour, in order of time, no two at one instant.
pub(super) fn checks() -> impl Strategy<Value = Vec<CheckView>> {
    let phases = any::<[Option<u32>; 5]>().prop_map(|[dns_us, connect_us, tls_us, first_byte_us, download_us]| Phases {
        dns_us,
        connect_us,
        tls_us,
        first_byte_us,
        download_us,
    });
    let fault = proptest::option::weighted(0.3, (0usize..Reason::ALL.len(), any::<bool>(), "[a-c“]{0,6}"));
    let one = (0i64..3_600_000, any::<u32>(), phases, proptest::option::of(1u16..1_000), fault);
    proptest::collection::vec(one, 0..60).prop_map(|mut all| {
        all.sort_by_key(|one| one.0);
        all.dedup_by_key(|one| one.0);
        all.into_iter().map(|(ms, us, phases, status, fault)| check(HOUR.as_millis() + ms, us, phases, status, fault)).collect()
    })
}

/// What a monitor sees that answers well: on its grid but for a few milliseconds, about equally fast, seldom failing.
pub(super) fn regular(count: i64, interval_ms: i64) -> Vec<CheckView> {
    let mut state = 7u64;
    let mut below = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let small = |n: u64| u32::try_from(n).expect("small");
    (0..count)
        .map(|n| {
            let at = HOUR.as_millis() + 4_321 + n * interval_ms + i64::try_from(below(4)).expect("small");
            let (connect, first) = (small(900 + below(400)), small(60_000 + below(20_000) + below(20_000)));
            let phases = Phases {
                dns_us: Some(0),
                connect_us: Some(connect),
                tls_us: None,
                first_byte_us: Some(first),
                download_us: Some(small(100 + below(60))),
            };
            let fault = (below(500) == 0).then(|| (5, false, "api.example answered 503, and 200-299 is expected.".to_owned()));
            check(at, connect + first + 150, phases, Some(if fault.is_some() { 503 } else { 200 }), fault)
        })
        .collect()
}
