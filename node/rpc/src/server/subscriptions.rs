//! Subscriptions to jobs and workers, their limits, and the end of slow ones.
//!
//! ```text
//!   client --best blocks-----> Hub --bounded--> a task for each followed job --> bounded buffer
//!   client --touched workers-> Hub --bounded--> a task for each follower ------> bounded buffer
//! ```
//!
//! Followers of workers may select a class. Each connection has one bounded buffer. A hub listens
//! to the client while it has followers. Changed workers are read once for all followers. A
//! connection may hold only a share of the subscriptions, so that one client cannot take them all.

use super::{BlockAt, Chain, runtime};
use crate::{Error, JobItem, JobView, WorkersItem};
use dpin_primitives::{
    AccountId, Hash, JobId, OpaqueBlock as Block,
    api::{ComputeApi as RuntimeComputeApi, WorkerInfo},
    worker::DeviceClass,
};
use futures::{
    FutureExt,
    stream::{BoxStream, StreamExt},
};
use jsonrpsee::{
    ConnectionId, PendingSubscriptionSink, SubscriptionMessage, SubscriptionSink,
    core::server::{SendTimeoutError, SubscriptionCloseResponse},
    types::ErrorObjectOwned,
};
use polkadot_sdk::{sc_rpc::SubscriptionTaskExecutor, sp_api::ProvideRuntimeApi};
use serde::Serialize;
use std::{
    collections::{BTreeSet, HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::sync::{
    OwnedSemaphorePermit, Semaphore,
    broadcast::{self, error::RecvError},
};

/// Most subscriptions to jobs and workers at the same time.
pub const MAX_SUBSCRIPTIONS: usize = 1_024;
/// Most subscriptions of one connection.
pub(super) const MAX_OF_CONNECTION: usize = 64;
/// Most blocks that a follower may lag behind.
const MAX_LAG: usize = 64;
/// Longest time that an item may wait for room in its connection's buffer.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// Blocks whose workers are sent again after a reorganisation of the best chain.
const REMEMBERED: usize = 32;

/// The reason why a subscription ends early.
enum End {
    /// The subscriber has left.
    Left,
    /// The node ends the subscription with this error.
    Told(Error),
}

impl From<Error> for End {
    fn from(error: Error) -> Self {
        Self::Told(error)
    }
}

/// Sends the items of one stream to all followers, each with a bounded buffer.
struct Hub<T> {
    name: &'static str,
    sender: Arc<Mutex<Option<broadcast::Sender<T>>>>,
}

impl<T: Clone + Send + 'static> Hub<T> {
    fn new(name: &'static str) -> Self {
        Self { name, sender: Default::default() }
    }

    /// Adds a follower. The first one makes the hub listen to `source`.
    fn join(
        &self,
        spawner: &SubscriptionTaskExecutor,
        source: impl FnOnce() -> BoxStream<'static, T>,
    ) -> broadcast::Receiver<T> {
        let mut slot = self.sender.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = &*slot {
            return sender.subscribe();
        }
        let (sender, receiver) = broadcast::channel(MAX_LAG);
        *slot = Some(sender.clone());
        let (slot, mut items) = (self.sender.clone(), source());
        let run = async move {
            while let Some(item) = items.next().await {
                let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
                // Under the lock, so that nobody can join between this check and the end.
                if sender.send(item).is_err() {
                    *slot = None;
                    return;
                }
            }
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = None;
        };
        spawner.spawn(self.name, Some("rpc"), run.boxed());
        receiver
    }
}

/// A worker as it is now (`None` if it has left), with its class before.
type Change = (AccountId, Option<WorkerInfo>, Option<DeviceClass>);

/// The changes of the workers in a block.
#[derive(Clone)]
struct Changes {
    block: BlockAt,
    workers: Arc<Vec<Change>>,
}

/// The number of subscriptions of each connection that has any.
type Shares = Arc<Mutex<HashMap<ConnectionId, usize>>>;

/// One subscription of a connection's share, given back when this is dropped.
struct Share {
    shares: Shares,
    connection: ConnectionId,
}

impl Share {
    fn take(shares: &Shares, connection: ConnectionId) -> Result<Self, Error> {
        let mut taken = shares.lock().unwrap_or_else(PoisonError::into_inner);
        let of_this = taken.entry(connection).or_default();
        if *of_this >= MAX_OF_CONNECTION {
            return Err(Error::ConnectionFull(MAX_OF_CONNECTION));
        }
        *of_this += 1;
        Ok(Self { shares: shares.clone(), connection })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut taken = self.shares.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_this) = taken.get_mut(&self.connection) {
            *of_this = of_this.saturating_sub(1);
            if *of_this == 0 {
                taken.remove(&self.connection);
            }
        }
    }
}

