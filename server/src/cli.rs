//! The command line: what can be said, and what each of it answers with. Exit codes: 0 done, 1 failed, 2 misunderstood
//! (a wrong argument or setting).

mod commands;
mod healthcheck;

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::webhook::{ScheduleDraft, Timetable};
use engine::demo::Shape;

use crate::config::Config;
use crate::control::Command as Control;

const FAILED: u8 = 1;
const MISUNDERSTOOD: u8 = 2;

/// Watches URLs, APIs and services, delivers webhooks on schedules, tells people when something breaks, and shows all of it live. Settings come from the environment: see `loopr config`.
#[derive(Debug, Parser)]
#[command(name = "loopr", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeArgs,
}

/// Arguments of the server.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeArgs {
    /// Serve the web app from this directory, rather than the one inside the binary.
    #[arg(long, value_name = "DIRECTORY")]
    pub site: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server (the default).
    Serve(ServeArgs),
    /// Ask the server on this machine whether it is alive.
    Healthcheck,
    /// Accounts.
    #[command(subcommand)]
    Account(AccountCommand),
    /// Tokens of the REST interface.
    #[command(subcommand)]
    Token(TokenCommand),
    /// Write everything into one file: of the running server, as it is at one instant, or of a stopped one.
    Backup {
        /// The file. It holds secrets: its mode is 0600.
        file: PathBuf,
    },
    /// Make the data of a backup in an empty data directory.
    Restore {
        /// The file.
        file: PathBuf,
    },
    /// Cron expressions.
    #[command(subcommand)]
    Cron(CronCommand),
    /// Fill an empty data directory with 1,000 monitors and a year of history, for a try-out.
    Demo(DemoArgs),
    /// Print the description of the REST interface (OpenAPI 3.1).
    Openapi,
    /// Print the reference of all settings (Markdown).
    Config,
    /// Print the reference of all kinds of monitors (Markdown).
    Kinds,
    /// Print the reference of all kinds of channels (Markdown).
    Channels,
}

/// How much the demo invents: the benchmark wants other amounts than a person who tries it out.
#[derive(Debug, Clone, Copy, Args)]
struct DemoArgs {
    #[arg(long, hide = true)]
    monitors: Option<u32>,
    #[arg(long, hide = true)]
    interval_seconds: Option<u32>,
    #[arg(long, hide = true)]
    days: Option<u32>,
    #[arg(long, hide = true)]
    target: Option<u16>,
}

impl DemoArgs {
    fn shape(self) -> Shape {
        let default = Shape::default();
        Shape {
            monitors: self.monitors.unwrap_or(default.monitors),
            interval_seconds: self.interval_seconds,
            raw_days: self.days.unwrap_or(default.raw_days),
            age_days: self.days.unwrap_or(default.age_days),
            target: self.target,
        }
    }
}

