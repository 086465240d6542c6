//! The child: one process per run, and the only one that talks to OpenCL.

mod conformity;
mod launches;

use super::{
    sandbox::{self, Folder, Limits, Nodes},
    wire::{self, Finding, Message, Order, PROGRAM_FILE, Phase, Rule, SOURCE_FILE, Times},
};
use crate::{
    device::{Backend, Device, Program, fault::ChildFault, opencl::OpenCl},
    store::programs,
};
use dpin_primitives::{
    executor::{RunRequest, Work},
    kernel::Param,
    prelude::{build_options, prelude},
};
use launches::compute;
use std::{
    fs::File,
    io::{self, BufWriter, Write},
    mem::ManuallyDrop,
    process::ExitCode,
    time::{Duration, Instant},
};

/// Bytes of small tiles that are sent together, and most bytes sent in one piece.
const SMALL_PIECE: usize = 256 * 1024;
const LARGE_PIECE: usize = 64 * 1024 * 1024;

/// Read an order from standard input, carry it out, and report on standard output.
pub(crate) fn main(limits: &Limits) -> ExitCode {
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
            Ok(Order::Probe(probe)) => break Ok(Message::Probed(sandbox::probe(&probe, &entered))),
            Ok(Order::Discover) => break OpenCl.devices().map(Message::Devices),
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
                break run(open, &entered.folder, limits, memory_limit, &request, check, parent).map(Message::Done);
            }
            Ok(Order::Check { device, memory_limit, request, made_up }) => {
                let open = || OpenCl.open(&device);
                break check(open, &entered.folder, limits, memory_limit, *request, made_up, parent)
                    .map(Message::Checked);
            }
            Err(error) => break Err(ChildFault::Executor(format!("order: {error}"))),
        }
    };
    let sent = wire::send(&mut &*parent, &outcome.unwrap_or_else(Message::Failed));
    // Destructors of drivers often hang, and nothing needs cleaning up.
    sandbox::exit_now(if sent.is_ok() { 0 } else { 1 })
}

fn run(
    open: impl FnOnce() -> Result<Box<dyn Device>, ChildFault>,
    folder: &Folder,
    limits: &Limits,
    memory_limit: u64,
    request: &RunRequest,
    check: bool,
    mut parent: &File,
) -> Result<Times, ChildFault> {
    let begun = Instant::now();
    // Removes files that the preparation left there.
    programs::settle(&folder.program(), &folder.cache())?;
    let (mut device, room, build_ns) = load(open, folder, memory_limit, request, inputs_of(request)?, "", parent)?;
    // On the host's own processor, the driver caches compiled programs in the same folder itself.
    let binary = folder.cache().join(PROGRAM_FILE);
    let is_wanted = limits.nodes != Nodes::Host && !binary.exists();
    if let Some(bytes) = is_wanted.then(|| device.binary()).flatten() {
        std::fs::write(&binary, bytes)?;
    }
    let mut output = BufWriter::with_capacity(SMALL_PIECE, Output(parent));
    begin(limits, parent)?;
    let running = Instant::now();
    let shortest = compute(device.as_mut(), request, room, &mut output, &mut |done| {
        wire::send(&mut parent, &Message::Progress(done)).map_err(ChildFault::from)
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
            let messages: Vec<String> = found.into_iter().map(|finding| finding.message).collect();
            return Err(ChildFault::Kernel(messages.join("\n")));
        }
    }
    Ok(Times { build_ns, kernel_ns: times.kernel_ns, read_ns: times.read_ns, checked })
}

/// Check the rules for the kernel of `request`. `made_up`: its scalars are made up, by their types.
fn check(
    open: impl FnOnce() -> Result<Box<dyn Device>, ChildFault>,
    folder: &Folder,
    limits: &Limits,
    memory_limit: u64,
    mut request: RunRequest,
    made_up: bool,
    parent: &File,
) -> Result<Vec<Finding>, ChildFault> {
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
        Err(ChildFault::Kernel(message)) => {
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
fn begin(limits: &Limits, mut parent: &File) -> Result<(), ChildFault> {
    let on_the_host = limits.nodes == Nodes::Host;
    let walled = if on_the_host { sandbox::with_the_first_code() } else { sandbox::before_the_run(false) };
    walled.or_else(|error| if limits.insecure { Ok(()) } else { Err(error) })?;
    Ok(wire::send(&mut parent, &Message::Phase(Phase::Running))?)
}

/// Open the files with the inputs of `request`.
fn inputs_of(request: &RunRequest) -> io::Result<Vec<File>> {
    (0..request.inputs.len()).map(|index| File::open(wire::input_file(index))).collect()
}

/// A device with a program and its arguments, the bytes left for outputs, and the time for building
/// in ns. The device is not dropped: the driver would spend a hundred milliseconds on cleaning up
/// its compiler, although the process ends.
type Loaded = (ManuallyDrop<Box<dyn Device>>, u64, u64);

/// Open the device, and load the program of `request` with its arguments, built with the options
/// `more` added.
fn load(
    open: impl FnOnce() -> Result<Box<dyn Device>, ChildFault>,
    folder: &Folder,
    memory_limit: u64,
    request: &RunRequest,
    inputs: Vec<File>,
    more: &str,
    mut parent: &File,
) -> Result<Loaded, ChildFault> {
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
        return Err(ChildFault::Memory(format!(
            "inputs of {input_bytes} bytes and a tile of {tile} exceed the limit of {memory_limit}"
        )));
    }

    wire::send(&mut parent, &Message::Phase(Phase::Opening))?;
    // Not dropped: the driver would spend a hundred milliseconds on cleaning up its compiler,
    // although the process ends.
    let mut device = ManuallyDrop::new(open()?);
    wire::send(&mut parent, &Message::Phase(Phase::Building))?;
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
    wire::send(&mut parent, &Message::Built { messages: device.messages(), cached: false })?;
    Ok((device, room, build_ns))
}

/// Sends the bytes written to it to the parent, as a part of the output. The kernel cannot change
/// them there.
struct Output<'a>(&'a File);

impl Write for Output<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let piece = bytes.get(..LARGE_PIECE).unwrap_or(bytes);
        wire::send(&mut self.0, &Message::Output(piece.len() as u32))?;
        self.0.write_all(piece)?;
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use dpin_primitives::{
        Hash, TaskId,
        kernel::{KernelClass, KernelManifest, Tiling},
    };

    /// A request of 3,000 work-groups.
    pub(crate) fn request(work: Work, tiling: Tiling) -> RunRequest {
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
}
