//! The child: one process per run, the only one that talks to OpenCL.

use crate::{
    device::{Backend, Device, Program},
    opencl::OpenCl,
    sandbox,
    wire::{self, Fault, Order, Phase, Report, OUTPUT_FILE, SOURCE_FILE},
};
use dpin_primitives::{
    executor::{RunRequest, Work},
    kernel::Tiling,
    prelude::{build_options, prelude},
};
use std::{
    fs::File,
    io::{BufWriter, Write},
    process::ExitCode,
    time::{Duration, Instant},
};

/// Work-groups of the first launch; later ones follow the clock.
const FIRST_LAUNCH_GROUPS: u32 = 64;
/// How long one launch shall take, so that the device is never busy for long without an answer.
const LAUNCH_TIME: Duration = Duration::from_millis(200);
/// Most bytes of output of one launch, unless a single tile is larger.
const MAX_LAUNCH_BYTES: u64 = 64 * 1024 * 1024;

/// Read an order from standard input, carry it out, report on standard output.
pub fn main(limits: &sandbox::Limits) -> ExitCode {
    let mut parent = match sandbox::enter(limits) {
        Ok(reports) => reports,
        Err(error) => {
            eprintln!("sandbox: {error}");
            return ExitCode::FAILURE;
        }
    };
    let outcome = match wire::receive::<Order>(&mut std::io::stdin().lock()) {
        Ok(Order::Discover) => OpenCl.devices().map(Report::Devices),
        Ok(Order::Run { device, memory_limit, request }) => {
            run(&OpenCl, device, memory_limit, &request, &mut parent).map(|kernel_ns| Report::Done { kernel_ns })
        }
        Err(error) => Err(Fault::Executor(format!("order: {error}"))),
    };
    let sent = wire::send(&mut parent, &outcome.unwrap_or_else(Report::Failed));
    // Drivers' destructors are a common place to hang, and there is nothing left to be tidied.
    sandbox::exit_now(if sent.is_ok() { 0 } else { 1 })
}

fn run(
    backend: &impl Backend,
    device: u32,
    memory_limit: u64,
    request: &RunRequest,
    parent: &mut impl Write,
) -> Result<u64, Fault> {
    let kernel = &request.kernel;
    let source = std::fs::read(SOURCE_FILE)?;
    let inputs =
        (0..request.inputs.len()).map(|i| std::fs::read(wire::input_file(i))).collect::<Result<Vec<_>, _>>()?;
    let input_bytes: u64 = inputs.iter().map(|input| input.len() as u64).sum();
    let room = memory_limit.saturating_sub(input_bytes);
    let tile = u64::from(kernel.tiling.tile_bytes());
    if room < tile {
        return Err(Fault::Memory(format!(
            "inputs of {input_bytes} bytes and a tile of {tile} exceed the limit of {memory_limit}"
        )));
    }

    wire::send(parent, &Report::Phase(Phase::Opening))?;
    let mut device = backend.open(device)?;
    wire::send(parent, &Report::Phase(Phase::Building))?;
    device.load(Program {
        // The name stands in the compiler's messages, instead of that of a temporary file.
        prelude: prelude(request.groups, kernel.local_size) + "#line 1 \"kernel.cl\"\n",
        source,
        options: build_options(kernel),
        entry: String::from_utf8_lossy(&kernel.entry).into_owned(),
        params: &kernel.params,
        scalars: &request.scalars,
        inputs,
        local_size: kernel.local_size,
    })?;
    wire::send(parent, &Report::Phase(Phase::Running))?;

    let mut output = BufWriter::new(File::create(OUTPUT_FILE)?);
    let kernel_ns = compute(device.as_mut(), request, room, &mut output, &mut |done| {
        wire::send(parent, &Report::Progress(done)).map_err(Fault::from)
    })?;
    device.check_inputs()?;
    output.flush()?;
    Ok(kernel_ns)
}

/// Compute the tiles `request` asks for and write them to `output` one after the other. `room` is what one launch may
/// take, in bytes. Returns the time the kernel ran, in ns.
fn compute(
    device: &mut dyn Device,
    request: &RunRequest,
    room: u64,
    output: &mut impl Write,
    progress: &mut dyn FnMut(u64) -> Result<(), Fault>,
) -> Result<u64, Fault> {
    let tile_bytes = match request.kernel.tiling {
        Tiling::PerGroup { bytes } => bytes,
        Tiling::Whole { bytes } => {
            // Its work-groups share the tile, so they must see one another's writes: one launch.
            let mut tile = vec![0; bytes as usize];
            let time = device.launch(request.first_group, request.group_count, &mut tile)?;
            output.write_all(&tile)?;
            progress(request.group_count.into())?;
            return Ok(time);
        }
    };
    let most = u32::try_from(room.min(MAX_LAUNCH_BYTES) / u64::from(tile_bytes)).unwrap_or(u32::MAX).max(1);
    let mut pace = FIRST_LAUNCH_GROUPS;
    let (mut done, mut time) = (0u64, 0u64);
    let mut buffer = Vec::new();
    for (first, count) in spans(request) {
        let mut finished = 0;
        while finished < count {
            let groups = pace.min(most).min(count - finished);
            buffer.resize(groups as usize * tile_bytes as usize, 0);
            let begun = Instant::now();
            let first_group = request.first_group.saturating_add(u64::from(first)).saturating_add(u64::from(finished));
            time = time.saturating_add(device.launch(first_group, groups, &mut buffer)?);
            output.write_all(&buffer)?;
            pace = next_pace(pace, groups, begun.elapsed());
            finished += groups;
            done = done.saturating_add(u64::from(groups));
            progress(done)?;
        }
    }
    Ok(time)
}

