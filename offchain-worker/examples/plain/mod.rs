//! A plain OpenCL host program, for comparison with the executor.
//!
//! It is a separate process that opens the device, builds, runs everything in one launch, and reads
//! the output back. A program that trusts the kernel needs nothing else. It runs under the
//! conditions of the executor's children. They have the same device with as many cores, the same
//! prelude and build options, the same priority, and a separate cache of compiled programs.

use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{
    executor::RunRequest,
    kernel::Param,
    prelude::{build_options, prelude, ROUNDED_DIVISION_OPTION},
};
use ocl::core::{
    self as cl, ArgVal, CommandQueueProperties, ContextProperties, DeviceFpConfig, DeviceId, DeviceInfo,
    DeviceInfoResult, DeviceType, Event, MemFlags, PlatformId, PlatformInfo, ProfilingInfo,
};
use std::{
    error::Error,
    ffi::CString,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The priority that the executor gives its children.
const NICE: libc::c_int = 10;
/// The first argument that turns a bench into the plain program.
pub const WORD: &str = "plain";

/// The work to run: a whole job with its bytes.
#[derive(Clone, Encode, Decode)]
pub struct Order {
    /// The job, as a request to an executor.
    pub request: RunRequest,
    /// The kernel's source.
    pub source: Vec<u8>,
    /// The inputs, in the order of the parameters.
    pub inputs: Vec<Vec<u8>>,
}

/// The plain program: carries out the order in a file, and prints the times. After the measurement
/// it writes the output to a file.
pub fn main(order: &Path, file: &Path) -> Result<(), Box<dyn Error>> {
    // SAFETY: a plain system call.
    unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICE) };
    let Order { request, source, inputs } = Order::decode_all(&mut std::fs::read(order)?.as_slice())?;
    let manifest = &request.kernel;
    let (platform, device) = first_device()?;
    let context = cl::create_context(Some(&ContextProperties::new().platform(platform)), &[device], None, None)?;
    let queue = cl::create_command_queue(&context, device, Some(CommandQueueProperties::PROFILING_ENABLE))?;

    let building = Instant::now();
    let parts = [CString::new(prelude(request.groups, manifest.local_size))?, CString::new(source)?];
    let mut options = build_options(manifest);
    if let DeviceInfoResult::SingleFpConfig(single) = cl::get_device_info(device, DeviceInfo::SingleFpConfig)? {
        if single.contains(DeviceFpConfig::CORRECTLY_ROUNDED_DIVIDE_SQRT) {
            options = options + " " + ROUNDED_DIVISION_OPTION;
        }
    }
    let program = cl::create_program_with_source(&context, &parts)?;
    cl::build_program(&program, Some(&[device]), &CString::new(options)?, None, None)?;
    let kernel = cl::create_kernel(&program, std::str::from_utf8(&manifest.entry)?)?;
    let build_ms = building.elapsed().as_millis();

    let bytes = manifest.tiling.output_bytes(request.group_count);
    let mut output = vec![0u8; usize::try_from(bytes)?];
    // SAFETY: no host pointer is passed.
    let buffer = unsafe { cl::create_buffer::<_, u8>(&context, MemFlags::READ_WRITE, output.len(), None) }?;
    cl::enqueue_fill_buffer(&queue, &buffer, 0u8, 0, output.len(), None::<Event>, None::<&mut Event>, None)?;
    let (mut scalars, mut inputs) = (request.scalars.iter(), inputs.iter());
    // Kept as long as the kernel.
    let mut held = Vec::new();
    for (position, param) in (0u32..).zip(&manifest.params) {
        match param {
            Param::Output => cl::set_kernel_arg(&kernel, position, ArgVal::mem(&buffer))?,
            Param::Local { bytes } => {
                cl::set_kernel_arg(&kernel, position, ArgVal::local::<u8>(&(*bytes as usize)))?;
            }
            Param::Scalar { .. } => {
                let bytes = scalars.next().ok_or("a scalar is missing")?;
                let set = |value: ArgVal| cl::set_kernel_arg(&kernel, position, value);
                match bytes.len() {
                    1 => set(ArgVal::scalar(&bytes[0]))?,
                    2 => set(ArgVal::scalar(&u16::from_ne_bytes(bytes.as_slice().try_into()?)))?,
                    4 => set(ArgVal::scalar(&u32::from_ne_bytes(bytes.as_slice().try_into()?)))?,
                    _ => set(ArgVal::scalar(&u64::from_ne_bytes(bytes.as_slice().try_into()?)))?,
                }
            }
            Param::Input => {
                let bytes = inputs.next().ok_or("an input is missing")?;
                // SAFETY: no host pointer is passed; the write blocks, and the buffer is as long as
                // the bytes written.
                let input = unsafe {
                    let input = cl::create_buffer::<_, u8>(&context, MemFlags::READ_ONLY, bytes.len(), None)?;
                    cl::enqueue_write_buffer(&queue, &input, true, 0, bytes, None::<Event>, None::<&mut Event>)?;
                    input
                };
                cl::set_kernel_arg(&kernel, position, ArgVal::mem(&input))?;
                held.push(input);
            }
        }
    }

    let (mut ran, mut read) = (Event::null(), Event::null());
    let [x, y, z] = manifest.local_size.map(|size| size as usize);
    // SAFETY: every parameter is set, the buffer has room for every work-group's tile, and the read
    // blocks.
    unsafe {
        let global = [request.group_count as usize * x, y, z];
        cl::enqueue_kernel(&queue, &kernel, 3, None, &global, Some([x, y, z]), None::<Event>, Some(&mut ran))?;
        cl::enqueue_read_buffer(&queue, &buffer, true, 0, &mut output, None::<Event>, Some(&mut read))?;
    }
    let span = |event: &Event| -> Result<u64, cl::Error> {
        let time = |what| Ok::<u64, cl::Error>(cl::get_event_profiling_info(event, what)?.time().unwrap_or_default());
        Ok((time(ProfilingInfo::End)? - time(ProfilingInfo::Start)?) / 1000)
    };
    println!("{build_ms} {} {}", span(&ran)?, span(&read)? / 1000);
    std::io::stdout().flush()?;
    let info = |what| cl::get_device_info(device, what).map(|value| value.to_string().trim().to_owned());
    println!("{}", info(DeviceInfo::Name)?);
    println!("{}, driver {}", cl::get_platform_info(platform, PlatformInfo::Name)?, info(DeviceInfo::DriverVersion)?);
    std::fs::write(file, &output)?;
    Ok(())
}

