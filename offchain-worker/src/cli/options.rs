//! Options of `serve`, from the command line and from a file that the node passes on.

use crate::device::choice::Choice;
use clap::Args;
use dpin_primitives::job::MAX_TASK_OUTPUT_BYTES;
use serde::{Deserialize, Deserializer, de::Error};
use std::{fs, net::SocketAddr, path::Path, time::Duration};

const MIB: u64 = 1024 * 1024;
/// Hours for which finished runs are kept.
pub(super) const RETENTION_HOURS: u64 = 168;
/// Hours for which outputs of tasks are kept even if there are too many bytes.
pub(super) const MIN_RETENTION_HOURS: u64 = 48;
/// Most MiB of all outputs.
pub(super) const MAX_STORED_MB: u64 = 32 * 1024;
/// Most MiB of cached blobs.
pub(super) const MAX_BLOBS_MB: u64 = 16 * 1024;
/// Most queued runs.
pub(super) const QUEUE_LENGTH: usize = 64;

/// All options that an operator may set. An absent option has its default.
#[derive(Args, Deserialize, Clone, PartialEq, Eq, Debug, Default)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Options {
    /// Devices, such as gpu, nvidia:h200, pci:0000:01:00.0, or 0,2 (numbers of `devices`); `auto`:
    /// the first GPU, else accelerator, else CPU; `all`: all of that class. Each computes one task
    /// and one sample at a time. The data directory stores the chosen devices: a later start with
    /// the same option, or without one, waits for them and takes no others [default: auto]
    #[arg(long, value_name = "DEVICES")]
    #[serde(deserialize_with = "choice")]
    pub device: Option<Choice>,
    /// Maximum device memory for runs, in MiB [default: half of the host's memory for a device that
    /// shares it; otherwise nine tenths of (its own memory - 1,536 MiB), at least a quarter of it]
    #[arg(long)]
    pub memory_limit_mb: Option<u64>,
    /// How long finished runs and their outputs are kept, in hours that the executor runs [default:
    /// 168]
    #[arg(long)]
    pub retention_hours: Option<u64>,
    /// How long outputs of tasks are kept even above `--max-stored-mb`, in hours, at most
    /// `--retention-hours`; a task may be disputed for that time [default: 48]
    #[arg(long)]
    pub min_retention_hours: Option<u64>,
    /// Maximum size of all outputs, in MiB. Above it, the oldest outputs that need not be kept are
    /// removed; if there are none, no run starts [default: 32768]
    #[arg(long)]
    pub max_stored_mb: Option<u64>,
    /// Maximum size of one run's output, in bytes [default: 4294967296]
    #[arg(long)]
    pub max_output_bytes: Option<u64>,
    /// Maximum size of all cached blobs, in MiB; an input of a job may have 4 GiB [default: 16384]
    #[arg(long)]
    pub max_blobs_mb: Option<u64>,
    /// Disk space to leave free for the node and other programs, in MiB. Below it, the executor
    /// starts no task and accepts no blob above 16 MiB [default: a twentieth of the disk or 5 GiB,
    /// the smaller of the two]
    #[arg(long)]
    pub disk_reserve_mb: Option<u64>,
    /// Maximum number of queued runs [default: 64]
    #[arg(long)]
    pub queue_length: Option<usize>,
    /// Address of a server of metrics for Prometheus, which takes no token [default: none]
    #[arg(long, value_name = "ADDRESS")]
    pub prometheus_listen: Option<SocketAddr>,
    /// Allow an address of the metrics that other machines can reach
    #[arg(long)]
    pub prometheus_external: bool,
    /// Run strangers' kernels even without a required wall of the sandbox
    #[arg(long)]
    pub insecure_executor: bool,
}

fn choice<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Choice>, D::Error> {
    let text = String::deserialize(from)?;
    text.parse().map(Some).map_err(D::Error::custom)
}

