//! The child: one process per run, and the only one that talks to OpenCL.

use crate::{
    conformity,
    device::{Backend, Device, Launch, Program},
    opencl::OpenCl,
    programs,
    sandbox::{self, Folder, Limits, Nodes},
    wire::{self, Fault, Finding, Order, Phase, Report, Rule, Times, PROGRAM_FILE, SOURCE_FILE},
};
use dpin_primitives::{
    executor::{RunRequest, Work},
    kernel::{Param, Tiling},
    prelude::{build_options, prelude},
};
use std::{
    collections::VecDeque,
    fs::File,
    io::{self, BufWriter, Write},
    mem::ManuallyDrop,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Work-groups of the first launch. Later launches are sized by the time that earlier ones took.
const FIRST_LAUNCH_GROUPS: u32 = 64;
/// Target time of one batch, so that a busy device responds soon.
const LAUNCH_TIME: Duration = Duration::from_millis(200);
/// Most bytes of output of all batches in flight, unless a single tile is larger.
pub const MAX_LAUNCH_BYTES: u64 = 64 * 1024 * 1024;
/// Batches in flight: the device computes the next one while the output of the last one is written.
const IN_FLIGHT: u64 = 2;
/// Most launches of a batch.
const MAX_LAUNCHES: usize = 32;
/// Bytes of small tiles that are sent together, and most bytes sent in one piece.
const SMALL_PIECE: usize = 256 * 1024;
const LARGE_PIECE: usize = 64 * 1024 * 1024;

/// Read an order from standard input, carry it out, and report on standard output.
pub fn main(limits: &Limits) -> ExitCode {
    let entered = match sandbox::enter(limits) {
        Ok(entered) => entered,
        Err(error) => {
            eprintln!("sandbox: {error}");
            return ExitCode::FAILURE;
        }
    };
    let parent = &entered.reports;
    let mut prepared = None;
    let outcome = loop {
        match wire::receive::<Order>(&mut std::io::stdin().lock()) {
            Ok(Order::Probe(probe)) => break Ok(Report::Probed(sandbox::probe(&probe, &entered))),
            Ok(Order::Discover) => break OpenCl.devices().map(Report::Devices),
            // A failure here happens again with the order to run, and is reported then.
            Ok(Order::Prepare { device }) => {
                prepared = OpenCl.open(&device).ok().map(|mut open| {
                    open.prepare();
                    (device, open)
                });
            }
            Ok(Order::Run { device, memory_limit, request, check }) => {
                let open = || match prepared.take().filter(|(other, _)| *other == device) {
                    Some((_, open)) => Ok(open),
                    None => OpenCl.open(&device),
                };
                break run(open, &entered.folder, limits, memory_limit, &request, check, parent).map(Report::Done);
            }
            Ok(Order::Check { device, memory_limit, request, made_up }) => {
                let open = || OpenCl.open(&device);
                break check(open, &entered.folder, limits, memory_limit, *request, made_up, parent)
                    .map(Report::Checked);
            }
            Err(error) => break Err(Fault::Executor(format!("order: {error}"))),
        }
    };
    let sent = wire::send(&mut &*parent, &outcome.unwrap_or_else(Report::Failed));
    // Destructors of drivers often hang, and nothing needs cleaning up.
    sandbox::exit_now(if sent.is_ok() { 0 } else { 1 })
}

fn run(
    open: impl FnOnce() -> Result<Box<dyn Device>, Fault>,
    folder: &Folder,
    limits: &Limits,
    memory_limit: u64,
    request: &RunRequest,
    check: bool,
    mut parent: &File,
) -> Result<Times, Fault> {
    let begun = Instant::now();
    // Removes files that the preparation left there.
    programs::settle(&folder.program(), &folder.cache())?;
    let (mut device, room, build_ns) = load(open, folder, memory_limit, request, inputs_of(request)?, "", parent)?;
    // On the host's own processor, the driver caches compiled programs in the same folder itself.
    let on_the_host = limits.nodes == Nodes::Host;
    let binary = folder.cache().join(PROGRAM_FILE);
    if !on_the_host && !binary.exists() {
        if let Some(bytes) = device.binary() {
            std::fs::write(&binary, bytes)?;
        }
    }
    let mut output = BufWriter::with_capacity(SMALL_PIECE, Output(parent));
    begin(limits, parent)?;
    let running = Instant::now();
    let shortest = compute(device.as_mut(), request, room, &mut output, &mut |done| {
        wire::send(&mut parent, &Report::Progress(done)).map_err(Fault::from)
    })?;
    output.flush()?;
    let times = device.times();
    let left = Duration::from_millis(request.limit_ms).saturating_sub(begun.elapsed());
    // The clock's time of the first batch includes linking; the device's time covers all batches
    // together.
    let took = shortest.map(|batch| [batch, (request.tiles(), Duration::from_nanos(times.kernel_ns))]);
    let mut took = took.into_iter().flatten().filter(|_| check);
    let checked = took.any(|(groups, took)| conformity::is_short(running.elapsed(), left, took, groups));
    // For samples this check gains nothing, because their tiles share only the inputs. A kernel
    // that wants them to differ from the task's tiles need not write to inputs for that. A kernel
    // that writes there by mistake already fails as a task.
    if request.work == Work::Task {
        device.check_inputs()?;
    }
    if checked {
        let found = conformity::find(device.as_mut(), request, room, || std::fs::read(SOURCE_FILE))?;
        if !found.is_empty() {
            let told: Vec<String> = found.into_iter().map(|finding| finding.message).collect();
            return Err(Fault::Kernel(told.join("\n")));
        }
    }
    Ok(Times { build_ns, kernel_ns: times.kernel_ns, read_ns: times.read_ns, checked })
}

/// Check the rules for the kernel of `request`. `made_up`: its scalars are made up, by their types.
fn check(
    open: impl FnOnce() -> Result<Box<dyn Device>, Fault>,
    folder: &Folder,
    limits: &Limits,
    memory_limit: u64,
    mut request: RunRequest,
    made_up: bool,
    parent: &File,
) -> Result<Vec<Finding>, Fault> {
    const TYPES: &str = " -cl-kernel-arg-info";
    programs::settle(&folder.program(), &folder.cache())?;
    // The parent removes the names of the inputs once they are open.
    let inputs = inputs_of(&request)?;
    let again = inputs.iter().map(File::try_clone).collect::<io::Result<Vec<_>>>()?;
    let (mut device, mut room, _) = load(open, folder, memory_limit, &request, inputs, TYPES, parent)?;
    if made_up {
        let params = (0u32..).zip(&request.kernel.params);
        let scalars = params.filter_map(|(position, param)| match param {
            Param::Scalar { bytes } => Some((position, *bytes)),
            _ => None,
        });
        let scalars = scalars.map(|(position, bytes)| made_up_scalar(device.type_of(position).as_deref(), bytes));
        request.scalars = scalars.collect();
        (device, room, _) =
            load(|| Ok(ManuallyDrop::into_inner(device)), folder, memory_limit, &request, again, TYPES, parent)?;
    }
    begin(limits, parent)?;
    let mut found = conformity::find(device.as_mut(), &request, room, || std::fs::read(SOURCE_FILE))?;
    match device.check_inputs() {
        Err(Fault::Kernel(message)) => {
            found.push(Finding { rule: Rule::StoresToInput, parameter: String::new(), message });
        }
        checked => checked?,
    }
    Ok(found)
}

/// A number that suits most kernels, for a parameter of this type.
fn made_up_scalar(name: Option<&str>, bytes: u8) -> Vec<u8> {
    const WHOLE: u64 = 64;
    match (name, bytes) {
        (Some("float"), 4) => 1.5f32.to_le_bytes().to_vec(),
        (Some("double"), 8) => 1.5f64.to_le_bytes().to_vec(),
        // 1.5 as a half.
        (Some("half"), 2) => 0x3e00u16.to_le_bytes().to_vec(),
        _ => WHOLE.to_le_bytes().into_iter().take(bytes.into()).collect(),
    }
}

/// Apply the filter of the run, and report that the kernel runs. If the kernel's code runs in this
/// process, no later report surely comes from the child itself.
fn begin(limits: &Limits, mut parent: &File) -> Result<(), Fault> {
    let on_the_host = limits.nodes == Nodes::Host;
    let walled = if on_the_host { sandbox::with_the_first_code() } else { sandbox::before_the_run(false) };
    walled.or_else(|error| if limits.insecure { Ok(()) } else { Err(error) })?;
    Ok(wire::send(&mut parent, &Report::Phase(Phase::Running))?)
}

/// Open the files with the inputs of `request`.
fn inputs_of(request: &RunRequest) -> io::Result<Vec<File>> {
    (0..request.inputs.len()).map(|index| File::open(wire::input_file(index))).collect()
}

/// Open the device, and load the program of `request` with its arguments, built with the options
/// `more` added. Returns the device, the bytes left for outputs, and the time for building in ns.
fn load(
    open: impl FnOnce() -> Result<Box<dyn Device>, Fault>,
    folder: &Folder,
    memory_limit: u64,
    request: &RunRequest,
    inputs: Vec<File>,
    more: &str,
    mut parent: &File,
) -> Result<(ManuallyDrop<Box<dyn Device>>, u64, u64), Fault> {
    let kernel = &request.kernel;
    sandbox::limit_processor_time(Duration::from_millis(request.limit_ms))?;
    let source = std::fs::read(SOURCE_FILE)?;
    let mut input_bytes = 0u64;
    for input in &inputs {
        input_bytes = input_bytes.saturating_add(input.metadata()?.len());
    }
    let room = memory_limit.saturating_sub(input_bytes);
    let tile = u64::from(kernel.tiling.tile_bytes());
    if room < tile {
        return Err(Fault::Memory(format!(
            "inputs of {input_bytes} bytes and a tile of {tile} exceed the limit of {memory_limit}"
        )));
    }

    wire::send(&mut parent, &Report::Phase(Phase::Opening))?;
    // Not dropped: the driver would spend a hundred milliseconds on cleaning up its compiler,
    // although the process ends.
    let mut device = ManuallyDrop::new(open()?);
    wire::send(&mut parent, &Report::Phase(Phase::Building))?;
    let building = Instant::now();
    let binary = folder.cache().join(PROGRAM_FILE);
    device.load(Program {
        // The messages of the compiler show this name instead of that of a temporary file.
        prelude: prelude(request.groups, kernel.local_size) + "#line 1 \"kernel.cl\"\n",
        source,
        options: build_options(kernel) + more,
        entry: String::from_utf8_lossy(&kernel.entry).into_owned(),
        params: &kernel.params,
        scalars: &request.scalars,
        inputs,
        local_size: kernel.local_size,
        binary: std::fs::read(&binary).ok(),
    })?;
    let build_ns = u64::try_from(building.elapsed().as_nanos()).unwrap_or(u64::MAX);
    wire::send(&mut parent, &Report::Built { messages: device.messages(), cached: false })?;
    Ok((device, room, build_ns))
}

/// Sends the bytes written to it to the parent, as a part of the output. The kernel cannot change
/// them there.
struct Output<'a>(&'a File);

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = bytes.get(..LARGE_PIECE).unwrap_or(bytes);
        wire::send(&mut self.0, &Report::Output(piece.len() as u32))?;
        self.0.write_all(piece)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Compute the tiles of `request`, and write them to `output` one after the other. The batches in
