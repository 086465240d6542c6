//! The OpenCL binding: the only module that calls `ocl`, and only in child processes.

mod describe;
mod errors;

use super::{
    Backend, Device, DeviceTimes, Launch, MAX_COMPILER_BYTES, Probe, Probed, Program,
    entry::{DeviceEntry, DeviceKey},
    fault::ChildFault,
};
use crate::store::files::now_ms;
use describe::{described, fp32_config};
use dpin_primitives::{
    kernel::Param,
    prelude::{BUILD_OPTIONS, ROUNDED_DIVISION_OPTION},
};
use errors::{opening, status, text, transfer};
use ocl::core::{
    self as cl, ArgVal, DeviceId, DeviceInfo, DeviceInfoResult, DeviceType, Event, KernelArgInfo, KernelArgInfoResult,
    KernelInfo, KernelInfoResult, Mem, MemFlags, ProfilingInfo, ProgramBuildInfo, ProgramInfo, ProgramInfoResult,
    Status,
};
use std::{
    collections::VecDeque,
    ffi::CString,
    fs::File,
    io::{self, Write},
    os::unix::fs::FileExt,
};

/// Bytes behind the output that no kernel may write to, and the value they are filled with.
const GUARD_BYTES: usize = 4096;
const GUARD: u8 = 0xa5;
/// Bytes of an input that are transferred to the device, or back, at a time.
const PIECE_BYTES: usize = 16 * 1024 * 1024;
/// Queues of a device. Launches in different queues may run side by side, so a sample of single
/// work-groups takes about as long as its longest.
const QUEUES: usize = 32;
/// Work-items that keep a compute unit busy on a device other than a CPU, and the most work-groups
/// a unit holds at a time.
const UNIT_ITEMS: u32 = 2048;
const UNIT_GROUPS: u32 = 32;
/// Most work-items in a row of a launch on a CPU. For wider launches PoCL links the kernel again,
/// and nothing can be linked once a kernel has run.
const SMALL_GRID: u32 = u16::MAX as u32 - 1;

/// All devices of all OpenCL platforms.
pub(crate) struct OpenCl;

impl Backend for OpenCl {
    fn devices(&self) -> Result<Vec<DeviceEntry>, ChildFault> {
        Ok(described()?.into_iter().map(|(entry, ..)| entry).collect())
    }

    fn open(&self, key: &DeviceKey) -> Result<Box<dyn Device>, ChildFault> {
        let devices = described()?;
        let (entry, platform, device) = devices
            .iter()
            .find(|(entry, ..)| entry.key() == *key)
            .ok_or_else(|| ChildFault::DeviceLost(format!("{key} is not among the {} devices found", devices.len())))?;
        if !entry.available {
            return Err(ChildFault::DeviceLost(format!("{key} takes no work")));
        }
        let properties = cl::ContextProperties::new().platform(*platform);
        let context = cl::create_context(Some(&properties), &[*device], None, None).map_err(opening)?;
        let queues = (0..QUEUES)
            .map(|_| {
                cl::create_command_queue(&context, device, Some(cl::CommandQueueProperties::PROFILING_ENABLE))
                    .map_err(opening)
            })
            .collect::<Result<Vec<_>, _>>()?;
        Ok(Box::new(OpenDevice {
            device: *device,
            context,
            queues,
            one_at_a_time: is_confused_by_two(entry),
            next_queue: 0,
            loaded: None,
            spare: Vec::new(),
            in_flight: VecDeque::new(),
            times: DeviceTimes::default(),
            kernels_until: 0,
            reads_until: 0,
        }))
    }
}

struct OpenDevice {
    device: DeviceId,
    context: cl::Context,
    queues: Vec<cl::CommandQueue>,
    /// Whether a launch must end before the next one starts.
    one_at_a_time: bool,
    next_queue: usize,
    loaded: Option<Loaded>,
    /// Unused output buffers, with their sizes in bytes without the guard.
    spare: Vec<(Mem, usize)>,
    in_flight: VecDeque<Vec<Launched>>,
    times: DeviceTimes,
    /// Device time up to which kernels have been counted, in ns.
    kernels_until: u64,
    /// Device time up to which reads have been counted, in ns.
    reads_until: u64,
}

