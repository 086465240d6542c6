//! A connection to a node, and the chain behind it.
//!
//! Calls and answers are types of `dpin-primitives`, encoded as the runtime encodes them. Some
//! numbers and texts depend on the build of the runtime: those of pallets and calls, transaction
//! extensions, names and docs of errors. They come from the metadata that the node serves, so no
//! copy of them can be out of date.

mod advice;
pub(crate) mod call;
pub(crate) mod config;
pub(crate) mod errors;
pub(crate) mod fee_asset;
pub(crate) mod holds;
pub(crate) mod known_nodes;
pub(crate) mod link;
#[cfg(test)]
pub(crate) mod mock;
pub(crate) mod reach;
pub(crate) mod signer;
pub(crate) mod submit;

use crate::{
    chain::{
        config::DpinConfig,
        errors::{Refusal, at_error, busy, innermost, rpc_error},
        link::{Link, Patience, WebSocket},
    },
    error::{Error, Result},
    text::output::Output,
};
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{AccountId, Balance, BlockNumber, Hash, Nonce};
use polkadot_sdk::{
    sp_core::Bytes,
    sp_io::hashing::{blake2_128, twox_128},
    sp_runtime::DispatchError,
};
use serde::de::DeserializeOwned;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use subxt::{
    OnlineClient,
    backend::LegacyBackend,
    client::{ClientAtBlock, OnlineClientAtBlockImpl},
    rpcs::{RpcClient, client::RpcParams, rpc_params},
};
use tokio::sync::OnceCell;

/// Entries of a map requested at a time.
const KEYS: usize = 500;
/// Time for which requests to a busy node are retried.
const BUSY_PATIENCE: Duration = Duration::from_secs(60);

/// The chain at one block, for subxt.
pub(crate) type AtBlock = ClientAtBlock<DpinConfig, OnlineClientAtBlockImpl<DpinConfig>>;

/// A connection to a node.
#[derive(Clone)]
pub(crate) struct Chain {
    url: String,
    rpc: RpcClient,
    /// Created on first use: most commands work without the metadata.
    client: Arc<OnceCell<OnlineClient<DpinConfig>>>,
    genesis: Hash,
    /// Whether workers' nodes may be reached at addresses that are not public.
    private: bool,
}

/// Open a connection to the JSON-RPC of the node at `url`. `http` is read as `ws`: a node serves
/// both on one port.
///
/// # Errors
///
/// When the node does not answer.
pub(crate) async fn connect(url: &str, patience: Patience, output: Output) -> Result<RpcClient> {
    let address = match url.split_once("://") {
        Some(("http", rest)) => format!("ws://{rest}"),
        Some(("https", rest)) => format!("wss://{rest}"),
        Some(("ws" | "wss", _)) => url.to_string(),
        _ => {
            return Err(
                Error::usage(format!("`{url}` is not the URL of a node")).hint("use a URL such as ws://127.0.0.1:9944")
            );
        }
    };
    match Link::open(WebSocket, address, url, patience, output).await {
        Ok(link) => Ok(RpcClient::new(link)),
        Err(error) => Err(Error::connection(format!("the node at {url} cannot be reached: {}", innermost(&error)))),
    }
}

/// Send a request to a node.
///
/// # Errors
///
/// When the node does not answer or refuses, or the answer has another type.
pub(crate) async fn request<T: DeserializeOwned>(rpc: &RpcClient, method: &str, params: RpcParams) -> Result<T> {
    let begun = Instant::now();
    loop {
        let error = match rpc.request(method, params.clone()).await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match busy(&error).filter(|pause| begun.elapsed().saturating_add(*pause) < BUSY_PATIENCE) {
            Some(pause) => tokio::time::sleep(pause).await,
            None => return Err(rpc_error(method, error)),
        }
    }
}

/// The key of a storage value.
pub(crate) fn value_key(pallet: &str, item: &str) -> Vec<u8> {
    [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()
}

/// The part of a storage key for one entry of a map that hashes with `Blake2_128Concat`.
pub(crate) fn blake2_concat(key: impl Encode) -> Vec<u8> {
    key.using_encoded(|bytes| [blake2_128(bytes).as_slice(), bytes].concat())
}

fn account_key(account: &AccountId) -> Vec<u8> {
    [value_key("System", "Account"), blake2_concat(account)].concat()
}

/// An account's DPN, as pallet-balances stores them.
#[derive(Decode)]
#[cfg_attr(test, derive(Encode))]
struct SystemAccount {
    nonce: Nonce,
    _consumers: u32,
    _providers: u32,
    _sufficients: u32,
    free: Balance,
    reserved: Balance,
    frozen: Balance,
    _flags: u128,
}

/// An account's balance of one asset, in its smallest unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Holding {
    /// Balance that is neither held nor reserved.
    pub free: Balance,
    /// Balance held for escrows, bonds and deposits.
    pub held: Balance,
    /// The part of [`Self::free`] and [`Self::held`] together that must stay.
    pub frozen: Balance,
    /// Number of transactions sent so far.
    pub nonce: Nonce,
}