/// flight may take `room` bytes. Returns the work-groups and the time of the fastest batch; `None`
/// if there are no batches.
fn compute(
    device: &mut dyn Device,
    request: &RunRequest,
    room: u64,
    output: &mut impl Write,
    progress: &mut dyn FnMut(u64) -> Result<(), Fault>,
) -> Result<Option<(u32, Duration)>, Fault> {
    let tile_bytes = match request.kernel.tiling {
        Tiling::PerGroup { bytes } => bytes,
        Tiling::Whole { bytes } => {
            // The work-groups share the tile and must see each other's writes, so this is one
            // launch.
            let all = Launch { first_group: request.first_group, groups: request.group_count, bytes: bytes as usize };
            device.start(&[all])?;
            device.finish(output)?;
            progress(request.group_count.into())?;
            return Ok(None);
        }
    };
    let room = room.min(MAX_LAUNCH_BYTES);
    let depth = if room / IN_FLIGHT >= u64::from(tile_bytes) { IN_FLIGHT } else { 1 };
    let most = u32::try_from(room / depth / u64::from(tile_bytes)).unwrap_or(u32::MAX).max(1);
    let (width, widest) = (device.width(), device.widest());
    let mut pace = FIRST_LAUNCH_GROUPS.max(width);
    let mut spans: VecDeque<(u32, u32)> = spans(request).into();
    let mut in_flight: VecDeque<(u32, Instant)> = VecDeque::new();
    let mut finished = Instant::now();
    let mut done = 0u64;
    let mut shortest: Option<(u32, Duration)> = None;
    loop {
        while (in_flight.len() as u64) < depth {
            let batch = next_batch(&mut spans, pace.min(most), widest, request.first_group, tile_bytes);
            if batch.is_empty() {
                break;
            }
            in_flight.push_back((batch.iter().map(|launch| launch.groups).sum(), Instant::now()));
            device.start(&batch)?;
        }
        let Some((groups, started)) = in_flight.pop_front() else { return Ok(shortest) };
        device.finish(output)?;
        let now = Instant::now();
        // Until `finished`, the batch waited for the one before it.
        let took = now.duration_since(started.max(finished));
        pace = next_pace(pace, groups, took, width);
        shortest = Some(shortest.map_or((groups, took), |least| if took < least.1 { (groups, took) } else { least }));
        finished = now;
        done = done.saturating_add(u64::from(groups));
        progress(done)?;
    }
}