#[derive(Debug, Subcommand)]
enum AccountCommand {
    /// Create an account.
    Create {
        /// The e-mail address it signs in with.
        #[arg(long)]
        email: String,
        /// What people call it. Default: what stands before the @.
        #[arg(long)]
        name: Option<String>,
        /// It may administer the instance.
        #[arg(long)]
        admin: bool,
        /// Read the password from standard input, up to the first line break.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Set a new password and sign the account out everywhere.
    Password {
        /// The e-mail address of the account.
        #[arg(long)]
        email: String,
        /// Read the password from standard input, up to the first line break.
        #[arg(long, required = true)]
        password_stdin: bool,
    },
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Create a token and print it: once, and nothing else.
    Create {
        /// The account that it belongs to.
        #[arg(long, value_name = "EMAIL")]
        account: String,
        /// The space that it opens. Default: the account's only one.
        #[arg(long, value_name = "ID")]
        space: Option<String>,
        /// What it may do.
        #[arg(long, value_enum, default_value_t = TokenScope::Write)]
        scope: TokenScope,
        /// What people call it.
        #[arg(long, default_value = "Command line")]
        name: String,
    },
}

#[derive(Debug, Subcommand)]
enum CronCommand {
    /// Print the next times of an expression: one instant with its offset a line.
    Next {
        /// Five fields; with seconds six, with a year seven. Or a nickname: @daily, or an interval: @every 5m.
        expression: String,
        /// An IANA name.
        #[arg(long, default_value = "UTC")]
        timezone: String,
        /// The instant after which to look (RFC 3339). Default: now.
        #[arg(long, value_name = "RFC3339")]
        after: Option<String>,
        /// How many.
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        count: u32,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum TokenScope {
    /// GET only.
    Read,
    /// Everything an editor may.
    Write,
}

/// Does what the command line says.
pub fn run(cli: Cli) -> ExitCode {
    // Before anything speaks TLS: two providers are compiled in, and the first one that is asked for would be a guess.
    // An error means that it was installed already, which only tests do.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    match cli.command.unwrap_or(Command::Serve(cli.serve)) {
        Command::Openapi => match serde_json::to_string_pretty(&crate::rest::openapi::describe()) {
            Ok(document) => print(&document),
            Err(error) => fail(&error),
        },
        Command::Config => print(crate::config::reference::markdown().trim_end()),
        Command::Cron(CronCommand::Next { expression, timezone, after, count }) => {
            match next_times(&expression, &timezone, after.as_deref(), count) {
                Ok(times) => print(&times.join("\n")),
                Err(message) => {
                    complain(&message);
                    ExitCode::from(MISUNDERSTOOD)
                }
            }
        }
        Command::Kinds => print(domain::kind::reference::markdown().trim_end()),
        Command::Channels => print(engine::alert::reference::markdown().trim_end()),
        command => match Config::from_env() {
            Ok(config) => with_config(command, config),
            Err(errors) => {
                complain(&errors);
                ExitCode::from(MISUNDERSTOOD)
            }
        },
    }
}

/// The next times of an expression, in its zone.
fn next_times(expression: &str, timezone: &str, after: Option<&str>, count: u32) -> Result<Vec<String>, String> {
    let zone = domain::cron::zone(timezone)?;
    let after = match after {
        Some(text) => text.parse::<jiff::Timestamp>().map_err(|_| format!("“{text}” is not an instant: 2027-01-01T00:00:00Z."))?,
        None => jiff::Timestamp::now(),
    };
    let (after, most) = (domain::Timestamp::from_millis(after.as_millisecond()), usize::try_from(count).unwrap_or(usize::MAX));
    let times: Vec<domain::Timestamp> = if expression.trim_start().starts_with("@every") {
        // An interval is no expression, but crontabs of some schedulers have it.
        let mut draft = ScheduleDraft::of([("url", "https://example.com/"), ("trigger", "cron"), ("cron", expression)]);
        draft.settings.insert("timezone".into(), timezone.to_owned());
        let wrong = |error: domain::AppError| error.fields.into_iter().next().map_or(error.message, |field| field.message);
        Timetable::new(&draft.validate(after).map_err(wrong)?)?.after(after).take(most).collect()
    } else {
        let cron = domain::cron::Cron::parse_extended(expression).map_err(|error| error.message)?.in_zone(zone.clone());
        cron.after(after).take(most).collect()
    };
    let shown = times.into_iter().filter_map(|time| {
        let at = jiff::Timestamp::from_millisecond(time.as_millis()).ok()?.to_zoned(zone.clone());
        Some(at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string())
    });
    let shown: Vec<String> = shown.collect();
    if shown.is_empty() && count > 0 {
        return Err("This does not come again. Check the year.".into());
    }
    Ok(shown)
}

fn with_config(command: Command, config: Config) -> ExitCode {
    let control = match command {
        Command::Serve(args) => {
            crate::logging::start(&config.log);
            return outcome(on_runtime(crate::serve::serve(config, args)));
        }
        Command::Healthcheck => return outcome(healthcheck::ask(config.listen.address).map(|()| String::new())),
        Command::Backup { file } => absolute(&file).map(|file| Control::Backup { file }),
        Command::Restore { file } => return outcome(on_runtime(commands::restore(config, file))),
        Command::Demo(args) => return outcome(on_runtime(commands::demo(config, args.shape(), |line| complain(&line)))),
        Command::Account(AccountCommand::Create { email, name, admin, password_stdin: _ }) => {
            password().map(|password| Control::CreateAccount { name: name.unwrap_or_else(|| before_at(&email)), email, password, admin })
        }
        Command::Account(AccountCommand::Password { email, password_stdin: _ }) => {
            password().map(|password| Control::SetPassword { email, password })
        }
        Command::Token(TokenCommand::Create { account, space, scope, name }) => {
            Ok(Control::CreateToken { account, space, scope: scope.name(), name })
        }
        Command::Openapi | Command::Config | Command::Kinds | Command::Channels | Command::Cron(_) => return ExitCode::SUCCESS,
    };
    outcome(control.and_then(|control| on_runtime(commands::run(config, control, |line| complain(&line)))))
}

/// The server may have another working directory.
fn absolute(file: &Path) -> anyhow::Result<PathBuf> {
    Ok(std::path::absolute(file)?)
}

impl TokenScope {
    fn name(self) -> String {
        match self {
            Self::Read => "read".to_owned(),
            Self::Write => "write".to_owned(),
        }
    }
}

fn on_runtime<T>(work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    // The database wants deep stacks: its own documentation names 10 MiB.
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().thread_stack_size(10 << 20).build()?;
    runtime.block_on(work)
}

fn password() -> anyhow::Result<String> {
    let mut stdin = std::io::stdin();
    if stdin.is_terminal() {
        complain(&"Type the password and press Enter. It shows; pipe it in to avoid that.");
        let mut line = String::new();
        stdin.read_line(&mut line)?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let mut text = String::new();
    stdin.by_ref().take(4096).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

fn before_at(email: &str) -> String {
    email.split('@').next().unwrap_or(email).to_owned()
}

fn outcome(result: anyhow::Result<String>) -> ExitCode {
    match result {
        Ok(text) if text.is_empty() => ExitCode::SUCCESS,
        Ok(text) => print(&text),
        Err(error) => fail(&format_args!("{error:#}")),
    }
}

fn print(text: &str) -> ExitCode {
    // Whoever reads it may have closed the pipe.
    match writeln!(std::io::stdout(), "{text}") {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(FAILED),
    }
}

fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    complain(error);
    ExitCode::from(FAILED)
}

fn complain(message: &dyn std::fmt::Display) {
    // Nobody is left to tell when this fails.
    let _ = writeln!(std::io::stderr(), "loopr: {message}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn serving_is_the_default() {
        let cli = Cli::try_parse_from(["loopr", "--site", "somewhere"]).expect("valid");
        assert!(cli.command.is_none() && cli.serve.site.is_some());
    }
}