impl Chain {
    /// Connect to the node at `url`. A connection that breaks later is opened again.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or the server is not a node.
    pub(crate) async fn connect(url: &str, output: Output) -> Result<Self> {
        let hint = "check that the node runs and that --url (or DPIN_URL) is right; `make dev` starts a node at ws://127.0.0.1:9944";
        let connected = connect(url, Patience::OWN, output).await;
        let rpc = connected.map_err(|error| if error.hint.is_some() { error } else { error.hint(hint) })?;
        Self::over(rpc, url).await
    }

    /// Use an open connection.
    ///
    /// # Errors
    ///
    /// When the server is not a node.
    pub(crate) async fn over(rpc: RpcClient, url: &str) -> Result<Self> {
        let genesis: Option<Hash> = request(&rpc, "chain_getBlockHash", rpc_params![0]).await?;
        let genesis = genesis.ok_or_else(|| Error::failed("the node does not return its genesis block"))?;
        Ok(Self { url: url.to_string(), rpc, client: Arc::default(), genesis, private: false })
    }

    async fn client(&self) -> Result<&OnlineClient<DpinConfig>> {
        let made = self.client.get_or_try_init(|| async {
            let backend = LegacyBackend::builder().build(self.rpc.clone());
            OnlineClient::from_backend_with_config(DpinConfig::default(), Arc::new(backend)).await
        });
        made.await
            .map_err(|error| Error::connection(format!("the node at {} is not a Substrate node: {error}", self.url)))
    }

    /// The address of the node.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The underlying connection.
    pub(crate) fn rpc(&self) -> &RpcClient {
        &self.rpc
    }

    /// Allow connections to workers' nodes at addresses that are not public, for any type of chain.
    pub(crate) fn allowing_private(self, private: bool) -> Self {
        Self { private, ..self }
    }

    /// See [`Self::allowing_private`].
    pub(crate) fn allows_private(&self) -> bool {
        self.private
    }

    /// The chain's genesis hash.
    pub(crate) fn genesis(&self) -> Hash {
        self.genesis
    }

    /// Send a request to the node.
    ///
    /// # Errors
    ///
    /// When the node does not answer or refuses, or the answer has another type.
    pub(crate) async fn request<T: DeserializeOwned>(&self, method: &str, params: RpcParams) -> Result<T> {
        request(&self.rpc, method, params).await
    }

    /// Call a function of the runtime's API at the best block, such as `EconomyApi_supply`.
    /// `arguments` is a tuple of its arguments.
    ///
    /// # Errors
    ///
    /// When the function does not exist, or its answer is not a `T`.
    pub(crate) async fn api<T: Decode>(&self, function: &str, arguments: impl Encode) -> Result<T> {
        let answer: Bytes =
            self.request("state_call", rpc_params![function, Bytes(arguments.encode())]).await.map_err(|error| {
                let missing = error.message.contains("is not found") || error.message.contains("not found in");
                if missing {
                    Error::failed(format!("the chain has no function {function}"))
                        .hint("the runtime of the chain is older than this program")
                } else {
                    error
                }
            })?;
        T::decode_all(&mut &answer[..]).map_err(|error| {
            Error::failed(format!("the answer of {function} cannot be read: {error}"))
                .hint("the runtime of the chain and this program are of different versions")
        })
    }

    /// As [`Self::api`], for functions that can be refused as calls can.
    ///
    /// # Errors
    ///
    /// As [`Self::api`], and when the function returns an error.
    pub(crate) async fn api_or_refusal<T: Decode>(&self, function: &str, arguments: impl Encode) -> Result<T> {
        match self.api::<std::result::Result<T, DispatchError>>(function, arguments).await? {
            Ok(answer) => Ok(answer),
            Err(error) => Err(Refusal::of(self.at_final().await?.metadata_ref(), &error).into_error()),
        }
    }

    /// The value stored under `key` at the best block.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or the value is not a `T`.
    pub(crate) async fn storage<T: Decode>(&self, key: Vec<u8>) -> Result<Option<T>> {
        let bytes: Option<Bytes> = self.request("state_getStorage", rpc_params![Bytes(key)]).await?;
        bytes.map(|bytes| T::decode(&mut &bytes[..])).transpose().map_err(|error| {
            Error::failed(format!("the chain's state cannot be read: {error}"))
                .hint("the runtime of the chain and this program are of different versions")
        })
    }