/// Cut launches from the front of `spans`: together at most `groups` work-groups, and at most
/// `widest` each.
fn next_batch(
    spans: &mut VecDeque<(u32, u32)>,
    groups: u32,
    widest: u32,
    first_group: u64,
    tile_bytes: u32,
) -> Vec<Launch> {
    let mut batch = Vec::new();
    let mut left = groups;
    while let Some((first, count)) = spans.front_mut().filter(|_| left > 0 && batch.len() < MAX_LAUNCHES) {
        let groups = left.min(*count).min(widest);
        let bytes = groups as usize * tile_bytes as usize;
        batch.push(Launch { first_group: first_group.saturating_add(u64::from(*first)), groups, bytes });
        *first = first.saturating_add(groups);
        *count -= groups;
        left -= groups;
        if *count == 0 {
            spans.pop_front();
        }
    }
    batch
}

/// Work-groups of the next batch, if `groups` took `elapsed`. The pace grows at most 8 times and
/// shrinks at most to an eighth. It never falls below the device's `width`, because fewer
/// work-groups would take as long.
fn next_pace(pace: u32, groups: u32, elapsed: Duration, width: u32) -> u32 {
    let ideal = u128::from(groups) * LAUNCH_TIME.as_micros() / elapsed.as_micros().max(1);
    let ideal = u32::try_from(ideal).unwrap_or(u32::MAX);
    // A batch cut short by the end of the work says little about the speed of a full one.
    let least = if groups < pace && elapsed < LAUNCH_TIME { pace } else { (pace / 8).max(1) };
    ideal.clamp(least, pace.saturating_mul(8).max(least)).max(width)
}

