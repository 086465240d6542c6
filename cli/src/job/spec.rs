//! A job as the user describes it, and everything that must be on chain before it is posted.

use crate::{
    blob::{
        http,
        http::{BlobHttp, BlobHttpArgs},
    },
    chain::{call::Call, signer::Signer, submit::Sent, Chain},
    context::Context,
    error::{Error, Result},
    job::{
        confidential::{JobKey, KeyArgs},
        quote::Quoted,
    },
    kernel::file::KernelFile,
    text::{
        amount::{self, parse_asset, Money},
        output::{short, Output},
        parse::{self, Scalar, Source},
    },
};
use clap::Args;
use codec::Encode;
use dpin_primitives::{
    api::{BlobInfo, KernelInfo},
    blake2,
    job::{AuditPolicy, JobShape, JobSpec, Requirements, Reward, Samples, SpecError, TaskCount},
    kernel::{KernelManifest, Tiling},
    worker::{DeviceClass, Fp32, Region},
    AccountId, AssetKind, Balance, BlobHash, BlockNumber, Hash, KernelId, DPN,
};
use polkadot_sdk::sp_runtime::Perbill;
use serde_json::{json, Value};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};
use tempfile::TempPath;

/// Default lifetime of stored blobs, in blocks: a day.
pub const LIFETIME: BlockNumber = dpin_primitives::economy::DAY_BLOCKS;
/// Most bytes of a blob stored on chain: 1 MiB.
const MAX_ON_CHAIN: u64 = 1024 * 1024;

/// A job as the user describes it.
#[derive(Args, Clone, Debug)]
pub struct JobArgs {
    /// Kernel: a file with OpenCL C, or the id of a registered kernel
    #[arg(value_name = "KERNEL", value_parser = parse::source)]
    pub kernel: Source,
    /// Description of the kernel [default: FILE.toml or kernel.toml beside the source]
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// Work-items in each dimension, multiples of the kernel's local size: 1024x1024
    #[arg(long, value_name = "SIZES", value_parser = parse::grid)]
    pub global: [u32; 3],
    /// Scalar argument, in the order of the parameters: 1.5f32, -3i16, 7, 0x0000c03f
    #[arg(long = "scalar", value_name = "VALUE", value_parser = parse::scalar, allow_hyphen_values = true)]
    pub scalars: Vec<Scalar>,
    /// Input, in the order of the parameters: a file, or the hash of a stored blob
    #[arg(long = "in", value_name = "FILE", value_parser = parse::source)]
    pub inputs: Vec<Source>,
    /// Encrypt the inputs that are files: only the workers that compute the job, and those that
    /// check them, can read the inputs. The command delivers the key to each worker, and so runs
    /// until every task is verified; `dpin job deliver-key` resumes this
    #[arg(long)]
    pub encrypt: bool,
    /// Reward of each task: 1DPN, 0.5BLC, 1000planck
    #[arg(long, value_name = "AMOUNT")]
    pub reward: Money,
    /// Asset of all payments: DPN, BLC or the number of an asset [default: that of the reward]
    #[arg(long, value_parser = parse_asset)]
    pub asset: Option<AssetKind>,
    /// Number of tasks that the job is split into
    #[arg(long, default_value = "auto", value_parser = parse::tasks)]
    pub tasks: TaskCount,
    /// Auditors of each task; with 0 the result is not audited
    #[arg(long, default_value_t = 2)]
    pub auditors: u32,
    /// Tiles of each task that each auditor recomputes, or `all`
    #[arg(long, default_value = "32", value_parser = parse::samples)]
    pub samples: Samples,
    /// Blocks between verification and payment, in which a result may be challenged
    #[arg(long, value_name = "BLOCKS", default_value_t = 0)]
    pub challenge_blocks: BlockNumber,
    /// Longest time of a task, in blocks of 3 s
    #[arg(long, value_name = "BLOCKS", default_value_t = 20)]
    pub run_blocks: BlockNumber,
    /// Least time for which inputs and source stay stored, in blocks
    #[arg(long, value_name = "BLOCKS", default_value_t = LIFETIME)]
    pub lifetime: BlockNumber,
    /// Options for the keys of encrypted inputs.
    #[command(flatten)]
    pub keys: KeyArgs,
    /// Options for large inputs.
    #[command(flatten)]
    pub blob_http: BlobHttpArgs,
    /// Requirements on the worker.
    #[command(flatten)]
    pub requires: RequireArgs,
}

