//! Sign a call, submit it, and wait for the outcome.

use crate::{
    chain::{
        AtBlock, Chain,
        call::Call,
        config::DpinConfig,
        errors::{Refusal, rpc_error},
        fee_asset::FeeAsset,
        signer::Signer,
    },
    error::{Error, Exit, Result},
    text::{amount, development, output},
};
use clap::ValueEnum;
use codec::{Compact, Decode, Encode};
use dpin_primitives::{AccountId, AssetKind, Balance, BlockNumber, Hash, Header, Nonce, json::Asset};
use polkadot_sdk::{sp_core::Bytes, sp_runtime::DispatchError};
use serde_json::{Value, json};
use std::time::Duration;
use subxt::{config::DefaultExtrinsicParamsBuilder, events::Phase, rpcs::rpc_params};

/// Blocks in which a transaction may be included; after them it is void.
const MORTALITY: u32 = 64;
/// Time limit for inclusion: the mortality, and some time for the node.
const INCLUSION: Duration = Duration::from_secs(64 * 3 + 30);
/// Most times in a row that another transaction of the account may take the nonce.
const TRIES: u32 = 32;
/// Pause before a transaction is searched for again.
const TICK: Duration = Duration::from_secs(1);
/// Silence of the node about a transaction after which the blocks are searched for it.
const SILENCE: Duration = Duration::from_secs(20);

/// Events to wait for.
#[derive(ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Wait {
    /// Nothing more: the node has accepted the transaction
    None,
    /// The transaction is in a block
    #[default]
    Included,
    /// The transaction is in a finalised block
    Finalized,
}

/// An event of a transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Event {
    /// Name of the pallet.
    pub pallet: String,
    /// Name of the event.
    pub name: String,
    /// Its fields, as the runtime encodes them.
    pub fields: Vec<u8>,
}

/// An accepted transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Sent {
    /// The block with the transaction, unless it was not waited for.
    pub block: Option<(BlockNumber, Hash)>,
    /// Its events.
    pub events: Vec<Event>,
    /// The signed transaction, by which it can be found again.
    pub signed: Signed,
}

/// A signed transaction.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Signed {
    /// Its bytes, as they are in a block.
    pub bytes: Vec<u8>,
    /// Its hash.
    pub hash: Hash,
    /// The account that signed it.
    pub account: AccountId,
    /// Its number among the account's transactions.
    pub nonce: Nonce,
    /// The block after which it may be included.
    pub born: BlockNumber,
}

impl Signed {
    /// The last block that may include it.
    pub(crate) fn dies(&self) -> BlockNumber {
        self.born.saturating_add(MORTALITY)
    }
}

/// The fee of a transaction, without the amounts that its call moves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fee {
    /// The asset in which it was paid.
    pub asset: AssetKind,
    /// Amount in the asset's smallest unit.
    pub amount: Balance,
}

impl Fee {
    /// Convert to JSON: the amount as a decimal string, and the asset.
    fn to_json(fee: Option<&Self>) -> (Value, Value) {
        match fee {
            Some(fee) => (fee.amount.to_string().into(), output::json(Asset::from(fee.asset.clone()))),
            None => (Value::Null, Value::Null),
        }
    }

    /// The fees of several transactions, one sum for each asset.
    pub(crate) fn sum<'a>(sent: impl IntoIterator<Item = &'a Sent>) -> Vec<Self> {
        let mut sums: Vec<Self> = Vec::new();
        for fee in sent.into_iter().filter_map(Sent::fee) {
            match sums.iter_mut().find(|sum| sum.asset == fee.asset) {
                Some(sum) => sum.amount = sum.amount.saturating_add(fee.amount),
                None => sums.push(fee),
            }
        }
        sums
    }

    /// The fee, as people read it.
    pub(crate) fn show(&self) -> String {
        amount::show(self.amount, &self.asset)
    }
}

/// The fees of a job's transactions as JSON: the sum, and its asset. Both are `null` if they are
/// unknown.
pub(crate) fn fees_json(sent: &[Sent]) -> (Value, Value) {
    Fee::to_json(Fee::sum(sent).first())
}

