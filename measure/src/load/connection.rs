//! A connection to the node: bulk submission, best blocks, events.

use anyhow::{Context, Result, ensure};
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{AccountId, BlockNumber, Hash, Header, Nonce};
use dpin_runtime::{RuntimeEvent, UncheckedExtrinsic};
use jsonrpsee::{
    core::client::{ClientT, Subscription, SubscriptionClientT},
    core::params::{ArrayParams, BatchRequestBuilder},
    rpc_params,
    ws_client::{WsClient, WsClientBuilder},
};
use polkadot_sdk::{
    frame_support::{dispatch::PerDispatchClass, storage::storage_prefix, weights::Weight},
    frame_system::EventRecord,
    sp_core::Bytes,
};
use serde_json::Value;
use std::{sync::Arc, time::Duration};

/// Most bytes of a message, in either direction.
const MESSAGE_BYTES: u32 = 256 * 1024 * 1024;
/// Time limit for the node to answer a request.
const REQUEST: Duration = Duration::from_secs(60);
/// Transactions in one message.
const BULK: usize = 250;
/// Most keys that a node lists at a time.
const PAGE: usize = 1_000;

/// A block of the best chain.
#[derive(Debug)]
pub struct Best {
    /// Number of the block.
    pub number: BlockNumber,
    /// Hash of the block.
    pub hash: Hash,
    /// Events of the block, in order.
    pub events: Vec<RuntimeEvent>,
}

/// A connection. Clones share it.
#[derive(Clone, Debug)]
pub struct Connection {
    rpc: Arc<WsClient>,
    /// The chain's genesis hash.
    pub genesis: Hash,
}