/// A launch that was handed to the device.
struct Launched {
    buffer: Mem,
    capacity: usize,
    /// Host memory that receives the output and its guard.
    host: Vec<u8>,
    kernel: Event,
    read: Event,
}

impl Drop for OpenDevice {
    fn drop(&mut self) {
        // The device may still write into this memory.
        std::mem::forget(std::mem::take(&mut self.in_flight));
    }
}

struct Loaded {
    kernel: cl::Kernel,
    messages: String,
    program: cl::Program,
    local_size: [u32; 3],
    output_param: u32,
    inputs: Vec<Input>,
}

struct Input {
    buffer: Mem,
    file: File,
    len: usize,
}

/// Bytes that are being read back from the device.
struct Reading {
    bytes: Vec<u8>,
    event: Event,
}

impl Reading {
    fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Wait for the read, and return the bytes.
    fn wait(mut self) -> Result<Vec<u8>, cl::Error> {
        cl::wait_for_event(&self.event)?;
        Ok(std::mem::take(&mut self.bytes))
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        // The device may still write into this memory.
        std::mem::forget(std::mem::take(&mut self.bytes));
    }
}

impl Input {
    /// Fill `piece` with the file's bytes from `offset` on.
    fn read(&self, offset: usize, piece: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(piece, offset as u64)
    }
}

impl Device for OpenDevice {
    fn prepare(&mut self) {
        // A name that was never used. For a known program the driver would use its cache, without
        // loading its compiler.
        let name = format!("prepare_{}_{}", std::process::id(), now_ms());
        let _ = self.build(&Program {
            prelude: String::new(),
            source: format!("__kernel void {name}(__global uint *out) {{ out[get_global_id(0)] = 1; }}\n").into_bytes(),
            options: BUILD_OPTIONS.into(),
            entry: name,
            params: &[Param::Output],
            scalars: &[],
            inputs: Vec::new(),
            local_size: [1; 3],
            binary: None,
        });
    }

