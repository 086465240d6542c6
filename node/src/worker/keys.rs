//! Keys of confidential inputs: the signatures of the worker key, and the fetching of job keys for
//! checked tasks.
//!
//! One thread asks the executor for the job keys that its runs wait for. The keys of the worker's
//! own tasks are uploaded by the requester, through the JSON-RPC. The keys of tasks that are only
//! checked are fetched from the node of the task's worker, at its address on the chain. This node
//! proves its identity with its executor's encryption key, signed by its worker key, and the answer
//! is sealed to that encryption key. A key that the other node does not give is requested again, at
//! growing intervals.

use super::LOG;
use crate::{
    executor::{Client, ExecutorHandle, Stop},
    outbound::Outbound,
};
use dpin_primitives::{
    AccountId, OpaqueBlock as Block, TaskId,
    address::NodeAddress,
    api::{ComputeApi, TaskInfo},
    confidential::{MAX_SEALED_BYTES, WantedKey, encryption_key_statement},
    worker::{WORKER_KEY_TYPE, WorkerKey},
};
use dpin_rpc::WorkerKeys;
use polkadot_sdk::{
    sp_api::ProvideRuntimeApi,
    sp_blockchain::HeaderBackend,
    sp_core::{Bytes, sr25519},
    sp_keystore::KeystorePtr,
};
use std::{
    io,
    sync::Weak,
    time::{Duration, Instant},
};
use tokio::runtime::Handle;

/// Most time that the executor may hold a request open.
const WAIT: Duration = Duration::from_secs(5);
/// First and longest pause after a round in which a key could not be fetched.
const MIN_PAUSE: Duration = Duration::from_millis(500);
const MAX_PAUSE: Duration = Duration::from_secs(4);
/// Timeout of a request to another node.
const FETCH_TIME: Duration = Duration::from_secs(5);
/// Most keys fetched in one round.
const MAX_FETCHED: usize = 8;
/// Longest answer with a key: hexadecimal within JSON.
const MAX_ANSWER: usize = 2 * MAX_SEALED_BYTES + 1024;

/// The worker keys in the node's keystore.
pub(crate) struct Keystore(pub KeystorePtr);

impl WorkerKeys for Keystore {
    fn has(&self, key: &WorkerKey) -> bool {
        let key: &sr25519::Public = key.as_ref();
        self.0.sr25519_public_keys(WORKER_KEY_TYPE).contains(key)
    }

    fn sign(&self, key: &WorkerKey, message: &[u8]) -> Option<Vec<u8>> {
        let signature = self.0.sr25519_sign(WORKER_KEY_TYPE, key.as_ref(), message).ok().flatten()?;
        Some(signature.0.to_vec())
    }
}

/// Starts the thread. It ends with the node, and keeps nothing of the node alive.
pub(super) fn spawn<C>(
    client: Weak<C>,
    keystore: KeystorePtr,
    executor: ExecutorHandle,
    out: Out,
    stop: Stop,
) -> io::Result<()>
where
    C: ProvideRuntimeApi<Block> + HeaderBackend<Block> + Send + Sync + 'static,
    C::Api: ComputeApi<Block>,
{
    std::thread::Builder::new().name("key-fetcher".into()).spawn(move || {
        let keystore = Keystore(keystore);
        let mut pause = MIN_PAUSE;
        loop {
            let rest = match executor.client() {
                None => MIN_PAUSE,
                Some(executor) => {
                    let asked = Instant::now();
                    match client.upgrade() {
                        Some(client) if fetch(&executor, &*client, &keystore, &out) => pause = MIN_PAUSE,
                        Some(_) => pause = (pause * 2).min(MAX_PAUSE),
                        None => return,
                    }
                    // The executor keeps wanting the keys that the requester uploads, so it must
                    // not be asked again at once.
                    pause.saturating_sub(asked.elapsed())
                }
            };
            if stop.sleep(rest) || client.strong_count() == 0 {
                return;
            }
        }
    })?;
    Ok(())
}

