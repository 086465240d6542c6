//! The interface between the executor and the OpenCL binding.

pub(crate) mod choice;
pub(crate) mod drivers;
pub(crate) mod entry;
pub(crate) mod fault;
pub(crate) mod fleet;
pub(crate) mod missing;
pub(crate) mod needs;
pub(crate) mod opencl;

use dpin_primitives::kernel::Param;
use entry::{DeviceEntry, DeviceKey};
use fault::ChildFault;
use std::{fs::File, io::Write};

/// Most bytes of a compiler's messages that are passed on for a program that it accepted.
pub(crate) const MAX_COMPILER_BYTES: usize = 16 * 1024;

/// Most bytes of output of all batches in flight, unless a single tile is larger.
pub(crate) const MAX_LAUNCH_BYTES: u64 = 64 * 1024 * 1024;

/// A source of devices.
pub(crate) trait Backend {
    /// The devices, always in the same order.
    fn devices(&self) -> Result<Vec<DeviceEntry>, ChildFault>;

    /// Open the device with this key, out of [`Self::devices`].
    fn open(&self, key: &DeviceKey) -> Result<Box<dyn Device>, ChildFault>;
}

/// A program with its arguments, ready to be built.
pub(crate) struct Program<'a> {
    /// OpenCL C that is put in front of the source.
    pub prelude: String,
    /// OpenCL C as registered.
    pub source: Vec<u8>,
    /// Build options.
    pub options: String,
    /// Name of the kernel function.
    pub entry: String,
    /// Its parameters.
    pub params: &'a [Param],
    /// The bytes of the scalars.
    pub scalars: &'a [Vec<u8>],
    /// Files with the bytes of the inputs.
    pub inputs: Vec<File>,
    /// Work-items of a work-group in each dimension.
    pub local_size: [u32; 3],
    /// The binary that [`Device::binary`] returned for this same program. A driver that refuses it
    /// builds from source.
    pub binary: Option<Vec<u8>>,
}

/// A range of work-groups with its own zeroed output buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Launch {
    /// Number of the first work-group in the job.
    pub first_group: u64,
    /// Number of work-groups.
    pub groups: u32,
    /// Bytes of output.
    pub bytes: usize,
}

/// A launch whose output is examined, in a separate buffer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Probe {
    /// The launch.
    pub launch: Launch,
    /// Value of each byte of the output before the launch.
    pub fill: u8,
    /// Value of each byte behind the output, which must not change.
    pub guard: u8,
    /// Number of bytes behind the output.
    pub guard_bytes: usize,
}

/// The result of a probe.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Probed {
    /// The output.
    pub output: Vec<u8>,
    /// Whether the bytes behind the output are unchanged.
    pub guarded: bool,
}

/// How long a device was busy. Time during which several launches ran counts once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct DeviceTimes {
    /// Time in kernels, in ns.
    pub kernel_ns: u64,
    /// Time in reading outputs back, in ns.
    pub read_ns: u64,
}

/// One open device.
pub(crate) trait Device {
    /// Compile any program, so that the compiler is loaded before it is needed.
    fn prepare(&mut self);

    /// Compile the program, and set its arguments.
    fn load(&mut self, program: Program<'_>) -> Result<(), ChildFault>;

    /// The compiler's messages for the loaded program.
    fn messages(&self) -> String;

    /// Number of work-groups that keep the whole device busy.
    fn width(&self) -> u32;

    /// Most work-groups of a launch that does not cover a whole task.
    fn widest(&self) -> u32;

    /// The compiled form of the loaded program, if the driver returns it.
    fn binary(&self) -> Option<Vec<u8>>;

    /// Start a batch of launches. They need not wait for each other, nor for earlier batches.
    fn start(&mut self, batch: &[Launch]) -> Result<(), ChildFault>;

    /// Wait for the oldest started batch, and write the outputs of its launches one after the
    /// other.
    fn finish(&mut self, output: &mut dyn Write) -> Result<(), ChildFault>;

    /// Run the loaded program as in `probes`. All their buffers exist at the same time. No launch
    /// may be in flight.
    fn probe(&mut self, probes: &[Probe]) -> Result<Vec<Probed>, ChildFault>;

    /// The type of the loaded program's parameter at `position`, if the driver knows it.
    fn type_of(&self, position: u32) -> Option<String>;

    /// The times of the finished batches.
    fn times(&self) -> DeviceTimes;

    /// Check that the kernel has left its inputs as they were.
    fn check_inputs(&mut self) -> Result<(), ChildFault>;
}