    fn load(&mut self, program: Program<'_>) -> Result<(), ChildFault> {
        let (built, kernel, messages) = self.build(&program)?;
        let queue = self.queue()?;
        let mut loaded = Loaded {
            kernel,
            messages,
            program: built,
            local_size: program.local_size,
            output_param: 0,
            inputs: Vec::new(),
        };
        let (mut scalars, mut inputs) = (program.scalars.iter(), program.inputs.into_iter());
        for (position, param) in (0u32..).zip(program.params) {
            let set = |value: ArgVal<'_>| {
                cl::set_kernel_arg(&loaded.kernel, position, value).map_err(|error| {
                    ChildFault::Build(format!("parameter {position} is not {param:?}: {}", text(&error)))
                })
            };
            let missing = || ChildFault::Executor(format!("no value for parameter {position}"));
            match param {
                Param::Output => loaded.output_param = position,
                Param::Local { bytes } => set(ArgVal::local::<u8>(&(*bytes as usize)))?,
                Param::Scalar { .. } => match scalars.next().ok_or_else(missing)?.as_slice() {
                    [a] => set(ArgVal::scalar(a))?,
                    [a, b] => set(ArgVal::scalar(&u16::from_ne_bytes([*a, *b])))?,
                    [a, b, c, d] => set(ArgVal::scalar(&u32::from_ne_bytes([*a, *b, *c, *d])))?,
                    bytes => match bytes.first_chunk::<8>() {
                        Some(all) if bytes.len() == 8 => set(ArgVal::scalar(&u64::from_ne_bytes(*all)))?,
                        _ => return Err(missing()),
                    },
                },
                Param::Input => {
                    let input = self.input(&queue, inputs.next().ok_or_else(missing)?)?;
                    set(ArgVal::mem(&input.buffer))?;
                    loaded.inputs.push(input);
                }
            }
        }
        self.loaded = Some(loaded);
        Ok(())
    }

    fn messages(&self) -> String {
        self.loaded.as_ref().map(|loaded| loaded.messages.clone()).unwrap_or_default()
    }

    fn width(&self) -> u32 {
        let units = match cl::get_device_info(self.device, DeviceInfo::MaxComputeUnits) {
            Ok(DeviceInfoResult::MaxComputeUnits(units)) => units.max(1),
            _ => 1,
        };
        if self.is_cpu() {
            return units;
        }
        let items = self.loaded.as_ref().map_or(1, |loaded| loaded.local_size.iter().product::<u32>().max(1));
        units.saturating_mul((UNIT_ITEMS / items).clamp(1, UNIT_GROUPS))
    }

    fn widest(&self) -> u32 {
        if !self.is_cpu() {
            return u32::MAX;
        }
        let items = self.loaded.as_ref().map_or(1, |loaded| loaded.local_size.iter().copied().max().unwrap_or(1));
        (SMALL_GRID / items.max(1)).max(1)
    }

    fn binary(&self) -> Option<Vec<u8>> {
        match cl::get_program_info(&self.loaded.as_ref()?.program, ProgramInfo::Binaries) {
            Ok(ProgramInfoResult::Binaries(binaries)) => binaries.into_iter().next().filter(|bytes| !bytes.is_empty()),
            _ => None,
        }
    }

    fn start(&mut self, batch: &[Launch]) -> Result<(), ChildFault> {
        let loaded = self.loaded.take().ok_or_else(|| ChildFault::Executor("no program is loaded".into()))?;
        self.in_flight.push_back(Vec::with_capacity(batch.len()));
        let started = batch.iter().try_for_each(|launch| self.enqueue(&loaded, launch));
        self.loaded = Some(loaded);
        // After a kernel fault every later call fails, so the kernel's fault takes precedence.
        started.map_err(|fault| self.kernel_fault().unwrap_or(fault))
    }

    fn finish(&mut self, output: &mut dyn Write) -> Result<(), ChildFault> {
        self.wait()?;
        let batch = self.in_flight.pop_front().unwrap_or_default();
        let mut kernels: Vec<(u64, u64)> = batch.iter().map(|launched| interval(&launched.kernel)).collect();
        kernels.sort_unstable();
        for span in kernels {
            self.times.kernel_ns = self.times.kernel_ns.saturating_add(beyond(&mut self.kernels_until, span));
        }
        for launched in batch {
            let span = interval(&launched.read);
            self.times.read_ns = self.times.read_ns.saturating_add(beyond(&mut self.reads_until, span));
            let (tiles, guard) = launched.host.split_at(launched.host.len().saturating_sub(GUARD_BYTES));
            if guard.iter().any(|byte| *byte != GUARD) {
                return Err(ChildFault::Kernel("the kernel wrote behind its output".into()));
            }
            output.write_all(tiles)?;
            self.spare.push((launched.buffer, launched.capacity));
        }
        Ok(())
    }

    fn probe(&mut self, probes: &[Probe]) -> Result<Vec<Probed>, ChildFault> {
        let loaded = self.loaded.take().ok_or_else(|| ChildFault::Executor("no program is loaded".into()))?;
        self.spare.clear();
        self.in_flight.push_back(Vec::with_capacity(probes.len()));
        let started = probes.iter().try_for_each(|probe| {
            let bytes = probe.launch.bytes.saturating_add(probe.guard_bytes);
            let buffer = self.buffer(MemFlags::READ_WRITE, bytes)?;
            self.launch(&loaded, probe, buffer, probe.launch.bytes)
        });
        self.loaded = Some(loaded);
        match started {
            // The device is in use, so the check is skipped.
            Err(ChildFault::NoRoom(_) | ChildFault::Memory(_)) => {
                self.wait()?;
                self.in_flight.clear();
                return Ok(Vec::new());
            }
            Err(fault) => return Err(self.kernel_fault().unwrap_or(fault)),
            Ok(()) => self.wait()?,
        }
        let launched = self.in_flight.pop_front().unwrap_or_default();
        let probed = probes.iter().zip(launched).map(|(probe, launched)| {
            let mut output = launched.host;
            let guard = output.split_off(probe.launch.bytes.min(output.len()));
            Probed { output, guarded: guard.iter().all(|byte| *byte == probe.guard) }
        });
        Ok(probed.collect())
    }

    fn type_of(&self, position: u32) -> Option<String> {
        let kernel = &self.loaded.as_ref()?.kernel;
        match cl::get_kernel_arg_info(kernel, position, KernelArgInfo::TypeName, None) {
            Ok(KernelArgInfoResult::TypeName(name)) => Some(name),
            _ => None,
        }
    }

    fn times(&self) -> DeviceTimes {
        self.times
    }

    fn check_inputs(&mut self) -> Result<(), ChildFault> {
        let inputs = self.loaded.iter().flat_map(|loaded| &loaded.inputs).enumerate();
        let mut all = inputs
            .flat_map(|(position, input)| pieces(input.len).map(move |(offset, len)| (position, input, offset, len)));
        let mut given = Vec::new();
        let mut coming = all.next().map(|piece| self.reading(piece));
        while let Some(piece) = coming.take() {
            let (position, input, offset, reading): (usize, &Input, usize, Reading) = piece?;
            // The next piece is being read while this one is compared.
            coming = all.next().map(|piece| self.reading(piece));
            given.resize(reading.len(), 0);
            input.read(offset, &mut given)?;
            let kept = reading.wait().map_err(|error| self.running(error))?;
            if given != kept {
                return Err(ChildFault::Kernel(format!("the kernel wrote to input {position}")));
            }
        }
        Ok(())
    }
}

