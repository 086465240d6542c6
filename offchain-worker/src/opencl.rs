//! The OpenCL binding: the one module that calls `ocl`, in child processes only.

use crate::{
    device::{Backend, Device, Program},
    wire::{DeviceEntry, Fault},
};
use dpin_primitives::{
    blake2,
    kernel::Param,
    worker::{Device as DeviceRecord, DeviceClass},
    Hash,
};
use ocl::core::{
    self as cl, ArgVal, DeviceId, DeviceInfo, DeviceInfoResult, DeviceType, Event, KernelInfo, KernelInfoResult, Mem,
    MemFlags, PlatformId, PlatformInfo, ProfilingInfo, ProgramBuildInfo, Status,
};
use std::ffi::CString;

/// Bytes behind the output that no kernel may touch, and what they are filled with.
const GUARD_BYTES: usize = 4096;
const GUARD: u8 = 0xa5;

/// All devices of all OpenCL platforms.
pub struct OpenCl;

impl Backend for OpenCl {
    fn devices(&self) -> Result<Vec<DeviceEntry>, Fault> {
        all_devices()?.into_iter().map(|(platform, device)| describe(platform, device)).collect()
    }

    fn open(&self, index: u32) -> Result<Box<dyn Device>, Fault> {
        let devices = all_devices()?;
        let (platform, device) = devices
            .get(index as usize)
            .ok_or_else(|| Fault::DeviceLost(format!("no device {index}: there are {}", devices.len())))?;
        let properties = cl::ContextProperties::new().platform(*platform);
        let context = cl::create_context(Some(&properties), &[*device], None, None).map_err(opening)?;
        let queue = cl::create_command_queue(&context, device, Some(cl::CommandQueueProperties::PROFILING_ENABLE))
            .map_err(opening)?;
        Ok(Box::new(OpenDevice { device: *device, context, queue, loaded: None }))
    }
}

struct OpenDevice {
    device: DeviceId,
    context: cl::Context,
    queue: cl::CommandQueue,
    loaded: Option<Loaded>,
}

struct Loaded {
    kernel: cl::Kernel,
    local_size: [u32; 3],
    output_param: u32,
    /// The output buffer and its size without the guard.
    output: Option<(Mem, usize)>,
    inputs: Vec<Input>,
}

struct Input {
    buffer: Mem,
    len: usize,
    hash: Hash,
}

impl Device for OpenDevice {
    fn load(&mut self, program: Program<'_>) -> Result<(), Fault> {
        let kernel = self.build(&program)?;
        let mut loaded =
            Loaded { kernel, local_size: program.local_size, output_param: 0, output: None, inputs: Vec::new() };
        let (mut scalars, mut inputs) = (program.scalars.iter(), program.inputs.into_iter());
        for (position, param) in (0u32..).zip(program.params) {
            let set = |value: ArgVal| {
                cl::set_kernel_arg(&loaded.kernel, position, value)
                    .map_err(|error| Fault::Build(format!("parameter {position} is not {param:?}: {}", text(&error))))
            };
            let missing = || Fault::Executor(format!("no value for parameter {position}"));
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
                    let bytes = inputs.next().ok_or_else(missing)?;
                    // OpenCL has no empty buffers.
                    let buffer = self.buffer(MemFlags::READ_ONLY, bytes.len().max(1))?;
                    if !bytes.is_empty() {
                        // SAFETY: the write blocks, so `bytes` outlives it, and the buffer is as long as they are.
                        unsafe {
                            cl::enqueue_write_buffer(
                                &self.queue,
                                &buffer,
                                true,
                                0,
                                &bytes,
                                None::<Event>,
                                None::<&mut Event>,
                            )
                        }
                        .map_err(transfer)?;
                    }
                    set(ArgVal::mem(&buffer))?;
                    loaded.inputs.push(Input { buffer, len: bytes.len(), hash: blake2(&bytes) });
                }
            }
        }
        self.loaded = Some(loaded);
        Ok(())
    }

    fn launch(&mut self, first_group: u64, groups: u32, output: &mut [u8]) -> Result<u64, Fault> {
        let mut loaded = self.loaded.take().ok_or_else(|| Fault::Executor("no program is loaded".into()))?;
        let time = self.launch_loaded(&mut loaded, first_group, groups, output);
        self.loaded = Some(loaded);
        time
    }

    fn check_inputs(&mut self) -> Result<(), Fault> {
        for (position, input) in self.loaded.iter().flat_map(|loaded| &loaded.inputs).enumerate() {
            let mut bytes = vec![0u8; input.len];
            if !bytes.is_empty() {
                self.read(&input.buffer, &mut bytes)?;
            }
            if blake2(&bytes) != input.hash {
                return Err(Fault::Kernel(format!("the kernel wrote to input {position}")));
            }
        }
        Ok(())
    }
}