/// Work-groups of the next launch, when `groups` took `elapsed`: at most 8 times, at least an eighth of the pace.
fn next_pace(pace: u32, groups: u32, elapsed: Duration) -> u32 {
    let ideal = u128::from(groups) * LAUNCH_TIME.as_micros() / elapsed.as_micros().max(1);
    let ideal = u32::try_from(ideal).unwrap_or(u32::MAX);
    // A launch that was cut short by the end of its span says little about how fast a full one would be.
    let least = if groups < pace && elapsed < LAUNCH_TIME { pace } else { (pace / 8).max(1) };
    ideal.clamp(least, pace.saturating_mul(8).max(least))
}

/// The contiguous ranges of tiles to compute: first tile and number.
fn spans(request: &RunRequest) -> Vec<(u32, u32)> {
    let Work::Sample(tiles) = &request.work else { return vec![(0, request.group_count)] };
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for tile in tiles {
        match spans.last_mut() {
            Some((first, count)) if first.checked_add(*count) == Some(*tile) => *count += 1,
            _ => spans.push((*tile, 1)),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{
        kernel::{KernelClass, KernelManifest},
        Hash, TaskId,
    };

    /// A device whose tiles say which work-group wrote them and where.
    struct Fake {
        launches: Vec<(u64, u32)>,
    }

    impl Device for Fake {
        fn load(&mut self, _: Program<'_>) -> Result<(), Fault> {
            Ok(())
        }

        fn launch(&mut self, first_group: u64, groups: u32, output: &mut [u8]) -> Result<u64, Fault> {
            assert!(groups > 0);
            self.launches.push((first_group, groups));
            for (tile, group) in output.chunks_exact_mut(8).zip(first_group..) {
                tile.copy_from_slice(&group.to_le_bytes());
            }
            Ok(7)
        }

        fn check_inputs(&mut self) -> Result<(), Fault> {
            Ok(())
        }
    }

    fn request(work: Work, tiling: Tiling) -> RunRequest {
        RunRequest {
            id: Hash::zero(),
            genesis: Hash::zero(),
            task: TaskId { job: 0, index: 0 },
            work,
            kernel: KernelManifest {
                source: Hash::zero(),
                entry: b"f".to_vec().try_into().unwrap(),
                params: Default::default(),
                local_size: [1, 1, 1],
                tiling,
                options: Default::default(),
                class: KernelClass::Raw,
            },
            groups: [10_000, 1, 1],
            first_group: 500,
            group_count: 3_000,
            scalars: Vec::new(),
            inputs: Vec::new(),
            limit_ms: 1,
        }
    }

    fn computed(request: &RunRequest, room: u64) -> (Vec<u8>, Vec<(u64, u32)>, u64) {
        let mut fake = Fake { launches: Vec::new() };
        let mut output = Vec::new();
        let mut progress = 0;
        let time = compute(&mut fake, request, room, &mut output, &mut |done| {
            progress = done;
            Ok(())
        })
        .unwrap();
        assert_eq!(time, 7 * fake.launches.len() as u64);
        (output, fake.launches, progress)
    }

    fn tiles(groups: impl Iterator<Item = u64>) -> Vec<u8> {
        groups.flat_map(u64::to_le_bytes).collect()
    }

    #[test]
    fn a_task_in_several_launches_is_position_exact() {
        let (output, launches, progress) = computed(&request(Work::Task, Tiling::PerGroup { bytes: 8 }), 8 * 100);
        assert!(launches.len() >= 30, "room for 100 tiles a launch was not kept: {launches:?}");
        assert_eq!(output, tiles(500..3_500));
        assert_eq!(progress, 3_000);
    }

    #[test]
    fn neighbouring_samples_share_a_launch() {
        let sample = Work::Sample(vec![0, 1, 2, 7, 9, 10]);
        let (output, launches, _) = computed(&request(sample, Tiling::PerGroup { bytes: 8 }), 1 << 20);
        assert_eq!(launches, [(500, 3), (507, 1), (509, 2)]);
        assert_eq!(output, tiles([500, 501, 502, 507, 509, 510].into_iter()));
    }

    #[test]
    fn a_shared_tile_is_computed_in_one_launch() {
        let (output, launches, _) = computed(&request(Work::Sample(vec![0]), Tiling::Whole { bytes: 8 }), 8);
        assert_eq!(launches, [(500, 3_000)]);
        assert_eq!(output, tiles([500].into_iter()));
    }

    #[test]
    fn the_pace_follows_the_clock_within_bounds() {
        assert_eq!(next_pace(64, 64, Duration::ZERO), 512);
        assert_eq!(next_pace(64, 64, LAUNCH_TIME), 64);
        assert_eq!(next_pace(64, 64, LAUNCH_TIME * 2), 32);
        assert_eq!(next_pace(64, 64, LAUNCH_TIME * 1000), 8);
        assert_eq!(next_pace(1, 1, LAUNCH_TIME * 1000), 1);
        assert_eq!(next_pace(64, 1, Duration::from_millis(100)), 64);
        assert_eq!(next_pace(u32::MAX, u32::MAX, Duration::ZERO), u32::MAX);
    }
}
