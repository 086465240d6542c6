//! The seeds of the corpus: encodings of real values, and hostile bytes.

use codec::{Compact, Encode};
use dpin_primitives::{
    AssetKind, BLC, DPN, Hash, TaskId,
    api::{TaskEvent, TaskStage, TaskStep},
    blake2,
    executor::{Commitment, DiskSpace, ExecutorStatus, Opening, OutputChunk, RunRequest, Work},
    job::{AuditPolicy, JobSpec, Requirements, Reward, TaskCount},
    reason::ReasonCode,
    tile_tree::{TileTree, leaf},
    worker::{Device, DeviceClass, Fp32, Offer},
};
use dpin_runtime::{RuntimeCall, UncheckedExtrinsic};
use pallet_proof_of_compute::Report;
use polkadot_sdk::{frame_system, pallet_utility};

/// A target, the name of a file in its corpus, and the bytes of that file.
type Seed = (&'static str, &'static str, Vec<u8>);

/// Depth of the nested calls: more than the runtime decodes.
const TOO_DEEP: u32 = 300;

const GENESIS: Hash = Hash::repeat_byte(9);
const TASK: TaskId = TaskId { job: 7, index: 2 };

/// All seeds.
pub(crate) fn all() -> Vec<Seed> {
    let mut all = Vec::new();
    all.extend(primitives());
    all.extend(calls());
    all.extend(tile_tree());
    all.extend(child());
    all.extend(byte_range());
    all.extend(kernel_toml());
    all.extend(json());
    all
}

fn spec() -> JobSpec {
    JobSpec {
        kernel: Hash::repeat_byte(2),
        global_size: [256, 256, 1],
        scalars: vec![vec![0, 0, 0, 0xf8].try_into().unwrap(); 4].try_into().unwrap(),
        inputs: vec![Hash::repeat_byte(3)].try_into().unwrap(),
        reward: Reward { asset: BLC, per_task: DPN },
        tasks: TaskCount::Exactly(2),
        audit: AuditPolicy::default(),
        run_blocks: 20,
        requires: Requirements {
            region: b"u33".to_vec().try_into().unwrap(),
            class: Some(DeviceClass::Gpu),
            ..Default::default()
        },
    }
}

fn device() -> Device {
    Device {
        class: DeviceClass::Gpu,
        vendor: b"Maker".to_vec().try_into().unwrap(),
        model: b"Model 1".to_vec().try_into().unwrap(),
        memory: 8 << 30,
        compute_units: 60,
        fp64: true,
        fp32: Fp32::ALL,
    }
}

fn request() -> RunRequest {
    let job = dpin_kernels::mandelbrot::View::whole_set(256, 256, 500).job().unwrap();
    let work = Work::Sample(vec![0, 3, 17]);
    RunRequest {
        id: RunRequest::id(&GENESIS, TASK, 0, &work),
        genesis: GENESIS,
        task: TASK,
        work,
        kernel: job.kernel.manifest().unwrap(),
        groups: [16, 16, 1],
        first_group: 128,
        group_count: 128,
        scalars: vec![vec![0, 0, 0, 0xf8]; 4],
        inputs: Vec::new(),
        limit_ms: 60_000,
    }
}

/// Tiles 2 to 4 of an output of ten tiles.
fn chunk() -> OutputChunk {
    let output: Vec<u8> = (0..40).collect();
    let tree =
        TileTree::new(output.chunks(4).zip(0..).map(|(tile, index)| leaf(&GENESIS, TASK, index, tile)).collect());
    let (_, proof) = tree.open(&[2, 3, 4]).unwrap();
    OutputChunk { total: 40, offset: 8, data: output[8..20].to_vec(), tile_bytes: 4, root: tree.root(), proof }
}

fn commitment() -> Commitment {
    Commitment { root: Hash::repeat_byte(4), output_len: 32_768, kernel_ms: 210 }
}

fn primitives() -> Vec<Seed> {
    let offer = Offer {
        min_reward: vec![(AssetKind::Native, DPN), (BLC, 1)].try_into().unwrap(),
        kernels: vec![Hash::repeat_byte(1)].try_into().unwrap(),
        max_run_blocks: 100,
    };
    let disk = DiskSpace { free: 1 << 40, reserve: 1 << 30, kept: 5, quota: 1 << 34 };
    let status = ExecutorStatus { version: "0.1.0".into(), devices: vec![device(); 2], queued: 1, running: 2, disk };
    let event = TaskEvent { block: 12, attempt: 1, step: TaskStep::Committed { commitment: commitment() } };
    let opening = Opening { leaves: vec![Hash::repeat_byte(5); 3], proof: vec![Hash::repeat_byte(6); 4] };
    let with_manifest = |kernel: dpin_kernels::ReadyKernel| (kernel.manifest().unwrap(), spec());
    let tile_bytes_of_nothing = OutputChunk { tile_bytes: 0, ..chunk() };
    vec![
        ("primitives", "job-spec", spec().encode()),
        ("primitives", "manifest-and-spec", with_manifest(dpin_kernels::mandelbrot::KERNEL).encode()),
        ("primitives", "manifest-matmul", dpin_kernels::matmul_int8::KERNEL.manifest().unwrap().encode()),
        ("primitives", "manifest-mlp", dpin_kernels::mlp_digits::KERNEL.manifest().unwrap().encode()),
        ("primitives", "run-request", request().encode()),
        ("primitives", "output-chunk", chunk().encode()),
        ("primitives", "output-chunk-of-empty-tiles", tile_bytes_of_nothing.encode()),
        ("primitives", "opening", opening.encode()),
        ("primitives", "executor-status", status.encode()),
        ("primitives", "task-event", event.encode()),
        ("primitives", "task-stage", TaskStage::Verified { due: 31 }.encode()),
        ("primitives", "offer", offer.encode()),
        ("primitives", "device", device().encode()),
        ("primitives", "reason", ReasonCode::BuildFailed { log: Hash::repeat_byte(8) }.encode()),
        // A list that claims 2^30 - 1 entries, and has none.
        ("primitives", "endless-list", Compact((1u32 << 30) - 1).encode()),
    ]
}

