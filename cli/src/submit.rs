//! Sign a call, submit it, and wait for what becomes of it.

use crate::{
    call::Call,
    chain::{request, rpc_error, AtBlock, Chain, DpinConfig, Refusal},
    error::{Error, Result},
    fee_asset::FeeAsset,
    signer::Signer,
};
use clap::ValueEnum;
use codec::Decode;
use dpin_primitives::{AccountId, Balance, BlockNumber, Hash, Header};
use polkadot_sdk::{sp_core::Bytes, sp_runtime::DispatchError};
use serde_json::{json, Value};
use std::time::Duration;
use subxt::{config::DefaultExtrinsicParamsBuilder, events::Phase, rpcs::rpc_params};

/// Blocks for which a transaction may wait; after them it is void.
const MORTALITY: u64 = 64;
/// How long to wait for it: its mortality and some time for the node.
const INCLUSION: Duration = Duration::from_secs(64 * 3 + 30);

/// What to wait for.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Wait {
    /// Nothing: the node has taken the transaction
    None,
    /// It is in a block
    #[default]
    Included,
    /// It is in a block that is final
    Finalized,
}

/// An event of a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Event {
    /// The pallet.
    pub pallet: String,
    /// The event.
    pub name: String,
    /// Its fields, as the runtime encodes them.
    pub fields: Vec<u8>,
}

/// A transaction that was accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sent {
    /// The transaction's hash.
    pub transaction: Hash,
    /// The block it is in, unless it was not waited for.
    pub block: Option<(BlockNumber, Hash)>,
    /// Its events.
    pub events: Vec<Event>,
}

impl Sent {
    /// The fields of an event, decoded as a tuple of the first of them.
    ///
    /// # Errors
    ///
    /// When there is no such event, or it has other fields.
    pub fn event<T: Decode>(&self, pallet: &str, name: &str) -> Result<T> {
        let found = self.events.iter().find(|event| event.pallet == pallet && event.name == name);
        found.and_then(|event| T::decode(&mut &event.fields[..]).ok()).ok_or_else(|| {
            Error::failed(format!("the transaction has no readable event {pallet}.{name}"))
                .hint("the chain's runtime is of another version than this program")
        })
    }

    /// The transaction's fee in planck, when it was paid in DPN and is known.
    pub fn fee(&self) -> Option<Balance> {
        let (_, fee, tip): (AccountId, Balance, Balance) =
            self.event("TransactionPayment", "TransactionFeePaid").ok()?;
        fee.checked_add(tip)
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "transaction": self.transaction,
            "block": self.block.map(|(number, hash)| json!({ "number": number, "hash": hash })),
            "fee": self.fee().map(|fee| fee.to_string()),
            "events": self.events.iter().map(|event| format!("{}.{}", event.pallet, event.name)).collect::<Vec<_>>(),
        })
    }
}

impl Chain {
    /// Sign a call, submit it, and wait.
    ///
    /// # Errors
    ///
    /// When the node refuses the transaction, it gets into no block in time, or the call fails.
    pub async fn submit(&self, signer: &Signer, call: &Call, wait: Wait, fee: Option<FeeAsset>) -> Result<Sent> {
        let at = self.at_final().await?;
        let nonce = self.nonce(&signer.account()).await?;
        let mut params = DefaultExtrinsicParamsBuilder::<DpinConfig>::new().mortal(MORTALITY).nonce(nonce.into());
        if let Some(asset) = fee {
            params = params.tip_of(0, asset);
        }
        let signed =
            at.tx().create_signed(call, signer.pair(), params.build()).await.map_err(|error| {
                Error::failed(format!("{} cannot be made into a transaction: {error}", call.title()))
            })?;
        let transaction = Hash::from(signed.hash().0);
        let bytes = Bytes(signed.into_encoded());
        if wait == Wait::None {
            let _: Hash = self.request("author_submitExtrinsic", rpc_params![&bytes]).await?;
            return Ok(Sent { transaction, block: None, events: Vec::new() });
        }
        let block = tokio::time::timeout(INCLUSION, self.watch(&bytes, wait)).await.map_err(|_| {
            Error::refused(format!("{} is in no block after {} s", call.title(), INCLUSION.as_secs()))
                .hint("does the chain make blocks (`dpin network`)? If so, submit it again")
        })??;
        self.outcome(transaction, block, &bytes).await
    }

    /// The block in which a transaction is.
    async fn watch(&self, transaction: &Bytes, wait: Wait) -> Result<Hash> {
        const METHOD: &str = "author_submitAndWatchExtrinsic";
        let mut statuses = self
            .rpc()
            .subscribe::<Value>(METHOD, rpc_params![transaction], "author_unwatchExtrinsic")
            .await
            .map_err(|error| rpc_error(METHOD, error))?;
        while let Some(status) = statuses.next().await {
            let status = status.map_err(|error| rpc_error(METHOD, error))?;
            let reached = match wait {
                Wait::Finalized => status.get("finalized"),
                _ => status.get("inBlock").or_else(|| status.get("finalized")),
            };
            if let Some(hash) = reached.and_then(|hash| serde_json::from_value(hash.clone()).ok()) {
                return Ok(hash);
            }
            let ended = status
                .as_str()
                .filter(|status| matches!(*status, "invalid" | "dropped"))
                .or_else(|| ["usurped", "finalityTimeout"].into_iter().find(|ended| status.get(ended).is_some()));
            if let Some(ended) = ended {
                return Err(Error::refused(format!("the transaction is {ended}")).named(ended).hint("submit it again"));
            }
        }
        Err(Error::connection("the node tells nothing more of the transaction")
            .hint("look whether it took effect before you submit it again"))
    }

    async fn outcome(&self, transaction: Hash, block: Hash, bytes: &Bytes) -> Result<Sent> {
        #[derive(serde::Deserialize)]
        struct SignedBlock {
            block: Body,
        }
        #[derive(serde::Deserialize)]
        struct Body {
            header: Header,
            extrinsics: Vec<Bytes>,
        }
        let found: Option<SignedBlock> = request(self.rpc(), "chain_getBlock", rpc_params![block]).await?;
        let body = found.ok_or_else(|| Error::failed(format!("the node does not have block {block}")))?.block;
        let index = body.extrinsics.iter().position(|other| other == bytes).and_then(|index| u32::try_from(index).ok());
        let index = index.ok_or_else(|| Error::failed("the transaction is not in the block it is said to be in"))?;
        let at = self.at(block).await?;
        let events = events(&at, index).await?;
        if let Some(failed) = events.iter().find(|event| event.pallet == "System" && event.name == "ExtrinsicFailed") {
            let error = DispatchError::decode(&mut &failed.fields[..])
                .map_err(|error| Error::refused(format!("the call failed, and why cannot be read: {error}")))?;
            return Err(Refusal::of(at.metadata_ref(), &error).into_error());
        }
        Ok(Sent { transaction, block: Some((body.header.number, block)), events })
    }
}

async fn events(at: &AtBlock, index: u32) -> Result<Vec<Event>> {
    let unreadable =
        |error: subxt::error::EventsError| Error::failed(format!("the block's events cannot be read: {error}"));
    let all = at.events().fetch().await.map_err(unreadable)?;
    let mut own = Vec::new();
    for event in all.iter() {
        let event = event.map_err(unreadable)?;
        if event.phase() == Phase::ApplyExtrinsic(index) {
            own.push(Event {
                pallet: event.pallet_name().to_string(),
                name: event.event_name().to_string(),
                fields: event.field_bytes().to_vec(),
            });
        }
    }
    Ok(own)
}
