//! A client of a node's JSON-RPC that uses the runtime's own types.
//!
//! # Overview
//!
//! [`Client`] signs and submits calls, and reads storage and events. It decodes to the types of
//! `dpin-runtime`, so a change of the runtime that the tests do not follow does not compile.
//! [`Blocks`] follows the finalised chain block by block.

use anyhow::{Context, Result, anyhow, bail};
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{AccountId, AssetKind, BlockNumber, Hash, Header, Nonce};
use dpin_runtime::{
    RuntimeCall, RuntimeError, RuntimeEvent, UncheckedExtrinsic,
    signing::{Terms, sign},
};
use jsonrpsee::{
    core::client::{ClientT, Subscription, SubscriptionClientT},
    core::params::ArrayParams,
    rpc_params,
    ws_client::{WsClient, WsClientBuilder},
};
use polkadot_sdk::{
    frame_system::{self, EventRecord, Phase},
    sp_core::Bytes,
    sp_keyring::Sr25519Keyring,
    sp_runtime::DispatchError,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// Time limit for a node to answer a request.
const REQUEST: Duration = Duration::from_secs(60);
/// Time limit for a transaction to be included in a block.
const INCLUSION: Duration = Duration::from_secs(60);
/// Interval at which a node is polled for a new block.
const TICK: Duration = Duration::from_millis(200);
/// Most keys that a node lists at a time.
const PAGE: u32 = 1_000;

/// The name of a dispatch error: `Pallet.Error`, or the SDK's name.
pub fn error_name(error: DispatchError) -> String {
    match RuntimeError::from_dispatch_error(error) {
        // `Jobs(InsufficientBalance)`
        Some(error) => format!("{error:?}").replace('(', ".").replace(')', ""),
        None => format!("{error:?}"),
    }
}

/// A transaction in a block.
#[derive(Clone, Debug)]
pub struct Included {
    /// Hash of the block.
    pub block: Hash,
    /// Number of the block.
    pub number: BlockNumber,
    /// The events of the transaction, in order.
    pub events: Vec<RuntimeEvent>,
    /// Whether the call succeeded; if not, the error as [`error_name`] writes it.
    pub outcome: Result<(), String>,
}

impl Included {
    /// Returns itself, if the call succeeded.
    ///
    /// # Errors
    ///
    /// When the call failed.
    pub fn ok(self) -> Result<Self> {
        match &self.outcome {
            Ok(()) => Ok(self),
            Err(error) => bail!("the call failed: {error}"),
        }
    }
}

/// A client of one node. Clones share the connection.
#[derive(Clone, Debug)]
pub struct Client {
    rpc: Arc<WsClient>,
    genesis: Hash,
}

impl Client {
    /// Connect to the node at `url`.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn connect(url: &str) -> Result<Self> {
        let rpc = WsClientBuilder::default().request_timeout(REQUEST).build(url).await?;
        let genesis: Option<Hash> = rpc.request("chain_getBlockHash", rpc_params![0]).await?;
        Ok(Self { rpc: Arc::new(rpc), genesis: genesis.context("the node has no genesis block")? })
    }

    /// The connection, for the typed clients of `dpin-rpc`.
    pub fn rpc(&self) -> &WsClient {
        &self.rpc
    }

    /// The chain's genesis hash.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    async fn request<T: serde::de::DeserializeOwned>(&self, method: &str, params: ArrayParams) -> Result<T> {
        self.rpc.request(method, params).await.with_context(|| method.to_string())
    }

    /// The node's peer id.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn peer_id(&self) -> Result<String> {
        self.request("system_localPeerId", rpc_params![]).await
    }

    /// Keep the node connected to a peer at this address, in both directions, independently of its
    /// other peers.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or its JSON-RPC does not allow it.
    pub async fn add_reserved_peer(&self, address: &str) -> Result<()> {
        self.request("system_addReservedPeer", rpc_params![address]).await
    }

    /// Undo [`Self::add_reserved_peer`] for the peer with this id.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or its JSON-RPC does not allow it.
    pub async fn remove_reserved_peer(&self, peer: &str) -> Result<()> {
        self.request("system_removeReservedPeer", rpc_params![peer]).await
    }

    /// A block's header.
    ///
    /// # Errors
    ///
    /// When there is no such block, or the node does not answer.
    pub async fn header(&self, block: Hash) -> Result<Header> {
        let header: Option<Header> = self.request("chain_getHeader", rpc_params![block]).await?;
        header.with_context(|| format!("there is no block {block}"))
    }

    /// The number and hash of the last final block.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn finalised(&self) -> Result<(BlockNumber, Hash)> {
        let hash: Hash = self.request("chain_getFinalizedHead", rpc_params![]).await?;
        Ok((self.header(hash).await?.number, hash))
    }

    /// The number and hash of the best block.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn best(&self) -> Result<(BlockNumber, Hash)> {
        let header: Header = self.request("chain_getHeader", rpc_params![]).await?;
        Ok((header.number, header.hash()))
    }

    /// The hash of the best chain's block with that number.
    ///
    /// # Errors
    ///
    /// When there is no such block, or the node does not answer.
    pub async fn block_hash(&self, number: BlockNumber) -> Result<Hash> {
        let hash: Option<Hash> = self.request("chain_getBlockHash", rpc_params![number]).await?;
        hash.with_context(|| format!("there is no block {number}"))
    }

    /// The value stored under `key` after a block, or after the best block.
    ///
    /// # Errors
    ///
    /// When the value is no `T`, or the node does not answer.
    pub async fn storage<T: Decode>(&self, key: Vec<u8>, at: Option<Hash>) -> Result<Option<T>> {
        let bytes: Option<Bytes> = self.request("state_getStorage", rpc_params![Bytes(key), at]).await?;
        Ok(bytes.map(|bytes| T::decode_all(&mut &bytes[..])).transpose()?)
    }

    /// The number of keys that begin with `prefix` after a block, or after the best block. Counts
    /// to at most 1,000.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn count_keys(&self, prefix: &[u8], at: Option<Hash>) -> Result<usize> {
        let params = rpc_params![Bytes(prefix.to_vec()), PAGE, None::<Bytes>, at];
        Ok(self.request::<Vec<Bytes>>("state_getKeysPaged", params).await?.len())
    }

    /// Call a function of the runtime's API after a block, such as `EconomyApi_supply`. `arguments`
    /// is a tuple of its arguments.
    ///
    /// # Errors
    ///
    /// When there is no such function, its answer is no `T`, or the node does not answer.
    pub async fn call_api<T: Decode>(&self, function: &str, arguments: impl Encode, at: Hash) -> Result<T> {
        let params = rpc_params![function, Bytes(arguments.encode()), at];
        let answer: Bytes = self.request("state_call", params).await.with_context(|| function.to_string())?;
        T::decode_all(&mut &answer[..]).with_context(|| format!("{function} answers something else"))
    }

    /// The time of a block, in milliseconds since 1970.
    ///
    /// # Errors
    ///
    /// When the block has no time, or the node does not answer.
    pub async fn timestamp_ms(&self, block: Hash) -> Result<u64> {
        self.storage(storage_key("Timestamp", "Now"), Some(block)).await?.context("a block has a time")
    }

    /// All events of a block.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn event_records(&self, block: Hash) -> Result<Vec<EventRecord<RuntimeEvent, Hash>>> {
        let key = storage_key("System", "Events");
        Ok(self.storage(key, Some(block)).await?.unwrap_or_default())
    }

    /// The transactions of a block.
    async fn extrinsics(&self, block: Hash) -> Result<Vec<Bytes>> {
        let mut answer: Value = self.request("chain_getBlock", rpc_params![block]).await?;
        Ok(serde_json::from_value(answer["block"]["extrinsics"].take())?)
    }

    /// The next nonce of an account. It counts transactions that wait in the node's pool.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn nonce(&self, account: &AccountId) -> Result<Nonce> {
        self.request("system_accountNextIndex", rpc_params![account]).await
    }

    /// Submit a call and wait until it is in a block.
    ///
    /// # Errors
    ///
    /// When the node refuses the transaction, or it is not included in time. A call that fails is
    /// no error here: see [`Included::outcome`].
    pub async fn submit(&self, signer: Sr25519Keyring, call: impl Into<RuntimeCall>) -> Result<Included> {
        let mut included = self.submit_all(signer, vec![call.into()]).await?;
        included.pop().context("one call was submitted")
    }

    /// Submit a call whose transaction fee is paid in `asset`, and wait until it is in a block.
    ///
    /// # Errors
    ///
    /// As [`Self::submit`].
    pub async fn submit_paying_in(
        &self,
        asset: AssetKind,
        signer: Sr25519Keyring,
        call: impl Into<RuntimeCall>,
    ) -> Result<Included> {
        let mut included = self.submit_with(signer, vec![call.into()], Some(asset)).await?;
        included.pop().context("one call was submitted")
    }

    /// Submit calls of one account, in this order, and wait until all are in blocks. Each may fail
    /// without failing the others.
    ///
    /// # Errors
    ///
    /// As [`Self::submit`].
    pub async fn submit_all(&self, signer: Sr25519Keyring, calls: Vec<RuntimeCall>) -> Result<Vec<Included>> {
        self.submit_with(signer, calls, None).await
    }

    async fn submit_with(
        &self,
        signer: Sr25519Keyring,
        calls: Vec<RuntimeCall>,
        fee: Option<AssetKind>,
    ) -> Result<Vec<Included>> {
        let first = self.nonce(&signer.to_account_id()).await?;
        let mut waiting = Vec::new();
        for (call, nonce) in calls.into_iter().zip(first..) {
            let transaction = sign(&signer.pair(), call, Terms { fee: fee.clone(), ..Terms::new(nonce, self.genesis) });
            waiting.push(self.watch(&transaction).await?);
        }
        let mut included = Vec::new();
        for watched in waiting {
            included.push(self.included(watched).await?);
        }
        Ok(included)
    }

    /// Submit a signed transaction unchanged, and wait until it is in a block.
    ///
    /// # Errors
    ///
    /// As [`Self::submit`].
    pub async fn submit_signed(&self, transaction: &UncheckedExtrinsic) -> Result<Included> {
        let watched = self.watch(transaction).await?;
        self.included(watched).await
    }

    async fn watch(&self, transaction: &UncheckedExtrinsic) -> Result<(Bytes, Subscription<Value>)> {
        const METHOD: &str = "author_submitAndWatchExtrinsic";
        let bytes = Bytes(transaction.encode());
        let watch = self.rpc.subscribe(METHOD, rpc_params![&bytes], "author_unwatchExtrinsic").await.context(METHOD)?;
        Ok((bytes, watch))
    }

    async fn included(&self, (transaction, watch): (Bytes, Subscription<Value>)) -> Result<Included> {
        let block = tokio::time::timeout(INCLUSION, in_block(watch))
            .await
            .map_err(|_| anyhow!("the transaction is in no block after {} s", INCLUSION.as_secs()))??;
        let number = self.header(block).await?.number;
        let index = self.extrinsics(block).await?.iter().position(|other| *other == transaction);
        let index = u32::try_from(index.context("the transaction is not in the block it is said to be in")?)?;
        let records = self.event_records(block).await?;
        let own = records.into_iter().filter(|record| record.phase == Phase::ApplyExtrinsic(index));
        let events: Vec<RuntimeEvent> = own.map(|record| record.event).collect();
        let outcome = events
            .iter()
            .find_map(|event| match event {
                RuntimeEvent::System(frame_system::Event::ExtrinsicSuccess { .. }) => Some(Ok(())),
                RuntimeEvent::System(frame_system::Event::ExtrinsicFailed { dispatch_error, .. }) => {
                    Some(Err(error_name(*dispatch_error)))
                }
                _ => None,
            })
            .context("the transaction has no outcome")?;
        Ok(Included { block, number, events, outcome })
    }

    /// Follow the finalised chain, from the block after the last final one.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn blocks(&self) -> Result<Blocks> {
        let (last, hash) = self.finalised().await?;
        Ok(Blocks { client: self.clone(), last: hash, next: last.saturating_add(1), finalised: last })
    }
}