/// The device that an executor chooses by default.
fn first_device() -> Result<(PlatformId, DeviceId), Box<dyn Error>> {
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
    first.ok_or_else(|| "there is no OpenCL device".into())
}

/// The times, the result and the device of a plain run.
pub struct Ran {
    /// Time from the program's start to the output in its memory.
    pub wall: Duration,
    pub build_ms: u64,
    pub device_us: u64,
    pub read_ms: u64,
    pub output: Vec<u8>,
    /// Name of the device.
    pub device: String,
    /// Its platform and driver.
    pub driver: String,
}

/// The folder in which plain programs cache compiled programs.
pub struct Host(TempDir);

impl Host {
    /// A host with an empty cache.
    pub fn new() -> Result<Self, String> {
        tempfile::tempdir().map(Self).map_err(|error| error.to_string())
    }

    /// Carry out an order in a separate process.
    pub fn run(&self, order: &Order) -> Result<Ran, String> {
        let told = |error: std::io::Error| format!("the plain program: {error}");
        let files = tempfile::tempdir().map_err(told)?;
        let (file, output) = (files.path().join("order"), files.path().join("output"));
        std::fs::write(&file, order.encode()).map_err(told)?;
        let mut command = Command::new(std::env::current_exe().map_err(told)?);
        command.arg(WORD).arg(&file).arg(&output).stdin(Stdio::null()).stdout(Stdio::piped());
        for name in ["HOME", "POCL_CACHE_DIR", "CUDA_CACHE_PATH", "XDG_CACHE_HOME", "TMPDIR"] {
            command.env(name, self.0.path());
        }
        if std::env::var_os("POCL_MAX_PTHREAD_COUNT").is_none() {
            let threads = device_cores().to_string();
            command.env("POCL_MAX_PTHREAD_COUNT", &threads).env("POCL_CPU_MAX_CU_COUNT", &threads);
        }
        let begun = Instant::now();
        let mut child = command.spawn().map_err(told)?;
        let mut lines = child.stdout.take().map(|stdout| BufReader::new(stdout).lines()).into_iter().flatten();
        let mut line = || lines.next().transpose().map(Option::unwrap_or_default).map_err(told);
        let figures: Vec<u64> = line()?.split_whitespace().filter_map(|figure| figure.parse().ok()).collect();
        let wall = begun.elapsed();
        let (device, driver) = (line()?, line()?);
        let status = child.wait().map_err(told)?;
        match figures.as_slice() {
            [build_ms, device_us, read_ms] if status.success() => {
                let output = std::fs::read(&output).map_err(told)?;
                let (build_ms, device_us, read_ms) = (*build_ms, *device_us, *read_ms);
                Ok(Ran { wall, build_ms, device_us, read_ms, output, device, driver })
            }
            _ => Err(format!("the plain program ended with {status}")),
        }
    }
}

/// Cores that an executor leaves to a CPU device.
pub fn device_cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).saturating_sub(1).max(1)
}
