//! The plain program itself: OpenCL without anything around it.

use super::Order;
use anyhow::{Context as _, Result};
use dpin_primitives::{
    executor::RunRequest,
    kernel::{KernelManifest, Param},
    prelude::{ROUNDED_DIVISION_OPTION, build_options, prelude},
};
use ocl::core::{
    self as cl, ArgVal, CommandQueue, CommandQueueProperties, Context, ContextProperties, DeviceFpConfig, DeviceId,
    DeviceInfo, DeviceInfoResult, DeviceType, Event, Kernel, Mem, MemFlags, PlatformId, PlatformInfo, ProfilingInfo,
};
use std::{ffi::CString, io::Write, time::Instant};

/// The priority that the executor gives its children.
const NICE: libc::c_int = 10;

/// Run the order on the first device and return the output. Prints the times as soon as the output
/// is there, then the device and its driver.
pub(super) fn run(order: &Order) -> Result<Vec<u8>> {
    // SAFETY: a plain system call.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
    let request = &order.request;
    let (platform, device) = first_device()?;
    let context = cl::create_context(Some(&ContextProperties::new().platform(platform)), &[device], None, None)?;
    let queue = cl::create_command_queue(&context, device, Some(CommandQueueProperties::PROFILING_ENABLE))?;

    let building = Instant::now();
    let kernel = build(&context, device, request, &order.source)?;
    let build_ms = building.elapsed().as_millis();

    let bytes = request.kernel.tiling.output_bytes(request.group_count);
    let mut output = vec![0u8; usize::try_from(bytes)?];
    // SAFETY: no host pointer is passed.
    let buffer = unsafe { cl::create_buffer::<_, u8>(&context, MemFlags::READ_WRITE, output.len(), None) }?;
    cl::enqueue_fill_buffer(&queue, &buffer, 0u8, 0, output.len(), None::<Event>, None::<&mut Event>, None)?;
    // Kept as long as the kernel.
    let _inputs = set_arguments(&context, &queue, &kernel, &buffer, order)?;

    let (mut ran, mut read) = (Event::null(), Event::null());
    let [x, y, z] = request.kernel.local_size.map(|size| size as usize);
    // SAFETY: every parameter is set, the buffer has room for every work-group's tile, and the read
    // blocks.
    unsafe {
        let global = [request.group_count as usize * x, y, z];
        cl::enqueue_kernel(&queue, &kernel, 3, None, &global, Some([x, y, z]), None::<Event>, Some(&mut ran))?;
        cl::enqueue_read_buffer(&queue, &buffer, true, 0, &mut output, None::<Event>, Some(&mut read))?;
    }
    println!("{build_ms} {} {}", span_us(&ran)?, span_us(&read)? / 1000);
    std::io::stdout().flush()?;
    print_device(platform, device)?;
    Ok(output)
}

/// Build the kernel with the executor's prelude and options.
fn build(context: &Context, device: DeviceId, request: &RunRequest, source: &[u8]) -> Result<Kernel> {
    let manifest: &KernelManifest = &request.kernel;
    let parts = [CString::new(prelude(request.groups, manifest.local_size))?, CString::new(source)?];
    let mut options = build_options(manifest);
    if let DeviceInfoResult::SingleFpConfig(single) = cl::get_device_info(device, DeviceInfo::SingleFpConfig)?
        && single.contains(DeviceFpConfig::CORRECTLY_ROUNDED_DIVIDE_SQRT)
    {
        options = options + " " + ROUNDED_DIVISION_OPTION;
    }
    let program = cl::create_program_with_source(context, &parts)?;
    cl::build_program(&program, Some(&[device]), &CString::new(options)?, None, None)?;
    Ok(cl::create_kernel(&program, std::str::from_utf8(&manifest.entry)?)?)
}

/// Set the kernel's arguments. Returns the buffers of the inputs.
fn set_arguments(
    context: &Context,
    queue: &CommandQueue,
    kernel: &Kernel,
    output: &Mem,
    order: &Order,
) -> Result<Vec<Mem>> {
    let (mut scalars, mut inputs) = (order.request.scalars.iter(), order.inputs.iter());
    let mut held = Vec::new();
    for (position, param) in (0u32..).zip(&order.request.kernel.params) {
        match param {
            Param::Output => cl::set_kernel_arg(kernel, position, ArgVal::mem(output))?,
            Param::Local { bytes } => {
                cl::set_kernel_arg(kernel, position, ArgVal::local::<u8>(&(*bytes as usize)))?;
            }
            Param::Scalar { .. } => set_scalar(kernel, position, scalars.next().context("a scalar is missing")?)?,
            Param::Input => {
                let input = upload(context, queue, inputs.next().context("an input is missing")?)?;
                cl::set_kernel_arg(kernel, position, ArgVal::mem(&input))?;
                held.push(input);
            }
        }
    }
    Ok(held)
}

fn set_scalar(kernel: &Kernel, position: u32, bytes: &[u8]) -> Result<()> {
    let set = |value: ArgVal<'_>| cl::set_kernel_arg(kernel, position, value);
    match bytes.len() {
        1 => set(ArgVal::scalar(&bytes[0]))?,
        2 => set(ArgVal::scalar(&u16::from_ne_bytes(bytes.try_into()?)))?,
        4 => set(ArgVal::scalar(&u32::from_ne_bytes(bytes.try_into()?)))?,
        _ => set(ArgVal::scalar(&u64::from_ne_bytes(bytes.try_into()?)))?,
    }
    Ok(())
}

/// Write an input to the device.
fn upload(context: &Context, queue: &CommandQueue, bytes: &[u8]) -> Result<Mem> {
    // SAFETY: no host pointer is passed; the write blocks, and the buffer is as long as the bytes
    // written.
    unsafe {
        let input = cl::create_buffer::<_, u8>(context, MemFlags::READ_ONLY, bytes.len(), None)?;
        cl::enqueue_write_buffer(queue, &input, true, 0, bytes, None::<Event>, None::<&mut Event>)?;
        Ok(input)
    }
}

/// The time of a command on the device, by the device's clock.
fn span_us(event: &Event) -> Result<u64> {
    let time = |what| Ok::<u64, cl::Error>(cl::get_event_profiling_info(event, what)?.time().unwrap_or_default());
    Ok((time(ProfilingInfo::End)? - time(ProfilingInfo::Start)?) / 1000)
}

fn print_device(platform: PlatformId, device: DeviceId) -> Result<()> {
    let info = |what| cl::get_device_info(device, what).map(|value| value.to_string().trim().to_owned());
    println!("{}", info(DeviceInfo::Name)?);
    println!("{}, driver {}", cl::get_platform_info(platform, PlatformInfo::Name)?, info(DeviceInfo::DriverVersion)?);
    Ok(())
}

/// The device that an executor chooses by default.
fn first_device() -> Result<(PlatformId, DeviceId)> {
    let mut found = Vec::new();
    for platform in cl::get_platform_ids()? {
        for device in cl::get_device_ids(platform, Some(DeviceType::ALL), None).unwrap_or_default() {
            let rank = match cl::get_device_info(device, DeviceInfo::Type)? {
                DeviceInfoResult::Type(kind) if kind.contains(DeviceType::GPU) => 0,
                DeviceInfoResult::Type(kind) if kind.contains(DeviceType::CPU) => 2,
                _ => 1,
            };
            found.push((rank, (platform, device)));
        }
    }
    let first = found.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, device)| device);
    first.context("there is no OpenCL device")
}
