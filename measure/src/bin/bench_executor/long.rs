//! Kernels that take seconds, on the plain program and on the executor in turn.

use crate::{
    PATIENCE,
    goals::{Figures, Goals},
    ours::{Ours, put_blobs, root_of, run_ours},
};
use anyhow::{Result, bail, ensure};
use dpin_kernels::{
    Job, JobError,
    mandelbrot::{View, fixed},
    matmul_int8::Sizes,
};
use dpin_measure::{
    executor::{Executor, manifest, request_of, simple, task},
    plain::{Host, Order, Ran},
};
use dpin_primitives::{
    executor::{RunRequest, Work},
    kernel::{Param, Tiling},
};

/// Goal: the ratio of elapsed times, and of times on the device.
const KERNEL_GOAL: f64 = 1.02;
/// How often a job that turns out too short is made longer.
const CALIBRATIONS: u32 = 6;

/// Uses integers only, takes an adjustable time, and writes hardly any output.
const MIX: &str = "__kernel void f(__global uint *out, uint rounds) {
    uint x = (uint)get_global_id(0) + 1u;
    for (uint i = 0; i < rounds; i++) {
        x ^= x << 13;
        x ^= x >> 17;
        x ^= x << 5;
        x += i;
    }
    out[dpin_tile() * 64 + get_local_id(0)] = x;
}
";
/// Work-items of a work-group of [`MIX`], and its work-groups.
const MIX_LOCAL: u32 = 64;
const MIX_GROUPS: u32 = 16_384;

/// Measure all kinds of long kernels, each about `seconds` long, this many times.
pub(crate) fn long_kernels(executor: &Executor, seconds: f64, rounds: u32, goals: &mut Goals) -> Result<()> {
    let host = Host::new()?;
    let (mut clock, mut device): (Vec<f64>, Vec<f64>) = Default::default();
    for (name, sized) in KINDS {
        let order = calibrated(&host, name, sized, seconds)?;
        let (plain, ours) = take_turns(&host, executor, &order, rounds)?;
        let same = |ours: &Ours| root_of(&order.request, ours.task, &plain[0].output) == ours.root;
        ensure!(ours.iter().all(same), "{name}: the executor's output is not that of the plain program");
        let ratios = compare(name, &plain, &ours);
        clock.push(ratios.0);
        device.push(ratios.1);
    }
    // The figure is that of the worst job, not of the mean.
    let worst = |ratios: &[f64]| ratios.iter().copied().fold(f64::NAN, f64::max);
    goals.most("overhead_kernel", worst(&clock), KERNEL_GOAL, 3);
    goals.most("overhead_device", worst(&device), KERNEL_GOAL, 3);
    Ok(())
}

/// Let the plain program and the executor run an order in turn.
fn take_turns(host: &Host, executor: &Executor, order: &Order, rounds: u32) -> Result<(Vec<Ran>, Vec<Ours>)> {
    put_blobs(executor, order);
    // Once, to fill the caches.
    run_ours(executor, order)?;
    let (mut plain, mut ours) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let mut of_plain = || host.run(order).map(|ran| plain.push(ran));
        let mut of_ours = || run_ours(executor, order).map(|ran| ours.push(ran));
        if round % 2 == 0 {
            of_plain()?;
            of_ours()?;
        } else {
            of_ours()?;
            of_plain()?;
        }
    }
    Ok((plain, ours))
}

