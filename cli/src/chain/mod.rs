//! A connection to a node, and the chain behind it.
//!
//! Calls and answers are types of `dpin-primitives`, encoded as the runtime encodes them. Some
//! numbers and texts depend on the build of the runtime: those of pallets and calls, transaction
//! extensions, names and docs of errors. They come from the metadata that the node serves, so no
//! copy of them can be out of date.

pub mod call;
pub mod fee_asset;
pub mod holds;
pub mod known_nodes;
pub mod link;
#[cfg(test)]
pub mod mock;
pub mod reach;
pub mod signer;
pub mod submit;

use crate::{
    chain::{
        fee_asset::FeeAsset,
        link::{Link, Patience, WebSocket},
    },
    error::{Error, Result},
    text::output::{inline, Output},
};
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{AccountId, Balance, BlockNumber, Hash, Nonce};
use polkadot_sdk::{
    sp_core::Bytes,
    sp_io::hashing::{blake2_128, twox_128},
    sp_runtime::{DispatchError, ModuleError},
};
use serde::de::DeserializeOwned;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use subxt::{
    backend::LegacyBackend,
    client::{ClientAtBlock, OnlineClientAtBlockImpl},
    config::{substrate::SubstrateConfig, Config, DefaultTransactionExtensions},
    metadata::{ArcMetadata, Metadata},
    rpcs::{self, client::RpcParams, rpc_params, RpcClient},
    utils::{AccountId32, MultiAddress, MultiSignature},
    OnlineClient,
};
use tokio::sync::OnceCell;

/// Entries of a map requested at a time.
const KEYS: usize = 500;
/// JSON-RPC's error code for a method that the node does not have.
const METHOD_NOT_FOUND: i32 = -32_601;
/// The error code of a busy node, which wants to be asked again later.
const TOO_MUCH_ASKED: i32 = dpin_rpc::ErrorCode::TooMuchAsked as i32;
/// Time for which requests to a busy node are retried.
const BUSY_PATIENCE: Duration = Duration::from_secs(60);

/// The chain's types, for subxt.
#[derive(Clone, Debug, Default)]
pub struct DpinConfig(SubstrateConfig);

impl Config for DpinConfig {
    type AccountId = AccountId32;
    type Address = MultiAddress<AccountId32, ()>;
    type Signature = MultiSignature;
    type Header = <SubstrateConfig as Config>::Header;
    type TransactionExtensions = DefaultTransactionExtensions<Self>;
    type AssetId = FeeAsset;
    type Hasher = <SubstrateConfig as Config>::Hasher;

    fn metadata_for_spec_version(&self, spec_version: u32) -> Option<ArcMetadata> {
        self.0.metadata_for_spec_version(spec_version)
    }

    fn set_metadata_for_spec_version(&self, spec_version: u32, metadata: ArcMetadata) {
        self.0.set_metadata_for_spec_version(spec_version, metadata)
    }
}

/// The chain at one block, for subxt.
pub type AtBlock = ClientAtBlock<DpinConfig, OnlineClientAtBlockImpl<DpinConfig>>;

/// A connection to a node.
#[derive(Clone)]
pub struct Chain {
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
pub async fn connect(url: &str, patience: Patience, output: Output) -> Result<RpcClient> {
    let address = match url.split_once("://") {
        Some(("http", rest)) => format!("ws://{rest}"),
        Some(("https", rest)) => format!("wss://{rest}"),
        Some(("ws" | "wss", _)) => url.to_string(),
        _ => return Err(Error::usage(format!("`{url}` is no address of a node")).hint("it is as ws://127.0.0.1:9944")),
    };
    match Link::open(WebSocket, address, url, patience, output).await {
        Ok(link) => Ok(RpcClient::new(link)),
        Err(error) => Err(Error::connection(format!("the node at {url} cannot be reached: {}", innermost(&error)))),
    }
}

/// The innermost source of an error. The layers above it say less.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    inline(&error.to_string().replace("RPC error: client error: ", ""))
}

