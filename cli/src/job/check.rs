//! The rules that a job must follow to fit its kernel.

use crate::error::{Error, Result};
use dpin_primitives::{
    BlockNumber,
    job::{JobShape, JobSpec, SpecError, TaskCount},
    kernel::KernelManifest,
};

/// Check everything that can be checked without the chain. The number of available workers is
/// unknown here, so the chain decides about limits that depend on it.
///
/// # Errors
///
/// When the job does not fit its kernel.
pub(crate) fn check_without_chain(spec: &JobSpec, manifest: &KernelManifest) -> Result<()> {
    match spec.check(manifest, u32::MAX, BlockNumber::MAX) {
        Err(SpecError::InvalidTaskCount | SpecError::OutputTooLarge) if spec.tasks == TaskCount::Auto => Ok(()),
        _ => check_spec(spec, manifest, u32::MAX, BlockNumber::MAX).map(drop),
    }
}

/// Check a job against its kernel, with the number of available workers and the longest deadline
/// that the chain allows.
///
/// # Errors
///
/// When the job does not fit its kernel.
pub(crate) fn check_spec(
    spec: &JobSpec,
    manifest: &KernelManifest,
    available: u32,
    longest: BlockNumber,
) -> Result<JobShape> {
    let [x, y, z] = manifest.local_size;
    let problem = match spec.check(manifest, available, longest) {
        Ok(shape) => return Ok(shape),
        Err(SpecError::InvalidGlobalSize) => {
            format!("--global: each size must be a multiple of the kernel's local size, {x}x{y}x{z}")
        }
        Err(SpecError::WrongScalarCount | SpecError::WrongScalarWidth) => {
            "--scalar: the number or the widths differ from the kernel's parameters".into()
        }
        Err(SpecError::WrongInputCount) => {
            format!("--in is given {} times; the kernel has {} inputs", spec.inputs.len(), manifest.input_count())
        }
        Err(SpecError::InvalidTaskCount) => "--tasks is 1 to 256, and at most the number of work-groups".into(),
        Err(SpecError::OutputTooLarge) => {
            "the output of a task exceeds 4 GiB or 2^24 tiles: split the job into more tasks (--tasks)".into()
        }
        Err(SpecError::InvalidAuditPolicy) => format!(
            "--auditors is 0 to 7, --samples is 1 to 1024, --challenge-blocks is at most {longest}; `--samples all` needs tasks of \
             at most 1024 tiles"
        ),
        Err(SpecError::InvalidDeadline) => format!("--run-blocks is 1 to {longest}"),
        Err(SpecError::InvalidRegion) => "--region is not a geohash".into(),
    };
    Err(Error::usage(problem))
}
