//! The ready kernels on the OpenCL device give the results of their references, bit for bit.

mod common;

use common::*;
use dpin_kernels::{Job, conformance, mandelbrot::View, matmul_int8::Sizes, mlp_digits, throughput};
use dpin_primitives::{
    Hash, TaskId,
    executor::Work,
    kernel::{Param, Tiling},
    tile_tree::{self, leaf},
    worker::DeviceClass,
};

fn leaves(task: TaskId, tiles: &[u8], tile_bytes: u32) -> Vec<Hash> {
    tiles.chunks(tile_bytes as usize).zip(0..).map(|(tile, i)| leaf(&GENESIS, task, i, tile)).collect()
}

/// Check a whole task, a task in the middle of the job, a sample of it, and an opening of the
/// sample.
fn matches_its_reference(job: &Job) {
    let executor = Executor::start();
    put_blobs_of(&executor, job);
    let tile_bytes = job.kernel.manifest().unwrap().tiling.tile_bytes();
    let groups = job.groups();

    let (inner_first, inner_count) = (groups / 3, groups / 2);
    for (number, first, count) in [(0, 0, groups), (1, inner_first, inner_count)] {
        let request = request_of(job, task(number), Work::Task, first, count);
        let commitment = executor.commitment(&request);
        let reference = job.reference(first..first + count);
        assert_eq!(commitment.output_len, reference.len() as u64);
        assert!(executor.output(task(number), &commitment.root) == reference, "{} differs", job.kernel.name);
        assert_eq!(commitment.root, tile_tree::root(&leaves(task(number), &reference, tile_bytes)));
    }

    let last = inner_count - 1;
    let sample: Vec<u32> =
        [0, 1, 2, last / 2, last].into_iter().collect::<std::collections::BTreeSet<_>>().into_iter().collect();
    let request = request_of(job, task(1), Work::Sample(sample.clone()), inner_first, inner_count);
    let sampled = executor.sample(&request);
    let worker = request_of(job, task(1), Work::Task, inner_first, inner_count).id;
    assert_eq!(sampled, executor.opening(&worker, &sample).leaves);
    let all = leaves(task(1), &job.reference(inner_first..inner_first + inner_count), tile_bytes);
    assert_eq!(sampled, sample.iter().map(|i| all[*i as usize]).collect::<Vec<_>>());
}

#[test]
fn mandelbrot_matches_its_reference() {
    matches_its_reference(&View::whole_set(256, 128, 300).job().unwrap());
}

#[test]
fn matmul_matches_its_reference() {
    let sizes = Sizes { m: 96, n: 64, k: 80 };
    let bytes = |len: u32, step: u32| (0..len).map(|i| (i * step % 256) as u8 as i8).collect::<Vec<_>>();
    matches_its_reference(&sizes.job(&bytes(96 * 80, 37), &bytes(80 * 64, 91)).unwrap());
}

#[test]
fn digits_match_their_reference() {
    matches_its_reference(&mlp_digits::digits_job().unwrap());
}

#[test]
fn conformance_matches_its_reference_in_every_claim_that_holds() {
    let seed = 0x0123_4567_89ab_cdef;
    let executor = Executor::start();
    let job = conformance::job(seed, conformance::ALL_CLAIMS).unwrap();
    put_blobs_of(&executor, &job);
    let commitment = executor.commitment(&request_of(&job, task(0), Work::Task, 0, conformance::GROUPS));
    let output = executor.output(task(0), &commitment.root);
    let claims = conformance::claims(&output, seed).unwrap();
    let device = executor.status().devices[0].clone();
    assert_eq!(claims & conformance::FP64 != 0, device.fp64);
    if device.class == DeviceClass::Cpu {
        assert_eq!(conformance::wrong_operations(&output, seed), Ok(vec![]));
    }
    matches_its_reference(&conformance::job(seed, claims).unwrap());
}

#[test]
fn throughput_matches_its_reference() {
    matches_its_reference(&throughput::job(0xfedc_ba98_7654_3210, 6).unwrap());
}

#[test]
fn a_grid_in_three_dimensions_is_numbered_row_by_row() {
    let source = "__kernel void f(__global uint *out) {
        if (get_local_id(0) == 0 && get_local_id(1) == 0) {
            __global uint *tile = out + dpin_tile() * 6;
            for (uint d = 0; d < 3; d++) {
                tile[d] = (uint)get_group_id(d);
                tile[3 + d] = (uint)get_global_size(d) + 1000u * (uint)get_global_id(d);
            }
        }
    }";
    let (groups, local) = ([5u32, 3, 2], [4u32, 2, 1]);
    let executor = Executor::start();
    executor.put_blob(source.as_bytes());
    let mut request = simple(source, task(0), 1, 20_000);
    request.kernel = manifest(source, &[Param::Output], local, Tiling::PerGroup { bytes: 24 });
    request.groups = groups;
    request.first_group = 7;
    request.group_count = 20;
    let commitment = executor.commitment(&request);
    let expected: Vec<u8> = (7u32..27)
        .flat_map(|g| {
            let id = [g % 5, g / 5 % 3, g / 15];
            let sizes = (0..3).map(move |d| groups[d] * local[d] + 1000 * id[d] * local[d]);
            id.into_iter().chain(sizes)
        })
        .flat_map(u32::to_le_bytes)
        .collect();
    assert_eq!(executor.output(task(0), &commitment.root), expected);
}

#[test]
fn a_shared_tile_collects_all_work_groups_of_the_task() {
    let source = "__kernel void f(__global uint *out, __global const uchar *in, ulong scale, uchar plus) {
        atomic_add(out + get_group_id(0) % 2, (uint)(in[get_group_id(0)] * scale + plus));
    }";
    let executor = Executor::start();
    executor.put_blob(source.as_bytes());
    let input: Vec<u8> = (0..50).collect();
    let mut request = simple(source, task(0), 50, 20_000);
    let params = [Param::Output, Param::Input, Param::Scalar { bytes: 8 }, Param::Scalar { bytes: 1 }];
    request.kernel = manifest(source, &params, [16, 1, 1], Tiling::Whole { bytes: 8 });
    request.inputs = vec![executor.put_blob(&input)];
    request.scalars = vec![3u64.to_le_bytes().to_vec(), vec![1]];
    request.first_group = 10;
    request.group_count = 40;
    let commitment = executor.commitment(&request);
    let sum = |parity: u32| (10..50).filter(|g| g % 2 == parity).map(|g| 16 * (3 * g + 1)).sum::<u32>();
    let expected = [sum(0).to_le_bytes(), sum(1).to_le_bytes()].concat();
    assert_eq!(executor.output(task(0), &commitment.root), expected);

    request.work = Work::Sample(vec![0]);
    request.id = Hash::repeat_byte(1);
    assert_eq!(executor.sample(&request), leaves(task(0), &expected, 8));
}

#[test]
fn output_is_zero_where_nothing_is_written() {
    let source = "__kernel void f(__global uint *out) { if (get_global_id(0) == 16) out[dpin_tile() * 16] = 7; }";
    let executor = Executor::start();
    executor.put_blob(source.as_bytes());
    let commitment = executor.commitment(&simple(source, task(0), 2000, 20_000));
    let output = executor.output(task(0), &commitment.root);
    assert!(output.iter().enumerate().all(|(i, byte)| i == 64 || *byte == 0 || (*byte == 7 && i % 64 == 0)));
    assert_eq!(output[64], 7);
}