/// The key of a storage value, from the names of its pallet and itself.
fn storage_key(pallet: &str, item: &str) -> Vec<u8> {
    polkadot_sdk::frame_support::storage::storage_prefix(pallet.as_bytes(), item.as_bytes()).to_vec()
}

/// Wait for the block that contains a watched transaction.
async fn in_block(mut watch: Subscription<Value>) -> Result<Hash> {
    while let Some(status) = watch.next().await {
        let status = status?;
        for included in ["inBlock", "finalized"] {
            if let Some(hash) = status.get(included) {
                return Ok(serde_json::from_value(hash.clone())?);
            }
        }
        let ended = status.as_str().is_some_and(|status| matches!(status, "invalid" | "dropped"))
            || ["usurped", "finalityTimeout"].iter().any(|ended| status.get(ended).is_some());
        if ended {
            bail!("the transaction is {status}");
        }
    }
    bail!("the node tells nothing more of the transaction")
}

/// A block of the finalised chain.
#[derive(Clone, Debug)]
pub struct Block {
    /// Number of the block.
    pub number: BlockNumber,
    /// Hash of the block.
    pub hash: Hash,
    /// Events of the block, in order.
    pub events: Vec<RuntimeEvent>,
}

/// The finalised chain: every block of it once and in order.
#[derive(Clone, Debug)]
pub struct Blocks {
    client: Client,
    last: Hash,
    next: BlockNumber,
    finalised: BlockNumber,
}

impl Blocks {
    /// The hash of the block before the next one.
    pub fn last(&self) -> Hash {
        self.last
    }

    /// The next block, as soon as it is final.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn next(&mut self) -> Result<Block> {
        while self.finalised < self.next {
            tokio::time::sleep(TICK).await;
            (self.finalised, _) = self.client.finalised().await?;
        }
        let number = self.next;
        let hash = self.client.block_hash(number).await?;
        let records = self.client.event_records(hash).await?;
        self.next = number.saturating_add(1);
        self.last = hash;
        Ok(Block { number, hash, events: records.into_iter().map(|record| record.event).collect() })
    }
}
