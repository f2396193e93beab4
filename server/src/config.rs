//! What an operator can set. Everything comes from the environment; [`Config::from_env`] reads it once, at start.
//!
//! Invariant: one table (built by `settings!` from the structs below) drives parsing and the reference page alike, so
//! that no variable can be read without being documented. A name that begins with `LOOPR_` and is not in the table is an
//! error, because a misspelt limit that is silently ignored is worse than no start.

mod access;
mod database;
mod limits;
mod listen;
mod log;
mod mail;
pub mod reference;
mod table;
mod value;

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

pub use access::{Access, SignUp};
pub use database::Database;
pub use limits::Limits;
pub use listen::{Listen, PublicUrl};
pub use log::{Log, LogFormat};
pub use mail::Mail;
use table::Source;
pub use table::{Section, Variable};

/// Everything that can be set.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where Loopr listens and how it is reached.
    pub listen: Listen,
    /// Where data lives.
    pub database: Database,
    /// Who and what is let in and out.
    pub access: Access,
    /// The mail server.
    pub mail: Mail,
    /// How much of everything.
    pub limits: Limits,
    /// What is logged.
    pub log: Log,
}

/// Every mistake in the environment, one a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(pub Vec<String>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("\n"))
    }
}

/// The sections, in the order of the reference page.
pub fn sections() -> [Section; 6] {
    [Listen::SECTION, Database::SECTION, Access::SECTION, Mail::SECTION, Limits::SECTION, Log::SECTION]
}

