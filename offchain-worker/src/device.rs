//! What the executor needs of an OpenCL device: the seam between it and the binding.

use crate::wire::{DeviceEntry, Fault};
use dpin_primitives::kernel::Param;

/// A source of devices.
pub trait Backend {
    /// The devices, always in the same order.
    fn devices(&self) -> Result<Vec<DeviceEntry>, Fault>;

    /// Open the device at place `index` of [`Self::devices`].
    fn open(&self, index: u32) -> Result<Box<dyn Device>, Fault>;
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
    /// The inputs' bytes.
    pub inputs: Vec<Vec<u8>>,
    /// Work-items of a work-group in each dimension.
    pub local_size: [u32; 3],
}

/// One open device.
pub trait Device {
    /// Compile the program and hand it its arguments.
    fn load(&mut self, program: Program<'_>) -> Result<(), Fault>;

    /// Run `groups` work-groups from `first_group` on, with a zeroed output buffer as long as `output`, and read it
    /// back. Returns the time the kernel ran, in ns.
    fn launch(&mut self, first_group: u64, groups: u32, output: &mut [u8]) -> Result<u64, Fault>;

    /// Check that the kernel has left its inputs as they were.
    fn check_inputs(&mut self) -> Result<(), Fault>;
}