/// The client for requests to other machines, for use on a thread that may block.
pub(super) struct Out {
    /// The HTTP client.
    pub outbound: Outbound,
    /// The runtime on which requests run.
    pub runtime: Handle,
}

/// Runs one round. Returns whether every key was fetched.
fn fetch<C>(executor: &Client, client: &C, keystore: &Keystore, out: &Out) -> bool
where
    C: ProvideRuntimeApi<Block> + HeaderBackend<Block>,
    C::Api: ComputeApi<Block>,
{
    let wanted = match executor.wanted_keys(WAIT) {
        Ok(wanted) => wanted,
        Err(error) => {
            log::debug!(target: LOG, "Cannot ask the executor for wanted keys: {error}");
            return false;
        }
    };
    let mut all = true;
    for WantedKey { task, .. } in wanted.into_iter().filter(|wanted| wanted.checks).take(MAX_FETCHED) {
        match fetch_one(executor, client, keystore, out, task) {
            Ok(()) => log::debug!(target: LOG, "Gave the executor the key of job {}", task.job),
            Err(problem) => {
                log::debug!(target: LOG, "The key of job {}, whose task {task} is to be checked: {problem}", task.job);
                all = false;
            }
        }
    }
    all
}

fn fetch_one<C>(executor: &Client, client: &C, keystore: &Keystore, out: &Out, task: TaskId) -> Result<(), String>
where
    C: ProvideRuntimeApi<Block> + HeaderBackend<Block>,
    C::Api: ComputeApi<Block>,
{
    let (at, api) = (client.info().best_hash, client.runtime_api());
    let told = |error: polkadot_sdk::sp_api::ApiError| error.to_string();
    let info = api.task(at, task).map_err(told)?.ok_or("the task is closed")?;
    let worker = |account: &AccountId| api.worker(at, account.clone()).map_err(told);
    let mut own = None;
    for account in candidates(&info) {
        if let Some(worker) = worker(account)?.filter(|worker| keystore.has(&worker.key)) {
            own = Some(worker);
            break;
        }
    }
    let own = own.ok_or("no worker of this node checks it")?;
    let holder = info.worker.as_ref().ok_or("it has no worker")?;
    let address = worker(holder)?.ok_or("its worker is gone")?.address;
    let url = http_url(&address).ok_or("its worker's address is no URL of a node")?;

    let recipient = executor.recipient().map_err(|error| error.to_string())?;
    let genesis = api.genesis(at).map_err(told)?;
    let signature = keystore.sign(&own.key, &encryption_key_statement(&genesis, &recipient));
    let signature = Bytes(signature.ok_or("the keystore does not sign")?);
    let params = serde_json::json!([task, own.account, recipient, signature]);
    let sealed = ask(out, &url, &params)?;
    executor.put_job_key(task.job, &sealed).map_err(|error| error.to_string())
}

/// Returns the accounts that check the task, or have checked it.
fn candidates(task: &TaskInfo) -> impl Iterator<Item = &AccountId> {
    task.jurors.iter().chain(&task.auditors).map(|(account, _)| account)
}

/// Converts an address on the chain to the node's URL for JSON-RPC over HTTP.
fn http_url(address: &[u8]) -> Option<String> {
    NodeAddress::parse(address).ok().map(|address| address.http_url())
}