const HEADING: &str = "What the worker must have";

/// Requirements on the worker, as the user describes them.
#[derive(Args, Clone, Debug)]
pub struct RequireArgs {
    /// Device memory: 4GiB. The memory for the inputs and a tile of the output is required in any
    /// case
    #[arg(long, value_name = "BYTES", value_parser = parse::size, default_value = "0", help_heading = HEADING)]
    pub memory: u64,
    /// Double precision
    #[arg(long, help_heading = HEADING)]
    pub fp64: bool,
    /// Single-precision denormals that are not flushed to zero
    #[arg(long, help_heading = HEADING)]
    pub denormals: bool,
    /// Correctly rounded single-precision division and square root
    #[arg(long, help_heading = HEADING)]
    pub rounded_division: bool,
    /// Class of device: gpu, cpu or accelerator
    #[arg(long, value_parser = parse::class, help_heading = HEADING)]
    pub class: Option<DeviceClass>,
    /// Region: the first characters of a geohash
    #[arg(long, value_name = "GEOHASH", value_parser = parse::region, default_value = "", help_heading = HEADING)]
    pub region: Region,
    /// Least reputation: 60%
    #[arg(long, value_name = "SHARE", value_parser = parse::percent, default_value = "0%", help_heading = HEADING)]
    pub reputation: Perbill,
    /// A certificate: the worker has locked BLC
    #[arg(long, help_heading = HEADING)]
    pub certified: bool,
}

impl RequireArgs {
    fn requirements(&self) -> Requirements {
        Requirements {
            memory: self.memory,
            fp64: self.fp64,
            class: self.class,
            region: self.region.clone(),
            fp32: Fp32 { denormals: self.denormals, rounded_division: self.rounded_division },
            reputation: self.reputation,
            certified: self.certified,
        }
    }
}

/// A job that can be posted once its blobs are stored and its kernel is registered.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The job.
    pub spec: JobSpec,
    /// The manifest of its kernel.
    pub manifest: KernelManifest,
    /// Its kernel, if it was read from a file.
    pub kernel: Option<KernelFile>,
    /// Inputs from files, encrypted if there is a key.
    pub inputs: Vec<BlobFile>,
    /// The key of the encrypted inputs.
    pub key: Option<JobKey>,
    /// Options for the directory of the key.
    pub keys: KeyArgs,
    lifetime: BlockNumber,
    blob_http: BlobHttpArgs,
}

impl JobArgs {
    /// Read the files and build the job.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or the job does not fit its kernel.
    pub async fn prepare(&self, context: &Context, chain: &Chain) -> Result<Prepared> {
        let (kernel, manifest) = match &self.kernel {
            Source::File(path) => {
                let kernel = KernelFile::read(path, self.manifest.as_deref())?;
                let manifest = kernel.manifest.clone();
                (Some(kernel), manifest)
            }
            Source::Hash(id) => (None, registered(chain, *id).await?.manifest),
        };
        let key = self.encrypt.then(JobKey::generate);
        if key.is_some() && !self.inputs.iter().any(|input| matches!(input, Source::File(_))) {
            return Err(Error::usage("--encrypt: no input is read from a file").hint("name one with --in FILE"));
        }
        let mut inputs = Vec::new();
        let mut hashes = Vec::new();
        for input in &self.inputs {
            hashes.push(match input {
                Source::Hash(hash) => *hash,
                Source::File(path) => {
                    let file = match &key {
                        Some(key) => BlobFile::encrypted(path, key, context.output).await?,
                        None => BlobFile::read(path, context.output).await?,
                    };
                    let id = file.id;
                    inputs.push(file);
                    id
                }
            });
        }
        let spec = self.spec(&manifest, hashes)?;
        let (keys, blob_http) = (self.keys.clone(), self.blob_http.clone());
        Ok(Prepared { spec, manifest, kernel, inputs, key, keys, lifetime: self.lifetime, blob_http })
    }

