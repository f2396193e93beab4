//! Starting, stopping, and the handle that everything above holds.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::alert::{Destination, Rule};
use domain::network::NetworkView;
use domain::state::State;
use domain::{RuleId, SpaceId, Timestamp};
use http::HeaderValue;
use store::{BackupError, Store, StoreError, Told};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::alert::{AlertCourier, Carrier, Digests, Directory, Links, Reach, Sender, Vapid};
use crate::archive::Archive;
use crate::board::{Board, Entry};
use crate::clock::Clock;
use crate::config::EngineConfig;
use crate::deliver::{Dispatcher, DispatcherLimits, Waker};
use crate::gate::{Gate, Watcher};
use crate::live::Hub;
use crate::mail::Mailer;
use crate::maintenance::{Watch, Windows};
use crate::metrics::{Metrics, MetricsSnapshot};
use crate::net::{Dialer, Web};
use crate::probe::HttpDefaults;
use crate::purge::Purger;
use crate::record::{Marks, OpenIncidents, Recorder, RecorderHandle, RecorderParts, Standing};
use crate::schedule::{Scheduler, Wake};
use crate::secret;
use crate::service::{Answers, Limits};
use crate::webhook::{Book, Requester, RunCourier, Timekeeper};

/// Why the engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database could not be read.
    #[error("the monitors could not be read: {0}")]
    Store(#[from] StoreError),
    /// The system refused a thread.
    #[error("the thread of the probes could not be started: {0}")]
    Thread(std::io::Error),
    /// What sends messages could not be set up.
    #[error("what sends messages could not be set up: {0}")]
    Sender(String),
    /// The user agent is not one.
    #[error("the user agent of probes is not a valid header value")]
    UserAgent,
}

/// How the engine is.
#[derive(Debug, Clone)]
pub struct Health {
    /// It takes and records checks.
    pub ready: bool,
    /// What everybody should know, such as a database that does not take writes.
    pub notice: Option<String>,
}

/// The product without HTTP or UI. Clones are the same engine.
#[derive(Clone)]
pub struct Engine(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub store: Store,
    pub config: EngineConfig,
    pub clock: Clock,
    pub board: Arc<Board>,
    pub hub: Hub,
    pub windows: Arc<Windows>,
    pub gate: Arc<Gate>,
    pub dialer: Arc<Dialer>,
    pub recorder: RecorderHandle,
    pub wake: mpsc::UnboundedSender<Wake>,
    pub metrics: Arc<Metrics>,
    pub marks: Arc<Marks>,
    pub limits: Limits,
    pub answers: Answers,
    pub http: HttpDefaults,
    pub directory: Arc<Directory>,
    pub outbox: Waker<Destination>,
    pub sender: Arc<Sender>,
    pub book: Arc<Book>,
    pub courier: Arc<RunCourier>,
    pub runs: Waker<String>,
    pub links: Links,
    /// The public key for push services.
    pub push_key: String,
    pub setup_code: Mutex<Option<String>>,
    global: Arc<Semaphore>,
    stopping: Mutex<Option<Stopping>>,
}

struct Stopping {
    probes: std::thread::JoinHandle<()>,
    recorder: JoinHandle<()>,
    purger: JoinHandle<()>,
    archive: JoinHandle<()>,
    watch: JoinHandle<()>,
    watcher: JoinHandle<()>,
    dispatcher: JoinHandle<()>,
    digests: JoinHandle<()>,
    timekeeper: JoinHandle<()>,
    runs: JoinHandle<()>,
    people: JoinHandle<()>,
    recorder_stop: CancellationToken,
    shutdown: CancellationToken,
}

