//! The fixed part of a run: a kernel of one work-group that does almost nothing.

use crate::{
    PATIENCE,
    goals::{Figures, Goals},
    ours::{put_blobs, run_ours},
};
use anyhow::Result;
use dpin_measure::{
    executor::{self, simple, task},
    plain::{Host, Order},
};
use std::time::Duration;

/// Goal: the ms that a warm start takes more than the plain program's.
const WARM_GOAL_MS: f64 = 100.0;
/// Idle time of an executor before a warm start: after half a second it prepares a spare child.
const IDLE: Duration = Duration::from_millis(2_500);
/// A kernel that does almost nothing.
const TRIVIAL: &str = "__kernel void f(__global uint *out) { out[dpin_tile() * 16 + get_local_id(0)] = 7; }\n";

/// The order of a kernel that does almost nothing.
pub(crate) fn trivial() -> Order {
    let request = simple(TRIVIAL, task(0), 1, PATIENCE.as_millis() as u64);
    Order { request, source: TRIVIAL.into(), inputs: Vec::new() }
}

/// Measure the fixed part of a run: cold, warm, and right after another run.
pub(crate) fn starts(starts: u32, goals: &mut Goals) -> Result<()> {
    let order = trivial();
    let (plain_cold, cold) = cold_starts(starts, &order)?;
    let (plain_warm, warm, busy) = warm_starts(starts, &order)?;
    println!("trivial kernel, cold: plain {plain_cold:.0} ms, executor {cold:.0} ms");
    println!(
        "trivial kernel, warm: plain {plain_warm:.0} ms, executor {warm:.0} ms, and {busy:.0} ms right after another run"
    );
    println!("fixed_ms_cold={:.0} of the plain program {:.0}", cold.median, plain_cold.median);
    println!("fixed_ms_warm={:.0} of the plain program {:.0}", warm.median, plain_warm.median);
    goals.most("fixed_ms_warm_more", warm.median - plain_warm.median, WARM_GOAL_MS, 0);
    Ok(())
}

/// Times in ms of the plain program and of the executor, each of which has never compiled the
/// kernel.
fn cold_starts(starts: u32, order: &Order) -> Result<(Figures, Figures)> {
    let (mut plain, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..starts {
        plain.push(ms(Host::new()?.run(order)?.wall));
        // Before half a second has passed, so that there is no spare child.
        let executor = executor::start(&[])?;
        put_blobs(&executor, order);
        ours.push(ms(run_ours(&executor, order)?.wall));
    }
    Ok((Figures::of(plain), Figures::of(ours)))
}

/// Times in ms of the plain program, of an executor that was idle, and of one that was not.
fn warm_starts(starts: u32, order: &Order) -> Result<(Figures, Figures, Figures)> {
    let host = Host::new()?;
    let executor = executor::start(&[])?;
    put_blobs(&executor, order);
    // Once, to fill the caches.
    host.run(order)?;
    run_ours(&executor, order)?;
    let (mut plain, mut warm, mut busy) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..starts {
        std::thread::sleep(IDLE);
        plain.push(ms(host.run(order)?.wall));
        warm.push(ms(run_ours(&executor, order)?.wall));
        busy.push(ms(run_ours(&executor, order)?.wall));
    }
    Ok((Figures::of(plain), Figures::of(warm), Figures::of(busy)))
}

fn ms(wall: Duration) -> f64 {
    wall.as_secs_f64() * 1e3
}