/// Calls `compute_jobKey` on the node at `url`, and returns the sealed key.
fn ask(out: &Out, url: &str, params: &serde_json::Value) -> Result<Vec<u8>, String> {
    let request = serde_json::json!({ "jsonrpc": "2.0", "id": 1, "method": "compute_jobKey", "params": params });
    let (outbound, to) = (out.outbound.clone(), url.to_owned());
    let asking = async move { outbound.post_json(&to, request.to_string(), FETCH_TIME, MAX_ANSWER).await };
    // Wait outside of the runtime, which may end first.
    let answer = futures::executor::block_on(out.runtime.spawn(asking)).map_err(|_| "the node is ending")?;
    let body = answer.map_err(|error| format!("{url}: {error}"))?;
    let answer: serde_json::Value = serde_json::from_slice(&body).map_err(|_| format!("{url}: no JSON-RPC answers"))?;
    if let Some(message) = answer["error"]["message"].as_str() {
        // The text is a stranger's and must not forge lines of the log.
        let words = message.chars().take(200).map(|c| if c.is_control() { ' ' } else { c });
        return Err(format!("{url}: {}", words.collect::<String>()));
    }
    let sealed = serde_json::from_value::<Bytes>(answer["result"].clone());
    sealed.map(|sealed| sealed.0).map_err(|_| format!("{url}: the answer is no key"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{executor::fake, outbound::Reach};
    use polkadot_sdk::{
        sp_core::Pair,
        sp_keystore::{Keystore as _, testing::MemoryKeystore},
    };

    #[test]
    fn the_worker_key_signs_and_is_known() {
        let store = MemoryKeystore::new();
        let key = store.sr25519_generate_new(WORKER_KEY_TYPE, Some("//Alice//worker")).unwrap();
        store.sr25519_generate_new(WORKER_KEY_TYPE, Some("//Bob//worker")).unwrap();
        let keystore = Keystore(std::sync::Arc::new(store));
        let signature = keystore.sign(&key.into(), b"statement").unwrap();
        let signature = sr25519::Signature::try_from(signature.as_slice()).unwrap();
        assert!(sr25519::Pair::verify(&signature, b"statement", &key));
        let other = sr25519::Public::from_raw([1; 32]).into();
        assert!(keystore.has(&key.into()) && !keystore.has(&other));
        assert_eq!(keystore.sign(&other, b"statement"), None);
    }

    #[test]
    fn the_key_is_asked_of_the_workers_node_and_refusals_are_told() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let outbound = |reach| Out { outbound: Outbound::new(reach).unwrap(), runtime: runtime.handle().clone() };
        let out = outbound(Reach::Anywhere);
        let answer = |body: &'static str| {
            let address = fake::serve_without_token(move |request, asked| {
                assert_eq!(request, "POST / HTTP/1.1");
                let asked: serde_json::Value = serde_json::from_slice(asked).unwrap();
                assert_eq!(asked["method"], "compute_jobKey");
                assert_eq!(asked["params"], serde_json::json!([{ "job": 1, "index": 2 }, "who"]));
                (200, body.as_bytes().to_vec())
            });
            ask(&out, &address.url, &serde_json::json!([TaskId { job: 1, index: 2 }, "who"]))
        };
        assert_eq!(answer(r#"{"jsonrpc":"2.0","id":1,"result":"0x0102"}"#), Ok(vec![1, 2]));
        let refused = answer(r#"{"jsonrpc":"2.0","id":1,"error":{"code":20032,"message":"not now"}}"#);
        assert!(refused.unwrap_err().ends_with(": not now"));
        assert!(answer(r#"{"error":{"message":"not\u001b\nnow"}}"#).unwrap_err().ends_with(": not  now"));
        assert!(answer("<html>").unwrap_err().contains("no JSON-RPC"));
        assert!(answer("{}").unwrap_err().contains("no key"));
        let endless = answer(Box::leak(format!("\"{}\"", "0".repeat(MAX_ANSWER)).into_boxed_str()));
        assert!(endless.unwrap_err().contains("more than"));
        // On a public chain a worker cannot make this node send requests to its own machine.
        let refused = ask(&outbound(Reach::Public), "http://127.0.0.1:1", &serde_json::json!([]));
        assert!(refused.unwrap_err().contains("no public address"));
    }

    #[test]
    fn a_nodes_address_speaks_http_too() {
        assert_eq!(http_url(b"ws://127.0.0.1:9944").as_deref(), Some("http://127.0.0.1:9944"));
        assert_eq!(http_url(b"wss://node.example").as_deref(), Some("https://node.example"));
        assert_eq!(http_url(b"file:///etc/passwd"), None);
    }
}
