//! How commands reach a running server: a Unix socket in the data directory, one JSON object a line each way; before its answer, a server
//! may say how far it is.
//!
//! Invariant: whoever can open the socket could read the database file as well (both belong to the same user, and the
//! socket's mode is 0600), so the socket asks for no further proof.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use domain::account::Scope;
use domain::{AppError, SpaceId, words};
use engine::{Engine, Written};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::OwnedWriteHalf;
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

const LINE_BYTES: u64 = 64 * 1024;
const TIMEOUT: Duration = Duration::from_secs(60);
/// A backup reads everything.
const BACKUP_TIMEOUT: Duration = Duration::from_secs(6 * 3_600);

/// How often a command that takes long says how far it is.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// What can be asked of a server.
#[derive(Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Creates an account.
    CreateAccount {
        /// The address it signs in with.
        email: String,
        /// What people call it.
        name: String,
        /// In the clear: it does not leave this machine.
        password: String,
        /// It may administer the instance.
        admin: bool,
    },
    /// Sets a new password.
    SetPassword {
        /// Whose.
        email: String,
        /// In the clear: it does not leave this machine.
        password: String,
    },
    /// Writes a backup.
    Backup {
        /// Where, from the root.
        file: PathBuf,
    },
    /// Creates a token.
    CreateToken {
        /// Whose.
        account: String,
        /// For which space.
        space: Option<String>,
        /// `read` or `write`.
        scope: String,
        /// What people call it.
        name: String,
    },
}

/// What a server answers: what to print, or what is wrong.
pub type Answer = Result<String, String>;

/// Hears, in words, how far a command is that takes long.
pub type Progress<'a> = &'a mut (dyn FnMut(String) + Send);

/// A line of a server: how far it is, and at last its answer.
#[derive(Serialize, Deserialize)]
enum Line {
    Progress(String),
    Ok(String),
    Err(String),
}

impl From<Answer> for Line {
    fn from(answer: Answer) -> Self {
        answer.map_or_else(Self::Err, Self::Ok)
    }
}

/// Does what a command says.
///
/// # Errors
/// A sentence for whoever gave the command.
pub async fn execute(engine: &Engine, command: Command, told: Progress<'_>) -> Answer {
    let done = match command {
        Command::CreateAccount { email, name, password, admin } => {
            let id = engine.accounts().create_by_operator(&email, &password, &name, admin).await;
            id.map(|id| format!("Created {id}."))
        }
        Command::SetPassword { email, password } => {
            let set = engine.accounts().set_password_by_operator(&email, &password).await;
            set.map(|()| "The new password is set, and all sessions of the account are ended.".to_owned())
        }
        Command::Backup { file } => {
            let rows = engine.backup(&file, &mut paced(told)).await.map_err(|error| format!("There is no backup. {error}"))?;
            return Ok(format!("{} holds {} rows. It holds secrets too: keep it like a password.", file.display(), words::grouped(rows)));
        }
        Command::CreateToken { account, space, scope, name } => create_token(engine, &account, space.as_deref(), &scope, &name).await,
    };
    done.map_err(|error| sentence(&error))
}

/// Says once in a while how far a backup is.
fn paced(told: Progress<'_>) -> impl FnMut(Written) + Send {
    let mut last = Instant::now();
    move |written: Written| {
        if last.elapsed() >= TELL_EVERY {
            last = Instant::now();
            told(format!("{} rows, {}", words::grouped(written.rows), words::bytes(written.bytes)));
        }
    }
}

async fn create_token(engine: &Engine, account: &str, space: Option<&str>, scope: &str, name: &str) -> Result<String, AppError> {
    let space: Option<SpaceId> = space.map(str::parse).transpose().map_err(|_| AppError::not_found("space"))?;
    let scope = Scope::from_name(scope).ok_or_else(|| AppError::field("scope", "A scope is read or write."))?;
    engine.tokens().create_by_operator(account, space, scope, name).await.map(|once| once.secret)
}

fn sentence(error: &AppError) -> String {
    let fields: Vec<String> = error.fields.iter().map(|wrong| format!("{}: {}", wrong.field, wrong.message)).collect();
    if fields.is_empty() { error.message.clone() } else { fields.join("\n") }
}