impl OpenDevice {
    /// The program with its kernel, and the messages of the compiler.
    fn build(&self, program: &Program<'_>) -> Result<(cl::Program, cl::Kernel, String), ChildFault> {
        let no_nul = |_| ChildFault::Build("the source contains a NUL byte".into());
        let parts = [
            CString::new(program.prelude.as_str()).map_err(no_nul)?,
            CString::new(program.source.as_slice()).map_err(no_nul)?,
        ];
        let mut options = program.options.clone();
        if fp32_config(self.device).contains(cl::DeviceFpConfig::CORRECTLY_ROUNDED_DIVIDE_SQRT) {
            options = options + " " + ROUNDED_DIVISION_OPTION;
        }
        let options = CString::new(options).map_err(no_nul)?;
        let compiled = program.binary.as_ref().and_then(|binary| self.take(binary, &options));
        let (built, outcome) = match compiled {
            Some(taken) => (taken, Ok(())),
            None => {
                let built = cl::create_program_with_source(&self.context, &parts).map_err(opening)?;
                let outcome = cl::build_program(&built, Some(&[self.device]), &options, None, None);
                (built, outcome)
            }
        };
        let messages = || {
            let log = cl::get_program_build_info(&built, self.device, ProgramBuildInfo::BuildLog);
            let log = log.map(|log| log.to_string()).unwrap_or_default();
            in_source(&log, program.prelude.lines().count())
        };
        let log = || format!("options: {}\n{}", options.to_string_lossy(), messages());
        if let Err(error) = outcome {
            return Err(match status(&error) {
                Some(Status::CL_OUT_OF_HOST_MEMORY) => ChildFault::Memory(text(&error)),
                Some(Status::CL_COMPILER_NOT_AVAILABLE | Status::CL_INVALID_DEVICE) => opening(error),
                Some(other) => ChildFault::Build(format!("{}{other}", log())),
                None => ChildFault::Build(log()),
            });
        }
        // The binding reports a failed build with an empty log as a success. This call then fails.
        let kernel = cl::create_kernel(&built, &program.entry)
            .map_err(|error| ChildFault::Build(format!("{}no kernel `{}`: {}", log(), program.entry, text(&error))))?;
        match cl::get_kernel_info(&kernel, KernelInfo::NumArgs) {
            Ok(KernelInfoResult::NumArgs(count)) if count as usize != program.params.len() => Err(ChildFault::Build(
                format!("kernel `{}` has {count} parameters, its manifest {}", program.entry, program.params.len()),
            )),
            _ => {
                let mut said = messages();
                said.truncate(said.floor_char_boundary(MAX_COMPILER_BYTES));
                Ok((built, kernel, said))
            }
        }
    }