impl Connection {
    /// Connect to the node at `url`.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn open(url: &str) -> Result<Self> {
        let rpc = WsClientBuilder::default()
            .request_timeout(REQUEST)
            .max_request_size(MESSAGE_BYTES)
            .max_response_size(MESSAGE_BYTES)
            .max_concurrent_requests(4_096)
            .build(url)
            .await?;
        let genesis: Option<Hash> = rpc.request("chain_getBlockHash", rpc_params![0]).await?;
        Ok(Self { rpc: Arc::new(rpc), genesis: genesis.context("the node has no genesis block")? })
    }

    async fn request<T: serde::de::DeserializeOwned>(&self, method: &str, params: ArrayParams) -> Result<T> {
        self.rpc.request(method, params).await.with_context(|| method.to_string())
    }

    /// Submit transactions without waiting for blocks. Returns the position and the error of each
    /// transaction that the pool refused.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn submit(&self, transactions: &[Bytes]) -> Result<Vec<(usize, String)>> {
        let mut refused = Vec::new();
        for (bulk, start) in transactions.chunks(BULK).zip((0..).step_by(BULK)) {
            let mut batch = BatchRequestBuilder::new();
            for transaction in bulk {
                batch.insert("author_submitExtrinsic", rpc_params![transaction])?;
            }
            let answers = self.rpc.batch_request::<Hash>(batch).await.context("author_submitExtrinsic")?;
            for (position, answer) in answers.into_iter().enumerate() {
                if let Err(error) = answer {
                    refused.push((
                        start + position,
                        format!("{}: {}", error.message(), error.data().map_or("", |data| data.get())),
                    ));
                }
            }
        }
        Ok(refused)
    }

    /// Subscribe to the headers of the best chain, from now on.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn heads(&self) -> Result<Heads> {
        let heads = self.rpc.subscribe("chain_subscribeNewHeads", rpc_params![], "chain_unsubscribeNewHeads").await?;
        Ok(Heads { heads, connection: self.clone(), last: 0 })
    }

    /// The value stored under `key` after a block.
    ///
    /// # Errors
    ///
    /// When the value is no `T`, or the node does not answer.
    pub async fn storage<T: Decode>(&self, key: Vec<u8>, at: Hash) -> Result<Option<T>> {
        let bytes: Option<Bytes> = self.request("state_getStorage", rpc_params![Bytes(key), at]).await?;
        Ok(bytes.map(|bytes| T::decode_all(&mut &bytes[..])).transpose()?)
    }

    /// A value of a pallet after a block, by its name.
    ///
    /// # Errors
    ///
    /// As [`Self::storage`].
    pub async fn value<T: Decode>(&self, pallet: &str, item: &str, at: Hash) -> Result<Option<T>> {
        self.storage(storage_prefix(pallet.as_bytes(), item.as_bytes()).to_vec(), at).await
    }

    /// The values stored under many keys after a block.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn values(&self, keys: &[Bytes], at: Hash) -> Result<Vec<Option<Bytes>>> {
        let mut values = Vec::with_capacity(keys.len());
        for page in keys.chunks(PAGE) {
            let answer: Vec<Value> = self.request("state_queryStorageAt", rpc_params![page, at]).await?;
            let changes = answer.first().and_then(|set| set["changes"].as_array()).context("no values")?;
            ensure!(changes.len() == page.len(), "{} of {} values", changes.len(), page.len());
            for change in changes {
                values.push(serde_json::from_value(change[1].clone())?);
            }
        }
        Ok(values)
    }

    /// The number of entries under a prefix after a block, and the bytes of their keys and values.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn size(&self, prefix: &[u8], at: Hash) -> Result<(u64, u64)> {
        let (mut entries, mut bytes) = (0u64, 0u64);
        let mut start: Option<Bytes> = None;
        loop {
            let params = rpc_params![Bytes(prefix.to_vec()), PAGE, start.clone(), at];
            let keys: Vec<Bytes> = self.request("state_getKeysPaged", params).await?;
            let values = self.values(&keys, at).await?;
            entries += keys.len() as u64;
            bytes += keys.iter().map(|key| key.len() as u64).sum::<u64>();
            bytes += values.iter().flatten().map(|value| value.len() as u64).sum::<u64>();
            match keys.last() {
                Some(last) if keys.len() == PAGE => start = Some(last.clone()),
                _ => return Ok((entries, bytes)),
            }
        }
    }

    /// The number of transactions of a block, and their total length in bytes.
    ///
    /// # Errors
    ///
    /// When there is no such block, or the node does not answer.
    pub async fn body(&self, block: Hash) -> Result<(usize, usize)> {
        let mut answer: Value = self.request("chain_getBlock", rpc_params![block]).await?;
        let extrinsics: Vec<Bytes> = serde_json::from_value(answer["block"]["extrinsics"].take())?;
        Ok((extrinsics.len(), extrinsics.iter().map(|extrinsic| extrinsic.len()).sum()))
    }

    /// The declared weight of a block, by class.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn weight(&self, block: Hash) -> Result<PerDispatchClass<Weight>> {
        Ok(self.value("System", "BlockWeight", block).await?.unwrap_or_default())
    }

    /// The time of a block, in ms.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn time(&self, block: Hash) -> Result<u64> {
        self.value("Timestamp", "Now", block).await?.context("a block has its time")
    }

    /// All events of a block.
    ///
    /// # Errors
    ///
    /// When their types are not those of this runtime, or the node does not answer.
    pub async fn events(&self, block: Hash) -> Result<Vec<RuntimeEvent>> {
        let records: Vec<EventRecord<RuntimeEvent, Hash>> =
            self.value("System", "Events", block).await?.unwrap_or_default();
        Ok(records.into_iter().map(|record| record.event).collect())
    }

    /// The hash of the best chain's block with that number.
    ///
    /// # Errors
    ///
    /// When there is no such block, or the node does not answer.
    pub async fn hash(&self, number: BlockNumber) -> Result<Hash> {
        let hash: Option<Hash> = self.request("chain_getBlockHash", rpc_params![number]).await?;
        hash.with_context(|| format!("there is no block {number}"))
    }

    /// The next nonce of an account. It counts transactions that wait in the node's pool.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn nonce(&self, account: &AccountId) -> Result<Nonce> {
        self.request("system_accountNextIndex", rpc_params![account]).await
    }

    /// The number of transactions in the node's pool that are valid at its best block.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn pending(&self) -> Result<usize> {
        Ok(self.request::<Vec<Bytes>>("author_pendingExtrinsics", rpc_params![]).await?.len())
    }
}

/// The encoding of a transaction for the node.
pub fn wire(transaction: &UncheckedExtrinsic) -> Bytes {
    Bytes(transaction.encode())
}

/// The best chain, block by block.
pub struct Heads {
    heads: Subscription<Header>,
    connection: Connection,
    last: BlockNumber,
}

impl Heads {
    /// The next header.
    ///
    /// # Errors
    ///
    /// When the subscription ends.
    pub async fn next(&mut self) -> Result<Header> {
        loop {
            let header = self.heads.next().await.context("the node tells of no more blocks")??;
            // The only validator makes no forks. A subscription begins with the block that is
            // already there.
            if header.number > self.last {
                self.last = header.number;
                return Ok(header);
            }
        }
    }

    /// The next block with its events.
    ///
    /// # Errors
    ///
    /// When the subscription ends, or the node does not answer.
    pub async fn block(&mut self) -> Result<Best> {
        let header = self.next().await?;
        let hash = header.hash();
        Ok(Best { number: header.number, hash, events: self.connection.events(hash).await? })
    }
}