impl Options {
    /// Read the options in the TOML file `path`. Their names are those of the flags with `_` for
    /// `-`.
    ///
    /// # Errors
    ///
    /// If the file cannot be read or parsed. The error says where.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        let in_file = |error: String| format!("{}: {error}", path.display());
        let text = fs::read_to_string(path).map_err(|error| in_file(error.to_string()))?;
        toml::from_str(&text).map_err(|error| in_file(error.to_string()))
    }

    /// These options of the command line, and those of `file` for options that are absent here.
    pub(super) fn or(self, file: Self) -> Self {
        Self {
            device: self.device.or(file.device),
            memory_limit_mb: self.memory_limit_mb.or(file.memory_limit_mb),
            retention_hours: self.retention_hours.or(file.retention_hours),
            min_retention_hours: self.min_retention_hours.or(file.min_retention_hours),
            max_stored_mb: self.max_stored_mb.or(file.max_stored_mb),
            max_output_bytes: self.max_output_bytes.or(file.max_output_bytes),
            max_blobs_mb: self.max_blobs_mb.or(file.max_blobs_mb),
            disk_reserve_mb: self.disk_reserve_mb.or(file.disk_reserve_mb),
            queue_length: self.queue_length.or(file.queue_length),
            prometheus_listen: self.prometheus_listen.or(file.prometheus_listen),
            prometheus_external: self.prometheus_external || file.prometheus_external,
            insecure_executor: self.insecure_executor || file.insecure_executor,
        }
    }

    /// How long finished runs are kept.
    pub(super) fn retention(&self) -> Duration {
        hours(self.retention_hours.unwrap_or(RETENTION_HOURS))
    }

    /// How long outputs of tasks are kept even if there are too many bytes.
    pub(super) fn min_retention(&self) -> Duration {
        hours(self.min_retention_hours.unwrap_or(MIN_RETENTION_HOURS))
    }

    /// Most bytes of all outputs.
    pub(super) fn max_stored_bytes(&self) -> u64 {
        self.max_stored_mb.unwrap_or(MAX_STORED_MB).saturating_mul(MIB)
    }

    /// Most bytes of one run's output.
    pub(super) fn max_output_bytes(&self) -> u64 {
        self.max_output_bytes.unwrap_or(MAX_TASK_OUTPUT_BYTES).min(MAX_TASK_OUTPUT_BYTES)
    }

    /// Most bytes of the blob cache.
    pub(super) fn max_blob_bytes(&self) -> u64 {
        self.max_blobs_mb.unwrap_or(MAX_BLOBS_MB).saturating_mul(MIB)
    }

    /// Bytes of the disk to leave free, if the operator set them.
    pub(super) fn disk_reserve(&self) -> Option<u64> {
        self.disk_reserve_mb.map(|mib| mib.saturating_mul(MIB))
    }

    /// Most bytes of a device's memory that runs may use, if the operator set a limit.
    pub(super) fn memory_limit(&self) -> Option<u64> {
        self.memory_limit_mb.map(|mib| mib.saturating_mul(MIB))
    }

    /// Most queued runs.
    pub(super) fn queue_length(&self) -> usize {
        self.queue_length.unwrap_or(QUEUE_LENGTH)
    }
}

fn hours(hours: u64) -> Duration {
    Duration::from_secs(hours.saturating_mul(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Options, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("executor.toml");
        fs::write(&path, text).unwrap();
        Options::read(&path)
    }

    #[test]
    fn the_command_line_goes_before_the_file_and_the_file_before_the_defaults() {
        let from_file = file("device = \"gpu\"\nmemory_limit_mb = 512\nqueue_length = 7\n").unwrap();
        let line = Options { queue_length: Some(9), ..Options::default() };
        let both = line.or(from_file);
        assert_eq!(both.device, Some("gpu".parse().unwrap()));
        assert_eq!((both.memory_limit(), both.queue_length()), (Some(512 << 20), 9));
        assert_eq!(both.max_blob_bytes(), MAX_BLOBS_MB * MIB);
        assert_eq!(file("").unwrap(), Options::default());
    }

    #[test]
    fn a_file_with_something_else_is_refused_by_name() {
        for (text, word) in [
            ("memory_limit = 5", "memory_limit"),
            ("device = \"first\"", "names no device"),
            ("queue_length = -1", "queue_length"),
            ("[limits", "executor.toml"),
        ] {
            let error = file(text).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
        assert!(Options::read(Path::new("/nowhere/executor.toml")).unwrap_err().contains("/nowhere/executor.toml"));
    }

    #[test]
    fn an_output_has_no_more_bytes_than_the_chain_takes() {
        let options = Options { max_output_bytes: Some(u64::MAX), ..Options::default() };
        assert_eq!(options.max_output_bytes(), MAX_TASK_OUTPUT_BYTES);
    }
}