    fn spec(&self, manifest: &KernelManifest, inputs: Vec<BlobHash>) -> Result<JobSpec> {
        let widths: Vec<u8> = manifest.scalar_widths().collect();
        if widths.len() != self.scalars.len() {
            return Err(Error::usage(format!(
                "the kernel has {} scalar parameters, and --scalar is given {} times",
                widths.len(),
                self.scalars.len()
            )));
        }
        let mut scalars = Vec::new();
        for (number, (scalar, width)) in self.scalars.iter().zip(widths).enumerate() {
            let bytes =
                scalar.bytes(width).map_err(|problem| Error::usage(format!("scalar {}: {problem}", number + 1)))?;
            scalars.push(bytes.try_into().map_err(|_| Error::usage("a scalar has at most 8 bytes"))?);
        }
        let (asset, per_task) =
            self.reward.resolve(self.asset.clone()).map_err(|problem| Error::usage(format!("--reward: {problem}")))?;
        let spec = JobSpec {
            kernel: manifest.id(),
            global_size: self.global,
            scalars: scalars.try_into().map_err(|_| Error::usage("too many scalars"))?,
            inputs: inputs.try_into().map_err(|_| Error::usage("too many inputs"))?,
            reward: Reward { asset, per_task },
            // Each task of such a kernel writes a whole output: several tasks must be requested
            // explicitly.
            tasks: match (self.tasks, manifest.tiling) {
                (TaskCount::Auto, Tiling::Whole { .. }) => TaskCount::Exactly(1),
                (tasks, _) => tasks,
            },
            audit: AuditPolicy {
                auditors: self.auditors,
                samples: self.samples,
                challenge_blocks: self.challenge_blocks,
            },
            run_blocks: self.run_blocks,
            requires: self.requires.requirements(),
        };
        check_alone(&spec, manifest)?;
        Ok(spec)
    }
}

/// Check everything that can be checked without the chain. The number of available workers is
/// unknown here, so the chain decides about limits that depend on it.
fn check_alone(spec: &JobSpec, manifest: &KernelManifest) -> Result<()> {
    match spec.check(manifest, u32::MAX, BlockNumber::MAX) {
        Err(SpecError::InvalidTaskCount | SpecError::OutputTooLarge) if spec.tasks == TaskCount::Auto => Ok(()),
        _ => check(spec, manifest, u32::MAX, BlockNumber::MAX).map(drop),
    }
}

/// Check a job against its kernel, with the number of available workers and the longest deadline
/// that the chain allows.
///
/// # Errors
///
/// When the job does not fit its kernel.
pub fn check(spec: &JobSpec, manifest: &KernelManifest, available: u32, longest: BlockNumber) -> Result<JobShape> {
    let [x, y, z] = manifest.local_size;
    let problem = match spec.check(manifest, available, longest) {
        Ok(shape) => return Ok(shape),
        Err(SpecError::InvalidGlobalSize) => {
            format!("--global: each size must be a multiple of the kernel's local size, {x}x{y}x{z}")
        }
        Err(SpecError::WrongScalarCount | SpecError::WrongScalarWidth) => "--scalar: not what the kernel takes".into(),
        Err(SpecError::WrongInputCount) => {
            format!("--in: the kernel takes {} inputs, {} are given", manifest.input_count(), spec.inputs.len())
        }
        Err(SpecError::InvalidTaskCount) => "--tasks: 1 to 256, and at most as many as there are work-groups".into(),
        Err(SpecError::OutputTooLarge) => {
            "a task may write at most 4 GiB in 2^24 tiles: split the job into more tasks (--tasks)".into()
        }
        Err(SpecError::InvalidAuditPolicy) => format!(
            "--auditors is 0 to 7, --samples 1 to 1024, --challenge-blocks at most {longest}; `--samples all` is for tasks of at most \
             1024 tiles"
        ),
        Err(SpecError::InvalidDeadline) => format!("--run-blocks: 1 to {longest}"),
        Err(SpecError::InvalidRegion) => "--region: not a geohash".into(),
    };
    Err(Error::usage(problem))
}