    /// The program in `binary`, if the driver accepts it.
    fn take(&self, binary: &[u8], options: &CString) -> Option<cl::Program> {
        let taken = cl::create_program_with_binary(&self.context, &[self.device], &[binary]).ok()?;
        cl::build_program(&taken, Some(&[self.device]), options, None, None).ok()?;
        Some(taken)
    }

    fn is_cpu(&self) -> bool {
        let kind = cl::get_device_info(self.device, DeviceInfo::Type);
        matches!(kind, Ok(DeviceInfoResult::Type(kind)) if kind.contains(DeviceType::CPU))
    }

    fn buffer(&self, flags: MemFlags, len: usize) -> Result<Mem, ChildFault> {
        // SAFETY: no host pointer is passed.
        unsafe { cl::create_buffer::<_, u8>(&self.context, flags, len, None) }.map_err(transfer)
    }

    /// A buffer with the bytes of `file`. They are transferred in pieces, because they may fill the
    /// whole device.
    fn input(&self, queue: &cl::CommandQueue, file: File) -> Result<Input, ChildFault> {
        let len = file.metadata()?.len();
        let len =
            usize::try_from(len).map_err(|_| ChildFault::Memory(format!("an input of {len} bytes has no address")))?;
        // OpenCL has no empty buffers.
        let input = Input { buffer: self.buffer(MemFlags::READ_ONLY, len.max(1))?, file, len };
        let mut piece = vec![0; len.min(PIECE_BYTES)];
        for (offset, len) in pieces(input.len) {
            piece.truncate(len);
            input.read(offset, &mut piece)?;
            // SAFETY: the write blocks, so `piece` outlives it. The pieces lie within the buffer.
            unsafe {
                cl::enqueue_write_buffer(queue, &input.buffer, true, offset, &piece, None::<Event>, None::<&mut Event>)
            }
            .map_err(transfer)?;
        }
        Ok(input)
    }

    /// The error of a kernel in flight, if one has failed. Waits for those that run.
    fn kernel_fault(&self) -> Option<ChildFault> {
        let mut launched = self.in_flight.iter().flatten();
        launched.find_map(|launched| cl::wait_for_event(&launched.kernel).err()).map(|error| self.running(error))
    }

    /// The fault behind an error that comes once the kernel may have run. Drivers report a bad
    /// access in many ways, and a lost device in the same ways. If the device accepts other orders,
    /// it is not lost. It may refuse orders from this process and accept them from another; the
    /// parent finds that out.
    fn running(&self, error: cl::Error) -> ChildFault {
        match opening(error) {
            // The buffers exist already, but a kernel also needs memory for its work-items.
            ChildFault::NoRoom(text) => ChildFault::Memory(text),
            ChildFault::Executor(text) => match self.another_order() {
                Ok(()) => ChildFault::Kernel(text),
                Err(why) => ChildFault::DeviceLost(format!("{text}; then it does nothing else: {}", self::text(&why))),
            },
            other => other,
        }
    }

    /// Whether the device completes an operation in a new context, which no kernel has touched.
    fn another_order(&self) -> Result<(), cl::Error> {
        let context = cl::create_context(None, &[self.device], None, None)?;
        let queue = cl::create_command_queue(&context, self.device, None)?;
        // SAFETY: no host pointer is passed.
        let buffer = unsafe { cl::create_buffer::<_, u8>(&context, MemFlags::READ_WRITE, 4, None) }?;
        cl::enqueue_fill_buffer(&queue, &buffer, 0u8, 0, 4, None::<Event>, None::<&mut Event>, None)?;
        cl::finish(&queue)
    }

    /// The queues in turn.
    fn queue(&mut self) -> Result<cl::CommandQueue, ChildFault> {
        let place = self.next_queue.checked_rem(self.queues.len()).unwrap_or_default();
        self.next_queue = place + 1;
        self.queues.get(place).cloned().ok_or_else(|| ChildFault::Executor("the device has no queue".into()))
    }