fn calls() -> Vec<Seed> {
    let remark = || RuntimeCall::System(frame_system::Call::remark { remark: b"hello".to_vec() });
    let nested = |depth: u32| {
        (0..depth).fold(remark(), |inner, _| RuntimeCall::Utility(pallet_utility::Call::batch { calls: vec![inner] }))
    };
    let submit = RuntimeCall::Jobs(pallet_jobs::Call::submit_job { spec: spec() });
    let (task, attempt) = (TASK, 1);
    let reports = vec![
        Report::Commit { task, attempt, commitment: commitment() },
        Report::Failure { task, attempt, reason: ReasonCode::Timeout },
        Report::Seal { task, attempt, seal: Hash::repeat_byte(7) },
        Report::Open {
            task,
            attempt,
            leaves: vec![Hash::repeat_byte(5); 3].try_into().unwrap(),
            proof: vec![Hash::repeat_byte(6); 4].try_into().unwrap(),
        },
        Report::Reveal {
            task,
            attempt,
            leaves: vec![Hash::repeat_byte(5); 3].try_into().unwrap(),
            salt: Hash::repeat_byte(1),
        },
    ];
    vec![
        ("calls", "reports", reports.encode()),
        ("calls", "remark", remark().encode()),
        ("calls", "submit-job", submit.encode()),
        ("calls", "extrinsic", UncheckedExtrinsic::new_bare(submit).encode()),
        ("calls", "batch", nested(3).encode()),
        ("calls", "batch-too-deep", nested(TOO_DEEP).encode()),
        ("calls", "extrinsic-too-deep", UncheckedExtrinsic::new_bare(nested(TOO_DEEP)).encode()),
    ]
}

/// Claims as the target `tile_tree` reads them: the size's place, the tiles, and the places of
/// leaves and proof among the tree's hashes, level by level.
fn tile_tree() -> Vec<Seed> {
    let claim = |size: u8, indices: &[u32], leaves: &[u16], proof: &[u16]| (size, indices, leaves, proof).encode();
    vec![
        ("tile_tree", "the-only-tile", claim(0, &[0], &[0], &[])),
        // Five tiles: the hashes 0 to 4, above them 5 to 7, then 8 and 9, and the root 10.
        ("tile_tree", "two-of-five", claim(4, &[1, 4], &[1, 4], &[0, 6])),
        ("tile_tree", "swapped-leaves", claim(4, &[1, 4], &[4, 1], &[0, 6])),
        ("tile_tree", "node-as-leaf", claim(4, &[1], &[5], &[6, 4])),
        ("tile_tree", "one-hash-too-many", claim(4, &[1, 4], &[1, 4], &[0, 6, 0])),
        ("tile_tree", "twice-the-same", claim(4, &[1, 1], &[1, 1], &[0, 6])),
        ("tile_tree", "beyond-the-end", claim(4, &[5], &[4], &[])),
        ("tile_tree", "across-branches", claim(15, &[0, 1023, 1024, 2050], &[0, 1023, 1024, 2050], &[])),
        ("tile_tree", "index-of-all-ones", claim(15, &[u32::MAX], &[0], &[])),
    ]
}

/// A message of a child: its length, then its bytes.
fn framed(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_le_bytes()[..], body].concat()
}

/// Numbers of the child's reports, in the order of their declaration.
mod number {
    pub(super) const PHASE: u8 = 3;
    pub(super) const BUILT: u8 = 4;
    pub(super) const PROGRESS: u8 = 5;
    pub(super) const OUTPUT: u8 = 6;
    pub(super) const DONE: u8 = 7;
    pub(super) const FAILED: u8 = 8;
    pub(super) const CHECKED: u8 = 9;
}