/// A file that becomes a blob.
#[derive(Clone, Debug)]
pub struct BlobFile {
    /// Id of the blob.
    pub id: BlobHash,
    /// Length in bytes.
    pub size: u64,
    content: Content,
    /// Removes the temporary file when dropped, if there is one.
    _made: Option<Arc<TempPath>>,
}

#[derive(Clone, Debug)]
enum Content {
    /// Stored on chain.
    Small(Vec<u8>),
    /// Announced on chain; a node stores the bytes.
    Large(PathBuf),
}

impl BlobFile {
    /// Read a file. Of one that is too large for the chain, only compute the id.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is empty, or is larger than a blob may be.
    pub async fn read(path: &Path, output: Output) -> Result<Self> {
        let unreadable = |error: std::io::Error| Error::usage(format!("{} cannot be read: {error}", path.display()));
        match std::fs::metadata(path).map_err(unreadable)?.len() {
            0 => Err(Error::usage(format!("{} is empty", path.display()))),
            1..=MAX_ON_CHAIN => {
                let bytes = std::fs::read(path).map_err(unreadable)?;
                Ok(Self::small(blake2(&bytes), bytes))
            }
            _ => {
                let (id, size) = http::identify(path, output).await?;
                Ok(Self { id, size, content: Content::Large(path.to_path_buf()), _made: None })
            }
        }
    }

    fn small(id: BlobHash, bytes: Vec<u8>) -> Self {
        Self { id, size: bytes.len() as u64, content: Content::Small(bytes), _made: None }
    }

    /// Encrypt a file to `key`. An encrypted file that is too large for the chain stays in a
    /// temporary file for as long as this value lives.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is empty, or is larger than a blob may be once encrypted. When
    /// the disk has no room.
    pub async fn encrypted(path: &Path, key: &JobKey, output: Output) -> Result<Self> {
        let made = key.encrypt(path, output).await?;
        let file = Self::read(&made, output).await?;
        Ok(Self { _made: file.is_large().then(|| Arc::new(made)), ..file })
    }

    /// The call that stores or announces it.
    pub fn call(&self, lifetime: BlockNumber) -> Call {
        match &self.content {
            Content::Small(bytes) => Call::store(lifetime, bytes),
            Content::Large(_) => Call::announce(self.id, self.size, lifetime),
        }
    }

    /// Whether it is announced, so that the chain has only its id.
    pub fn is_large(&self) -> bool {
        matches!(self.content, Content::Large(_))
    }

    /// Find out whether the node accepts a large file's bytes. The chain need not know the blob
    /// yet.
    ///
    /// # Errors
    ///
    /// When the node does not accept them.
    pub async fn try_out(&self, blob_http: &BlobHttpArgs, output: Output) -> Result<()> {
        match &self.content {
            Content::Small(_) => Ok(()),
            Content::Large(path) => BlobHttp::new(blob_http, output)?.try_out(self.id, path).await,
        }
    }

    /// Whether the blob must be stored or announced, given the chain's record of it. A small file
    /// whose id was only announced is stored all the same.
    pub fn is_new(&self, known: Option<&BlobInfo>) -> bool {
        known.is_none_or(|known| known.announced && !self.is_large())
    }

    /// Upload a large file's bytes to the node, unless it has them. The chain must know the blob by
    /// then: a node accepts no others.
    ///
    /// # Errors
    ///
    /// When the node does not accept them.
    pub async fn upload(&self, blob_http: &BlobHttpArgs, output: Output) -> Result<()> {
        match &self.content {
            Content::Small(_) => Ok(()),
            Content::Large(path) => BlobHttp::new(blob_http, output)?.upload(self.id, path).await,
        }
    }
}