/// Send a request to a node.
///
/// # Errors
///
/// When the node does not answer or refuses, or the answer has another type.
pub async fn request<T: DeserializeOwned>(rpc: &RpcClient, method: &str, params: RpcParams) -> Result<T> {
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

/// The time after which to ask a busy node again. `None` if the error has another cause.
fn busy(error: &rpcs::Error) -> Option<Duration> {
    let rpcs::Error::User(error) = error else { return None };
    let told = error.data.as_ref().filter(|_| error.code == TOO_MUCH_ASKED)?;
    told.get().parse().ok().map(Duration::from_millis)
}

/// Translate an error of the JSON-RPC. Refused transactions are recognised by their method.
pub fn rpc_error(method: &str, error: rpcs::Error) -> Error {
    match error {
        rpcs::Error::User(error) if error.code == METHOD_NOT_FOUND => {
            Error::failed(format!("the node does not know {method}"))
                .named(error.code.to_string())
                .hint("it runs an older version than this program, or keeps the method for itself (--rpc-methods)")
        }
        rpcs::Error::User(error) => {
            let data = error.data.as_ref().map(|data| data.get());
            let data = data.map(|data| serde_json::from_str(data).unwrap_or_else(|_| data.to_string()));
            let text = match data {
                Some(data) => format!("{}: {}", inline(&error.message), inline(&data)),
                None => inline(&error.message),
            };
            let refused = method.starts_with("author_submit");
            let message =
                if refused { format!("the transaction is refused: {text}") } else { format!("{method}: {text}") };
            let made = if refused { Error::refused(message) } else { Error::failed(message) };
            let hint = refused.then(|| transaction_hint(&text)).flatten();
            Error { hint: hint.map(str::to_string), ..made.named(error.code.to_string()) }
        }
        rpcs::Error::Deserialization(error) => {
            Error::failed(format!("{method} answers something else: {}", inline(&error.to_string())))
                .hint("the node runs another version than this program")
        }
        error => {
            let hint = if method.starts_with("author_") {
                "look whether it took effect before you submit it again: it may still get into a block"
            } else {
                "does the node run, and is --url (or DPIN_URL) right? Run the command again when it answers"
            };
            Error::connection(format!("{method}: the connection broke: {}", innermost(&error))).hint(hint)
        }
    }
}

fn transaction_hint(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    if text.contains("pay some fees") {
        Some("the account has too little to pay the fee: see `dpin token balance`, or pay it in BLC with --fee-asset BLC")
    } else if text.contains("outdated") || text.contains("priority is too low") || text.contains("already imported") {
        Some("another transaction of this account was faster: try again")
    } else {
        None
    }
}

/// Whether an error says that the node lacks the method.
pub fn is_unknown_method(error: &Error) -> bool {
    error.name.as_deref() == Some("-32601")
}

/// An error with the chain's own name for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    /// `Pallet.Error`, or the name that the SDK gives.
    pub name: String,
    /// The error's documentation in the metadata.
    pub docs: String,
}

impl Refusal {
    /// Find a dispatch error in the metadata.
    pub fn of(metadata: &Metadata, error: &DispatchError) -> Self {
        if let DispatchError::Module(ModuleError { index, error: [variant, ..], .. }) = error {
            let pallet = metadata.pallet_by_error_index(*index);
            let found =
                pallet.as_ref().and_then(|pallet| Some((pallet.name(), pallet.error_variant_by_index(*variant)?)));
            if let Some((pallet, variant)) = found {
                return Self {
                    name: inline(&format!("{pallet}.{}", variant.name)),
                    docs: inline(variant.docs.join(" ").trim()),
                };
            }
        }
        let text = match error {
            DispatchError::Module(_) => format!("{error:?}"),
            error => <&str>::from(*error).to_string(),
        };
        // `Token(FundsUnavailable)`
        let name = format!("{error:?}").replace('(', ".").replace(')', "");
        Self { name, docs: text }
    }

    /// Convert to an error of this program.
    pub fn into_error(self) -> Error {
        let Self { name, docs } = self;
        // The SDK's own words do not mention the account.
        let docs = match name.as_str() {
            "Arithmetic.Underflow" => "the account has less than that".to_string(),
            _ => docs,
        };
        let made = Error::refused(format!("the chain refuses ({name}): {docs}"));
        let hint = advice(&name);
        Error { hint: hint.map(str::to_string), ..made.named(name) }
    }
}

