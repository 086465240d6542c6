//! Checks whether this node has the key of the worker it runs for.
//!
//! The chain gives tasks to a registered worker whether or not its node can sign for it, and
//! slashes the bond for each missed task. A node without the key cannot know which worker it ran
//! for. So it writes the account to a file while it has the key. When the key is gone, it logs the
//! account as long as the worker is registered.

use super::{Keystore, LOG};
use crate::executor::Stop;
use dpin_primitives::{
    AccountId, OpaqueBlock as Block,
    api::{ComputeApi, MAX_PAGE, Page, WorkerInfo},
    worker::{WORKER_KEY_TYPE, WorkerKey},
};
use dpin_rpc::WorkerKeys;
use polkadot_sdk::{
    sp_api::ProvideRuntimeApi, sp_blockchain::HeaderBackend, sp_core::crypto::Ss58Codec, sp_keystore::KeystorePtr,
};
use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    sync::Weak,
    time::{Duration, Instant},
};

/// Interval between two checks of the keystore.
const LOOK: Duration = Duration::from_secs(15);
/// Interval between two log messages about a missing key.
const TELL: Duration = Duration::from_secs(600);
/// Interval between two searches of the chain for a worker whose account is not in the file yet.
const SEARCH: Duration = Duration::from_secs(120);
/// Most accounts in the file.
const MAX_ACCOUNTS: usize = 64;

/// Starts the thread. It ends with the node, and keeps nothing of the node alive.
pub(super) fn spawn<C>(client: Weak<C>, keystore: KeystorePtr, file: PathBuf, stop: Stop) -> io::Result<()>
where
    C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync + 'static,
    C::Api: ComputeApi<Block>,
{
    std::thread::Builder::new().name("worker-key".into()).spawn(move || {
        let keystore = Keystore(keystore);
        let mut accounts = read(&file);
        let mut told: Option<Instant> = None;
        let mut searched: Option<Instant> = None;
        while let Some(client) = client.upgrade() {
            let chain = NodeChain(&*client);
            let found = keystore.0.sr25519_public_keys(WORKER_KEY_TYPE);
            let due = searched.is_none_or(|at| at.elapsed() >= SEARCH);
            if due && !found.is_empty() && !accounts.iter().any(|account| is_ours(&chain, &keystore, account)) {
                searched = Some(Instant::now());
                if let Some(account) = search(&chain, &keystore) {
                    accounts.insert(account);
                    write(&file, &accounts);
                }
            }
            let missing = missing(&chain, &keystore, &accounts);
            if missing.is_empty() {
                told = None;
            } else if told.is_none_or(|at| at.elapsed() >= TELL) {
                missing.iter().for_each(tell);
                told = Some(Instant::now());
            }
            drop(client);
            if stop.sleep(LOOK) {
                return;
            }
        }
    })?;
    Ok(())
}

fn tell(account: &AccountId) {
    log::error!(
        target: LOG,
        "The key of worker {account} is not in the keystore. The worker is registered, so it is given tasks and \
         misses them, and each missed task costs a part of its bond. Insert the key with `dpin-node {}`, or pause the \
         worker with `dpin worker pause`",
        insert_command(),
    );
}

/// Returns the arguments of `dpin-node` that insert the worker key.
pub(super) fn insert_command() -> String {
    let key_type = String::from_utf8_lossy(&WORKER_KEY_TYPE.0).into_owned();
    format!("key insert --chain CHAIN --base-path DATA --key-type {key_type} --scheme sr25519 --suri FILE")
}

/// The chain's information about workers.
trait Chain {
    fn worker(&self, account: &AccountId) -> Option<WorkerInfo>;
    fn workers(&self, after: Option<u32>) -> Option<Page<WorkerInfo, u32>>;
}

struct NodeChain<'a, C>(&'a C);

impl<C> Chain for NodeChain<'_, C>
where
    C: ProvideRuntimeApi<Block> + HeaderBackend<Block>,
    C::Api: ComputeApi<Block>,
{
    fn worker(&self, account: &AccountId) -> Option<WorkerInfo> {
        self.0.runtime_api().worker(self.0.info().best_hash, account.clone()).ok().flatten()
    }

    fn workers(&self, after: Option<u32>) -> Option<Page<WorkerInfo, u32>> {
        self.0.runtime_api().workers(self.0.info().best_hash, None, after, MAX_PAGE).ok()
    }
}

fn is_ours(chain: &impl Chain, keys: &impl WorkerKeys, account: &AccountId) -> bool {
    chain.worker(account).is_some_and(|worker| keys.has(&worker.key))
}