impl Engine {
    /// Reads the monitors, and starts to schedule, probe and record.
    pub async fn start(store: Store, config: EngineConfig, clock: Clock, shutdown: CancellationToken) -> Result<Self, StartError> {
        let user_agent = HeaderValue::from_str(&config.user_agent).map_err(|_| StartError::UserAgent)?;
        let http = HttpDefaults { user_agent, body_cap_bytes: config.body_cap_bytes };
        let board = Arc::new(Board::new(config.concurrency_per_host, http.clone()));
        let mut rows: std::collections::HashMap<_, _> = store.states().all().await?.into_iter().map(|r| (r.monitor, r)).collect();
        for monitor in store.all_monitors().await? {
            let (id, created_at) = (monitor.id, monitor.id.created_at());
            let standing = rows.remove(&id).map_or_else(|| Standing::fresh(created_at), |row| Standing::from_row(row, created_at));
            board.insert(Arc::new(Entry::new(board.plan(monitor), standing)));
        }
        let setup_code = store.accounts().is_empty().await?.then(secret::typable);
        let (hub, metrics) = (Hub::new(), Arc::new(Metrics::default()));
        let dialer = Arc::new(Dialer::new(config.policy.clone()));
        let windows = Arc::new(Windows::of(store.all_windows().await?));
        let gate = Arc::new(Gate::load(&store, config.witnesses.clone()).await?);
        let (wake, wakes) = mpsc::unbounded_channel();
        let (recorder, commands) = Recorder::channel();
        let recorder_stop = CancellationToken::new();
        let marks = Arc::new(Marks::new());
        first_rules(&store, &clock).await?;
        if config.signup_open && (config.mail.is_none() || config.public_url.is_none()) {
            tracing::warn!(
                "anybody may sign up and no mail is sent: whether an address has an account shows when somebody signs up with it"
            );
        }
        let reach = Reach { mail: config.mail.is_some(), proven_only: config.signup_open };
        let directory = Arc::new(Directory::load(&store, reach).await?);
        let (outbox, mail_due) = Waker::channel();
        let recording = Recorder::new(RecorderParts {
            store: store.clone(),
            clock: clock.clone(),
            board: Arc::clone(&board),
            hub: hub.clone(),
            metrics: Arc::clone(&metrics),
            wake: wake.clone(),
            windows: Arc::clone(&windows),
            gate: Arc::clone(&gate),
            dialer: Arc::clone(&dialer),
            batch_size: config.batch_size,
            marks: Arc::clone(&marks),
            disk_floor_bytes: config.disk_floor_bytes,
            idle: shutdown.is_cancelled(),
            incidents: OpenIncidents::of(store.unresolved_incidents().await?),
            directory: Arc::clone(&directory),
            outbox: outbox.clone(),
        });
        // Before the recorder begins: what it wants looked at again at once must be on the grid.
        for entry in board.all() {
            if entry.plan().monitor.enabled {
                let first = entry.standing().last.is_none() && entry.plan().monitor.spec.kind.is_active();
                // The scheduler's end is held by this function: the queue takes everything.
                let _queued = wake.send(Wake::Put(Arc::clone(&entry)));
                if first {
                    let _queued = wake.send(Wake::Now(Arc::clone(&entry)));
                }
            }
        }
        let recorder_task = tokio::spawn(recording.run(commands, recorder_stop.clone()));
        let global = Arc::new(Semaphore::new(config.concurrency.max(1)));
        let scheduler = Scheduler {
            clock: clock.clone(),
            dialer: Arc::clone(&dialer),
            recorder: recorder.clone(),
            metrics: Arc::clone(&metrics),
            global: Arc::clone(&global),
            board: Arc::clone(&board),
        };
        let probes = spawn_probes(scheduler, wakes, config.probe_threads, shutdown.clone()).map_err(StartError::Thread)?;
        let purger = tokio::spawn(Purger { store: store.clone(), clock: clock.clone(), runs_days: config.runs_days }.run(shutdown.clone()));
        let archive = Archive {
            store: store.clone(),
            clock: clock.clone(),
            board: Arc::clone(&board),
            marks: Arc::clone(&marks),
            retention: config.retention,
        };
        let archive = tokio::spawn(archive.run(shutdown.clone()));
        let windows_watch = Watch { windows: Arc::clone(&windows), recorder: recorder.clone(), clock: clock.clone() };
        let watch = tokio::spawn(windows_watch.run(shutdown.clone()));
        let watcher = Watcher {
            gate: Arc::clone(&gate),
            dialer: Arc::clone(&dialer),
            clock: clock.clone(),
            recorder: recorder.clone(),
            hub: hub.clone(),
            store: store.clone(),
        };
        let watcher = tokio::spawn(watcher.run(shutdown.clone()));
        let sender = Arc::new(sender(&store, &config, &dialer).await?);
        let links = Links::new(link_key(&store).await?);
        let push_key = sender.push_key().unwrap_or_default();
        let carrier = Carrier {
            sender: Arc::clone(&sender),
            store: store.clone(),
            clock: clock.clone(),
            directory: Arc::clone(&directory),
            links: links.clone(),
            hub: hub.clone(),
            public_url: config.public_url.clone(),
        };
        let courier = AlertCourier::new(store.clone(), Arc::clone(&directory), hub.clone(), Arc::clone(&metrics), carrier);
        let dispatcher = Dispatcher { courier: Arc::new(courier), clock: clock.clone(), limits: OUTBOX };
        let dispatcher = tokio::spawn(dispatcher.run(mail_due, shutdown.clone()));
        let book = Arc::new(Book::load(&store, config.runs_per_host, clock.now()).await?);
        let (runs, runs_due) = Waker::channel();
        let courier = Arc::new(RunCourier {
            store: store.clone(),
            clock: clock.clone(),
            book: Arc::clone(&book),
            requester: Requester { dialer: Arc::clone(&dialer), user_agent: http.user_agent.clone() },
            directory: Arc::clone(&directory),
            hub: hub.clone(),
            metrics: Arc::clone(&metrics),
            outbox: outbox.clone(),
            stop: shutdown.clone(),
            process: secret::typable(),
        });
        let limits = DispatcherLimits { concurrency: config.runs.max(1), lanes: RUN_LANES };
        let carrying = Dispatcher { courier: Arc::clone(&courier), clock: clock.clone(), limits };
        let carrying = tokio::spawn(carrying.run(runs_due, shutdown.clone()));
        let timekeeper = Timekeeper {
            store: store.clone(),
            clock: clock.clone(),
            book: Arc::clone(&book),
            directory: Arc::clone(&directory),
            hub: hub.clone(),
            metrics: Arc::clone(&metrics),
            runs: runs.clone(),
            outbox: outbox.clone(),
        };
        let timekeeper = tokio::spawn(timekeeper.run(shutdown.clone()));
        let digests = Digests {
            store: store.clone(),
            clock: clock.clone(),
            board: Arc::clone(&board),
            directory: Arc::clone(&directory),
            outbox: outbox.clone(),
        };
        let digests = tokio::spawn(digests.run(shutdown.clone()));
        let people = tokio::spawn(follow_people(store.clone(), Arc::clone(&directory), hub.people(), shutdown.clone()));
        let limits = Limits::new(clock.clone());
        let stopping = Mutex::new(Some(Stopping {
            probes,
            recorder: recorder_task,
            purger,
            archive,
            watch,
            watcher,
            dispatcher,
            digests,
            timekeeper,
            runs: carrying,
            people,
            recorder_stop,
            shutdown,
        }));
        let setup_code = Mutex::new(setup_code);
        let inner = Inner {
            store,
            config,
            clock,
            board,
            hub,
            windows,
            gate,
            dialer,
            recorder,
            wake,
            metrics,
            marks,
            limits,
            answers: Answers::default(),
            http,
            directory,
            outbox,
            sender,
            book,
            courier,
            runs,
            links,
            push_key,
            setup_code,
            global,
            stopping,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// After the shutdown token was cancelled: waits until running checks ended and everything is written.
    pub async fn stopped(&self) {
        let stopping = self.0.stopping.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(stopping) = stopping else { return };
        let Stopping {
            probes,
            recorder,
            purger,
            archive,
            watch,
            watcher,
            dispatcher,
            digests,
            timekeeper,
            runs,
            people,
            recorder_stop,
            shutdown,
        } = stopping;
        shutdown.cancelled().await;
        if let Err(error) = tokio::task::spawn_blocking(move || probes.join()).await {
            tracing::error!(error = %error, "the probes did not end cleanly");
        }
        // Only now: what the last checks saw is to be recorded too.
        recorder_stop.cancel();
        let tasks = [
            ("recorder", recorder),
            ("outbox", dispatcher),
            ("purger", purger),
            ("archive", archive),
            ("maintenance", watch),
            ("witnesses", watcher),
            ("digests", digests),
            ("timekeeper", timekeeper),
            ("runs", runs),
            ("people", people),
        ];
        for (name, task) in tasks {
            if let Err(error) = task.await {
                tracing::error!(task = name, error = %error, "a task did not end cleanly");
            }
        }
    }

    /// Wall time, as the engine has it.
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// What the administrator must type to set up, while there is no account.
    pub fn setup_code(&self) -> Option<String> {
        self.0.setup_code.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What everybody should know, such as a database that does not take writes.
    pub fn notice(&self) -> Option<String> {
        Some(self.0.hub.notice()).filter(|n| !n.is_empty())
    }

    /// How the engine is.
    pub async fn health(&self) -> Health {
        let notice = self.notice();
        let answers = tokio::time::timeout(Duration::from_secs(2), self.0.store.ping()).await;
        Health { ready: self.0.hub.records() && matches!(answers, Ok(Ok(()))), notice }
    }

    /// The counters.
    pub fn metrics(&self) -> MetricsSnapshot {
        let number = |n: usize| u64::try_from(n).unwrap_or(0);
        let in_flight = self.0.config.concurrency.max(1).saturating_sub(self.0.global.available_permits());
        let (schedules, runs_waiting, runs_in_flight) = self.0.book.totals();
        let [schedules, runs_waiting, runs_in_flight] = [schedules, runs_waiting, runs_in_flight].map(number);
        let open_bytes = number(self.0.board.all().iter().map(|entry| entry.open().size_bytes()).sum());
        MetricsSnapshot {
            monitors: number(self.0.board.len()),
            in_flight: number(in_flight),
            open_bytes,
            schedules,
            runs_waiting,
            runs_in_flight,
            ..self.0.metrics.snapshot()
        }
    }

    /// The own network, as far as witnesses tell.
    pub fn network(&self) -> NetworkView {
        self.0.gate.view()
    }

    /// Monitors by state, in the order of [`State::ALL`].
    pub fn metrics_monitor_states(&self) -> [u64; 8] {
        let mut counts = [0; 8];
        for entry in self.0.board.all() {
            let state: State = entry.standing().machine.state();
            if let Some(count) = counts.get_mut(state.index()) {
                *count += 1;
            }
        }
        counts
    }

    /// Writes everything that is in the database into a file, as it is at one instant, with the key when it is a file beside the
    /// database. Answers how many rows there are; `told` hears how far it is.
    ///
    /// # Errors
    /// When the database or the file cannot be read or written; then there is no file.
    pub async fn backup(&self, file: &std::path::Path, told: Told<'_>) -> Result<u64, BackupError> {
        self.flush().await;
        Ok(self.0.store.backup(file, told).await?.values().sum())
    }

    /// How many monitors flap.
    pub fn metrics_flapping(&self) -> u64 {
        let flapping = self.0.board.all().into_iter().filter(|entry| entry.standing().flapping.since().is_some());
        u64::try_from(flapping.count()).unwrap_or(0)
    }

    /// Waits until everything that was seen so far is in the database.
    pub async fn flush(&self) {
        self.0.recorder.flush().await;
    }
}

/// Scheduling and probing have a runtime of their own: no page and no query delays a slot.
fn spawn_probes(
    scheduler: Scheduler,
    wakes: mpsc::UnboundedReceiver<Wake>,
    threads: usize,
    stop: CancellationToken,
) -> Result<std::thread::JoinHandle<()>, std::io::Error> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(threads.max(1)).thread_name("loopr-probe").enable_all().build()?;
    std::thread::Builder::new().name("loopr-schedule".into()).spawn(move || {
        runtime.block_on(scheduler.run(wakes, stop));
        runtime.shutdown_timeout(Duration::from_secs(1));
    })
}

/// Hosts whose runs are taken up together.
const RUN_LANES: usize = 256;

/// How much of the outbox at once.
const OUTBOX: DispatcherLimits = DispatcherLimits { concurrency: 256, lanes: 64 };

/// The fact of the instance that its spaces have been given their first rule.
const RULED: &str = "first_rules";

impl Inner {
    /// The rule that a new space begins with.
    pub fn first_rule(&self, space: SpaceId) -> Rule {
        Rule::first(RuleId::new(self.clock.now(), secret::bits()), space)
    }

    /// A space was made: who is in it is told by its first rule from now on.
    pub fn space_made(&self, name: &str, rule: Rule) {
        self.directory.name_space(rule.space, name);
        self.directory.put_rule(rule);
        self.hub.people_changed();
    }
}

/// The facts of the instance that hold its keys: for push services, and for links in messages.
const PUSH_KEY: &str = "push_key";
const LINK_KEY: &str = "link_key";

/// What sends messages. The keys for push services are made once: subscriptions of browsers are bound to them.
async fn sender(store: &Store, config: &EngineConfig, dialer: &Arc<Dialer>) -> Result<Sender, StartError> {
    let web = Web::new(Arc::clone(dialer), &config.user_agent).map_err(|error| StartError::Sender(error.to_string()))?;
    let mailer = config.mail.as_ref().map(Mailer::new).transpose().map_err(StartError::Sender)?;
    let broken = |_| StartError::Sender("the key for push services is damaged".into());
    let vapid = match store.secret_fact(PUSH_KEY).await? {
        Some(kept) => {
            let bytes = STANDARD.decode(kept).map_err(|_| StartError::Sender("the key for push services is damaged".into()))?;
            Vapid::from_bytes(&bytes).map_err(broken)?
        }
        None => {
            let vapid = Vapid::generate().map_err(broken)?;
            store.set_secret_fact(PUSH_KEY, &STANDARD.encode(vapid.to_bytes())).await?;
            vapid
        }
    };
    Ok(Sender::new(web, mailer, Some(vapid)))
}

/// The key that signs links in messages.
async fn link_key(store: &Store) -> Result<Vec<u8>, StoreError> {
    if let Some(key) = store.secret_fact(LINK_KEY).await? {
        return Ok(key.into_bytes());
    }
    let key = secret::fresh();
    store.set_secret_fact(LINK_KEY, &key).await?;
    Ok(key.into_bytes())
}

/// Spaces that are older than rules are given their first one, once.
async fn first_rules(store: &Store, clock: &Clock) -> Result<(), StoreError> {
    if store.fact(RULED).await?.is_some() {
        return Ok(());
    }
    for space in store.spaces_without_rules().await? {
        store.space(space).rules().put(&Rule::first(RuleId::new(clock.now(), secret::bits()), space)).await?;
    }
    store.set_fact(RULED, "1").await
}

/// Reads again who belongs where whenever that may have changed.
async fn follow_people(store: Store, directory: Arc<Directory>, mut people: watch::Receiver<()>, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            changed = people.changed() => if changed.is_err() { return },
        }
        while let Err(error) = directory.read_people(&store).await {
            tracing::warn!(error = %error, "the members of spaces could not be read; trying again");
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }
}
