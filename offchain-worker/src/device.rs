//! What the executor needs of an OpenCL device: the seam between it and the binding.

use crate::wire::{DeviceEntry, DeviceKey, Fault};
use dpin_primitives::kernel::Param;
use std::{fs::File, io::Write};

/// A source of devices.
pub trait Backend {
    /// The devices, always in the same order.
    fn devices(&self) -> Result<Vec<DeviceEntry>, Fault>;

    /// Open the device of [`Self::devices`] that has this key.
    fn open(&self, key: &DeviceKey) -> Result<Box<dyn Device>, Fault>;
}

/// A program with its arguments, ready to be built.
pub struct Program<'a> {
    /// OpenCL C put in front of the source.
    pub prelude: String,
    /// OpenCL C as registered.
    pub source: Vec<u8>,
    /// Build options.
    pub options: String,
    /// Name of the kernel function.
    pub entry: String,
    /// Its parameters.
    pub params: &'a [Param],
    /// The scalars' bytes.
    pub scalars: &'a [Vec<u8>],
    /// Files with the inputs' bytes.
    pub inputs: Vec<File>,
    /// Work-items of a work-group in each dimension.
    pub local_size: [u32; 3],
    /// What [`Device::binary`] has given of this very program. A driver that does not take it builds from source.
    pub binary: Option<Vec<u8>>,
}

/// A range of work-groups with a zeroed output buffer of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Launch {
    /// The first work-group.
    pub first_group: u64,
    /// How many there are.
    pub groups: u32,
    /// Bytes of output.
    pub bytes: usize,
}

/// A launch whose output is looked at, in a buffer that nothing else uses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Probe {
    /// The launch.
    pub launch: Launch,
    /// What each byte of the output holds before.
    pub fill: u8,
    /// What each byte behind it holds, before and after.
    pub guard: u8,
    /// How many there are.
    pub guard_bytes: usize,
}

/// What a probe has shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Probed {
    /// The output.
    pub output: Vec<u8>,
    /// Whether nothing was written behind it.
    pub guarded: bool,
}

/// How long a device was busy. Time in which several launches ran counts once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DeviceTimes {
    /// With kernels, in ns.
    pub kernel_ns: u64,
    /// With reading outputs back, in ns.
    pub read_ns: u64,
}

/// One open device.
pub trait Device {
    /// Compile some program, so that the compiler is loaded when the one that matters comes.
    fn prepare(&mut self);

    /// Compile the program and hand it its arguments.
    fn load(&mut self, program: Program<'_>) -> Result<(), Fault>;

    /// What the compiler said of the loaded program, although it took it.
    fn messages(&self) -> String;

    /// How many work-groups it takes to keep the whole device busy.
    fn width(&self) -> u32;

    /// Most work-groups of a launch that is not all of a task.
    fn widest(&self) -> u32;

    /// The loaded program as the driver has compiled it, if it hands that out.
    fn binary(&self) -> Option<Vec<u8>>;

    /// Begin to run a batch of launches, which need not wait for one another nor for earlier batches.
    fn start(&mut self, batch: &[Launch]) -> Result<(), Fault>;

    /// Wait for the oldest batch that was started, and write the outputs of its launches one after the other.
    fn finish(&mut self, output: &mut dyn Write) -> Result<(), Fault>;

    /// Run the loaded program as `probes` say, whose buffers are all there at the same time. Nothing may be under way.
    fn probe(&mut self, probes: &[Probe]) -> Result<Vec<Probed>, Fault>;

    /// The type of the loaded program's parameter at `position`, as far as its driver tells.
    fn type_of(&self, position: u32) -> Option<String>;

    /// What the finished batches have taken.
    fn times(&self) -> DeviceTimes;

    /// Check that the kernel has left its inputs as they were.
    fn check_inputs(&mut self) -> Result<(), Fault>;
}