/// Finds a registered worker whose key is in the keystore.
fn search(chain: &impl Chain, keys: &impl WorkerKeys) -> Option<AccountId> {
    let has = |key: &WorkerKey| keys.has(key);
    let mut after = None;
    loop {
        let page = chain.workers(after)?;
        if let Some(worker) = page.items.into_iter().find(|worker| has(&worker.key)) {
            return Some(worker.account);
        }
        after = Some(page.next?);
    }
}

/// Returns the accounts that are registered with a key that is not in the keystore.
fn missing(chain: &impl Chain, keys: &impl WorkerKeys, accounts: &BTreeSet<AccountId>) -> Vec<AccountId> {
    let lost = |account: &&AccountId| chain.worker(account).is_some_and(|worker| !keys.has(&worker.key));
    accounts.iter().filter(lost).cloned().collect()
}

/// Reads the accounts from the file.
fn read(file: &Path) -> BTreeSet<AccountId> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter_map(|line| AccountId::from_ss58check(line.trim()).ok()).take(MAX_ACCOUNTS).collect()
}

fn write(file: &Path, accounts: &BTreeSet<AccountId>) {
    let text: String =
        accounts.iter().take(MAX_ACCOUNTS).map(|account| format!("{}\n", account.to_ss58check())).collect();
    if let Err(error) = fs::write(file, text) {
        log::warn!(target: LOG, "{}: {error}", file.display());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{
        api::WorkerStatus,
        worker::{DeviceClass, Offer},
    };
    use polkadot_sdk::sp_core::sr25519;

    fn worker(number: u8) -> WorkerInfo {
        WorkerInfo {
            account: AccountId::new([number; 32]),
            number: number.into(),
            key: sr25519::Public::from_raw([number; 32]).into(),
            address: Default::default(),
            region: Default::default(),
            class: DeviceClass::Cpu,
            devices: Vec::new(),
            offer: Offer { min_reward: Default::default(), kernels: Default::default(), max_run_blocks: 1 },
            status: WorkerStatus::Active,
            bond: 0,
            locked: 0,
            slots: 1,
            busy: 0,
            available: true,
            reputation: Default::default(),
            strikes: 0,
            slashing: 0,
            misses: 0,
            passport: None,
            certificate: 0,
        }
    }

    /// A chain with these workers, in pages of one worker.
    struct Workers(Vec<u8>);

    impl Chain for Workers {
        fn worker(&self, account: &AccountId) -> Option<WorkerInfo> {
            self.0.iter().map(|number| worker(*number)).find(|worker| worker.account == *account)
        }
        fn workers(&self, after: Option<u32>) -> Option<Page<WorkerInfo, u32>> {
            let place = after.map_or(0, |after| after as usize + 1);
            let items = self.0.get(place).map(|number| worker(*number)).into_iter().collect();
            Some(Page { items, next: (place + 1 < self.0.len()).then_some(place as u32) })
        }
    }

    /// A keystore with the keys of these workers.
    struct Keys(Vec<u8>);

    impl WorkerKeys for Keys {
        fn has(&self, key: &WorkerKey) -> bool {
            self.0.iter().any(|number| worker(*number).key == *key)
        }
        fn sign(&self, _: &WorkerKey, _: &[u8]) -> Option<Vec<u8>> {
            None
        }
    }

    #[test]
    fn a_worker_that_is_registered_and_whose_key_is_gone_is_named() {
        let accounts: BTreeSet<AccountId> = [1, 2, 3].map(|number| worker(number).account).into();
        // The second is not registered any more.
        let lost = missing(&Workers(vec![1, 3, 4]), &Keys(vec![3]), &accounts);
        assert_eq!(lost, [worker(1).account]);
        assert!(missing(&Workers(vec![1, 3]), &Keys(vec![1, 3]), &accounts).is_empty());
    }

    #[test]
    fn the_worker_whose_key_is_here_is_found_on_any_page() {
        let chain = Workers(vec![1, 2, 3, 4]);
        assert_eq!(search(&chain, &Keys(vec![4])), Some(worker(4).account));
        assert_eq!(search(&chain, &Keys(vec![9])), None);
        assert!(is_ours(&chain, &Keys(vec![2]), &worker(2).account));
        assert!(!is_ours(&chain, &Keys(vec![2]), &worker(3).account));
    }

    #[test]
    fn what_is_written_down_is_read_again() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("worker-accounts");
        assert!(read(&file).is_empty());
        let accounts: BTreeSet<AccountId> = [1, 2].map(|number| worker(number).account).into();
        write(&file, &accounts);
        assert_eq!(read(&file), accounts);
    }
}