/// The contiguous ranges of tiles to compute, as first tile and number of tiles.
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
pub mod tests {
    use super::*;
    use crate::device::{DeviceTimes, Probe, Probed};
    use dpin_primitives::{
        kernel::{KernelClass, KernelManifest},
        Hash, TaskId,
    };

    /// A device whose tiles hold the number and the place of the work-group that wrote them.
    #[derive(Default)]
    struct Fake {
        width: u32,
        /// 0 for no limit.
        widest: u32,
        batches: Vec<Vec<(u64, u32)>>,
        in_flight: VecDeque<Vec<Launch>>,
        most_in_flight: usize,
    }

    impl Device for Fake {
        fn prepare(&mut self) {}

        fn load(&mut self, _: Program<'_>) -> Result<(), Fault> {
            Ok(())
        }

        fn messages(&self) -> String {
            String::new()
        }

        fn width(&self) -> u32 {
            self.width
        }

        fn widest(&self) -> u32 {
            if self.widest == 0 {
                u32::MAX
            } else {
                self.widest
            }
        }

        fn binary(&self) -> Option<Vec<u8>> {
            None
        }

        fn start(&mut self, batch: &[Launch]) -> Result<(), Fault> {
            assert!(batch.iter().all(|launch| launch.groups > 0));
            self.batches.push(batch.iter().map(|launch| (launch.first_group, launch.groups)).collect());
            self.in_flight.push_back(batch.to_vec());
            self.most_in_flight = self.most_in_flight.max(self.in_flight.len());
            Ok(())
        }

        fn finish(&mut self, output: &mut dyn Write) -> Result<(), Fault> {
            for launch in self.in_flight.pop_front().unwrap() {
                for group in (launch.first_group..).take(launch.bytes / 8) {
                    output.write_all(&group.to_le_bytes())?;
                }
            }
            Ok(())
        }

        fn probe(&mut self, _: &[Probe]) -> Result<Vec<Probed>, Fault> {
            Ok(Vec::new())
        }

        fn type_of(&self, _: u32) -> Option<String> {
            None
        }

        fn times(&self) -> DeviceTimes {
            DeviceTimes::default()
        }

        fn check_inputs(&mut self) -> Result<(), Fault> {
            Ok(())
        }
    }

