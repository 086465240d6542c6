//! A job as the user describes it on the command line.

use crate::{
    blob::{
        file::{BlobFile, LIFETIME},
        http::BlobHttpArgs,
    },
    chain::Chain,
    context::Context,
    error::{Error, Result},
    job::{
        check::check_without_chain,
        key::{JobKey, KeyArgs},
        prepared::Prepared,
    },
    kernel::{file::KernelFile, registry::registered},
    text::{
        amount::{Money, parse_asset},
        parse::{self, FileOrHash, Scalar},
    },
};
use clap::Args;
use dpin_primitives::{
    AssetKind, BlobHash, BlockNumber,
    job::{AuditPolicy, JobSpec, Requirements, Reward, Samples, TaskCount},
    kernel::{KernelManifest, Tiling},
    worker::{DeviceClass, Fp32, Region},
};
use polkadot_sdk::sp_runtime::Perbill;
use std::path::PathBuf;

/// A job as the user describes it.
#[derive(Args, Clone, Debug)]
pub(crate) struct JobArgs {
    /// Kernel: a file with OpenCL C, or the id of a registered kernel
    #[arg(value_name = "KERNEL", value_parser = parse::source)]
    pub kernel: FileOrHash,
    /// Description of the kernel [default: FILE.toml or kernel.toml in the folder of the source]
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,
    /// Work-items in each dimension, as multiples of the kernel's local size: 1024x1024
    #[arg(long, value_name = "SIZES", value_parser = parse::grid)]
    pub global: [u32; 3],
    /// Scalar argument; repeat it in the order of the parameters: 1.5f32, -3i16, 7, 0x0000c03f
    #[arg(long = "scalar", value_name = "VALUE", value_parser = parse::scalar, allow_hyphen_values = true)]
    pub scalars: Vec<Scalar>,
    /// Input; repeat it in the order of the parameters: a file, or the hash of a stored blob
    #[arg(long = "in", value_name = "FILE", value_parser = parse::source)]
    pub inputs: Vec<FileOrHash>,
    /// Encrypt the inputs that are files, so that only the workers that compute or check the job
    /// can read them. The command delivers the key to each worker, and runs until every task is
    /// verified; `dpin job deliver-key` resumes this
    #[arg(long)]
    pub encrypt: bool,
    /// Reward of each task: 1DPN, 0.5BLC, 1000planck
    #[arg(long, value_name = "AMOUNT")]
    pub reward: Money,
    /// Asset of all payments: DPN, BLC or the number of an asset [default: that of the reward]
    #[arg(long, value_parser = parse_asset)]
    pub asset: Option<AssetKind>,
    /// Number of tasks to split the job into
    #[arg(long, default_value = "auto", value_parser = parse::tasks)]
    pub tasks: TaskCount,
    /// Number of auditors of each task; 0 for no audit
    #[arg(long, default_value_t = 2)]
    pub auditors: u32,
    /// Number of tiles of each task that each auditor recomputes, or `all`
    #[arg(long, default_value = "32", value_parser = parse::samples)]
    pub samples: Samples,
    /// Blocks between verification and payment, during which the result may be challenged
    #[arg(long, value_name = "BLOCKS", default_value_t = 0)]
    pub challenge_blocks: BlockNumber,
    /// Maximum time of a task, in blocks of 3 s
    #[arg(long, value_name = "BLOCKS", default_value_t = 20)]
    pub run_blocks: BlockNumber,
    /// Minimum time for which inputs and source stay stored, in blocks of 3 s
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

const HEADING: &str = "Requirements for the worker";

/// Requirements on the worker, as the user describes them.
#[derive(Args, Clone, Debug)]
pub(crate) struct RequireArgs {
    /// Minimum device memory: 4GiB. The memory for the inputs and a tile of the output is always
    /// required
    #[arg(long, value_name = "BYTES", value_parser = parse::size, default_value = "0", help_heading = HEADING)]
    pub memory: u64,
    /// Double precision (fp64)
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
    /// Minimum reputation: 60%
    #[arg(long, value_name = "SHARE", value_parser = parse::percent, default_value = "0%", help_heading = HEADING)]
    pub reputation: Perbill,
    /// Certificate: the worker has locked at least 500 BLC
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

impl JobArgs {
    /// Read the files and build the job.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or the job does not fit its kernel.
    pub(crate) async fn prepare(&self, context: &Context, chain: &Chain) -> Result<Prepared> {
        let (kernel, manifest) = match &self.kernel {
            FileOrHash::File(path) => {
                let kernel = KernelFile::read(path, self.manifest.as_deref())?;
                let manifest = kernel.manifest.clone();
                (Some(kernel), manifest)
            }
            FileOrHash::Hash(id) => (None, registered(chain, *id).await?.manifest),
        };
        let key = self.encrypt.then(JobKey::generate);
        if key.is_some() && !self.inputs.iter().any(|input| matches!(input, FileOrHash::File(_))) {
            return Err(Error::usage("--encrypt: no input is a file").hint("give an input with --in FILE"));
        }
        let mut inputs = Vec::new();
        let mut hashes = Vec::new();
        for input in &self.inputs {
            hashes.push(match input {
                FileOrHash::Hash(hash) => *hash,
                FileOrHash::File(path) => {
                    let file = match &key {
                        Some(key) => key.encrypt_blob(path, context.output).await?,
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
                "--scalar is given {} times; the kernel has {} scalar parameters",
                self.scalars.len(),
                widths.len()
            )));
        }
        let mut scalars = Vec::new();
        for (number, (scalar, width)) in self.scalars.iter().zip(widths).enumerate() {
            let bytes = scalar
                .bytes(width)
                .map_err(|problem| Error::usage(format!("--scalar number {}: {problem}", number + 1)))?;
            scalars.push(bytes.try_into().map_err(|_| Error::usage("a scalar has at most 8 bytes"))?);
        }
        let (asset, per_task) =
            self.reward.resolve(self.asset.clone()).map_err(|problem| Error::usage(format!("--reward: {problem}")))?;
        let spec = JobSpec {
            kernel: manifest.id(),
            global_size: self.global,
            scalars: scalars.try_into().map_err(|_| Error::usage("--scalar is given too many times"))?,
            inputs: inputs.try_into().map_err(|_| Error::usage("--in is given too many times"))?,
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
        check_without_chain(&spec, manifest)?;
        Ok(spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use dpin_primitives::{
        BLC, DPN,
        kernel::{KernelClass, Param},
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
