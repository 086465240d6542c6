//! A job as it is typed, and what has to be on chain before it is posted.

use crate::{
    amount::{parse_asset, Money},
    call::Call,
    chain::Chain,
    context::Context,
    error::{Error, Result},
    kernel_file::KernelFile,
    output::short,
    parse::{self, Scalar, Source},
    signer::Signer,
    submit::Sent,
};
use clap::Args;
use dpin_primitives::{
    api::{BlobInfo, KernelInfo},
    blake2,
    job::{AuditPolicy, JobSpec, Requirements, Reward, Samples, SpecError, TaskCount},
    kernel::KernelManifest,
    worker::{DeviceClass, Fp32, Region},
    AssetKind, BlobHash, BlockNumber, KernelId,
};
use polkadot_sdk::sp_runtime::Perbill;
use std::path::{Path, PathBuf};

/// How long stored blobs live unless it is said, in blocks: a day.
pub const LIFETIME: BlockNumber = dpin_primitives::economy::DAY_BLOCKS;

/// A job as it is typed.
#[derive(Args, Clone, Debug)]
pub struct JobArgs {
    /// The kernel: a file with OpenCL C, or the id of a registered kernel
    #[arg(value_name = "KERNEL", value_parser = parse::source)]
    pub kernel: Source,
    /// The kernel's description [default: FILE.toml or kernel.toml beside the source]
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// Work-items in each dimension, multiples of the kernel's local size: 1024x1024
    #[arg(long, value_name = "SIZES", value_parser = parse::grid)]
    pub global: [u32; 3],
    /// A scalar argument, in the order of the parameters: 1.5f32, -3i16, 7, 0x0000c03f
    #[arg(long = "scalar", value_name = "VALUE", value_parser = parse::scalar, allow_hyphen_values = true)]
    pub scalars: Vec<Scalar>,
    /// An input, in the order of the parameters: a file, or the hash of a stored blob
    #[arg(long = "in", value_name = "FILE", value_parser = parse::source)]
    pub inputs: Vec<Source>,
    /// Reward of each task: 1DPN, 0.5BLC, 1000planck
    #[arg(long, value_name = "AMOUNT")]
    pub reward: Money,
    /// The asset everything is paid in: DPN, BLC or the number of an asset [default: as the reward says]
    #[arg(long, value_parser = parse_asset)]
    pub asset: Option<AssetKind>,
    /// Into how many tasks the job is split
    #[arg(long, default_value = "auto", value_parser = parse::tasks)]
    pub tasks: TaskCount,
    /// Auditors of each task; with 0 the result is taken as it comes
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
    /// How long inputs and source stay stored at least, in blocks
    #[arg(long, value_name = "BLOCKS", default_value_t = LIFETIME)]
    pub lifetime: BlockNumber,
    /// What the worker must have
    #[command(flatten)]
    pub requires: RequireArgs,
}

/// What a worker must have, as it is typed.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "What the worker must have")]
pub struct RequireArgs {
    /// Device memory: 4GiB
    #[arg(long, value_name = "BYTES", value_parser = parse::size, default_value = "0")]
    pub memory: u64,
    /// Double precision
    #[arg(long)]
    pub fp64: bool,
    /// Single-precision denormals that are not flushed to zero
    #[arg(long)]
    pub denormals: bool,
    /// Correctly rounded single-precision division and square root
    #[arg(long)]
    pub rounded_division: bool,
    /// A class of device: gpu, cpu or accelerator
    #[arg(long, value_parser = parse::class)]
    pub class: Option<DeviceClass>,
    /// A region: the first characters of a geohash
    #[arg(long, value_name = "GEOHASH", value_parser = parse::region, default_value = "")]
    pub region: Region,
    /// Reputation: 60%
    #[arg(long, value_name = "SHARE", value_parser = parse::percent, default_value = "0%")]
    pub reputation: Perbill,
    /// A certificate: it has locked BLC
    #[arg(long)]
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

/// A job that is ready to be posted once its blobs are stored and its kernel is registered.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The job.
    pub spec: JobSpec,
    /// Its kernel, if it was read from a file.
    pub kernel: Option<KernelFile>,
    /// Inputs that were read from files.
    pub inputs: Vec<(BlobHash, Vec<u8>)>,
    lifetime: BlockNumber,
}

impl JobArgs {
    /// Read the files and put the job together.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or the job does not fit its kernel.
    pub async fn prepare(&self, chain: &Chain) -> Result<Prepared> {
        let (kernel, manifest) = match &self.kernel {
            Source::File(path) => {
                let kernel = KernelFile::read(path, self.manifest.as_deref())?;
                let manifest = kernel.manifest.clone();
                (Some(kernel), manifest)
            }
            Source::Hash(id) => (None, registered(chain, *id).await?.manifest),
        };
        let mut inputs = Vec::new();
        let mut hashes = Vec::new();
        for input in &self.inputs {
            hashes.push(match input {
                Source::Hash(hash) => *hash,
                Source::File(path) => {
                    let bytes = read_blob(path)?;
                    let hash = blake2(&bytes);
                    inputs.push((hash, bytes));
                    hash
                }
            });
        }
        let spec = self.spec(&manifest, hashes)?;
        Ok(Prepared { spec, kernel, inputs, lifetime: self.lifetime })
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
            tasks: self.tasks,
            audit: AuditPolicy {
                auditors: self.auditors,
                samples: self.samples,
                challenge_blocks: self.challenge_blocks,
            },
            run_blocks: self.run_blocks,
            requires: self.requires.requirements(),
        };
        check(&spec, manifest)?;
        Ok(spec)
    }
}