/// The outcome of a transaction.
enum Fate {
    /// The transaction is in this block.
    InBlock(Hash),
    /// Another transaction of the account has its nonce. This one is in no block, and cannot be
    /// included any more.
    NonceTaken,
}

/// A node's report on a transaction that it watches.
enum PoolReport {
    InBlock(Hash),
    /// The transaction has left the pool, and may be in a block.
    Gone(String),
}

impl Sent {
    /// Decode the first fields of an event as a tuple.
    ///
    /// # Errors
    ///
    /// When there is no such event, or its fields have other types.
    pub(crate) fn event<T: Decode>(&self, pallet: &str, name: &str) -> Result<T> {
        let found = self.events.iter().find(|event| event.pallet == pallet && event.name == name);
        found.and_then(|event| T::decode(&mut &event.fields[..]).ok()).ok_or_else(|| {
            Error::failed(format!("the transaction's event {pallet}.{name} is missing or cannot be read"))
                .hint("the runtime of the chain and this program are of different versions")
        })
    }

    /// The transaction's fee, if known.
    pub(crate) fn fee(&self) -> Option<Fee> {
        let asset = self.event::<(AccountId, Balance, Balance, AssetKind)>("AssetTxPayment", "AssetTxFeePaid");
        if let Ok((_, amount, _, asset)) = asset {
            return Some(Fee { asset, amount });
        }
        let (_, fee, tip): (AccountId, Balance, Balance) =
            self.event("TransactionPayment", "TransactionFeePaid").ok()?;
        Some(Fee { asset: AssetKind::Native, amount: fee.saturating_add(tip) })
    }

    /// Convert to JSON.
    pub(crate) fn to_json(&self) -> Value {
        let (fee, asset) = Fee::to_json(self.fee().as_ref());
        json!({
            "transaction": self.signed.hash,
            "block": self.block.map(|(number, hash)| json!({ "number": number, "hash": hash })),
            "fee": fee,
            "feeAsset": asset,
            "events": self.events.iter().map(|event| format!("{}.{}", event.pallet, event.name)).collect::<Vec<_>>(),
        })
    }
}

impl Chain {
    /// Sign a call, submit it, and wait.
    ///
    /// If another transaction of the account takes the nonce, the call is signed with the next one
    /// and submitted again. If the connection breaks, the blocks are searched for the transaction
    /// before anything is submitted again: nothing is done twice.
    ///
    /// # Errors
    ///
    /// When the node refuses the transaction, it is not included in time, or the call fails.
    pub(crate) async fn submit(&self, signer: &Signer, call: &Call, wait: Wait, fee: Option<FeeAsset>) -> Result<Sent> {
        let sign = async |nonce| self.sign(signer, call, nonce, fee).await;
        let (signed, block) = self.place(&signer.account(), &call.title(), wait, sign).await?;
        match block {
            None => Ok(Sent { block: None, events: Vec::new(), signed }),
            Some(block) => self.outcome(signed, block).await,
        }
    }

    async fn sign(&self, signer: &Signer, call: &Call, nonce: Nonce, fee: Option<FeeAsset>) -> Result<Signed> {
        let at = self.at_final().await?;
        let born = BlockNumber::try_from(at.block_number()).unwrap_or_default();
        let mut params =
            DefaultExtrinsicParamsBuilder::<DpinConfig>::new().mortal(MORTALITY.into()).nonce(nonce.into());
        if let Some(asset) = fee {
            params = params.tip_of(0, asset);
        }
        let signed = at.tx().create_signed(call, signer.pair(), params.build()).await.map_err(|error| {
            Error::failed(format!("the call {} cannot be encoded as a transaction: {error}", call.title()))
        })?;
        let hash = Hash::from(signed.hash().0);
        Ok(Signed { bytes: signed.into_encoded(), hash, account: signer.account(), nonce, born })
    }

