//! Kernels that break the rules of tiles get a message that names their parameter, and no payment.

mod common;

use codec::Encode;
use common::*;
use dpin_kernels::{all, conformance, mandelbrot::View, matmul_int8::Sizes, mlp_digits, throughput};
use dpin_primitives::{
    Hash,
    executor::{RunRequest, Work},
    kernel::{KernelManifest, Param, Tiling},
    reason::ReasonCode,
};
use std::{path::Path, process::Command};

const PER_ITEM: Tiling = Tiling::PerGroup { bytes: 256 };

/// y = a * x + y, in place: the commonest form of real kernels.
const IN_PLACE: &str = "__kernel void f(__global const float *x, __global float *y, float a) {
    size_t i = get_global_id(0);
    y[i] = a * x[i] + y[i];
}
";
/// A usual kernel of one dimension.
const PLAIN_OUTPUT: &str = "__kernel void f(__global uint *out, uint seed) {
    size_t i = get_global_id(0);
    out[i] = (uint)i * 2654435761u + seed;
}
";
/// Reads memory that another work-group may or may not have written.
const NEIGHBOUR: &str = "__kernel void f(__global uint *out) {
    size_t t = dpin_tile(), l = get_local_id(0);
    out[t * 64 + l] = t ? out[(t - 1) * 64 + l] + 1 : 1;
}
";
/// Writes the place of this work-group in its launch.
const POSITION: &str = "__kernel void f(__global uint *out) {
    out[dpin_tile() * 64 + get_local_id(0)] = (uint)dpin_tile();
}
";
/// Lets the address of a buffer into the output.
const ADDRESS: &str = "__kernel void f(__global uint *out) {
    out[dpin_tile() * 64 + get_local_id(0)] = (uint)((ulong)out >> 12);
}
";
/// Writes one half of its tile, and leaves zeros in the other.
const HALF: &str = "__kernel void f(__global uint *out) {
    if (get_local_id(0) % 2) out[dpin_tile() * 64 + get_local_id(0)] = (uint)get_global_id(0);
}
";

fn request(executor: &Executor, source: &str, params: &[Param], job: u64) -> RunRequest {
    executor.put_blob(source.as_bytes());
    let scalars = params.iter().filter(|param| matches!(param, Param::Scalar { .. }));
    RunRequest {
        kernel: manifest(source, params, [64, 1, 1], PER_ITEM),
        groups: [16, 1, 1],
        group_count: 16,
        scalars: scalars.map(|_| 1.5f32.to_le_bytes().to_vec()).collect(),
        ..simple(source, task(job), 1, 60_000)
    }
}

/// The failure texts for the kernel, as a task and as a sample.
fn faults(source: &str, params: &[Param], input: Option<&[u8]>) -> [String; 2] {
    let executor = Executor::start();
    let mut task = request(&executor, source, params, 1);
    task.inputs = input.map(|bytes| executor.put_blob(bytes)).into_iter().collect();
    let sample = RunRequest { id: Hash::repeat_byte(9), work: Work::Sample(vec![0]), ..task.clone() };
    [task, sample].map(|request| match executor.failure(&request) {
        ReasonCode::KernelFault { log } => failure_in(&executor.log(&log)).to_owned(),
        other => panic!("{other:?}"),
    })
}

const SCALAR: Param = Param::Scalar { bytes: 4 };

#[test]
fn a_kernel_that_works_in_place_is_told_that_it_reads_its_output() {
    let input: Vec<u8> = (0..16 * 64u16).flat_map(|i| f32::from(i).to_le_bytes()).collect();
    for told in faults(IN_PLACE, &[Param::Input, Param::Output, SCALAR], Some(&input)) {
        assert!(told.contains("the kernel reads its output `y`"), "{told}");
    }
}

#[test]
fn a_kernel_that_stores_where_it_is_in_the_job_is_told_that_it_leaves_its_tile() {
    let executor = Executor::start();
    let task = request(&executor, PLAIN_OUTPUT, &[Param::Output, SCALAR], 1);
    let ReasonCode::KernelFault { log } = executor.failure(&task) else { panic!("not KernelFault") };
    let told = executor.log(&log);
    assert!(told.contains("the kernel stores outside of its tile") && told.contains("`out`"), "{told}");
}