/// Advice for frequent errors of the chain.
fn advice(name: &str) -> Option<&'static str> {
    Some(match name {
        "Jobs.InsufficientBalance" => "see what the account has with `dpin token balance`",
        name if name.starts_with("Token.") => "see what the account has with `dpin token balance`",
        "Arithmetic.Underflow" => "the account has too little: see `dpin token balance`",
        "Jobs.KernelQuarantined" => {
            "ask for another --class, or have the kernel's owner vouch for it (`dpin kernel vouch`); `dpin kernel show` says more"
        }
        "Jobs.InputsTooLarge" => "split the inputs over several jobs: one has at most 8 GiB of them",
        "Jobs.UnknownKernel" => "register it: `dpin kernel register FILE.cl`",
        "Jobs.UnknownBlob" => "store the input first: `dpin blob put FILE`",
        "Jobs.RewardTooLow" => "the least reward stands in `dpin network`",
        "Jobs.InvalidGlobalSize" => {
            "each size of --global must be a multiple of the kernel's local size: see `dpin kernel show`"
        }
        "Jobs.UnknownJob" => "it has ended or was never posted: see `dpin job show`",
        "Jobs.NotRequester" | "ProofOfCompute.NotRequester" | "Blobs.NotOwner" | "Jobs.NotOwner" => {
            "sign with the account that made it"
        }
        "Blobs.Pinned" => {
            "a kernel or an open job uses it: `dpin kernel unregister`, or wait until the job has ended (`dpin blob list`)"
        }
        "Blobs.UnknownBlob" => "it was removed, has expired, or was never stored: `dpin blob list`",
        "Blobs.LifetimeTooLong" | "Blobs.LifetimeZero" => "give another --lifetime, in blocks of 3 s: 1 to 90 days",
        "Blobs.NotLater" => "it lives that long already; nothing has to be done",
        "Jobs.KernelInUse" => "an open job or the chain itself uses it: try again when the jobs have ended (`dpin kernel show`)",
        "Jobs.AlreadyRegistered" => "it is registered already; nothing has to be done",
        "Jobs.SourceNotStored" => "store the source first: `dpin kernel register FILE.cl` does both",
        "Jobs.MixedJobs" => "post the jobs of each kernel and asset together: `dpin job submit-many`",
        "Jobs.NothingOwed" => "it was claimed already: `dpin job claim-owed --dry-run` lists what is left",
        "ProofOfCompute.UnknownTask" => "it has ended, or there is no such task: see `dpin job show`",
        "ProofOfCompute.UnknownTile" => "tiles are counted from 0: the bytes of the task's output divided by those of a tile",
        "ProofOfCompute.WrongStage" | "ProofOfCompute.TooLate" => {
            "a jury can be called while the task is verified and its challenge window is open: `dpin job show`; a window is \
             given with --challenge-blocks when the job is posted"
        }
        "ProofOfCompute.NotDue" | "Workers.NotDue" => "wait: the block in which it is due has not come (`dpin network`)",
        "Workers.UnknownSlash" => "it was carried out or cancelled, or never was: see `dpin worker status`",
        "Workers.BelowCertificateMinimum" => "a certificate is at least 500 BLC: docs/operator.md",
        "Workers.NotCertified" => "it has no certificate: see `dpin worker status`",
        "Workers.ZeroAmount" => "give an amount above 0",
        "Canaries.UnknownWorker" => "register first: `dpin worker register`",
        "Canaries.InvalidUnits" => "claim 1 to 4096 units",
        "Workers.UnknownWorker" => "register first: `dpin worker register`",
        "Jobs.NothingToCancel" => "every task has a worker already, and will be computed",
        "Workers.BondTooSmall" | "Workers.BelowMinBond" => "the least bond stands in `dpin network`",
        "Workers.BondLocked" => "what is locked stands in `dpin worker status`; it is free when the tasks are settled",
        "Workers.AlreadyRegistered" => "change what it declares with `dpin worker offer`, or see `dpin worker status`",
        "Workers.KeyTaken" => "another account works with this key: make one of its own for each worker",
        "Workers.AlreadyPaused" => "`dpin worker resume` takes tasks again",
        "Workers.NotPaused" => "nothing has to be done: `dpin worker status` tells how it stands",
        "Workers.Leaving" => "it takes no tasks any more; `dpin worker withdraw` releases the bond when it is free",
        "Workers.NotLeaving" => "leave first: `dpin worker leave`",
        "Session.InvalidProof" => {
            "keys are bound to an account: make them with the account that signs, `dpin validator set-keys --rotate`"
        }
        "Session.NoKeys" => "no session keys are registered for the account: `dpin validator status`",
        "Workers.TooEarly" => "`dpin worker status` tells from which block on",
        "Workers.InvalidProof" => {
            "the worker key must be the one in the node's keystore, and the account the one that signs"
        }
        "Workers.Busy" => "pause, wait until nothing is in flight (`dpin worker status`), and try again",
        "Blobs.AlreadyStored" => "it is stored already; nothing has to be done",
        _ => return None,
    })
}