    /// A request of 3,000 work-groups.
    pub fn request(work: Work, tiling: Tiling) -> RunRequest {
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

    fn computed(request: &RunRequest, room: u64) -> (Vec<u8>, Fake, u64) {
        let mut fake = Fake { width: 1, ..Fake::default() };
        let mut output = Vec::new();
        let mut progress = 0;
        compute(&mut fake, request, room, &mut output, &mut |done| {
            progress = done;
            Ok(())
        })
        .unwrap();
        assert!(fake.in_flight.is_empty());
        (output, fake, progress)
    }

    fn tiles(groups: impl Iterator<Item = u64>) -> Vec<u8> {
        groups.flat_map(u64::to_le_bytes).collect()
    }

    #[test]
    fn a_task_in_several_launches_is_position_exact() {
        let (output, fake, progress) = computed(&request(Work::Task, Tiling::PerGroup { bytes: 8 }), 8 * 100);
        assert!(fake.batches.len() >= 60, "room for 100 tiles in flight was not kept: {:?}", fake.batches);
        assert_eq!(fake.most_in_flight, 2);
        assert_eq!(output, tiles(500..3_500));
        assert_eq!(progress, 3_000);
    }

    #[test]
    fn where_two_tiles_have_no_room_one_is_in_flight() {
        let mut request = request(Work::Task, Tiling::PerGroup { bytes: 8 });
        request.group_count = 20;
        let (output, fake, _) = computed(&request, 15);
        assert_eq!((fake.most_in_flight, fake.batches.len()), (1, 20));
        assert_eq!(output, tiles(500..520));
    }

    #[test]
    fn samples_run_together_and_neighbours_share_a_launch() {
        let sample = Work::Sample(vec![0, 1, 2, 7, 9, 10]);
        let (output, fake, _) = computed(&request(sample, Tiling::PerGroup { bytes: 8 }), 1 << 20);
        assert_eq!(fake.batches, [vec![(500, 3), (507, 1), (509, 2)]]);
        assert_eq!(output, tiles([500, 501, 502, 507, 509, 510].into_iter()));
    }

    #[test]
    fn launches_are_cut_where_the_device_takes_no_wider_ones() {
        let mut fake = Fake { width: 1, widest: 40, ..Fake::default() };
        let mut output = Vec::new();
        let request = request(Work::Task, Tiling::PerGroup { bytes: 8 });
        compute(&mut fake, &request, 1 << 20, &mut output, &mut |_| Ok(())).unwrap();
        assert!(fake.batches.iter().flatten().all(|(_, groups)| *groups <= 40));
        assert_eq!(output, tiles(500..3_500));
    }

    #[test]
    fn a_batch_has_a_bounded_number_of_launches() {
        let (output, fake, _) =
            computed(&request(Work::Sample((0..100).map(|i| i * 2).collect()), Tiling::PerGroup { bytes: 8 }), 1 << 20);
        assert!(fake.batches.iter().all(|batch| batch.len() <= MAX_LAUNCHES));
        assert_eq!(output, tiles((0..100).map(|i| 500 + i * 2)));
    }

    #[test]
    fn a_shared_tile_is_computed_in_one_launch() {
        let (output, fake, _) = computed(&request(Work::Sample(vec![0]), Tiling::Whole { bytes: 8 }), 8);
        assert_eq!(fake.batches, [[(500, 3_000)]]);
        assert_eq!(output, tiles([500].into_iter()));
    }

    #[test]
    fn the_pace_follows_the_clock_within_bounds() {
        let pace = |pace, groups, elapsed| next_pace(pace, groups, elapsed, 1);
        assert_eq!(pace(64, 64, Duration::ZERO), 512);
        assert_eq!(pace(64, 64, LAUNCH_TIME), 64);
        assert_eq!(pace(64, 64, LAUNCH_TIME * 2), 32);
        assert_eq!(pace(64, 64, LAUNCH_TIME * 1000), 8);
        assert_eq!(pace(1, 1, LAUNCH_TIME * 1000), 1);
        assert_eq!(pace(64, 1, Duration::from_millis(100)), 64);
        assert_eq!(pace(u32::MAX, u32::MAX, Duration::ZERO), u32::MAX);
    }

    #[test]
    fn a_slow_kernel_still_fills_the_device() {
        assert_eq!(next_pace(64, 64, LAUNCH_TIME * 5, 2_112), 2_112);
        assert_eq!(next_pace(2_112, 2_112, LAUNCH_TIME * 5, 2_112), 2_112);
    }
}
