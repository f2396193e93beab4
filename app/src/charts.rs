//! What people explore: the latency chart. The server builds its option (with charming) and draws a still picture of it;
//! the browser hands the option to ECharts, with the colours of the theme put in.

mod card;
mod echarts;
#[cfg(feature = "ssr")]
mod option;
mod runs;
mod still;
mod table;

use domain::view::Series;
use serde::{Deserialize, Serialize};

pub use card::ChartCard;
pub use runs::{Calendar, RunCharts, RunTimes};
pub use still::Still;
pub use table::DataTable;

/// What the chart shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum View {
    /// The median, and the 95th percentile as its band.
    #[default]
    Percentiles,
    /// The mean of each phase, stacked.
    Phases,
}

impl View {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Percentiles, Self::Phases];

    /// The value in the address.
    pub fn name(self) -> &'static str {
        match self {
            Self::Percentiles => "percentiles",
            Self::Phases => "phases",
        }
    }

    /// The word on the button.
    pub fn word(self) -> &'static str {
        match self {
            Self::Percentiles => "Percentiles",
            Self::Phases => "Phases",
        }
    }

    /// What it draws: the name in the style sheet and the word of each.
    pub fn keys(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Percentiles => &[("median", "Median"), ("p95", "95th percentile")],
            Self::Phases => &[("dns", "DNS"), ("connect", "Connect"), ("tls", "TLS"), ("wait", "Waiting"), ("read", "Download")],
        }
    }

    /// Reads the value of an address.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.name() == name)
    }
}

/// A range of latencies, with the option that draws it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LatencyChart {
    /// The figures.
    pub series: Series,
    /// What it shows.
    pub view: View,
    /// The option of ECharts as JSON; colours are names of tokens, such as `var(--accent)`.
    pub option: String,
}

#[cfg(feature = "ssr")]
impl LatencyChart {
    /// Builds the option.
    pub fn new(series: Series, view: View) -> Self {
        let option = option::build(&series, view);
        Self { series, view, option }
    }
}
