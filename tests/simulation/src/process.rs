//! One process: the real history and matching services on the shared store, started, drained or killed.

use std::sync::Arc;
use std::time::Duration;

use history::{NamespaceInfo, NamespaceLookup, OwnsAll};
use membership::View;
use model::settings::Defaults;
use model::{MemberId, NamespaceId};
use parking_lot::Mutex;
use rpc::Error;
use rpc::clients::{HistoryClient, MatchingClient};
use rpc::services::NamespaceRef;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::clock::ProcessClock;
use crate::rng::Rng;
use crate::world::Settings;
use crate::world::World;

/// How long closed runs are kept.
pub(crate) const RETENTION: Duration = Duration::from_secs(24 * 3600);

pub(crate) fn namespace() -> NamespaceRef {
    NamespaceRef { id: NamespaceId::new(Uuid::from_u128(7)), name: "default".into() }
}

struct OneNamespace;

impl NamespaceLookup for OneNamespace {
    fn namespace(&self, id: NamespaceId) -> Option<NamespaceInfo> {
        (id == namespace().id).then(|| NamespaceInfo { name: "default".into(), retention: RETENTION, version: 0 })
    }

    fn search_attributes(&self, _: NamespaceId) -> Arc<visibility::SearchAttributes> {
        let custom = [("CustomOrderId".to_owned(), model::visibility::SearchAttributeType::Keyword)];
        Arc::new(visibility::SearchAttributes::from_custom(custom))
    }
}

/// A running process.
pub(crate) struct Process {
    pub(crate) history: Arc<history::Service>,
    pub(crate) matching: Arc<matching::Service>,
    /// Cut off from the store and from everybody: it is gone.
    pub(crate) dead: CancellationToken,
    shutdown: CancellationToken,
    to_history: HistoryClient,
    to_matching: MatchingClient,
    running: Mutex<Vec<JoinHandle<()>>>,
}

impl Process {
    /// Starts process `number`; `None` where the store did not let it.
    pub(crate) async fn boot(world: &Arc<World>, number: u64) -> Option<Arc<Self>> {
        let rng = world.rng.fork(&format!("process {number}"));
        let member = MemberId::new(rng.clone().uuid());
        let (dead, shutdown, ended) = (CancellationToken::new(), CancellationToken::new(), CancellationToken::new());
        let stores = world.disk.stores(number, &dead);
        let view = Arc::new(View::alone(member));
        let (to_matching, to_history) = (MatchingClient::new(view.clone()), HistoryClient::new(view));
        let ids = Arc::new(Mutex::new(rng.fork("ids")));
        let ids: Arc<dyn Fn() -> Uuid + Send + Sync> = Arc::new(move || ids.lock().uuid());
        let clock = Arc::new(ProcessClock::new(world.wall.clone()));
        let meter = opentelemetry::global::meter("simulation");
        let history = Arc::new(history::Service::new(
            world.settings.history.clone(),
            history::Ports {
                clock: clock.clone(),
                settings: Arc::new(Defaults),
                stores: stores.clone(),
                matching: to_matching.clone(),
                history: to_history.clone(),
                namespaces: Arc::new(OneNamespace),
                ids: ids.clone(),
                member,
                ownership: Arc::new(OwnsAll),
                meter: meter.clone(),
            },
        ));
        let ports = matching::Ports {
            clock,
            ids,
            member,
            backlog: stores.backlog,
            history: to_history.clone(),
            namespaces: Arc::new(|id| OneNamespace.namespace(id).map(|info| info.name)),
            meter,
        };
        let matching = Arc::new(matching::Service::new(world.settings.matching.clone(), ports));
        to_history.set_local(history.clone());
        to_matching.set_local(matching.clone());
        let process = Arc::new(Self { history, matching, dead, shutdown, to_history, to_matching, running: Mutex::default() });
        process.spawn(world, &ended);
        tokio::select! {
            biased;
            () = ended.cancelled() => None,
            () = process.history.ready() => (!ended.is_cancelled()).then_some(process),
        }
    }

    /// Runs both services. When history ends by itself (it was fenced), the process is over.
    fn spawn(self: &Arc<Self>, world: &Arc<World>, ended: &CancellationToken) {
        let (history, shutdown, dead) = (self.history.clone(), self.shutdown.clone(), self.dead.clone());
        let (world, ended) = (world.clone(), ended.clone());
        let runs_history = tokio::spawn(async move {
            let result = history.run(shutdown.clone()).await;
            world.say(|| format!("history ended: {result:?}"));
            ended.cancel();
            dead.cancel();
        });
        let (matching, shutdown) = (self.matching.clone(), self.shutdown.clone());
        let runs_matching = tokio::spawn(async move {
            // Where the backlog cannot be read, workers poll in vain until the next process.
            let _ended = matching.run(shutdown).await;
        });
        *self.running.lock() = vec![runs_history, runs_matching];
    }

    /// SIGKILL: whatever is under way stops where it stands.
    pub(crate) fn kill(&self) {
        self.dead.cancel();
        for task in self.running.lock().drain(..) {
            task.abort();
        }
    }

    /// Ctrl-C: it drains, then it is gone.
    pub(crate) async fn drain(&self) {
        self.shutdown.cancel();
        let running: Vec<_> = self.running.lock().drain(..).collect();
        for task in running {
            let _ended = task.await;
        }
        self.dead.cancel();
    }

    /// Makes a call; it fails where the process dies meanwhile.
    pub(crate) async fn call<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        tokio::select! {
            biased;
            () = self.dead.cancelled() => Err(Error::Unavailable("connection lost".to_owned())),
            result = call => result,
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.to_history.forget_local();
        self.to_matching.forget_local();
    }
}

/// Options that make rare things happen often: small snapshots, short idle times, little memory.
pub(crate) fn settings(rng: &mut Rng) -> Settings {
    let history = history::Options {
        snapshot_rows: u32::try_from(rng.between(3, 12)).unwrap_or(8),
        idle: Duration::from_secs(u64::try_from(rng.between(1, 10)).unwrap_or(5)),
        batch_turns: usize::try_from(rng.between(2, 40)).unwrap_or(10),
        history_page: usize::try_from(rng.between(5, 60)).unwrap_or(20),
        look_ahead: Duration::from_secs(180),
        look_ahead_every: Duration::from_secs(60),
        resident_bytes: if rng.chance(1, 4) { 120 * 1024 } else { 512 * 1024 * 1024 },
        ..history::Options::DEFAULT
    };
    let matching = matching::Options {
        tasks_in_memory: usize::try_from(rng.between(1, 6)).unwrap_or(4),
        reload_page: 3,
        long_poll: Duration::from_secs(20),
        ..matching::Options::STANDARD
    };
    Settings { history, matching }
}