/// The permit and the share that a subscription holds while it lasts.
struct Place {
    _permit: OwnedSemaphorePermit,
    _share: Share,
}

/// The subscriptions of a node.
pub struct Subscriptions {
    spawner: SubscriptionTaskExecutor,
    permits: Arc<Semaphore>,
    shares: Shares,
    best: Hub<BlockAt>,
    workers: Hub<Result<Changes, Error>>,
}

impl Subscriptions {
    /// Allows [`MAX_SUBSCRIPTIONS`] subscriptions, whose tasks run on `spawner`.
    pub fn new(spawner: SubscriptionTaskExecutor) -> Self {
        Self::with_limit(spawner, MAX_SUBSCRIPTIONS)
    }

    pub(crate) fn with_limit(spawner: SubscriptionTaskExecutor, limit: usize) -> Self {
        let permits = Arc::new(Semaphore::new(limit));
        Self {
            spawner,
            permits,
            shares: Shares::default(),
            best: Hub::new("rpc-best-blocks"),
            workers: Hub::new("rpc-workers"),
        }
    }

    fn place(&self, pending: &PendingSubscriptionSink) -> Result<Place, Error> {
        let share = Share::take(&self.shares, pending.connection_id())?;
        let permit = self.permits.clone().try_acquire_owned().map_err(|_| Error::TooManySubscriptions)?;
        Ok(Place { _permit: permit, _share: share })
    }

    /// Sends a job, as `look` finds it at a block, until it has ended.
    pub(super) async fn follow_job<C: Chain>(
        &self,
        pending: PendingSubscriptionSink,
        client: &Arc<C>,
        id: JobId,
        look: impl Fn(BlockAt) -> Result<Option<JobView>, Error> + Clone + Send + Sync + 'static,
    ) -> SubscriptionCloseResponse {
        let look = move |at: BlockAt| {
            let look = look.clone();
            blocking(move || {
                let job = look(at)?.ok_or(Error::UnknownJob(id))?;
                Ok(JobItem { block: at.hash, number: at.number, job })
            })
        };
        let place = match self.place(&pending) {
            Ok(place) => place,
            Err(error) => return refuse(pending, error).await,
        };
        // Join before the first look, so that no block between them is missed.
        let mut blocks = self.best.join(&self.spawner, || client.best_blocks());
        let mut item = match look(client.best()).await {
            Ok(item) => item,
            Err(error) => return refuse(pending, error).await,
        };
        let Ok(sink) = pending.accept().await else { return SubscriptionCloseResponse::None };
        let follow = async {
            loop {
                send(&sink, &item).await?;
                if item.job.ended.is_some() {
                    return Ok(());
                }
                item = loop {
                    let next = look(receive(&sink, &mut blocks).await?).await?;
                    if next.job != item.job {
                        break next;
                    }
                };
            }
        };
        let end = follow.await;
        drop(place);
        close(end)
    }

    /// Sends the workers of a class, or of all classes, that blocks change.
    pub(super) async fn follow_workers<C>(
        &self,
        pending: PendingSubscriptionSink,
        client: &Arc<C>,
        class: Option<DeviceClass>,
    ) -> SubscriptionCloseResponse
    where
        C: ProvideRuntimeApi<Block> + Chain,
        C::Api: RuntimeComputeApi<Block>,
    {
        let place = match self.place(&pending) {
            Ok(place) => place,
            Err(error) => return refuse(pending, error).await,
        };
        let mut blocks = self.workers.join(&self.spawner, || changes(client.clone()));
        let Ok(sink) = pending.accept().await else { return SubscriptionCloseResponse::None };
        let follow = async {
            loop {
                let changes = receive(&sink, &mut blocks).await??;
                if let Some(item) = of_class(&changes, class) {
                    send(&sink, &item).await?;
                }
            }
        };
        let end = follow.await;
        drop(place);
        close(end)
    }
}