#[test]
fn a_kernel_that_reads_another_tile_is_no_good() {
    for told in faults(NEIGHBOUR, &[Param::Output], None) {
        assert!(told.contains("output `out`"), "{told}");
        assert!(told.contains("reads its") || told.contains("not reproducible"), "{told}");
    }
}

#[test]
fn a_kernel_that_writes_where_it_is_in_the_launch_is_not_reproducible() {
    for told in faults(POSITION, &[Param::Output], None) {
        assert!(told.contains("the kernel is not reproducible") && told.contains("`out`"), "{told}");
    }
}

#[test]
fn a_kernel_that_reaches_around_the_prelude_is_not_reproducible() {
    let source = "#undef get_group_id
#undef get_num_groups
__kernel void f(__global uint *out) {
    out[dpin_tile() * 64 + get_local_id(0)] = (uint)(get_group_id(0) + get_num_groups(0));
}
";
    for told in faults(source, &[Param::Output], None) {
        assert!(told.contains("the kernel is not reproducible"), "{told}");
    }
}

#[test]
fn a_sample_does_not_read_its_inputs_back_and_a_task_does() {
    let source = "__kernel void f(__global uint *out, __global uint *in) {
        out[dpin_tile() * 64 + get_local_id(0)] = in[0];
        in[get_global_id(0)] = in[0];
    }";
    let executor = Executor::start();
    let mut task = request(&executor, source, &[Param::Output, Param::Input], 1);
    task.inputs = vec![executor.put_blob(&(0..16 * 64u32).flat_map(u32::to_le_bytes).collect::<Vec<u8>>())];
    let sample = RunRequest { id: Hash::repeat_byte(9), work: Work::Sample(vec![0, 3]), ..task.clone() };
    assert_eq!(executor.sample(&sample).len(), 2);
    let ReasonCode::KernelFault { log } = executor.failure(&task) else { panic!("not KernelFault") };
    assert_eq!(failure_in(&executor.log(&log)), "the kernel wrote to input 0");
}

#[test]
fn a_kernel_that_writes_an_address_is_not_reproducible() {
    for told in faults(ADDRESS, &[Param::Output], None) {
        assert!(told.contains("the kernel is not reproducible"), "{told}");
    }
}

#[test]
fn bytes_that_are_not_written_are_zero_and_no_fault() {
    let executor = Executor::start();
    let request = request(&executor, HALF, &[Param::Output], 1);
    let commitment = executor.commitment(&request);
    let expected: Vec<u8> = (0..16 * 64u32).flat_map(|i| if i % 2 == 1 { i } else { 0 }.to_le_bytes()).collect();
    assert_eq!(executor.output(task(1), &commitment.root), expected);
}

/// The output and the exit code of `kernel-check`.
fn check(source: &str, manifest: &KernelManifest, more: &[&str]) -> (serde_json::Value, Option<i32>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kernel.cl");
    std::fs::write(&path, source).unwrap();
    let mut command = Command::new(PROGRAM);
    command.arg("kernel-check").arg(&path).args(["--json", "--manifest-hex", &hex::encode(manifest.encode())]);
    let output = command.args(more).output().unwrap();
    let told = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (told, output.status.code())
}

#[test]
fn kernel_check_names_rule_and_parameter() {
    let params = [Param::Input, Param::Output, SCALAR];
    for (source, params, rule, parameter) in [
        (IN_PLACE, &params[..], "reads-output", "y"),
        (PLAIN_OUTPUT, &[Param::Output, SCALAR][..], "stores-outside-tile", "out"),
        (POSITION, &[Param::Output][..], "not-reproducible", "out"),
    ] {
        let (told, code) = check(source, &manifest(source, params, [64, 1, 1], PER_ITEM), &[]);
        assert_eq!((code, told["built"].as_bool()), (Some(1), Some(true)), "{told}");
        let fault = &told["faults"][0];
        assert_eq!((fault["rule"].as_str(), fault["parameter"].as_str()), (Some(rule), Some(parameter)), "{told}");
        assert!(!told["device"].as_str().unwrap().is_empty());
    }
}