/// Look up a registered kernel.
///
/// # Errors
///
/// When no kernel has that id.
pub async fn registered(chain: &Chain, id: KernelId) -> Result<KernelInfo> {
    let found: Option<KernelInfo> = chain.api("ComputeApi_kernel", id).await?;
    found.ok_or_else(|| {
        Error::refused(format!("the kernel {id:?} is not registered"))
            .named("Jobs.UnknownKernel")
            .hint("register it with `dpin kernel register FILE.cl`, or see `dpin kernel list`")
    })
}

/// The chain's record of a blob at the best block: whether it is stored, and when it expires.
///
/// # Errors
///
/// When the node does not answer.
pub async fn stored(chain: &Chain, hash: BlobHash) -> Result<Option<BlobInfo>> {
    chain.api("ComputeApi_blob", hash).await
}

/// An amount held for something stored on chain, until that is removed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Deposit {
    /// The purpose: `input`, `source` or `kernel`.
    pub what: &'static str,
    /// The id of the input, source or kernel.
    pub id: Hash,
    /// The amount in planck.
    pub amount: Balance,
}

impl Deposit {
    /// Convert to JSON.
    pub fn to_json(&self) -> Value {
        json!({ "for": self.what, "id": self.id, "amount": self.amount.to_string() })
    }
}

/// The expenses of a job beyond its escrow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// The quote of the job itself.
    pub quoted: Quoted,
    /// Deposits for the blobs and the kernel that must be stored first.
    pub deposits: Vec<Deposit>,
    /// The fees of all transactions in planck, if the chain reports them.
    pub fees: Option<Balance>,
    /// The number of transactions.
    pub transactions: u32,
}

impl Plan {
    /// The sum of the deposits, in planck.
    pub fn deposit(&self) -> Balance {
        self.deposits.iter().fold(0, |sum, deposit| sum.saturating_add(deposit.amount))
    }

    /// The lines on deposits and fees, as people read them.
    pub fn lines(&self) -> Vec<(&'static str, String)> {
        let fees = self.fees.map(rough).unwrap_or_else(|| "an unknown fee".into());
        let deposits = self.deposit_text().unwrap_or_default();
        let transactions = crate::text::output::count(self.transactions, "transaction");
        vec![("deposits", deposits), ("fees", format!("about {fees} for {transactions}"))]
    }

    fn deposit_text(&self) -> Option<String> {
        let parts: Vec<String> = self
            .deposits
            .iter()
            .map(|deposit| format!("{} for the {}", amount::dpn(deposit.amount), deposit.what))
            .collect();
        (!parts.is_empty()).then(|| format!("{} ({})", amount::dpn(self.deposit()), parts.join(", ")))
    }

    /// The payments and holds, shown before the first transaction.
    pub fn text(&self) -> String {
        let mut text = self.quoted.sentence();
        if let Some(deposits) = self.deposit_text() {
            text.push_str(&format!(
                "\ndeposits: {deposits}, which come back when a blob has expired or is removed (`dpin blob remove`) and the kernel \
                 is unregistered (`dpin kernel unregister`)"
            ));
        }
        if let Some(fees) = self.fees {
            let transactions = crate::text::output::count(self.transactions, "transaction");
            text.push_str(&format!("\nfees: about {} for {transactions}", rough(fees)));
        }
        text
    }
}

/// An estimated amount of DPN, rounded up to four decimals.
fn rough(amount: Balance) -> String {
    const STEP: Balance = DPN / 10_000;
    amount::dpn(amount.div_ceil(STEP).saturating_mul(STEP))
}