    /// The fee of a call, in planck; `None` if the chain does not report it.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or the call cannot be encoded.
    pub(crate) async fn fee_of(&self, call: &Call) -> Result<Option<Balance>> {
        /// Weight, class and fee, as pallet-transaction-payment returns them.
        type Dispatch = ((Compact<u64>, Compact<u64>), u8, Balance);
        // The fee is the same for every signer. This transaction is not sent.
        let Some(anybody) = development::key("alice") else { return Ok(None) };
        let params = DefaultExtrinsicParamsBuilder::<DpinConfig>::new().mortal(MORTALITY.into()).nonce(1);
        let unsent = self.at_final().await?.tx().create_signed(call, &anybody, params.build()).await;
        let unsent = unsent.map_err(|error| {
            Error::failed(format!("the call {} cannot be encoded as a transaction: {error}", call.title()))
        })?;
        let bytes = unsent.into_encoded();
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).encode();
        match self.api::<Dispatch>("TransactionPaymentApi_query_info", Raw([bytes, length].concat())).await {
            Ok((_, _, fee)) => Ok(Some(fee)),
            Err(error) if error.exit == Exit::Connection => Err(error),
            Err(_) => Ok(None),
        }
    }

    /// Submit the transaction that `sign` returns for a nonce until one is in a block. With
    /// [`Wait::None`], until one is in the node's pool.
    async fn place(
        &self,
        account: &AccountId,
        title: &str,
        wait: Wait,
        sign: impl AsyncFn(Nonce) -> Result<Signed>,
    ) -> Result<(Signed, Option<Hash>)> {
        let mut nonce = self.nonce(account).await?;
        for _ in 0..TRIES {
            let signed = sign(nonce).await?;
            let fate = if wait == Wait::None {
                match self.request::<Hash>("author_submitExtrinsic", rpc_params![Bytes(signed.bytes.clone())]).await {
                    Ok(_) => return Ok((signed, None)),
                    Err(error) if is_nonce_taken(&error) => Fate::NonceTaken,
                    Err(error) => return Err(error),
                }
            } else {
                let fate = tokio::time::timeout(INCLUSION, self.follow_to_block(&signed, wait)).await;
                fate.map_err(|_| {
                    Error::refused(format!("{title} was not included in a block within {} s", INCLUSION.as_secs()))
                        .hint("check that the chain makes blocks (`dpin network`), and submit it again")
                })??
            };
            match fate {
                Fate::InBlock(block) => return Ok((signed, Some(block))),
                // The node counts the account's transactions in the pool only once it has accepted
                // them.
                Fate::NonceTaken => nonce = self.nonce(account).await?.max(nonce.saturating_add(1)),
            }
        }
        Err(Error::refused(format!("{title}: {TRIES} other transactions of this account were included first"))
            .hint("wait until the account's other commands have ended, and try again"))
    }

    /// Submit a transaction and follow it until its outcome is known. The same bytes may be
    /// submitted again: they count once.
    async fn follow_to_block(&self, signed: &Signed, wait: Wait) -> Result<Fate> {
        let (mut taken, mut gone) = (false, None);
        loop {
            match self.watch(signed, wait).await {
                Ok(PoolReport::InBlock(block)) => return Ok(Fate::InBlock(block)),
                Ok(PoolReport::Gone(why)) => (taken, gone) = (true, Some(why)),
                // The node has it from an earlier attempt whose answer was lost.
                Err(error) if error.name.as_deref() == Some(ALREADY_IMPORTED) => taken = true,
                // It never was in the pool, so it is in no block either.
                Err(error) if is_nonce_taken(&error) && !taken => return Ok(Fate::NonceTaken),
                Err(error) if is_nonce_taken(&error) => (),
                // The node may have received it.
                Err(error) if error.exit == Exit::Connection => taken = true,
                Err(error) if taken => {
                    if let Some(fate) = self.look_in_blocks(signed, wait).await? {
                        return Ok(fate);
                    }
                    // Until the block that used the nonce is final, this transaction may still
                    // replace the other.
                    if self.native(&signed.account).await?.nonce <= signed.nonce {
                        return Err(match gone {
                            Some(why) => {
                                Error::refused(format!("the transaction was not included ({why}): {}", error.message))
                                    .named(why)
                            }
                            None => error,
                        });
                    }
                }
                Err(error) => return Err(error),
            }
            if let Some(fate) = self.look_in_blocks(signed, wait).await? {
                return Ok(fate);
            }
            tokio::time::sleep(TICK).await;
        }
    }

    /// The outcome of a transaction according to the blocks; `None` if it may still be included.
    async fn look_in_blocks(&self, signed: &Signed, wait: Wait) -> Result<Option<Fate>> {
        let (final_number, final_hash) = self.finalised().await?;
        // Read before the blocks are searched: the transaction that used the nonce is among them
        // then.
        let used = self.nonce_at(&signed.account, final_hash).await? > signed.nonce;
        match self.find_transaction(signed).await? {
            Some((number, block)) if wait != Wait::Finalized || number <= final_number => {
                Ok(Some(Fate::InBlock(block)))
            }
            Some(_) => Ok(None),
            None if used => Ok(Some(Fate::NonceTaken)),
            None => Ok(None),
        }
    }

    /// Find the block of the best chain that contains a transaction.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub(crate) async fn find_transaction(&self, signed: &Signed) -> Result<Option<(BlockNumber, Hash)>> {
        let best = self.best().await?;
        for number in signed.born.saturating_add(1)..=best.min(signed.dies()) {
            let Some(hash) = self.block_hash(number).await? else { continue };
            let Some(block) = self.block(hash).await? else { continue };
            if block.place_of(&signed.bytes).is_some() {
                return Ok(Some((number, hash)));
            }
        }
        Ok(None)
    }

    /// Submit a transaction, and wait for the node's report on it.
    async fn watch(&self, signed: &Signed, wait: Wait) -> Result<PoolReport> {
        const METHOD: &str = "author_submitAndWatchExtrinsic";
        let mut statuses = self
            .rpc()
            .subscribe::<Value>(METHOD, rpc_params![Bytes(signed.bytes.clone())], "author_unwatchExtrinsic")
            .await
            .map_err(|error| rpc_error(METHOD, error))?;
        while let Ok(Some(status)) = tokio::time::timeout(SILENCE, statuses.next()).await {
            let status = status.map_err(|error| rpc_error(METHOD, error))?;
            let reached = match wait {
                Wait::Finalized => status.get("finalized"),
                _ => status.get("inBlock").or_else(|| status.get("finalized")),
            };
            if let Some(hash) = reached.and_then(|hash| serde_json::from_value(hash.clone()).ok()) {
                return Ok(PoolReport::InBlock(hash));
            }
            let ended = status
                .as_str()
                .filter(|status| matches!(*status, "invalid" | "dropped"))
                .or_else(|| ["usurped", "finalityTimeout"].into_iter().find(|ended| status.get(ended).is_some()));
            if let Some(ended) = ended {
                return Ok(PoolReport::Gone(ended.to_string()));
            }
        }
        Ok(PoolReport::Gone("silent".into()))
    }

    async fn block(&self, hash: Hash) -> Result<Option<Block>> {
        #[derive(serde::Deserialize)]
        struct SignedBlock {
            block: Block,
        }
        let found: Option<SignedBlock> = self.request("chain_getBlock", rpc_params![hash]).await?;
        Ok(found.map(|found| found.block))
    }

    /// Read the result of a transaction from the block that contains it.
    ///
    /// # Errors
    ///
    /// When the call failed, or the block cannot be read.
    pub(crate) async fn outcome(&self, signed: Signed, block: Hash) -> Result<Sent> {
        let body = self.block(block).await?;
        let body = body.ok_or_else(|| Error::failed(format!("the node does not return block {block}")))?;
        let index = body
            .place_of(&signed.bytes)
            .ok_or_else(|| Error::failed("the transaction is not in the block that the node named"))?;
        let at = self.at(block).await?;
        let events = events(&at, index).await?;
        if let Some(failed) = events.iter().find(|event| event.pallet == "System" && event.name == "ExtrinsicFailed") {
            let error = DispatchError::decode(&mut &failed.fields[..])
                .map_err(|error| Error::refused(format!("the call failed, and its error cannot be read: {error}")))?;
            return Err(Refusal::of(at.metadata_ref(), &error).into_error());
        }
        Ok(Sent { block: Some((body.header.number, block)), events, signed })
    }
}