    /// Read every entry of a map at the best block, one page at a time. `entry` receives the part
    /// of the key behind `prefix`, and the value.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub(crate) async fn entries(&self, prefix: &[u8], mut entry: impl FnMut(&[u8], &[u8])) -> Result<()> {
        #[derive(serde::Deserialize)]
        struct Changes {
            changes: Vec<(Bytes, Option<Bytes>)>,
        }
        let block: Hash = self.request("chain_getBlockHash", rpc_params![]).await?;
        let mut last: Option<Bytes> = None;
        loop {
            let asked = rpc_params![Bytes(prefix.to_vec()), KEYS, &last, block];
            let keys: Vec<Bytes> = self.request("state_getKeysPaged", asked).await?;
            let end = keys.len() < KEYS;
            // Otherwise a node whose pages repeat would keep this loop running for ever.
            let next = keys.last().cloned().filter(|next| last.as_ref().is_none_or(|last| next.0 > last.0));
            let Some(next) = next else { return Ok(()) };
            let found: Vec<Changes> = self.request("state_queryStorageAt", rpc_params![keys, block]).await?;
            for (key, value) in found.into_iter().flat_map(|found| found.changes) {
                if let (Some(rest), Some(value)) = (key.strip_prefix(prefix), value) {
                    entry(rest, &value);
                }
            }
            if end {
                return Ok(());
            }
            last = Some(next);
        }
    }

    /// The number of the best block.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub(crate) async fn best(&self) -> Result<BlockNumber> {
        Ok(self.request::<dpin_primitives::Header>("chain_getHeader", rpc_params![]).await?.number)
    }

    /// The last finalised block.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub(crate) async fn finalised(&self) -> Result<(BlockNumber, Hash)> {
        let hash: Hash = self.request("chain_getFinalizedHead", rpc_params![]).await?;
        let header: Option<dpin_primitives::Header> = self.request("chain_getHeader", rpc_params![hash]).await?;
        let header = header.ok_or_else(|| Error::failed("the node does not return its last finalised block"))?;
        Ok((header.number, hash))
    }

    /// The hash of the block with this number on the best chain, if there is one.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub(crate) async fn block_hash(&self, number: BlockNumber) -> Result<Option<Hash>> {
        self.request("chain_getBlockHash", rpc_params![number]).await
    }

    /// The value of a pallet's constant.
    ///
    /// # Errors
    ///
    /// When there is no constant of that name, or its value is not a `T`.
    pub(crate) fn constant<T: Decode>(at: &AtBlock, pallet: &str, name: &str) -> Result<T> {
        let metadata = at.metadata_ref();
        let found = metadata.pallet_by_name(pallet).and_then(|pallet| pallet.constant_by_name(name));
        found.and_then(|constant| T::decode(&mut constant.value()).ok()).ok_or_else(|| {
            Error::failed(format!("the chain has no constant {pallet}.{name} of the expected type"))
                .hint("the runtime of the chain and this program are of different versions")
        })
    }

    /// The chain at the last finalised block, for work that needs the metadata.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or its metadata cannot be read.
    pub(crate) async fn at_final(&self) -> Result<AtBlock> {
        self.client().await?.at_current_block().await.map_err(at_error)
    }

    /// The chain at one block.
    ///
    /// # Errors
    ///
    /// As [`Self::at_final`].
    pub(crate) async fn at(&self, block: Hash) -> Result<AtBlock> {
        self.client().await?.at_block(subxt::utils::H256(block.0)).await.map_err(at_error)
    }

    /// The next nonce of an account. It counts transactions that wait in the node's pool.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub(crate) async fn nonce(&self, account: &AccountId) -> Result<Nonce> {
        self.request("system_accountNextIndex", rpc_params![account]).await
    }

    /// The number of an account's transactions in the chain up to this block.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub(crate) async fn nonce_at(&self, account: &AccountId, block: Hash) -> Result<Nonce> {
        let bytes: Option<Bytes> =
            self.request("state_getStorage", rpc_params![Bytes(account_key(account)), block]).await?;
        let account = bytes.map(|bytes| SystemAccount::decode(&mut &bytes[..])).transpose();
        let account = account.map_err(|error| Error::failed(format!("the chain's state cannot be read: {error}")))?;
        Ok(account.map_or(0, |account| account.nonce))
    }

    /// An account's balance of DPN.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub(crate) async fn native(&self, account: &AccountId) -> Result<Holding> {
        let account: Option<SystemAccount> = self.storage(account_key(account)).await?;
        Ok(account.map_or_else(Holding::default, |account| Holding {
            free: account.free,
            held: account.reserved,
            frozen: account.frozen,
            nonce: account.nonce,
        }))
    }

    /// An account's balance of an asset of pallet-assets.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub(crate) async fn asset(&self, id: u32, account: &AccountId) -> Result<Holding> {
        let keys = [blake2_concat(id), blake2_concat(account)].concat();
        let free = self.storage::<Balance>([value_key("Assets", "Account"), keys.clone()].concat()).await?;
        let held = self.storage::<Balance>([value_key("AssetsHolder", "BalancesOnHold"), keys].concat()).await?;
        Ok(Holding { free: free.unwrap_or_default(), held: held.unwrap_or_default(), ..Holding::default() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;

    const QUIET: Output = Output { json: true, quiet: true };

    #[tokio::test]
    async fn an_unreachable_node_is_a_connection_error() {
        let error = Chain::connect("ws://127.0.0.1:1", QUIET).await.err().unwrap();
        assert_eq!(error.exit, Exit::Connection);
        assert!(error.hint.unwrap().contains("--url"));
        let error = Chain::connect("127.0.0.1:9944", QUIET).await.err().unwrap();
        assert_eq!(error.exit, Exit::Usage);
    }
}