impl Prepared {
    /// List the blobs and the kernel to store, with the price of everything. Sends nothing.
    ///
    /// # Errors
    ///
    /// When the chain or the node would refuse something.
    pub async fn plan(&self, chain: &Chain, requester: Option<&AccountId>) -> Result<Plan> {
        let at = chain.at_final().await?;
        let base: Balance = Chain::constant(&at, "Blobs", "BaseDeposit")?;
        let per_byte: Balance = Chain::constant(&at, "Blobs", "ByteDeposit")?;
        let longest: BlockNumber = Chain::constant(&at, "Blobs", "MaxLifetime")?;
        let stored_deposit = |size: u64| per_byte.saturating_mul(size.into()).saturating_add(base);
        let (mut deposits, mut calls) = (Vec::new(), Vec::new());
        for input in &self.inputs {
            if input.is_new(stored(chain, input.id).await?.as_ref()) {
                let amount = if input.is_large() { base } else { stored_deposit(input.size) };
                deposits.push(Deposit { what: "input", id: input.id, amount });
                calls.push(input.call(self.lifetime));
            }
        }
        let mut is_known = deposits.is_empty();
        if let Some(kernel) = &self.kernel {
            let id = kernel.manifest.id();
            let known: Option<KernelInfo> = chain.api("ComputeApi_kernel", id).await?;
            if known.is_none() {
                is_known = false;
                let source = BlobFile::small(kernel.manifest.source, kernel.source.clone());
                if source.is_new(stored(chain, source.id).await?.as_ref()) {
                    deposits.push(Deposit { what: "source", id: source.id, amount: stored_deposit(source.size) });
                    calls.push(source.call(self.lifetime));
                }
                let per_byte: Balance = Chain::constant(&at, "Jobs", "KernelDepositPerByte")?;
                let base: Balance = Chain::constant(&at, "Jobs", "KernelDepositBase")?;
                let size = kernel.manifest.encoded_size() as Balance;
                let amount = per_byte.saturating_mul(size).saturating_add(base);
                deposits.push(Deposit { what: "kernel", id, amount });
                calls.push(Call::register_kernel(&kernel.manifest));
            }
        }
        let stores = deposits.iter().any(|deposit| deposit.what != "kernel");
        if stores && !(1..=longest).contains(&self.lifetime) {
            return Err(Error::usage(format!("--lifetime: 1 to {longest} blocks")));
        }
        let quoted = match is_known {
            true => Quoted::ask(chain, &self.spec, requester).await?,
            false => {
                let known = self.known_inputs(chain).await?;
                let of_files = |id: &Hash| self.inputs.iter().find(|input| input.id == *id).map(|input| input.size);
                let bytes = |id: &Hash| of_files(id).or_else(|| known.get(id).copied()).unwrap_or_default();
                let inputs = self.spec.inputs.iter().map(bytes).collect();
                Quoted::reckon(chain, &self.spec, &self.manifest, inputs, requester).await?
            }
        };
        calls.push(Call::submit_job(&self.spec));
        let mut fees = Some(0);
        for call in &calls {
            fees = fees.zip(chain.fee_of(call).await?).map(|(sum, fee): (Balance, Balance)| sum.saturating_add(fee));
        }
        Ok(Plan { quoted, deposits, fees, transactions: u32::try_from(calls.len()).unwrap_or(u32::MAX) })
    }

    /// The sizes in bytes of the inputs named by their hash. They must exist.
    async fn known_inputs(&self, chain: &Chain) -> Result<BTreeMap<Hash, u64>> {
        let mut sizes = BTreeMap::new();
        for id in self.spec.inputs.iter().filter(|id| self.inputs.iter().all(|input| input.id != **id)) {
            let info = stored(chain, *id).await?.ok_or_else(|| {
                Error::refused(format!("--in: the chain knows no blob {id:?}"))
                    .named("Jobs.UnknownBlob")
                    .hint("store the input first: `dpin blob put FILE`")
            })?;
            sizes.insert(*id, info.size);
        }
        Ok(sizes)
    }