/// Arguments of a runtime function that are already encoded.
struct Raw(Vec<u8>);

impl Encode for Raw {
    fn encode_to<T: codec::Output + ?Sized>(&self, dest: &mut T) {
        dest.write(&self.0);
    }
}

/// A block, as the JSON-RPC returns it.
#[derive(serde::Deserialize)]
struct Block {
    header: Header,
    extrinsics: Vec<Bytes>,
}

impl Block {
    /// The index of a transaction in the block.
    fn place_of(&self, bytes: &[u8]) -> Option<u32> {
        let place = self.extrinsics.iter().position(|other| other.0 == bytes)?;
        u32::try_from(place).ok()
    }
}

/// Error codes of the transaction pool.
const INVALID: &str = "1010";
const ALREADY_IMPORTED: &str = "1013";
const TOO_LOW_PRIORITY: &str = "1014";

/// Whether the pool refused a transaction because another one of the account has its nonce.
fn is_nonce_taken(error: &Error) -> bool {
    match error.name.as_deref() {
        Some(TOO_LOW_PRIORITY) => true,
        Some(INVALID) => error.message.to_ascii_lowercase().contains("outdated"),
        _ => false,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::mock::{Mock, broken, refusal};
    use polkadot_sdk::sp_runtime::traits::Header as _;
    use std::{
        collections::BTreeMap,
        sync::{Arc, Mutex},
    };
    use subxt::rpcs::{Error as RpcError, RpcClient};

    /// A mock chain of one account's transactions, with the pool of its node.
    #[derive(Default)]
    struct State {
        /// The transactions of each block, from block 1 on.
        blocks: Vec<Vec<Vec<u8>>>,
        pool: BTreeMap<Nonce, Vec<u8>>,
        /// Number of accepted submissions.
        taken: u32,
        /// Number of answers about accepted transactions to lose, together with the connection.
        lost: u32,
        /// Whether another transaction pushes the next one out of the pool.
        usurp: bool,
        /// Number of transactions that do not reach the node.
        unreached: u32,
    }

    impl State {
        fn nonce(&self) -> Nonce {
            self.blocks.iter().flatten().count() as Nonce
        }

        fn best(&self) -> BlockNumber {
            self.blocks.len() as BlockNumber
        }

        /// Author a block with the transactions in the pool.
        fn author(&mut self) {
            let mut block = Vec::new();
            let mut next = self.nonce();
            while let Some(bytes) = self.pool.remove(&next) {
                block.push(bytes);
                next += 1;
            }
            self.blocks.push(block);
        }

        fn submit(&mut self, bytes: &[u8]) -> std::result::Result<Vec<std::result::Result<Value, RpcError>>, RpcError> {
            if self.unreached > 0 {
                self.unreached -= 1;
                return Err(broken());
            }
            let nonce = Nonce::from(bytes[1]);
            if nonce < self.nonce() {
                return Err(refusal(1010, "Invalid Transaction", Some("Transaction is outdated")));
            }
            match self.pool.get(&nonce) {
                Some(other) if other == bytes => return Err(refusal(1013, "Transaction is already imported", None)),
                Some(_) => return Err(refusal(1014, "Priority is too low: (2723 vs 640)", None)),
                None => (),
            }
            self.taken += 1;
            if std::mem::take(&mut self.usurp) {
                self.pool.insert(nonce, vec![255, nonce as u8]);
                self.author();
                return Ok(vec![Ok(json!({ "usurped": Hash::zero() }))]);
            }
            self.pool.insert(nonce, bytes.to_vec());
            if self.lost > 0 {
                self.lost -= 1;
                return Ok(vec![Ok(json!("ready")), Err(broken())]);
            }
            self.author();
            Ok(vec![Ok(json!("ready")), Ok(json!({ "inBlock": Hash::from_low_u64_be(self.best().into()) }))])
        }
    }

    fn header(number: BlockNumber) -> Value {
        let (zero, digest) = (Hash::zero(), Default::default());
        serde_json::to_value(Header::new(number, zero, zero, zero, digest)).unwrap()
    }

    /// The bytes in the parameter with this index.
    fn bytes(params: &Value, index: usize) -> Vec<u8> {
        serde_json::from_value::<Bytes>(params[index].clone()).unwrap().0
    }

    async fn chain(state: State) -> (Chain, Arc<Mutex<State>>) {
        let state = Arc::new(Mutex::new(state));
        let (asked, watched) = (state.clone(), state.clone());
        let answer = move |method: &str, params: &Value| {
            let mut state = asked.lock().unwrap();
            let number = |value: &Value| {
                let hash: Hash = serde_json::from_value(value.clone()).unwrap();
                hash.to_low_u64_be() as BlockNumber
            };
            Ok(match method {
                // Transactions in the pool do not count here: two requests at the same time get the
                // same nonce.
                "system_accountNextIndex" => json!(state.nonce()),
                "author_submitExtrinsic" => return state.submit(&bytes(params, 0)).map(|_| json!(Hash::zero())),
                "chain_getFinalizedHead" => json!(Hash::from_low_u64_be(state.best().into())),
                "chain_getBlockHash" => {
                    let number = params[0].as_u64().unwrap();
                    json!((number <= u64::from(state.best())).then(|| Hash::from_low_u64_be(number)))
                }
                "chain_getHeader" => match params.get(0) {
                    Some(hash) => header(number(hash)),
                    None => {
                        // Each request for the header advances the chain.
                        state.author();
                        header(state.best())
                    }
                },
                "chain_getBlock" => {
                    let number = number(&params[0]);
                    let body: Vec<Bytes> = state.blocks[number as usize - 1].iter().cloned().map(Bytes).collect();
                    json!({ "block": { "header": header(number), "extrinsics": body } })
                }
                "state_getStorage" => {
                    let account = (state.nonce(), 0u32, 0u32, 0u32, 0u128, 0u128, 0u128, 0u128);
                    json!(Bytes(account.encode()))
                }
                other => panic!("{other} is not asked for"),
            })
        };
        let items = move |method: &str, params: &Value| {
            assert_eq!(method, "author_submitAndWatchExtrinsic");
            watched.lock().unwrap().submit(&bytes(params, 0))
        };
        let mock = Mock::new(answer).sending(items);
        (Chain::over(RpcClient::new(mock), "ws://node").await.unwrap(), state)
    }

    /// Submit a transaction that a mark identifies.
    async fn place(chain: &Chain, mark: u8, wait: Wait) -> Result<(Signed, Option<Hash>)> {
        let account = AccountId::new([1; 32]);
        let sign = async |nonce: Nonce| {
            let (bytes, hash) = (vec![mark, nonce as u8], Hash::repeat_byte(mark));
            Ok(Signed { bytes, hash, account: AccountId::new([1; 32]), nonce, born: 0 })
        };
        chain.place(&account, "Jobs.submit_job", wait, sign).await
    }

    /// The number of transactions on the chain for each mark.
    fn marks(state: &Mutex<State>) -> BTreeMap<u8, usize> {
        let state = state.lock().unwrap();
        let mut marks = BTreeMap::new();
        for bytes in state.blocks.iter().flatten() {
            *marks.entry(bytes[0]).or_default() += 1;
        }
        marks
    }

    #[tokio::test]
    async fn commands_at_once_on_one_account_all_get_a_place() {
        for wait in [Wait::Included, Wait::None] {
            let (chain, state) = chain(State::default()).await;
            let all = futures::future::join_all((0..16u8).map(|mark| place(&chain, mark, wait))).await;
            assert!(all.iter().all(|placed| placed.is_ok()), "{all:?}");
            let mut state_now = state.lock().unwrap();
            state_now.author();
            drop(state_now);
            assert_eq!(marks(&state), (0..16).map(|mark| (mark, 1)).collect());
        }
    }

    #[tokio::test]
    async fn a_transaction_whose_connection_broke_is_found_and_not_sent_twice() {
        let (chain, state) = chain(State { lost: 1, ..State::default() }).await;
        let (signed, block) = place(&chain, 7, Wait::Included).await.unwrap();
        assert_eq!((signed.nonce, marks(&state)), (0, BTreeMap::from([(7, 1)])));
        assert!(block.is_some());
        assert_eq!(state.lock().unwrap().taken, 1);
    }

    #[tokio::test]
    async fn a_transaction_that_did_not_reach_the_node_is_sent_again() {
        let (chain, state) = chain(State { unreached: 2, ..State::default() }).await;
        place(&chain, 7, Wait::Included).await.unwrap();
        assert_eq!(marks(&state), BTreeMap::from([(7, 1)]));
    }

    #[tokio::test]
    async fn a_transaction_that_was_pushed_out_takes_the_next_nonce() {
        let (chain, state) = chain(State { usurp: true, ..State::default() }).await;
        let (signed, _) = place(&chain, 7, Wait::Included).await.unwrap();
        assert_eq!((signed.nonce, marks(&state)), (1, BTreeMap::from([(7, 1), (255, 1)])));
    }

    #[tokio::test]
    async fn what_cannot_be_paid_is_refused_at_once() {
        let refused = |method: &str, _: &Value| match method {
            "author_submitAndWatchExtrinsic" => {
                Err(refusal(1010, "Invalid Transaction", Some("Inability to pay some fees")))
            }
            _ => panic!("{method}"),
        };
        let answer = |method: &str, _: &Value| match method {
            "system_accountNextIndex" => Ok(json!(3)),
            "chain_getBlockHash" => Ok(json!(Hash::zero())),
            other => panic!("{other}"),
        };
        let mock = Mock::new(answer).sending(refused);
        let asked = mock.asked();
        let chain = Chain::over(RpcClient::new(mock), "ws://node").await.unwrap();
        let error = place(&chain, 7, Wait::Included).await.unwrap_err();
        assert!(error.exit == Exit::Refused && error.message.contains("Inability to pay"), "{error}");
        assert_eq!(asked.lock().unwrap().len(), 3);
    }

    #[test]
    fn fees_are_summed_up_by_asset() {
        let signed = Signed { bytes: vec![], hash: Hash::zero(), account: AccountId::new([1; 32]), nonce: 0, born: 0 };
        let sent = |event: Event| Sent { block: None, events: vec![event], signed: signed.clone() };
        let event =
            |pallet: &str, name: &str, fields: Vec<u8>| Event { pallet: pallet.into(), name: name.into(), fields };
        let who = AccountId::new([1; 32]);
        let native =
            |fee: Balance| sent(event("TransactionPayment", "TransactionFeePaid", (who.clone(), fee, 0u128).encode()));
        let blc = |fee: Balance| {
            let asset = dpin_primitives::BLC;
            sent(event("AssetTxPayment", "AssetTxFeePaid", (who.clone(), fee, 0u128, asset).encode()))
        };
        assert_eq!(blc(7).to_json()["fee"], "7");
        assert_eq!(blc(7).to_json()["feeAsset"], json!({ "asset": 1 }));
        assert_eq!(native(7).to_json()["feeAsset"], "dpn");
        let all = [blc(6_962_699_098), blc(2), native(5)];
        let sums = Fee::sum(&all);
        assert_eq!(sums.iter().map(|fee| fee.amount).collect::<Vec<_>>(), [6_962_699_100, 5]);
        assert!(sums[0].show().ends_with("BLC"), "{}", sums[0].show());
    }
}