impl OpenDevice {
    fn build(&self, program: &Program<'_>) -> Result<cl::Kernel, Fault> {
        let no_nul = |_| Fault::Build("the source contains a NUL byte".into());
        let parts = [
            CString::new(program.prelude.as_str()).map_err(no_nul)?,
            CString::new(program.source.as_slice()).map_err(no_nul)?,
        ];
        let options = CString::new(program.options.as_str()).map_err(no_nul)?;
        let built = cl::create_program_with_source(&self.context, &parts).map_err(opening)?;
        let outcome = cl::build_program(&built, Some(&[self.device]), &options, None, None);
        let log = || {
            let log = cl::get_program_build_info(&built, self.device, ProgramBuildInfo::BuildLog);
            format!("options: {}\n{}", program.options, log.map(|log| log.to_string()).unwrap_or_default())
        };
        if let Err(error) = outcome {
            return Err(match status(&error) {
                Some(Status::CL_OUT_OF_HOST_MEMORY) => Fault::Memory(text(&error)),
                Some(Status::CL_COMPILER_NOT_AVAILABLE | Status::CL_INVALID_DEVICE) => opening(error),
                Some(other) => Fault::Build(format!("{}{other}", log())),
                None => Fault::Build(log()),
            });
        }
        // The binding takes a failed build with an empty log for a success: it shows here at the latest.
        let kernel = cl::create_kernel(&built, &program.entry)
            .map_err(|error| Fault::Build(format!("{}no kernel `{}`: {}", log(), program.entry, text(&error))))?;
        match cl::get_kernel_info(&kernel, KernelInfo::NumArgs) {
            Ok(KernelInfoResult::NumArgs(count)) if count as usize != program.params.len() => Err(Fault::Build(
                format!("kernel `{}` has {count} parameters, its manifest {}", program.entry, program.params.len()),
            )),
            _ => Ok(kernel),
        }
    }

    fn buffer(&self, flags: MemFlags, len: usize) -> Result<Mem, Fault> {
        // SAFETY: no host pointer is passed.
        unsafe { cl::create_buffer::<_, u8>(&self.context, flags, len, None) }.map_err(transfer)
    }

    fn read(&self, buffer: &Mem, bytes: &mut [u8]) -> Result<(), Fault> {
        // SAFETY: the read blocks, so `bytes` outlives it.
        unsafe { cl::enqueue_read_buffer(&self.queue, buffer, true, 0, bytes, None::<Event>, None::<&mut Event>) }
            .map_err(running)
    }

    fn fill(&self, buffer: &Mem, value: u8, offset: usize, len: usize) -> Result<(), Fault> {
        cl::enqueue_fill_buffer(&self.queue, buffer, value, offset, len, None::<Event>, None::<&mut Event>, None)
            .map_err(transfer)
    }

    fn launch_loaded(
        &self,
        loaded: &mut Loaded,
        first_group: u64,
        groups: u32,
        output: &mut [u8],
    ) -> Result<u64, Fault> {
        if loaded.output.as_ref().is_none_or(|(_, len)| *len < output.len()) {
            // The old buffer goes first, so that both are never held.
            loaded.output = None;
            let buffer = self.buffer(MemFlags::READ_WRITE, output.len().saturating_add(GUARD_BYTES))?;
            cl::set_kernel_arg(&loaded.kernel, loaded.output_param, ArgVal::mem(&buffer)).map_err(|error| {
                Fault::Build(format!("parameter {} is no buffer: {}", loaded.output_param, text(&error)))
            })?;
            loaded.output = Some((buffer, output.len()));
        }
        let Some((buffer, _)) = &loaded.output else { return Err(Fault::Executor("no output buffer".into())) };
        self.fill(buffer, 0, 0, output.len())?;
        self.fill(buffer, GUARD, output.len(), GUARD_BYTES)?;

        let [x, y, z] = loaded.local_size.map(|size| size as usize);
        let too_large = || Fault::Executor("the launch does not fit this machine's size_t".into());
        let offset = usize::try_from(first_group).ok().and_then(|first| first.checked_mul(x)).ok_or_else(too_large)?;
        let width = (groups as usize).checked_mul(x).ok_or_else(too_large)?;
        let mut event = Event::null();
        // SAFETY: every parameter is set. What the kernel does is its own: that is why this is a process of its own.
        unsafe {
            cl::enqueue_kernel(
                &self.queue,
                &loaded.kernel,
                3,
                Some([offset, 0, 0]),
                &[width, y, z],
                Some([x, y, z]),
                None::<Event>,
                Some(&mut event),
            )
        }
        .map_err(running)?;
        cl::wait_for_event(&event).map_err(running)?;
        cl::finish(&self.queue).map_err(running)?;
        self.read(buffer, output)?;
        let mut guard = [0; GUARD_BYTES];
        // SAFETY: the read blocks, and the buffer is longer than the output by the guard.
        unsafe {
            cl::enqueue_read_buffer(
                &self.queue,
                buffer,
                true,
                output.len(),
                &mut guard,
                None::<Event>,
                None::<&mut Event>,
            )
        }
        .map_err(running)?;
        if guard.iter().any(|byte| *byte != GUARD) {
            return Err(Fault::Kernel("the kernel wrote behind its output".into()));
        }
        let time = |what| cl::get_event_profiling_info(&event, what).and_then(|info| info.time()).unwrap_or_default();
        Ok(time(ProfilingInfo::End).saturating_sub(time(ProfilingInfo::Start)))
    }
}