/// What can be told without the chain. How many workers are available is not known here: the chain decides on what depends on it.
fn check(spec: &JobSpec, manifest: &KernelManifest) -> Result<()> {
    let [x, y, z] = manifest.local_size;
    let problem = match spec.check(manifest, u32::MAX, BlockNumber::MAX) {
        Ok(_) => return Ok(()),
        Err(SpecError::InvalidTaskCount | SpecError::OutputTooLarge) if spec.tasks == TaskCount::Auto => return Ok(()),
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
        Err(SpecError::InvalidAuditPolicy) => {
            "--auditors is 0 to 7, --samples 1 to 1024; `all` is for tasks of at most 1024 tiles".into()
        }
        Err(SpecError::InvalidDeadline) => "--run-blocks: at least 1".into(),
        Err(SpecError::InvalidRegion) => "--region: not a geohash".into(),
    };
    Err(Error::usage(problem))
}

/// The bytes of a file that is to be a blob.
///
/// # Errors
///
/// When it cannot be read, is empty, or is too large.
pub fn read_blob(path: &Path) -> Result<Vec<u8>> {
    const MOST: usize = 1024 * 1024;
    let bytes =
        std::fs::read(path).map_err(|error| Error::usage(format!("{} cannot be read: {error}", path.display())))?;
    match bytes.len() {
        0 => Err(Error::usage(format!("{} is empty", path.display()))),
        1..=MOST => Ok(bytes),
        length => Err(Error::usage(format!("{} has {length} bytes; a blob has at most 1 MiB", path.display()))
            .hint("split it over several inputs of the kernel")),
    }
}

/// A registered kernel.
///
/// # Errors
///
/// When there is none of that id.
pub async fn registered(chain: &Chain, id: KernelId) -> Result<KernelInfo> {
    let found: Option<KernelInfo> = chain.api("ComputeApi_kernel", id).await?;
    found.ok_or_else(|| {
        Error::refused(format!("the kernel {id:?} is not registered"))
            .named("Jobs.UnknownKernel")
            .hint("register it with `dpin kernel register FILE.cl`, or see `dpin kernel list`")
    })
}

/// Whether a blob is stored, and whether it may be removed soon: what `blob` is at the best block.
///
/// # Errors
///
/// When the node does not answer.
pub async fn stored(chain: &Chain, hash: BlobHash) -> Result<Option<BlobInfo>> {
    chain.api("ComputeApi_blob", hash).await
}

impl Prepared {
    /// Store the blobs that are not stored and register the kernel if it is new. Returns the transactions it took.
    ///
    /// # Errors
    ///
    /// When a transaction is refused or fails.
    pub async fn establish(&self, context: &Context, chain: &Chain, signer: &Signer) -> Result<Vec<Sent>> {
        let mut sent = Vec::new();
        for (hash, bytes) in &self.inputs {
            sent.extend(store(context, chain, signer, *hash, bytes, self.lifetime).await?);
        }
        if let Some(kernel) = &self.kernel {
            sent.extend(register(context, chain, signer, kernel, self.lifetime).await?);
        }
        Ok(sent)
    }
}

/// Store a blob, unless it is stored.
///
/// # Errors
///
/// When the transaction is refused or fails.
pub async fn store(
    context: &Context,
    chain: &Chain,
    signer: &Signer,
    hash: BlobHash,
    bytes: &[u8],
    lifetime: BlockNumber,
) -> Result<Option<Sent>> {
    if stored(chain, hash).await?.is_some() {
        context.output.note(format!("blob {} is stored already", short(format!("{hash:?}"))));
        return Ok(None);
    }
    let sent = context.send(chain, signer, &Call::store(lifetime, bytes)).await?;
    context.output.note(format!("stored blob {} ({} bytes)", short(format!("{hash:?}")), bytes.len()));
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
    if known.is_some() {
        context.output.note(format!("kernel {} is registered already", short(format!("{id:?}"))));
        return Ok(Vec::new());
    }
    let mut sent = Vec::new();
    sent.extend(store(context, chain, signer, kernel.manifest.source, &kernel.source, lifetime).await?);
    sent.push(context.send(chain, signer, &Call::register_kernel(&kernel.manifest)).await?);
    context.output.note(format!("registered kernel {id:?}"));
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use dpin_primitives::{
        kernel::{KernelClass, Param, Tiling},
        BLC, DPN,
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