/// The key of a storage value.
pub fn value_key(pallet: &str, item: &str) -> Vec<u8> {
    [twox_128(pallet.as_bytes()), twox_128(item.as_bytes())].concat()
}

/// The part of a storage key for one entry of a map that hashes with `Blake2_128Concat`.
pub fn blake2_concat(key: impl Encode) -> Vec<u8> {
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
pub struct Holding {
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
    /// When the node does not answer, or the server is no node.
    pub async fn connect(url: &str, output: Output) -> Result<Self> {
        let hint =
            "is the node running, and is --url (or DPIN_URL) right? `make dev` starts one at ws://127.0.0.1:9944";
        let connected = connect(url, Patience::OWN, output).await;
        let rpc = connected.map_err(|error| if error.hint.is_some() { error } else { error.hint(hint) })?;
        Self::over(rpc, url).await
    }

    /// Use an open connection.
    ///
    /// # Errors
    ///
    /// When the server is no node.
    pub async fn over(rpc: RpcClient, url: &str) -> Result<Self> {
        let genesis: Option<Hash> = request(&rpc, "chain_getBlockHash", rpc_params![0]).await?;
        let genesis = genesis.ok_or_else(|| Error::failed("the node has no genesis block"))?;
        Ok(Self { url: url.to_string(), rpc, client: Arc::default(), genesis, private: false })
    }

    async fn client(&self) -> Result<&OnlineClient<DpinConfig>> {
        let made = self.client.get_or_try_init(|| async {
            let backend = LegacyBackend::builder().build(self.rpc.clone());
            OnlineClient::from_backend_with_config(DpinConfig::default(), Arc::new(backend)).await
        });
        made.await.map_err(|error| Error::connection(format!("the node at {} is no Substrate node: {error}", self.url)))
    }

    /// The address of the node.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The underlying connection.
    pub fn rpc(&self) -> &RpcClient {
        &self.rpc
    }

    /// Allow connections to workers' nodes at addresses that are not public, for any type of chain.
    pub fn allowing_private(self, private: bool) -> Self {
        Self { private, ..self }
    }

    /// See [`Self::allowing_private`].
    pub fn allows_private(&self) -> bool {
        self.private
    }

    /// The chain's genesis hash.
    pub fn genesis(&self) -> Hash {
        self.genesis
    }

    /// Send a request to the node.
    ///
    /// # Errors
    ///
    /// When the node does not answer or refuses, or the answer has another type.
    pub async fn request<T: DeserializeOwned>(&self, method: &str, params: RpcParams) -> Result<T> {
        request(&self.rpc, method, params).await
    }

    /// Call a function of the runtime's API at the best block, such as `EconomyApi_supply`.
    /// `arguments` is a tuple of its arguments.
    ///
    /// # Errors
    ///
    /// When the function does not exist, or its answer is no `T`.
    pub async fn api<T: Decode>(&self, function: &str, arguments: impl Encode) -> Result<T> {
        let answer: Bytes =
            self.request("state_call", rpc_params![function, Bytes(arguments.encode())]).await.map_err(|error| {
                let missing = error.message.contains("is not found") || error.message.contains("not found in");
                if missing {
                    Error::failed(format!("the chain does not offer {function}"))
                        .hint("its runtime is older than this program")
                } else {
                    error
                }
            })?;
        T::decode_all(&mut &answer[..]).map_err(|error| {
            Error::failed(format!("{function} answers something else: {error}"))
                .hint("its runtime is of another version than this program")
        })
    }

    /// As [`Self::api`], for functions that can be refused as calls can.
    ///
    /// # Errors
    ///
    /// As [`Self::api`], and when the function returns an error.
    pub async fn api_or_refusal<T: Decode>(&self, function: &str, arguments: impl Encode) -> Result<T> {
        match self.api::<std::result::Result<T, DispatchError>>(function, arguments).await? {
            Ok(answer) => Ok(answer),
            Err(error) => Err(Refusal::of(self.at_final().await?.metadata_ref(), &error).into_error()),
        }
    }

    /// The value stored under `key` at the best block.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or the value is no `T`.
    pub async fn storage<T: Decode>(&self, key: Vec<u8>) -> Result<Option<T>> {
        let bytes: Option<Bytes> = self.request("state_getStorage", rpc_params![Bytes(key)]).await?;
        bytes.map(|bytes| T::decode(&mut &bytes[..])).transpose().map_err(|error| {
            Error::failed(format!("the chain's state reads otherwise: {error}"))
                .hint("its runtime is of another version than this program")
        })
    }

    /// Read every entry of a map at the best block, one page at a time. `entry` receives the part
    /// of the key behind `prefix`, and the value.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn entries(&self, prefix: &[u8], mut entry: impl FnMut(&[u8], &[u8])) -> Result<()> {
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
    pub async fn best(&self) -> Result<BlockNumber> {
        Ok(self.request::<dpin_primitives::Header>("chain_getHeader", rpc_params![]).await?.number)
    }

    /// The last finalised block.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn finalised(&self) -> Result<(BlockNumber, Hash)> {
        let hash: Hash = self.request("chain_getFinalizedHead", rpc_params![]).await?;
        let header: Option<dpin_primitives::Header> = self.request("chain_getHeader", rpc_params![hash]).await?;
        let header = header.ok_or_else(|| Error::failed("the node does not have its last final block"))?;
        Ok((header.number, hash))
    }

    /// The hash of the block with this number on the best chain, if there is one.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn block_hash(&self, number: BlockNumber) -> Result<Option<Hash>> {
        self.request("chain_getBlockHash", rpc_params![number]).await
    }

    /// The value of a pallet's constant.
    ///
    /// # Errors
    ///
    /// When there is no constant of that name, or its value is no `T`.
    pub fn constant<T: Decode>(at: &AtBlock, pallet: &str, name: &str) -> Result<T> {
        let metadata = at.metadata_ref();
        let found = metadata.pallet_by_name(pallet).and_then(|pallet| pallet.constant_by_name(name));
        found.and_then(|constant| T::decode(&mut constant.value()).ok()).ok_or_else(|| {
            Error::failed(format!("the chain has no constant {pallet}.{name} of that type"))
                .hint("its runtime is of another version than this program")
        })
    }

    /// The chain at the last finalised block, for work that needs the metadata.
    ///
    /// # Errors
    ///
    /// When the node does not answer, or its metadata cannot be read.
    pub async fn at_final(&self) -> Result<AtBlock> {
        self.client().await?.at_current_block().await.map_err(at_error)
    }

    /// The chain at one block.
    ///
    /// # Errors
    ///
    /// As [`Self::at_final`].
    pub async fn at(&self, block: Hash) -> Result<AtBlock> {
        self.client().await?.at_block(subxt::utils::H256(block.0)).await.map_err(at_error)
    }

    /// The next nonce of an account. It counts transactions that wait in the node's pool.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn nonce(&self, account: &AccountId) -> Result<Nonce> {
        self.request("system_accountNextIndex", rpc_params![account]).await
    }

    /// The number of an account's transactions in the chain up to this block.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn nonce_at(&self, account: &AccountId, block: Hash) -> Result<Nonce> {
        let bytes: Option<Bytes> =
            self.request("state_getStorage", rpc_params![Bytes(account_key(account)), block]).await?;
        let account = bytes.map(|bytes| SystemAccount::decode(&mut &bytes[..])).transpose();
        let account = account.map_err(|error| Error::failed(format!("the chain's state reads otherwise: {error}")))?;
        Ok(account.map_or(0, |account| account.nonce))
    }

    /// An account's balance of DPN.
    ///
    /// # Errors
    ///
    /// When the node does not answer.
    pub async fn native(&self, account: &AccountId) -> Result<Holding> {
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
    pub async fn asset(&self, id: u32, account: &AccountId) -> Result<Holding> {
        let keys = [blake2_concat(id), blake2_concat(account)].concat();
        let free = self.storage::<Balance>([value_key("Assets", "Account"), keys.clone()].concat()).await?;
        let held = self.storage::<Balance>([value_key("AssetsHolder", "BalancesOnHold"), keys].concat()).await?;
        Ok(Holding { free: free.unwrap_or_default(), held: held.unwrap_or_default(), ..Holding::default() })
    }
}