fn all_devices() -> Result<Vec<(PlatformId, DeviceId)>, Fault> {
    let platforms = match cl::get_platform_ids() {
        Err(error) if status(&error) == Some(Status::CL_PLATFORM_NOT_FOUND_KHR) => return Ok(Vec::new()),
        platforms => platforms.map_err(opening)?,
    };
    let mut devices = Vec::new();
    for platform in platforms {
        match cl::get_device_ids(platform, Some(DeviceType::ALL), None) {
            Err(error) if status(&error) == Some(Status::CL_DEVICE_NOT_FOUND) => (),
            found => devices.extend(found.map_err(opening)?.into_iter().map(|device| (platform, device))),
        }
    }
    Ok(devices)
}

fn describe(platform: PlatformId, device: DeviceId) -> Result<DeviceEntry, Fault> {
    let info = |what| cl::get_device_info(device, what);
    let name = |what| info(what).map(|value| value.to_string().trim().to_owned()).unwrap_or_default();
    let short = |text: String| {
        let bytes: Vec<u8> = text.into_bytes().into_iter().take(64).collect();
        bytes.try_into().unwrap_or_default()
    };
    let class = match info(DeviceInfo::Type) {
        Ok(DeviceInfoResult::Type(kind)) if kind.contains(DeviceType::GPU) => DeviceClass::Gpu,
        Ok(DeviceInfoResult::Type(kind)) if kind.contains(DeviceType::CPU) => DeviceClass::Cpu,
        _ => DeviceClass::Accelerator,
    };
    let memory = match info(DeviceInfo::GlobalMemSize) {
        Ok(DeviceInfoResult::GlobalMemSize(bytes)) => bytes,
        _ => 0,
    };
    let compute_units = match info(DeviceInfo::MaxComputeUnits) {
        Ok(DeviceInfoResult::MaxComputeUnits(units)) => units,
        _ => 0,
    };
    let fp64 = name(DeviceInfo::Extensions).split_whitespace().any(|extension| extension == "cl_khr_fp64");
    Ok(DeviceEntry {
        device: DeviceRecord {
            class,
            vendor: short(name(DeviceInfo::Vendor)),
            model: short(name(DeviceInfo::Name)),
            memory,
            compute_units,
            fp64,
        },
        platform: cl::get_platform_info(platform, PlatformInfo::Name).map(|name| name.to_string()).unwrap_or_default(),
        driver: name(DeviceInfo::DriverVersion),
    })
}

fn status(error: &cl::Error) -> Option<Status> {
    error.api_status()
}

/// The error in one line: the binding's own text is a page.
fn text(error: &cl::Error) -> String {
    match status(error) {
        Some(status) => status.to_string(),
        None => error.to_string(),
    }
}

/// What an error means before the kernel's program is there.
fn opening(error: cl::Error) -> Fault {
    match status(&error) {
        Some(
            Status::CL_DEVICE_NOT_FOUND
            | Status::CL_DEVICE_NOT_AVAILABLE
            | Status::CL_INVALID_DEVICE
            | Status::CL_INVALID_PLATFORM
            | Status::CL_PLATFORM_NOT_FOUND_KHR,
        ) => Fault::DeviceLost(text(&error)),
        Some(Status::CL_OUT_OF_HOST_MEMORY | Status::CL_MEM_OBJECT_ALLOCATION_FAILURE) => Fault::Memory(text(&error)),
        _ => Fault::Executor(text(&error)),
    }
}

/// What an error means while buffers are made and filled.
fn transfer(error: cl::Error) -> Fault {
    match status(&error) {
        Some(Status::CL_OUT_OF_RESOURCES | Status::CL_INVALID_BUFFER_SIZE) => Fault::Memory(text(&error)),
        _ => opening(error),
    }
}

/// What an error means once the kernel may have run: drivers report a bad access in many ways.
fn running(error: cl::Error) -> Fault {
    match opening(error) {
        Fault::Executor(text) => Fault::Kernel(text),
        other => other,
    }
}