    /// Check that everything would be accepted: the node accepts large inputs, and the account has
    /// the money.
    ///
    /// # Errors
    ///
    /// When something is missing.
    pub async fn try_out(&self, context: &Context, chain: &Chain, account: &AccountId, plan: &Plan) -> Result<()> {
        for input in &self.inputs {
            input.try_out(&self.blob_http, context.output).await?;
        }
        let asset = &self.spec.reward.asset;
        let fees = if context.pays_fees_in_dpn() { plan.fees.unwrap_or_default() } else { 0 };
        let held = plan.quoted.fees.total;
        let of_job = if *asset == AssetKind::Native { held } else { 0 };
        let needed = plan.deposit().saturating_add(fees).saturating_add(of_job);
        has_enough(chain.native(account).await?.free, needed, &AssetKind::Native)?;
        if let AssetKind::WithId(id) = asset {
            has_enough(chain.asset(*id, account).await?.free, held, asset)?;
        }
        Ok(())
    }

    /// Store the missing blobs, and register the kernel if it is new. Returns the transactions.
    ///
    /// # Errors
    ///
    /// When a transaction is refused or fails.
    pub async fn establish(&self, context: &Context, chain: &Chain, signer: &Signer) -> Result<Vec<Sent>> {
        let mut sent = Vec::new();
        for input in &self.inputs {
            sent.extend(store(context, chain, signer, input, self.lifetime).await?);
            input.upload(&self.blob_http, context.output).await?;
        }
        if let Some(kernel) = &self.kernel {
            sent.extend(register(context, chain, signer, kernel, self.lifetime).await?);
        }
        Ok(sent)
    }
}

/// Refuse a job that the account cannot pay for.
///
/// # Errors
///
/// When the account has less than needed.
pub fn has_enough(has: Balance, needed: Balance, asset: &AssetKind) -> Result<()> {
    if has >= needed {
        return Ok(());
    }
    let show = |amount| amount::show(amount, asset);
    Err(Error::refused(format!("the account has {}; the job, its deposits and fees take {}", show(has), show(needed)))
        .named("Jobs.InsufficientBalance")
        .hint("see what the account has with `dpin token balance`"))
}

/// Store a small blob or announce a large one, unless the chain knows it.
///
/// # Errors
///
/// When the transaction is refused or fails.
pub async fn store(
    context: &Context,
    chain: &Chain,
    signer: &Signer,
    file: &BlobFile,
    lifetime: BlockNumber,
) -> Result<Option<Sent>> {
    let name = short(format!("{:?}", file.id));
    let already = format!("blob {name} is on the chain already");
    if !file.is_new(stored(chain, file.id).await?.as_ref()) {
        context.output.note(already);
        return Ok(None);
    }
    let sent = match context.send(chain, signer, &file.call(lifetime)).await {
        // Another command was faster.
        Err(error) if error.name.as_deref() == Some("Blobs.AlreadyStored") => {
            context.output.note(already);
            return Ok(None);
        }
        sent => sent?,
    };
    let done = if file.is_large() { "announced" } else { "stored" };
    context.output.note(format!("{done} blob {name} ({} bytes)", file.size));
    Ok(Some(sent))
}