/// Print the times of both. Returns the ratios of the medians, by the clock and on the device.
fn compare(name: &str, plain: &[Ran], ours: &[Ours]) -> (f64, f64) {
    let of_plain = |figure: fn(&Ran) -> f64| Figures::of(plain.iter().map(figure));
    let of_ours = |figure: fn(&Ours) -> f64| Figures::of(ours.iter().map(figure));
    let (plain_wall, ours_wall) = (of_plain(|ran| ran.wall.as_secs_f64()), of_ours(|ran| ran.wall.as_secs_f64()));
    let (plain_device, ours_device) =
        (of_plain(|ran| ran.device_us as f64 / 1e6), of_ours(|ran| ran.device_us as f64 / 1e6));
    println!("{name}: plain    wall {plain_wall:.3} s, device {plain_device:.3} s");
    println!("{name}: executor wall {ours_wall:.3} s, device {ours_device:.3} s");
    println!(
        "{name}: plain    build {:.0} ms, read {:.0} ms",
        of_plain(|ran| ran.build_ms as f64),
        of_plain(|ran| ran.read_ms as f64),
    );
    println!(
        "{name}: executor build {:.0} ms, read {:.0} ms, hash {:.0} ms",
        of_ours(|ran| ran.build_ms as f64),
        of_ours(|ran| ran.read_ms as f64),
        of_ours(|ran| ran.hash_ms as f64),
    );
    let (clock, device) = (ours_wall.median / plain_wall.median, ours_device.median / plain_device.median);
    println!("{name}: clock {clock:.3}, device {device:.3}");
    (clock, device)
}

/// A job of a kind whose size grows with a number.
type Kind = fn(u32) -> Result<Order>;
const KINDS: [(&str, Kind); 3] = [("mix", mix), ("mandelbrot", mandelbrot), ("matmul_int8", matmul)];

fn mix(size: u32) -> Result<Order> {
    let params = [Param::Output, Param::Scalar { bytes: 4 }];
    let tiling = Tiling::PerGroup { bytes: 4 * MIX_LOCAL };
    let request = RunRequest {
        kernel: manifest(MIX, &params, [MIX_LOCAL, 1, 1], tiling),
        groups: [MIX_GROUPS, 1, 1],
        group_count: MIX_GROUPS,
        scalars: vec![size.saturating_mul(16).to_le_bytes().to_vec()],
        ..simple(MIX, task(0), 1, PATIENCE.as_millis() as u64)
    };
    Ok(Order { request, source: MIX.into(), inputs: Vec::new() })
}

/// A picture that lies entirely in the set, so that its cost grows with its height.
fn mandelbrot(size: u32) -> Result<Order> {
    let inside = View::whole_set(512, 512, 20_000);
    order(View { height: 16 * size, centre_x: fixed(-0.2), step: 1, ..inside }.job())
}

/// A product of square matrices whose cost grows with `size`.
fn matmul(size: u32) -> Result<Order> {
    let side = 16 * (f64::from(size) * 4_096.0).cbrt().ceil() as u32;
    let matrix = |seed: u32| -> Vec<i8> {
        (0..side * side).map(|i| (i.wrapping_add(seed).wrapping_mul(2_654_435_761) >> 24) as i8).collect()
    };
    order(Sizes { m: side, n: side, k: side }.job(&matrix(1), &matrix(2)))
}

fn order(job: Result<Job, JobError>) -> Result<Order> {
    let job = job?;
    let request = request_of(&job, task(0), Work::Task, 0, job.groups());
    let request = RunRequest { limit_ms: PATIENCE.as_millis() as u64, ..request };
    Ok(Order { request, source: job.kernel.source.into(), inputs: job.inputs })
}

/// A job that takes the plain program about `seconds` on the device, and at least one second.
fn calibrated(host: &Host, name: &str, sized: Kind, seconds: f64) -> Result<Order> {
    let mut size = 4;
    let (size, took) = loop {
        let took = host.run(&sized(size)?)?.device_us as f64 / 1e6;
        if took >= 0.25 || size >= 1 << 20 {
            break (size, took);
        }
        size *= 2;
    };
    let mut wanted = f64::from(size) * seconds / took;
    // On a busy machine the first measurement may have been too long.
    for _ in 0..CALIBRATIONS {
        let size = wanted.ceil().clamp(1.0, f64::from(u32::MAX)) as u32;
        let order = sized(size)?;
        let took = host.run(&order)?.device_us as f64 / 1e6;
        if took >= 1.0 {
            println!("{name}: size {size} takes {took:.2} s on the device");
            return Ok(order);
        }
        wanted = f64::from(size) * (1.25 * seconds / took).min(8.0);
    }
    bail!("no {name} takes this device a second")
}