    /// Start to read a piece of an input back. Takes and returns the input's position and the
    /// input. Takes the piece's offset and length in bytes; returns the offset.
    fn reading<'a>(
        &self,
        (position, input, offset, len): (usize, &'a Input, usize, usize),
    ) -> Result<(usize, &'a Input, usize, Reading), ChildFault> {
        let queue = self.queues.first().ok_or_else(|| ChildFault::Executor("the device has no queue".into()))?;
        let mut reading = Reading { bytes: vec![0; len], event: Event::null() };
        let Reading { bytes, event } = &mut reading;
        // SAFETY: `bytes` stays in place until the read is over: only `wait` releases it, and
        // `drop` leaks it.
        unsafe { cl::enqueue_read_buffer(queue, &input.buffer, false, offset, bytes, None::<Event>, Some(event)) }
            .and_then(|()| cl::flush(queue))
            .map_err(|error| self.running(error))?;
        Ok((position, input, offset, reading))
    }

    /// An output buffer of at least `len` bytes, plus the guard.
    fn output_buffer(&mut self, len: usize) -> Result<(Mem, usize), ChildFault> {
        if let Some(place) = self.spare.iter().position(|(_, capacity)| *capacity >= len) {
            return Ok(self.spare.swap_remove(place));
        }
        // Smaller buffers are released first, so that the device never holds both.
        self.spare.clear();
        Ok((self.buffer(MemFlags::READ_WRITE, len.saturating_add(GUARD_BYTES))?, len))
    }

    /// Wait for the oldest batch in flight.
    fn wait(&self) -> Result<(), ChildFault> {
        let batch = self.in_flight.front().ok_or_else(|| ChildFault::Executor("nothing was started".into()))?;
        for launched in batch {
            cl::wait_for_event(&launched.kernel).map_err(|error| self.running(error))?;
            cl::wait_for_event(&launched.read).map_err(|error| self.running(error))?;
        }
        Ok(())
    }

    /// Enqueue a launch as part of the newest batch: clear the output, run the kernel, read the
    /// output back.
    fn enqueue(&mut self, loaded: &Loaded, launch: &Launch) -> Result<(), ChildFault> {
        let (buffer, capacity) = self.output_buffer(launch.bytes)?;
        let probe = Probe { launch: *launch, fill: 0, guard: GUARD, guard_bytes: GUARD_BYTES };
        self.launch(loaded, &probe, buffer, capacity)
    }

    /// As [`Self::enqueue`], for a probe. `buffer` holds `capacity` bytes plus the guard.
    fn launch(&mut self, loaded: &Loaded, probe: &Probe, buffer: Mem, capacity: usize) -> Result<(), ChildFault> {
        let queue = self.queue()?;
        let launch = &probe.launch;
        cl::set_kernel_arg(&loaded.kernel, loaded.output_param, ArgVal::mem(&buffer)).map_err(|error| {
            ChildFault::Build(format!("parameter {} is no buffer: {}", loaded.output_param, text(&error)))
        })?;
        let fill = |value: u8, offset, len| {
            cl::enqueue_fill_buffer(&queue, &buffer, value, offset, len, None::<Event>, None::<&mut Event>, None)
                .map_err(transfer)
        };
        fill(probe.fill, 0, launch.bytes)?;
        fill(probe.guard, launch.bytes, probe.guard_bytes)?;

        let [x, y, z] = loaded.local_size.map(|size| size as usize);
        let too_large = || ChildFault::Executor("the launch does not fit this machine's size_t".into());
        let offset =
            usize::try_from(launch.first_group).ok().and_then(|first| first.checked_mul(x)).ok_or_else(too_large)?;
        let width = (launch.groups as usize).checked_mul(x).ok_or_else(too_large)?;
        let (mut kernel, mut read) = (Event::null(), Event::null());
        // SAFETY: every parameter is set. The kernel itself may do anything, which is why it runs
        // in a separate process.
        unsafe {
            cl::enqueue_kernel(
                &queue,
                &loaded.kernel,
                3,
                // PoCL links a kernel once for launches without an offset and once for launches
                // with one. An offset in a dimension that no kernel sees makes all launches alike.
                Some([offset, 1, 0]),
                &[width, y, z],
                Some([x, y, z]),
                None::<Event>,
                Some(&mut kernel),
            )
        }
        .map_err(|error| self.running(error))?;
        let mut host = vec![0; launch.bytes.saturating_add(probe.guard_bytes)];
        // SAFETY: the buffer is as long as `host`, and `host` stays in place until the read is
        // over. It goes into `in_flight`, which only `finish` releases, and which `drop` leaks.
        unsafe { cl::enqueue_read_buffer(&queue, &buffer, false, 0, &mut host, None::<Event>, Some(&mut read)) }
            .map_err(|error| self.running(error))?;
        if let Some(batch) = self.in_flight.back_mut() {
            batch.push(Launched { buffer, capacity, host, kernel, read });
        }
        let sent = if self.one_at_a_time { cl::finish(&queue) } else { cl::flush(&queue) };
        sent.map_err(|error| self.running(error))
    }
}