/// Register a kernel and store its source, unless it is registered.
///
/// # Errors
///
/// When a transaction is refused or fails.
pub async fn register(
    context: &Context,
    chain: &Chain,
    signer: &Signer,
    kernel: &KernelFile,
    lifetime: BlockNumber,
) -> Result<Vec<Sent>> {
    let id = kernel.manifest.id();
    let known: Option<KernelInfo> = chain.api("ComputeApi_kernel", id).await?;
    let already = format!("kernel {} is registered already", short(format!("{id:?}")));
    if known.is_some() {
        context.output.note(already);
        return Ok(Vec::new());
    }
    let mut sent = Vec::new();
    let source = BlobFile::small(kernel.manifest.source, kernel.source.clone());
    sent.extend(store(context, chain, signer, &source, lifetime).await?);
    match context.send(chain, signer, &Call::register_kernel(&kernel.manifest)).await {
        Ok(registered) => {
            sent.push(registered);
            context.output.note(format!("registered kernel {id:?}"));
        }
        // Another command was faster.
        Err(error) if error.name.as_deref() == Some("Jobs.AlreadyRegistered") => context.output.note(already),
        Err(error) => return Err(error),
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use dpin_primitives::{
        kernel::{KernelClass, Param},
        BLC,
    };

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        job: JobArgs,
    }

    fn manifest() -> KernelManifest {
        KernelManifest {
            source: BlobHash::zero(),
            entry: b"f".to_vec().try_into().unwrap(),
            params: vec![Param::Scalar { bytes: 4 }, Param::Scalar { bytes: 1 }, Param::Input, Param::Output]
                .try_into()
                .unwrap(),
            local_size: [16, 16, 1],
            tiling: Tiling::PerGroup { bytes: 128 },
            options: Default::default(),
            class: KernelClass::Raw,
        }
    }

    fn spec(options: &str) -> Result<JobSpec> {
        let line = format!("dpin f.cl {options}");
        let job = Line::try_parse_from(line.split_whitespace()).unwrap_or_else(|error| panic!("{error}")).job;
        job.spec(&manifest(), vec![BlobHash::repeat_byte(1); job.inputs.len()])
    }

    #[tokio::test]
    async fn an_encrypted_file_is_a_blob_as_any_other_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (path, output, key) = (folder.path().join("input"), Output { json: true, quiet: true }, JobKey::generate());
        for (length, is_large) in [(100, false), (MAX_ON_CHAIN as usize, true), (3_000_000, true)] {
            std::fs::write(&path, vec![7; length]).unwrap();
            let file = BlobFile::encrypted(&path, &key, output).await.unwrap();
            assert_eq!(file.is_large(), is_large);
            assert!(file.size > length as u64 && file.size < length as u64 + 2_000, "{}", file.size);
            assert_ne!(file.id, BlobFile::read(&path, output).await.unwrap().id);
            let Content::Large(made) = &file.content else { continue };
            let (made, copy) = (made.clone(), file.clone());
            assert_eq!(BlobFile::read(&made, output).await.unwrap().id, file.id);
            drop(file);
            assert!(made.exists(), "a copy of the value needs it");
            drop(copy);
            assert!(!made.exists());
        }
        std::fs::write(&path, b"").unwrap();
        assert_eq!(BlobFile::encrypted(&path, &key, output).await.unwrap_err().exit, crate::error::Exit::Usage);
    }

    const FULL: &str = "--global 64x32 --scalar 1.5f32 --scalar -1 --in a.bin --reward 2.5BLC";

    #[test]
    fn a_line_becomes_a_job() {
        let spec = spec(&format!("{FULL} --tasks 2 --samples all --memory 1GiB --class gpu --reputation 60%")).unwrap();
        assert_eq!(spec.kernel, manifest().id());
        assert_eq!(spec.global_size, [64, 32, 1]);
        assert_eq!(spec.scalars[0].as_slice(), 1.5f32.to_le_bytes());
        assert_eq!(spec.scalars[1].as_slice(), [255]);
        assert_eq!(spec.reward, Reward { asset: BLC, per_task: DPN * 5 / 2 });
        assert_eq!(spec.tasks, TaskCount::Exactly(2));
        assert_eq!(spec.audit, AuditPolicy { auditors: 2, samples: Samples::All, challenge_blocks: 0 });
        assert_eq!(spec.requires.memory, 1 << 30);
        assert_eq!(spec.requires.reputation, Perbill::from_percent(60));
        assert_eq!(spec.requires.class, Some(DeviceClass::Gpu));
    }

    #[test]
    fn what_does_not_fit_the_kernel_is_told_before_anything_is_sent() {
        for (from, to) in [
            ("64x32", "60x32"),
            ("--in a.bin", ""),
            ("--scalar -1", ""),
            ("--scalar -1", "--scalar 256"),
            ("1.5f32", "1.5f64"),
            ("--reward 2.5BLC", "--reward 2.5BLC --asset DPN"),
            ("--in", "--auditors 8 --in"),
            ("--in", "--tasks 9 --in"),
            ("--in", "--run-blocks 0 --in"),
        ] {
            let error = spec(&FULL.replace(from, to)).unwrap_err();
            assert_eq!(error.exit, crate::error::Exit::Usage, "{to}: {error}");
        }
    }
}
