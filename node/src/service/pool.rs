//! The transaction pool.

use crate::client::{FullClient, FullPool};
use futures::{FutureExt, future::BoxFuture};
use polkadot_sdk::{
    sc_service::{Configuration, SpawnEssentialTaskHandle, SpawnTaskHandle, TaskManager},
    sc_transaction_pool,
    sp_core::traits::SpawnEssentialNamed,
};
use std::sync::Arc;

/// Creates the pool.
pub(super) fn new(config: &Configuration, client: &Arc<FullClient>, task_manager: &mut TaskManager) -> Arc<FullPool> {
    let builder = sc_transaction_pool::Builder::new(
        PoolSpawner::of(task_manager),
        client.clone(),
        config.role.is_authority().into(),
    );
    let pool: Arc<FullPool> = Arc::from(
        builder.with_options(config.transaction_pool.clone()).with_prometheus(config.prometheus_registry()).build(),
    );
    // The pool's tasks end when the last reference to the pool is dropped. They count as failed
    // unless the node's tasks have been stopped before that.
    task_manager.keep_alive(pool.clone());
    pool
}

/// Spawns the tasks of the transaction pool.
///
/// One of these tasks blocks its thread and cannot be stopped: it ends when the pool is dropped, on
/// every shutdown. The SDK would report that as the failure of an essential task. So the essential
/// task is another one, which only waits for the blocking task and can be stopped.
#[derive(Clone)]
struct PoolSpawner {
    tasks: SpawnTaskHandle,
    essential: SpawnEssentialTaskHandle,
}

impl PoolSpawner {
    fn of(tasks: &TaskManager) -> Self {
        Self { tasks: tasks.spawn_handle(), essential: tasks.spawn_essential_handle() }
    }
}

impl SpawnEssentialNamed for PoolSpawner {
    fn spawn_essential_blocking(
        &self,
        name: &'static str,
        group: Option<&'static str>,
        future: BoxFuture<'static, ()>,
    ) {
        let (over, ended) = futures::channel::oneshot::channel::<()>();
        let blocking = async move {
            // Dropped when the blocking task ends, even by a panic.
            let _over = over;
            future.await;
        };
        self.tasks.spawn_blocking(name, group, blocking);
        self.essential.spawn(name, group, ended.map(drop));
    }

    fn spawn_essential(&self, name: &'static str, group: Option<&'static str>, future: BoxFuture<'static, ()>) {
        self.essential.spawn(name, group, future);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        sync::{Mutex, mpsc},
        time::Duration,
    };

    static SEEN: Mutex<Vec<String>> = Mutex::new(Vec::new());

    /// Stores every log message.
    struct Seen;

    impl log::Log for Seen {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }
        fn log(&self, record: &log::Record<'_>) {
            SEEN.lock().unwrap().push(record.args().to_string());
        }
        fn flush(&self) {}
    }

    /// Spawns a task that blocks until the sender is dropped, as the pool's does. Then ends the
    /// node in the order in which its parts end.
    async fn end_with(spawner: impl SpawnEssentialNamed, tasks: TaskManager, name: &'static str) {
        let (pool, ended) = mpsc::channel::<()>();
        let (over, mut done) = tokio::sync::mpsc::channel::<()>(1);
        let blocking = async move {
            let _over = over;
            let _ = ended.recv();
        };
        spawner.spawn_essential_blocking(name, None, blocking.boxed());
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop((spawner, tasks));
        drop(pool);
        assert!(done.recv().await.is_none());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_node_that_is_stopped_reports_no_failed_task_of_its_pool() {
        let _ = log::set_boxed_logger(Box::new(Seen));
        log::set_max_level(log::LevelFilter::Error);
        let manager = || TaskManager::new(tokio::runtime::Handle::current(), None).unwrap();
        let reports = |name: &str| SEEN.lock().unwrap().iter().any(|line| line.contains(name));
        let tasks = manager();
        end_with(tasks.spawn_essential_handle(), tasks, "of-the-sdk").await;
        let tasks = manager();
        end_with(PoolSpawner::of(&tasks), tasks, "of-the-node").await;
        assert!(reports("of-the-sdk"), "the SDK has changed: is the spawner still needed?");
        assert!(!reports("of-the-node"), "{:?}", SEEN.lock().unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_pool_that_fails_ends_the_node_all_the_same() {
        let mut tasks = TaskManager::new(tokio::runtime::Handle::current(), None).unwrap();
        PoolSpawner::of(&tasks).spawn_essential_blocking("fails", None, async {}.boxed());
        let ended = tokio::time::timeout(Duration::from_secs(10), tasks.future()).await;
        assert!(ended.expect("the node ends").is_err());
    }
}