/// The offsets and lengths of the pieces of an input of `len` bytes.
fn pieces(len: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..len).step_by(PIECE_BYTES).map(move |offset| (offset, PIECE_BYTES.min(len.saturating_sub(offset))))
}

/// The messages of a compiler, with line numbers of the kernel's source. NVIDIA's compiler ignores
/// `#line`: it calls all parts together `<kernel>`, and counts the `before` lines of the prelude.
fn in_source(log: &str, before: usize) -> String {
    const ALL: &str = "<kernel>:";
    let mut parts = log.split(ALL);
    let mut named = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (number, rest) = part.split_at(part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len()));
        match number.parse::<usize>().ok().and_then(|line| line.checked_sub(before)).filter(|line| *line > 0) {
            Some(line) => named += &format!("kernel.cl:{line}{rest}"),
            None => named += &format!("{ALL}{part}"),
        }
    }
    named
}

/// Start and end of a command, in ns of the device's clock.
fn interval(event: &Event) -> (u64, u64) {
    let time = |what| cl::get_event_profiling_info(event, what).and_then(|info| info.time()).unwrap_or_default();
    (time(ProfilingInfo::Start), time(ProfilingInfo::End))
}

/// The part of `span` after `until`, in ns. Moves `until` to the end of `span`.
fn beyond(until: &mut u64, (start, end): (u64, u64)) -> u64 {
    let new = end.saturating_sub(start.max(*until));
    *until = end.max(*until);
    new
}

/// Whether a device's driver crashes with two launches of one program in flight. PoCL 5 does, in
/// its cache of linked programs, for any caller (`pocl_release_dlhandle_cache: Assertion
/// found->ref_count > 0`). Version 3 does not; others have not been tried.
fn is_confused_by_two(entry: &DeviceEntry) -> bool {
    entry.platform == "Portable Computing Language" && entry.driver.starts_with("5.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_pointer_width = "64")]
    fn an_input_of_4_gib_goes_over_in_pieces() {
        let len = 1usize << 32;
        assert_eq!(pieces(len).map(|(_, piece)| piece).sum::<usize>(), len);
        assert_eq!(pieces(len).last(), Some((len - PIECE_BYTES, PIECE_BYTES)));
        assert_eq!(pieces(PIECE_BYTES + 1).collect::<Vec<_>>(), [(0, PIECE_BYTES), (PIECE_BYTES, 1)]);
        assert_eq!(pieces(0).count(), 0);
    }

    #[test]
    fn messages_of_a_compiler_that_does_not_heed_line_directives_get_the_sources_lines() {
        let log = "<kernel>:24:14: error: a\n    <kernel>\n<kernel>:22:1: note: b\n<kernel>:9:1: c\n<kernel>:21:1: d";
        let named = "kernel.cl:3:14: error: a\n    <kernel>\nkernel.cl:1:1: note: b\n<kernel>:9:1: c\n<kernel>:21:1: d";
        assert_eq!(in_source(log, 21), named);
        for untouched in ["", "kernel.cl:3:14: error", "<kernel>:", "<kernel>:99999999999999999999999:1"] {
            assert_eq!(in_source(untouched, 21), untouched);
        }
    }
}