/// Returns the changes to the workers of a class, or of all classes; `None` if there are none.
fn of_class(changes: &Changes, class: Option<DeviceClass>) -> Option<WorkersItem> {
    let is_of = |other: DeviceClass| class.is_none_or(|class| class == other);
    let mut item =
        WorkersItem { block: changes.block.hash, number: changes.block.number, changed: Vec::new(), left: Vec::new() };
    for (account, now, before) in changes.workers.iter() {
        match now {
            Some(worker) if is_of(worker.class) => item.changed.push(worker.clone()),
            _ if before.is_some_and(is_of) => item.left.push(account.clone()),
            _ => (),
        }
    }
    (!item.changed.is_empty() || !item.left.is_empty()).then_some(item)
}

/// Returns the changes of each block of the best chain.
///
/// After a reorganisation, the workers of the last [`REMEMBERED`] blocks are read again.
fn changes<C>(client: Arc<C>) -> BoxStream<'static, Result<Changes, Error>>
where
    C: ProvideRuntimeApi<Block> + Chain,
    C::Api: RuntimeComputeApi<Block>,
{
    let touched = client.touched_workers();
    let mut head = client.best().hash;
    let mut recent = VecDeque::new();
    touched
        .filter_map(move |(hash, accounts)| {
            recent.push_back(accounts.clone());
            if recent.len() > REMEMBERED {
                recent.pop_front();
            }
            let change = client.on_best_chain(hash).and_then(|(number, parent)| {
                let before = std::mem::replace(&mut head, hash);
                let accounts: BTreeSet<AccountId> = if parent == before || hash == before {
                    accounts
                } else {
                    recent.iter().flatten().cloned().collect()
                };
                (!accounts.is_empty()).then_some((BlockAt { hash, number }, before, accounts))
            });
            let client = client.clone();
            async move {
                let (block, before, accounts) = change?;
                Some(blocking(move || look_at(&*client, block, before, accounts)).await)
            }
        })
        .boxed()
}

fn look_at<C>(client: &C, block: BlockAt, before: Hash, accounts: BTreeSet<AccountId>) -> Result<Changes, Error>
where
    C: ProvideRuntimeApi<Block>,
    C::Api: RuntimeComputeApi<Block>,
{
    let workers = accounts.into_iter().map(|account| {
        let api = client.runtime_api();
        let now = api.worker(block.hash, account.clone()).map_err(runtime)?;
        let before = client.runtime_api().worker(before, account.clone()).map_err(runtime)?;
        Ok((account, now, before.map(|worker| worker.class)))
    });
    Ok(Changes { block, workers: Arc::new(workers.collect::<Result<_, Error>>()?) })
}

/// Runs work that calls the runtime on a thread that may block.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(_) => Err(Error::NodeEnds),
    }
}

async fn receive<T: Clone>(sink: &SubscriptionSink, items: &mut broadcast::Receiver<T>) -> Result<T, End> {
    tokio::select! {
        () = sink.closed() => Err(End::Left),
        item = items.recv() => item.map_err(|error| match error {
            RecvError::Lagged(_) => End::Told(Error::SlowSubscriber),
            RecvError::Closed => End::Told(Error::NodeEnds),
        }),
    }
}

async fn send(sink: &SubscriptionSink, item: &impl Serialize) -> Result<(), End> {
    let message = SubscriptionMessage::from_json(item).map_err(|error| Error::Runtime(error.to_string()))?;
    sink.send_timeout(message, MAX_WAIT).await.map_err(|error| match error {
        SendTimeoutError::Timeout(_) => End::Told(Error::SlowSubscriber),
        SendTimeoutError::Closed(_) => End::Left,
    })
}

async fn refuse(pending: PendingSubscriptionSink, error: Error) -> SubscriptionCloseResponse {
    pending.reject(error).await;
    SubscriptionCloseResponse::None
}

fn close(end: Result<(), End>) -> SubscriptionCloseResponse {
    match end {
        Ok(()) | Err(End::Left) => SubscriptionCloseResponse::None,
        Err(End::Told(error)) => match SubscriptionMessage::from_json(&ErrorObjectOwned::from(error)) {
            Ok(message) => SubscriptionCloseResponse::NotifErr(message),
            Err(_) => SubscriptionCloseResponse::None,
        },
    }
}