#[test]
fn kernel_check_passes_a_kernel_that_keeps_to_the_rules_and_takes_arguments() {
    let params = [Param::Output, SCALAR];
    let source = "__kernel void f(__global uint *out, uint n) {
        if (n != 7) *(volatile __global uint *)(size_t)8 = n;
        out[dpin_tile() * 64 + get_local_id(0)] = n;
    }";
    let manifest = manifest(source, &params, [64, 1, 1], PER_ITEM);
    let (told, code) = check(source, &manifest, &["--scalar", "07000000", "--groups", "3,2,1"]);
    assert_eq!((code, told["faults"].as_array().map(Vec::len)), (Some(0), Some(0)), "{told}");
    let (told, code) = check(source, &manifest, &["--scalar", "08000000"]);
    assert_eq!((code, told["faults"][0]["rule"].as_str()), (Some(1), Some("crash")), "{told}");
    // With a made-up number it is no fault.
    let (told, code) = check(source, &manifest, &[]);
    assert!(code == Some(0) && told["notes"][0].as_str().unwrap().contains("made up"), "{told}");
}

#[test]
fn kernel_check_tells_what_the_compiler_says() {
    let source = "__kernel void f(__global uint *out) { out[0] = nonsense; }";
    let (told, code) = check(source, &manifest(source, &[Param::Output], [1, 1, 1], PER_ITEM), &[]);
    assert_eq!((code, told["built"].as_bool()), (Some(1), Some(false)), "{told}");
    assert!(told["log"].as_str().unwrap().contains("nonsense"), "{told}");
}

#[test]
fn kernel_check_refuses_arguments_that_do_not_fit() {
    let manifest = manifest(COUNT, &[Param::Output], [16, 1, 1], PER_ITEM);
    let folder = tempfile::tempdir().unwrap();
    let run = |source: &str, more: &[&str]| {
        let path = folder.path().join("kernel.cl");
        std::fs::write(&path, source).unwrap();
        let hex = hex::encode(manifest.encode());
        let mut command = Command::new(PROGRAM);
        let command = command.arg("kernel-check").arg(path).args(["--json", "--manifest-hex", &hex]).args(more);
        command.output().unwrap().status.code()
    };
    assert_eq!(run("another source", &[]), Some(2));
    assert_eq!(run(COUNT, &["--scalar", "00"]), Some(2));
    assert_eq!(run(COUNT, &["--groups", "0,1,1"]), Some(2));
    assert_eq!(run(COUNT, &["--device", "99"]), Some(3));
}

#[test]
fn the_ready_kernels_keep_to_the_rules() {
    let bytes = |len: u32| (0..len).map(|i| (i * 37 % 256) as u8 as i8).collect::<Vec<_>>();
    let jobs = [
        View::whole_set(64, 32, 100).job().unwrap(),
        Sizes { m: 32, n: 64, k: 16 }.job(&bytes(32 * 16), &bytes(16 * 64)).unwrap(),
        mlp_digits::digits_job().unwrap(),
        conformance::job(1, 0).unwrap(),
        throughput::job(1, 4).unwrap(),
    ];
    assert_eq!(jobs.len(), all().len());
    for job in jobs {
        let request = request_of(&job, task(0), Work::Task, 0, job.groups());
        let folder = tempfile::tempdir().unwrap();
        let mut more: Vec<String> = vec!["--groups".into(), request.groups.map(|n| n.to_string()).join(",")];
        for scalar in &job.scalars {
            more.extend(["--scalar".into(), hex::encode(scalar)]);
        }
        for (number, input) in job.inputs.iter().enumerate() {
            let path = folder.path().join(number.to_string());
            std::fs::write(&path, input).unwrap();
            more.extend(["--input".into(), Path::to_str(&path).unwrap().into()]);
        }
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let (told, code) = check(job.kernel.source, &request.kernel, &more);
        assert_eq!(code, Some(0), "{}: {told}", job.kernel.name);
    }
}