fn at_error(error: subxt::error::OnlineClientAtBlockError) -> Error {
    Error::failed(format!("the chain's metadata cannot be had: {}", innermost(&error)))
        .hint("check the connection; a node that has pruned its state cannot answer about old blocks")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;
    use subxt::rpcs::UserError;

    const QUIET: Output = Output { json: true, quiet: true };

    fn user(code: i32, message: &str, data: Option<&str>) -> rpcs::Error {
        let data =
            data.map(|data| serde_json::value::RawValue::from_string(serde_json::to_string(data).unwrap()).unwrap());
        rpcs::Error::User(UserError { code, message: message.into(), data })
    }

    #[test]
    fn a_node_that_wants_to_be_asked_later_says_when() {
        let told = |code, data: &str| {
            let data = Some(serde_json::value::RawValue::from_string(data.into()).unwrap());
            busy(&rpcs::Error::User(UserError { code, message: "too much".into(), data }))
        };
        assert_eq!(told(TOO_MUCH_ASKED, "250"), Some(Duration::from_millis(250)));
        assert_eq!(told(TOO_MUCH_ASKED, "\"soon\""), None);
        assert_eq!(told(20_006, "250"), None);
    }

    #[test]
    fn a_transaction_that_the_node_refuses_is_told_apart() {
        let refused =
            user(1010, "Invalid Transaction", Some("Inability to pay some fees (e.g. account balance too low)"));
        let error = rpc_error("author_submitAndWatchExtrinsic", refused);
        assert_eq!(error.exit, Exit::Refused);
        assert!(error.message.contains("Inability to pay") && error.hint.unwrap().contains("--fee-asset"));
        let error = rpc_error("compute_output", user(20_006, "not kept", None));
        assert_eq!((error.exit, error.name.as_deref()), (Exit::Failed, Some("20006")));
    }

    #[test]
    fn what_a_node_writes_into_its_errors_is_escaped_and_cut() {
        let foreign = "\u{1b}[2J\n  next: run this\u{202e}".repeat(20_000);
        for data in [None, Some(foreign.as_str())] {
            for method in ["compute_output", "author_submitExtrinsic"] {
                let error = rpc_error(method, user(20_006, &foreign, data));
                assert!(
                    !error.message.contains(['\u{1b}', '\n', '\u{202e}']) && error.message.len() < 2_000,
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn what_a_command_can_be_refused_for_says_what_to_do_next() {
        for name in [
            "Blobs.Pinned",
            "Blobs.UnknownBlob",
            "Blobs.NotOwner",
            "Jobs.KernelInUse",
            "Jobs.NotOwner",
            "Jobs.UnknownKernel",
            "Jobs.NothingOwed",
            "Jobs.MixedJobs",
            "ProofOfCompute.UnknownTask",
            "ProofOfCompute.UnknownTile",
            "ProofOfCompute.WrongStage",
            "ProofOfCompute.TooLate",
            "ProofOfCompute.NotDue",
            "ProofOfCompute.NotRequester",
            "Workers.UnknownSlash",
            "Workers.NotDue",
            "Workers.BelowCertificateMinimum",
            "Workers.NotCertified",
            "Canaries.UnknownWorker",
            "Canaries.InvalidUnits",
            "Arithmetic.Underflow",
            "Token.FundsUnavailable",
        ] {
            let error = Refusal { name: name.into(), docs: String::new() }.into_error();
            assert!(error.hint.is_some(), "{name}");
        }
    }

    #[test]
    fn a_missing_method_is_recognised() {
        assert!(is_unknown_method(&rpc_error("compute_jobs", user(METHOD_NOT_FOUND, "Method not found", None))));
        assert!(!is_unknown_method(&rpc_error("compute_jobs", user(20_001, "x", None))));
    }

    #[tokio::test]
    async fn an_unreachable_node_is_a_connection_error() {
        let error = Chain::connect("ws://127.0.0.1:1", QUIET).await.err().unwrap();
        assert_eq!(error.exit, Exit::Connection);
        assert!(error.hint.unwrap().contains("--url"));
        let error = Chain::connect("127.0.0.1:9944", QUIET).await.err().unwrap();
        assert_eq!(error.exit, Exit::Usage);
    }
}