impl Config {
    /// Reads the environment of the process.
    ///
    /// # Errors
    /// Everything that is wrong with it, at once.
    pub fn from_env() -> Result<Self, ConfigError> {
        let mut variables = BTreeMap::new();
        let mut errors = Vec::new();
        for (name, value) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| name.starts_with("LOOPR_")) else { continue };
            match value.into_string() {
                Ok(value) => drop(variables.insert(name.to_owned(), value)),
                Err(_) => errors.push(format!("{name} is not valid UTF-8.")),
            }
        }
        if errors.is_empty() { Self::from_variables(variables) } else { Err(ConfigError(errors)) }
    }

    /// Reads variables; an empty value counts as unset.
    ///
    /// # Errors
    /// Everything that is wrong with them, at once.
    pub fn from_variables(variables: BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let mut source = Source::new(variables);
        let listen = Listen::read(&mut source);
        let database = Database::read(&mut source);
        let access = Access::read(&mut source);
        let mail = Mail::read(&mut source);
        let limits = Limits::read(&mut source);
        let log = Log::read(&mut source);
        let mut errors = source.finish(&sections());
        errors.extend(database.iter().flat_map(Database::too_short));
        errors.extend(mail.as_ref().and_then(Mail::mistake));
        match (listen, database, access, mail, limits, log) {
            (Some(listen), Some(database), Some(access), Some(mail), Some(limits), Some(log)) if errors.is_empty() => {
                Ok(Self { listen, database, access, mail, limits, log })
            }
            _ => Err(ConfigError(errors)),
        }
    }

    /// How the database is to be opened.
    pub fn store(&self) -> store::StoreConfig {
        let data_dir = self.database.data_dir.clone();
        let url = self.database.url.clone().map_or_else(|| format!("surrealkv://{}", data_dir.join("db").display()), |url| url.0);
        store::StoreConfig {
            url,
            data_dir,
            secret_key: self.database.secret_key.clone().map(|key| key.0),
            block_cache_bytes: self.database.block_cache.0,
            memtable_bytes: self.database.memtable.0,
        }
    }

    /// The rules and limits of the engine.
    pub fn engine(&self) -> engine::EngineConfig {
        let defaults = engine::EngineConfig::default();
        engine::EngineConfig {
            concurrency: self.limits.concurrency.get(),
            concurrency_per_host: self.limits.concurrency_per_host.get(),
            runs: self.limits.webhook_concurrency.get(),
            runs_per_host: self.limits.webhook_concurrency_per_host.get(),
            runs_days: self.database.webhook_days.get(),
            batch_size: self.limits.batch_size.get(),
            signup_open: self.access.signup == SignUp::Open,
            session_days: self.access.session_days.get(),
            user_agent: self.limits.user_agent.clone().map_or_else(|| defaults.user_agent.clone(), |agent| agent.0),
            policy: self.access.policy(),
            body_cap_bytes: self.limits.body_cap.0,
            disk_floor_bytes: self.database.disk_floor.0,
            retention: self.database.retention(),
            witnesses: self.access.witnesses.clone().map(|witnesses| witnesses.0),
            public_url: self.listen.public_url.as_ref().map(PublicUrl::origin),
            mail: self.mail.config(),
            ..defaults
        }
    }

    /// Where commands reach the running server.
    pub fn control_socket(&self) -> PathBuf {
        self.database.data_dir.join("control.sock")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::from_variables(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    fn message(pairs: &[(&str, &str)]) -> String {
        read(pairs).expect_err("should be refused").to_string()
    }

    #[test]
    fn nothing_has_to_be_set() {
        let config = read(&[]).expect("defaults are valid");
        assert_eq!(config.listen.address.to_string(), "127.0.0.1:3000");
        assert_eq!(config.store().url, "surrealkv://./data/db");
        assert_eq!(config.engine().policy.private, engine::net::Access::Open);
    }

    #[test]
    fn an_open_sign_up_closes_private_networks() {
        use engine::net::Access;
        let private = |pairs: &[(&str, &str)]| read(pairs).expect("valid").engine().policy.private;
        assert_eq!(private(&[("LOOPR_SIGNUP", "open")]), Access::Closed);
        assert_eq!(private(&[("LOOPR_SIGNUP", "open"), ("LOOPR_PRIVATE_TARGETS", "open")]), Access::Open);
        assert_eq!(private(&[("LOOPR_PRIVATE_TARGETS", "closed")]), Access::Closed);
    }

    #[test]
    fn a_misspelt_name_is_an_error_with_a_suggestion() {
        let text = message(&[("LOOPR_LISTN", "x"), ("LOOPR_CONCURENCY", "1"), ("LOOPR_WHATEVER_ELSE", "1")]);
        assert!(text.contains("LOOPR_LISTN is not a setting. Did you mean LOOPR_LISTEN?"), "{text}");
        assert!(text.contains("Did you mean LOOPR_CONCURRENCY?"), "{text}");
        assert!(text.contains("LOOPR_WHATEVER_ELSE is not a setting. docs/CONFIGURATION.md lists them all."), "{text}");
    }

    #[test]
    fn what_kubernetes_injects_is_ignored() {
        assert!(read(&[("LOOPR_SERVICE_HOST", "10.0.0.1"), ("LOOPR_PORT", "tcp://10.0.0.1:80"), ("LOOPR_PORT_80_TCP", "x")]).is_ok());
    }

    #[test]
    fn wrong_values_are_named_all_at_once() {
        let text = message(&[
            ("LOOPR_LISTEN", "everywhere"),
            ("LOOPR_SIGNUP", "maybe"),
            ("LOOPR_ALLOW_TARGETS", "10.0.0.0/99"),
            ("LOOPR_DB_BLOCK_CACHE", "lots"),
            ("LOOPR_PUBLIC_URL", "loopr.example"),
            ("LOOPR_TRUSTED_PROXIES", "proxy"),
            ("LOOPR_BATCH_SIZE", "251"),
            ("LOOPR_LOG", "info,=x="),
            ("LOOPR_WITNESSES", "example.com"),
            ("LOOPR_SMTP_URL", "mail.example.com"),
            ("LOOPR_MAIL_FROM", "nobody"),
        ]);
        for name in [
            "LISTEN",
            "SIGNUP",
            "ALLOW_TARGETS",
            "DB_BLOCK_CACHE",
            "PUBLIC_URL",
            "TRUSTED_PROXIES",
            "BATCH_SIZE",
            "LOG",
            "WITNESSES",
            "SMTP_URL",
            "MAIL_FROM",
        ] {
            assert!(text.contains(&format!("LOOPR_{name}: ")), "{name} in {text}");
        }
    }

    #[test]
    fn mail_needs_a_server_and_a_sender() {
        let (url, from) =
            (("LOOPR_SMTP_URL", "smtp://ann:hunter2@mail.example.com:587?tls=required"), ("LOOPR_MAIL_FROM", "Loopr <a@b.c>"));
        assert!(message(&[url]).contains("LOOPR_MAIL_FROM: has to be set") && message(&[from]).contains("LOOPR_SMTP_URL: has to be set"));
        let config = read(&[url, from]).expect("valid");
        assert_eq!(config.engine().mail.map(|mail| mail.server()).as_deref(), Some("mail.example.com:587"));
        assert!(!format!("{config:?}").contains("hunter2") && !format!("{:?}", config.engine()).contains("hunter2"));
    }

    #[test]
    fn summaries_are_kept_as_long_as_what_they_sum_up() {
        let text = message(&[("LOOPR_HOUR_DAYS", "399")]);
        assert!(text.contains("LOOPR_HOUR_DAYS: Choose at least 400") && text.contains("charts"), "{text}");
        assert!(read(&[("LOOPR_RAW_DAYS", "7"), ("LOOPR_HOUR_DAYS", "7"), ("LOOPR_DAY_DAYS", "7")]).is_ok());
    }

    #[test]
    fn an_empty_value_is_no_value() {
        assert_eq!(read(&[("LOOPR_LISTEN", " ")]).expect("valid").listen.address.port(), 3000);
    }

    #[test]
    fn secrets_do_not_show() {
        let config = read(&[("LOOPR_SECRET_KEY", "hunter2"), ("LOOPR_METRICS_TOKEN", "hunter2")]).expect("valid");
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
