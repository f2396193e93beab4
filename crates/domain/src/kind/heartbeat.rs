//! Signals that come in by themselves: a job says that it ran, and silence is the failure.

use super::Field;
use super::field::{Input, LATENCY, UP};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        Field::line("period_ms", "Expected every")
            .typed(Input::Millis)
            .like("1 h")
            .hinted("From one signal to the next: 10 s to 400 d. Leave it empty when a cron expression says when."),
        Field::line("cron", "Or by cron").like("0 3 * * *").hinted("Five fields, as in a crontab. Then the period is not used."),
        Field::line("timezone", "Time zone of the cron expression")
            .typed(Input::Zone)
            .by_default("UTC")
            .hinted("An IANA zone: Europe/Riga."),
        Field::line("grace_ms", "Grace")
            .typed(Input::Millis)
            .within(UP)
            .like("10 % of the period, at least 1 min")
            .hinted("How late a signal may be."),
        Field::line("longest_ms", "Longest run")
            .typed(Input::Millis)
            .within(UP)
            .like("the period")
            .hinted("After a start signal, how long the job may take."),
    ],
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::{HeartbeatSettings, Rhythm};

#[cfg(feature = "ssr")]
mod settings {
    use crate::cron::Cron;
    use crate::kind::Reader;
    use crate::time::{DAY_MS, Timestamp};
    use std::time::Duration;

    const LONGEST_PERIOD: Duration = Duration::from_millis(400 * DAY_MS.unsigned_abs());

    /// When a signal is expected.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub enum Rhythm {
        /// So long after the one before.
        Every(Duration),
        /// At the times of an expression.
        Cron(Box<Cron>),
    }

    /// When signals are expected, and how late they may be.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct HeartbeatSettings {
        /// When.
        pub rhythm: Rhythm,
        /// How late.
        pub grace: Duration,
        /// How long a run may take.
        pub longest: Option<Duration>,
    }

    impl HeartbeatSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let zone = r.text("timezone").to_owned();
            let cron = r.optional("cron", Cron::parse);
            let zoned = crate::cron::zone(if zone.is_empty() { "UTC" } else { &zone });
            if let Err(error) = &zoned {
                r.refuse("timezone", error.clone());
            }
            let period = r.millis("period_ms").unwrap_or(Duration::from_secs(3_600));
            if !(Duration::from_secs(10)..=LONGEST_PERIOD).contains(&period) {
                r.refuse("period_ms", "Choose between 10 s and 400 d.");
            }
            let rhythm = match cron {
                Some(cron) => Rhythm::Cron(Box::new(cron.in_zone(zoned.ok()?))),
                None => Rhythm::Every(period),
            };
            let grace = r.millis("grace_ms").unwrap_or_else(|| match &rhythm {
                Rhythm::Every(period) => (*period / 10).max(Duration::from_secs(60)),
                Rhythm::Cron(_) => Duration::from_secs(600),
            });
            Some(Self { rhythm, grace, longest: r.millis("longest_ms") })
        }

        /// When a signal after `last` is overdue.
        pub fn due_after(&self, last: Timestamp) -> Timestamp {
            let expected = match &self.rhythm {
                Rhythm::Every(period) => last.plus(*period),
                // An expression without a further time never expects anything again.
                Rhythm::Cron(cron) => cron.next_after(last).unwrap_or(Timestamp::from_millis(i64::MAX / 2)),
            };
            expected.plus(self.grace)
        }

        /// How long a run may take that was begun.
        pub fn longest_run(&self) -> Duration {
            self.longest.unwrap_or(match &self.rhythm {
                Rhythm::Every(period) => *period,
                Rhythm::Cron(_) => Duration::from_secs(86_400),
            })
        }
    }
}
