//! ICMP echo: is a host there, how far away, how evenly.

use super::Field;
use super::field::{FAMILY, Input, LATENCY, REQUEST, UP};

/// The form section.
pub const FIELDS: &[&[Field]] = &[
    &[
        Field::line("host", "Host").like("router.example.com").required(),
        Field::line("count", "Packets")
            .typed(Input::Number)
            .within(REQUEST)
            .by_default("3")
            .hinted("1 to 20, sent 200 ms apart. The latency is their mean."),
        Field::line("size_bytes", "Size").typed(Input::Number).within(REQUEST).by_default("56").hinted("Bytes of each, 8 to 1400."),
        Field::line("degraded_above_loss_percent", "Degraded above loss")
            .typed(Input::Number)
            .within(UP)
            .by_default("0")
            .hinted("Percent of the packets."),
        Field::line("down_above_loss_percent", "Down above loss")
            .typed(Input::Number)
            .within(UP)
            .by_default("99")
            .hinted("Percent of the packets; 99: when none comes back."),
        Field::line("degraded_above_jitter_ms", "Degraded above jitter")
            .typed(Input::Millis)
            .within(UP)
            .like("never")
            .hinted("The mean difference from one packet to the next."),
        FAMILY,
    ],
    LATENCY,
];

#[cfg(feature = "ssr")]
pub use settings::PingSettings;

#[cfg(feature = "ssr")]
mod settings {
    use crate::kind::Reader;
    use crate::kind::address::Family;
    use std::time::Duration;

    /// What a ping does.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub struct PingSettings {
        /// Whom.
        pub host: String,
        /// How many packets.
        pub count: u8,
        /// Bytes of each.
        pub size_bytes: u16,
        /// Which loss is a fault of degree, in percent.
        pub degraded_above_loss: u8,
        /// Which loss is a failure, in percent.
        pub down_above_loss: u8,
        /// Which jitter is a fault of degree.
        pub degraded_above_jitter: Option<Duration>,
        /// Which addresses are asked.
        pub family: Family,
    }

    impl PingSettings {
        pub(crate) fn read(r: &mut Reader) -> Option<Self> {
            let host = r.host("host");
            Some(Self {
                count: r.number("count", 3, 1..=20),
                size_bytes: r.number("size_bytes", 56, 8..=1400),
                degraded_above_loss: r.number("degraded_above_loss_percent", 0, 0..=100),
                down_above_loss: r.number("down_above_loss_percent", 99, 0..=99),
                degraded_above_jitter: r.millis("degraded_above_jitter_ms"),
                family: r.family(),
                host: host?,
            })
        }
    }
}
