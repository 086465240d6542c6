//! SCALE: the public types of `dpin-primitives`, workers' reports, calls and extrinsics.

use codec::{Compact, Decode, DecodeAll, DecodeLimit, Encode};
use core::any::type_name;
use dpin_primitives::{
    Hash, JobId, TaskId, api, candidates, confidential, economy, executor, job, kernel, reason, worker,
};
use dpin_runtime::{RuntimeCall, UncheckedExtrinsic};

/// The depth of nested calls to which the runtime decodes an extrinsic.
const MAX_DEPTH: u32 = 256;
/// Number of available workers for jobs that the chain splits.
const WORKERS: u32 = 1_000;
/// The chain's longest deadline, in blocks.
const MAX_BLOCKS: u32 = 28_800;

/// Assert that a decoded value is encoded as the bytes it came from. So two different encodings
/// never give one value, whose hash would be that of only one of them.
fn assert_canonical<T: Encode>(data: &[u8], value: &T) {
    assert_eq!(value.encode(), data, "a {} has two encodings", type_name::<T>());
}

/// Decode `data` as a `T`. A value must survive another round, and must be canonical.
fn round_trip<T: Decode + Encode + PartialEq>(data: &[u8]) {
    let Ok(value) = T::decode_all(&mut &data[..]) else { return };
    assert_canonical(data, &value);
    let again = T::decode_all(&mut value.encode().as_slice()).expect("an encoded value decodes");
    assert!(again == value, "a {} is changed by its encoding", type_name::<T>());
}

macro_rules! round_trips {
    ($($type:ty),* $(,)?) => { &[$(round_trip::<$type>),*] };
}

/// One check for each public type of `dpin-primitives` that decodes.
const PRIMITIVES: &[fn(&[u8])] = round_trips![
    TaskId,
    api::BlobInfo,
    api::BondAtStake,
    api::BondFate,
    api::DisputeCause,
    api::FailedAttempt,
    api::JobHead,
    api::JobInfo,
    api::JobSummary,
    api::JuryPhase,
    api::KernelInfo,
    api::NetworkInfo,
    api::Page<api::JobInfo, JobId>,
    api::Page<api::KernelInfo, Hash>,
    api::Page<api::WorkerInfo, u32>,
    api::ParametersInfo,
    api::Quarantine,
    api::Quote,
    api::TaskEnd,
    api::TaskEvent,
    api::TaskInfo,
    api::TaskStage,
    api::TaskStep,
    api::Verdict,
    api::Wait,
    api::WorkerInfo,
    api::WorkerStatus,
    candidates::Candidates,
    candidates::Condition,
    candidates::Outlook,
    candidates::Unmet,
    confidential::WantedKey,
    economy::AllocationInfo,
    economy::BondsInfo,
    economy::BuybackTotals,
    economy::Category,
    economy::EraInfo,
    economy::FeeQuote,
    economy::Halt,
    economy::MarketInfo,
    economy::Pot,
    economy::PotInfo,
    economy::RewardInfo,
    economy::Supply,
    economy::VestingInfo,
    executor::Commitment,
    executor::DiskSpace,
    executor::ExecutorConfig,
    executor::ExecutorStatus,
    executor::Opening,
    executor::OutputChunk,
    executor::Readiness,
    executor::RunRequest,
    executor::RunStatus,
    executor::RunTimings,
    executor::Work,
    job::AuditPolicy,
    job::FeePolicy,
    job::JobShape,
    job::JobSpec,
    job::Requirements,
    job::Reward,
    job::Samples,
    job::TaskCost,
    job::TaskCount,
    kernel::BuildOption,
    kernel::InputBytes,
    kernel::KernelClass,
    kernel::KernelManifest,
    kernel::Param,
    kernel::Tiling,
    reason::ReasonCode,
    worker::Capability,
    worker::Device,
    worker::DeviceClass,
    worker::Duties,
    worker::Duty,
    worker::Fp32,
    worker::Offer,
    worker::Outcome,
    worker::Passport,
    worker::Role,
];

/// Decode the bytes as each public type of `dpin-primitives`.
pub(crate) fn primitives(data: &[u8]) {
    for check in PRIMITIVES {
        check(data);
    }
    specification(data);
    request(data);
    chunk(data);
}

/// A job that passes its check is split into tasks that have work-groups, and fit the limits.
fn specification(data: &[u8]) {
    let Ok((manifest, spec)) = <(kernel::KernelManifest, job::JobSpec)>::decode_all(&mut &data[..]) else { return };
    if manifest.check().is_err() {
        return;
    }
    let Ok(shape) = spec.check(&manifest, WORKERS, MAX_BLOCKS) else { return };
    assert!((1..=job::MAX_TASKS).contains(&shape.tasks), "a job of {} tasks", shape.tasks);
    for index in [0, shape.tasks / 2, shape.tasks - 1] {
        let (first, count) = shape.task(index).expect("each task has work-groups");
        assert!(count > 0 && first + u64::from(count) <= shape.total, "task {index} of {shape:?}");
        assert!(manifest.tiling.output_bytes(count) <= job::MAX_TASK_OUTPUT_BYTES, "task {index} of {shape:?}");
    }
    assert_eq!(shape.task(shape.tasks), None, "a task too many");
}

/// A request that passes its check computes work-groups of its grid, and its output has a limit.
fn request(data: &[u8]) {
    let Ok(request) = executor::RunRequest::decode_all(&mut &data[..]) else { return };
    if request.check().is_ok() {
        let grid: u128 = request.groups.into_iter().map(u128::from).product();
        let end = u128::from(request.first_group) + u128::from(request.group_count);
        assert!(end <= grid, "work-groups up to {end} of {grid}");
        assert!(request.output_bytes() <= job::MAX_TASK_OUTPUT_BYTES, "{} bytes", request.output_bytes());
    }
}

/// A part of an output that verifies has whole tiles that lie within the output.
fn chunk(data: &[u8]) {
    let Ok(chunk) = executor::OutputChunk::decode_all(&mut &data[..]) else { return };
    let task = TaskId { job: 7, index: 2 };
    if chunk.verify(&Hash::repeat_byte(9), task, &chunk.root).is_ok() {
        let end = chunk.offset.checked_add(chunk.data.len() as u64).expect("a part that verifies has an end");
        assert!(end <= chunk.total, "bytes up to {end} of {} verify", chunk.total);
    }
}

/// Decode the bytes as an extrinsic, as a call and as a worker's reports, as the runtime would.
pub(crate) fn calls(data: &[u8]) {
    round_trip::<pallet_proof_of_compute::Report>(data);
    round_trip::<Vec<pallet_proof_of_compute::Report>>(data);
    if let Ok(call) = RuntimeCall::decode_all_with_depth_limit(MAX_DEPTH, &mut &data[..]) {
        assert_canonical(data, &call);
    }
    if is_all_of_an_extrinsic(data)
        && let Ok(extrinsic) = UncheckedExtrinsic::decode_all_with_depth_limit(MAX_DEPTH, &mut &data[..])
    {
        assert_canonical(data, &extrinsic);
    }
}

/// Whether the data have as many bytes as an extrinsic's first bytes claim. The SDK reserves memory
/// for any claim, which the limit of the runtime's memory bounds, but no limit here.
fn is_all_of_an_extrinsic(mut data: &[u8]) -> bool {
    Compact::<u32>::decode(&mut data).is_ok_and(|length| length.0 as usize == data.len())
}
