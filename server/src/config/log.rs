//! What is logged, and how.

use tracing_subscriber::EnvFilter;

use super::table::settings;
use super::value::Value;

settings! {
    /// What is logged, and how.
    "Logging" Log {
        /// What is logged: a level, or `tracing` directives like `info,engine=debug`.
        filter: Filter = "LOOPR_LOG" or "info";
        /// `text` for people, `json` for machines: one object a line.
        format: LogFormat = "LOOPR_LOG_FORMAT" or "text";
    }
}

/// Valid directives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter(String);

impl Filter {
    /// The filter that the directives describe. The database logs much at `info` that concerns nobody, and `surrealkv::lsm`
    /// warns at each end that it could not close a store, which Loopr has closed before.
    pub fn to_env_filter(&self) -> EnvFilter {
        let quiet = "surrealdb=warn,surrealkv=warn,surrealkv::lsm=error,hickory_proto=warn,hickory_resolver=warn";
        EnvFilter::new(format!("{quiet},{}", self.0))
    }
}

impl Value for Filter {
    const FORM: &'static str = "`error`, `warn`, `info`, `debug`, `trace`, or directives";

    fn parse(text: &str) -> Result<Self, String> {
        EnvFilter::try_new(text).map(|_| Self(text.to_owned())).map_err(|error| format!("“{text}” is not a log filter: {error}."))
    }
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

impl Value for LogFormat {
    const FORM: &'static str = "`text` or `json`";

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(format!("“{text}” is neither text nor json.")),
        }
    }
}