/// Asks a running server; `None` when none runs.
///
/// # Errors
/// When a server is there and does not answer.
pub async fn ask(socket: &Path, command: &Command, told: Progress<'_>) -> anyhow::Result<Option<Answer>> {
    let mut stream = match UnixStream::connect(socket).await {
        Ok(stream) => stream,
        // No socket, one that a killed server left behind, or a path that is too long for one.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::InvalidInput) => {
            return Ok(None);
        }
        Err(error) => return Err(error).with_context(|| format!("{} cannot be opened", socket.display())),
    };
    let exchange = async {
        let mut line = serde_json::to_vec(command)?;
        line.push(b'\n');
        stream.write_all(&line).await?;
        let mut lines = BufReader::new(stream);
        loop {
            let mut line = Vec::new();
            (&mut lines).take(LINE_BYTES).read_until(b'\n', &mut line).await?;
            match serde_json::from_slice(&line).context("the server's answer is not understood; is it of another version?")? {
                Line::Progress(text) => told(text),
                Line::Ok(text) => return anyhow::Ok(Ok(text)),
                Line::Err(text) => return Ok(Err(text)),
            }
        }
    };
    let patience = if matches!(command, Command::Backup { .. }) { BACKUP_TIMEOUT } else { TIMEOUT };
    tokio::time::timeout(patience, exchange).await.context("the server does not answer")?.map(Some)
}

/// Listens for commands until the server stops. Called once the database is open, so that nobody else uses the directory.
///
/// # Errors
/// When the socket cannot be made.
pub fn listen(socket: &Path, engine: Engine, shutdown: CancellationToken) -> std::io::Result<tokio::task::JoinHandle<()>> {
    match std::fs::remove_file(socket) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(socket)?;
    std::fs::set_permissions(socket, std::fs::Permissions::from_mode(0o600))?;
    let path = socket.to_owned();
    Ok(tokio::spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = shutdown.cancelled() => break,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => drop(tokio::spawn(serve(engine.clone(), stream))),
                Err(error) => {
                    tracing::warn!(%error, "the control socket took no connection");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        // Left behind, it would only be refused.
        let _ = std::fs::remove_file(path);
    }))
}

async fn serve(engine: Engine, stream: UnixStream) {
    let (read, mut write) = stream.into_split();
    let mut line = Vec::new();
    let read = tokio::time::timeout(TIMEOUT, BufReader::new(read).take(LINE_BYTES).read_until(b'\n', &mut line)).await;
    if !matches!(read, Ok(Ok(_))) {
        return;
    }
    let answer = match serde_json::from_slice(&line) {
        Ok(command) => {
            let (tell, mut heard) = tokio::sync::mpsc::unbounded_channel();
            let mut told = |text| {
                // It is heard as long as this runs.
                let _heard = tell.send(text);
            };
            let mut work = std::pin::pin!(execute(&engine, command, &mut told));
            loop {
                tokio::select! {
                    answer = &mut work => break answer,
                    Some(text) = heard.recv() => say(&mut write, &Line::Progress(text)).await,
                }
            }
        }
        Err(_) => Err("This server does not know the command; is it of another version?".to_owned()),
    };
    say(&mut write, &answer.into()).await;
}

async fn say(write: &mut OwnedWriteHalf, line: &Line) {
    if let Ok(mut line) = serde_json::to_vec(line) {
        line.push(b'\n');
        // The asker may have gone.
        let _ = write.write_all(&line).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_and_answers_are_told_apart() {
        let line = |line: &Line| serde_json::to_string(line).expect("JSON");
        assert_eq!(line(&Ok("done".to_owned()).into()), serde_json::to_string(&Answer::Ok("done".into())).expect("JSON"));
        assert_eq!(line(&Line::Progress("50 rows".into())), r#"{"Progress":"50 rows"}"#);
    }

    #[test]
    fn what_goes_quickly_says_nothing_in_between() {
        let mut said = Vec::new();
        let mut tell = |text: String| said.push(text);
        let mut written = paced(&mut tell);
        written(Written { rows: 50, bytes: 1_000 });
        drop(written);
        assert!(said.is_empty());
    }
}