fn child() -> Vec<Seed> {
    let whole_run = [
        framed(&[number::PHASE, 0]),
        framed(&[number::PHASE, 1]),
        framed(&(number::BUILT, "warning: unused", false).encode()),
        framed(&[number::PHASE, 2]),
        framed(&(number::PROGRESS, 128u64).encode()),
        framed(&(number::OUTPUT, 512u32).encode()),
        framed(&(number::DONE, 1u64, 2u64, 3u64, true).encode()),
    ];
    let key = ("Platform", b"Maker".to_vec(), b"Model 1".to_vec(), "pci:0000:01:00.0 #0");
    let run = framed(&(3u8, key, 1u64 << 32, request(), false).encode());
    vec![
        ("child", "a-whole-run", whole_run.concat()),
        ("child", "order-to-run", run),
        ("child", "failed", framed(&(number::FAILED, 2u8, "killed by SIGSEGV").encode())),
        ("child", "finding", framed(&(number::CHECKED, vec![(1u8, "out", "a store outside")]).encode())),
        // Hostile kernels write into the pipe: a forged end, and then more.
        (
            "child",
            "forged-done",
            [framed(&(number::DONE, u64::MAX, u64::MAX, 0u64, true).encode()), vec![0xff; 9]].concat(),
        ),
        ("child", "forged-length", [&u32::MAX.to_le_bytes()[..], &[number::PHASE, 0]].concat()),
        ("child", "longest-length", (1024u32 * 1024).to_le_bytes().to_vec()),
        ("child", "text-that-is-none", framed(&[number::FAILED, 0, 8, 0xff, 0xfe])),
        ("child", "endless-findings", framed(&(number::CHECKED, Compact((1u32 << 30) - 1)).encode())),
    ]
}

/// The length of a blob, then the header.
fn byte_range() -> Vec<Seed> {
    let header = |len: u64, text: &str| [&len.to_le_bytes()[..], text.as_bytes()].concat();
    vec![
        ("byte_range", "first-to-last", header(10, "bytes=2-5")),
        ("byte_range", "to-the-end", header(1 << 32, "bytes=4294967295-")),
        ("byte_range", "last-bytes", header(10, "bytes=-3")),
        ("byte_range", "last-of-all-numbers", header(u64::MAX, "bytes=5-18446744073709551615")),
        ("byte_range", "beyond", header(10, "bytes=10-12")),
        ("byte_range", "signs", header(10, "bytes=+1-2")),
        ("byte_range", "two-ranges", header(10, "bytes=0-1,3-4")),
        ("byte_range", "backwards", header(10, "bytes=5-2")),
        ("byte_range", "of-nothing", header(0, "bytes=0-")),
    ]
}

fn kernel_toml() -> Vec<Seed> {
    let own = [
        ("mandelbrot", dpin_kernels::mandelbrot::KERNEL),
        ("matmul_int8", dpin_kernels::matmul_int8::KERNEL),
        ("mlp_digits", dpin_kernels::mlp_digits::KERNEL),
        ("conformance", dpin_kernels::conformance::KERNEL),
        ("throughput", dpin_kernels::throughput::KERNEL),
    ];
    let mut seeds: Vec<Seed> =
        own.map(|(name, kernel)| ("kernel_toml", name, kernel.description.as_bytes().to_vec())).into();
    let nested = format!("entry = {}", "[".repeat(2_000));
    seeds.extend([
        ("kernel_toml", "nested", nested.into_bytes()),
        (
            "kernel_toml",
            "number-too-large",
            b"local_size = [4294967296, -1, 1e9]\ntiling = { whole = 0x7fffffffffffffff }".to_vec(),
        ),
        ("kernel_toml", "twice", b"entry = \"f\"\nentry = \"g\"\n".to_vec()),
        ("kernel_toml", "dotted", b"tiling.per_group = 4\ntiling.whole = 4\nentry = \"\"\"\nf\"\"\"\n".to_vec()),
    ]);
    seeds
}

fn json() -> Vec<Seed> {
    let example = |text: &str| {
        let example: serde_json::Value = serde_json::from_str(text).unwrap();
        serde_json::to_vec(&example["result"]).unwrap()
    };
    let part = dpin_rpc::OutputView::from(chunk());
    let beyond = dpin_rpc::OutputView { offset: u64::MAX - 3, ..part.clone() };
    vec![
        ("json", "job", example(include_str!("../../../node/rpc/examples/compute_job.json"))),
        ("json", "jobs", example(include_str!("../../../node/rpc/examples/compute_jobs.json"))),
        ("json", "kernels", example(include_str!("../../../node/rpc/examples/compute_kernels.json"))),
        ("json", "workers", example(include_str!("../../../node/rpc/examples/compute_workers.json"))),
        ("json", "quote", example(include_str!("../../../node/rpc/examples/compute_quote.json"))),
        ("json", "output", serde_json::to_vec(&part).unwrap()),
        ("json", "output-beyond-the-end", serde_json::to_vec(&beyond).unwrap()),
        ("json", "task", serde_json::to_vec(&TASK).unwrap()),
        ("json", "reason", serde_json::to_vec(&ReasonCode::KernelFault { log: blake2(b"log") }).unwrap()),
        ("json", "nested", "[".repeat(2_000).into_bytes()),
    ]
}
