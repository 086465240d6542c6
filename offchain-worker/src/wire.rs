//! Messages between parent and child: SCALE, each preceded by its length in 4 bytes, little endian.

use crate::sandbox::walls::{SandboxProbe, Wall};
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::{
    executor::RunRequest,
    worker::{Device, DeviceClass},
};
use std::{
    io::{self, Read, Write},
    time::Duration,
};

/// Most bytes of one message.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Most bytes of a compiler's messages that are passed on for a program that it accepted.
pub const MAX_COMPILER_BYTES: usize = 16 * 1024;

/// Name of the file with the kernel's source.
pub const SOURCE_FILE: &str = "source";
/// Name of the file with the compiled program, for drivers without a cache of their own.
pub const PROGRAM_FILE: &str = "program.bin";

/// Name of the file with input `index`.
pub fn input_file(index: usize) -> String {
    format!("input-{index}")
}

/// A parent's order to a child. For a run, source and inputs are in the child's folder before the
/// order comes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Order {
    /// List the devices.
    Discover,
    /// Test the operations that the sandbox must refuse.
    Probe(SandboxProbe),
    /// Open a device and load its compiler, so that the run ordered next starts faster.
    Prepare {
        /// The device.
        device: DeviceKey,
    },
    /// Compute the work of a request.
    Run {
        /// The device.
        device: DeviceKey,
        /// Most bytes of all buffers together.
        memory_limit: u64,
        /// The request.
        request: Box<RunRequest>,
        /// Whether to check the rules for kernels as well.
        check: bool,
    },
    /// Check the rules for a request's kernel, and compute nothing else.
    Check {
        /// The device.
        device: DeviceKey,
        /// Most bytes of all buffers together.
        memory_limit: u64,
        /// The request.
        request: Box<RunRequest>,
        /// Whether to make up the scalars, by their types.
        made_up: bool,
    },
}

/// A child's report to its parent.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Report {
    /// The id of the child's process, in the namespace of its parent.
    Process(u32),
    /// The walls of the sandbox, and whether they hold.
    Probed(Vec<Wall>),
    /// The devices, in OpenCL's order.
    Devices(Vec<DeviceEntry>),
    /// The child enters this phase.
    Phase(Phase),
    /// The program is built.
    Built {
        /// The messages of the compiler.
        messages: String,
        /// Whether the program was compiled by an earlier run.
        cached: bool,
    },
    /// The number of work-groups that are done.
    Progress(u64),
    /// This many raw bytes of the output follow: a task's tiles, or a sample's tiles in the
    /// sample's order.
    Output(u32),
    /// The work is done, and the whole output was sent.
    Done(Times),
    /// The work failed.
    Failed(Fault),
    /// The rules that the kernel was seen to break.
    Checked(Vec<Finding>),
}

/// A rule for kernels, named after its violation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Rule {
    /// An output holds only what the kernel wrote there.
    ReadsOutput,
    /// A work-group writes only to its own tile.
    StoresOutsideTile,
    /// A tile is the same wherever and whenever it is computed.
    NotReproducible,
    /// Inputs are only read.
    StoresToInput,
}

impl Rule {
    /// The rule's name in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReadsOutput => "reads-output",
            Self::StoresOutsideTile => "stores-outside-tile",
            Self::NotReproducible => "not-reproducible",
            Self::StoresToInput => "stores-to-input",
        }
    }
}

/// A rule that a kernel breaks.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Name of the parameter, or its position if its name is not known.
    pub parameter: String,
    /// Description of the violation, and advice.
    pub message: String,
}

/// Times of a child's work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Times {
    /// Compiling the program and setting its arguments, in ns.
    pub build_ns: u64,
    /// Kernels on the device, by OpenCL's profiling events, in ns.
    pub kernel_ns: u64,
    /// Reading outputs back, by OpenCL's profiling events, in ns.
    pub read_ns: u64,
    /// Whether the rules for kernels were checked.
    pub checked: bool,
}

impl Times {
    /// Limit each time to that of the whole run, because a native kernel may have forged them.
    pub fn within(self, whole: Duration) -> Self {
        let most = u64::try_from(whole.as_nanos()).unwrap_or(u64::MAX);
        let Self { build_ns, kernel_ns, read_ns, checked } = self;
        Self { build_ns: build_ns.min(most), kernel_ns: kernel_ns.min(most), read_ns: read_ns.min(most), checked }
    }
}

/// A child's progress. It decides who is blamed for a crash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub enum Phase {
    /// The device is being opened.
    Opening,
    /// The program is being compiled.
    Building,
    /// The kernel is running.
    Running,
}

/// A device, with details that only operators need.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct DeviceEntry {
    /// The device as registered on the chain.
    pub device: Device,
    /// Name of its OpenCL platform.
    pub platform: String,
    /// Version of its driver.
    pub driver: String,
    /// Version of OpenCL that it supports.
    pub opencl: String,
    /// Where the device is plugged in, if its driver reports that, and its number among devices
    /// that look alike.
    pub place: String,
    /// Whether it accepts work.
    pub available: bool,
    /// Most work-items of a work-group.
    pub max_group_items: u64,
    /// Most bytes of a buffer.
    pub max_buffer: u64,
    /// Bytes of local memory of a work-group.
    pub local_memory: u64,
    /// Whether it uses the host's memory, as CPUs and integrated GPUs do.
    pub unified: bool,
    /// Bytes of its whole memory. The memory in [`Self::device`] is the part for runs, which a
    /// worker declares.
    pub total_memory: u64,
}

/// Bytes of device memory that each process takes in addition to its buffers.
const CONTEXT_BYTES: u64 = 512 * 1024 * 1024;
/// Processes that have a device open at a time: a task, a sample, and a spare child.
const CONTEXTS: u64 = 3;

impl DeviceEntry {
    /// Set the memory for runs to `limit` bytes, or leave room for everything else if there is no
    /// limit. Without a limit, runs get half of the host's memory, or nine tenths of the device's
    /// own memory after the processes that have it open. Of a device's own memory they get at least
    /// a quarter.
    pub fn with_limit(mut self, limit: Option<u64>) -> Self {
        let total = self.total_memory;
        let own = (total.saturating_sub(CONTEXTS * CONTEXT_BYTES) / 10).saturating_mul(9);
        self.device.memory = match limit {
            Some(limit) => limit.min(total),
            None if self.unified => total / 2,
            None => own.max(total / 4),
        };
        self
    }

    /// The device's address on its bus, or another unique name, if its driver knows one.
    pub fn bus(&self) -> Option<&str> {
        let (bus, _) = self.place.rsplit_once('#')?;
        Some(bus.trim()).filter(|bus| !bus.is_empty())
    }

    /// Whether `other`, listed by another driver, is this device. The host's processor is one
    /// device, however many drivers list it.
    pub fn is_same_device(&self, other: &Self) -> bool {
        let cpu = |entry: &Self| entry.device.class == DeviceClass::Cpu;
        (cpu(self) && cpu(other)) || self.key() == other.key() || self.bus().is_some_and(|bus| other.bus() == Some(bus))
    }

    /// Whether its driver is one for devices of many vendors. The vendor's own driver is preferred.
    pub fn is_of_a_general_driver(&self) -> bool {
        ["rusticl", "clover"].contains(&self.platform.to_lowercase().as_str())
    }

    /// The key that identifies the device in later lists.
    pub fn key(&self) -> DeviceKey {
        DeviceKey {
            platform: self.platform.clone(),
            vendor: self.device.vendor.to_vec(),
            model: self.device.model.to_vec(),
            place: self.place.clone(),
        }
    }
}

/// The key of a device, which identifies it in a changed list.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Encode, Decode)]
pub struct DeviceKey {
    /// Name of its OpenCL platform.
    pub platform: String,
    /// Vendor as OpenCL names it.
    pub vendor: Vec<u8>,
    /// Model as OpenCL names it.
    pub model: Vec<u8>,
    /// Where the device is plugged in, and its number among devices that look alike.
    pub place: String,
}

impl std::fmt::Display for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let model = String::from_utf8_lossy(&self.model);
        write!(f, "{model} ({}, {})", self.platform, self.place)
    }
}

/// Why a child could not do its work, with a text for the log.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Fault {
    /// The program does not compile, or does not fit its manifest.
    Build(String),
    /// The compiler or the kernel needs more memory than there is.
    Memory(String),
    /// The kernel crashed or broke a rule.
    Kernel(String),
    /// The device does not exist, or was lost.
    DeviceLost(String),
    /// Any other failure, which the executor takes responsibility for.
    Executor(String),
    /// The device has no room for buffers that fit it, because other processes use its memory.
    NoRoom(String),
}

impl Fault {
    /// The text for the log.
    pub fn text(&self) -> &str {
        match self {
            Fault::Build(text)
            | Fault::Memory(text)
            | Fault::Kernel(text)
            | Fault::DeviceLost(text)
            | Fault::Executor(text)
            | Fault::NoRoom(text) => text,
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Executor(error.to_string())
    }
}

/// Write one message.
///
/// # Errors
///
/// Those of the writer, and `InvalidInput` if the message is too long.
pub fn send(to: &mut impl Write, message: &impl Encode) -> io::Result<()> {
    let body = message.encode();
    if body.len() > MAX_MESSAGE_BYTES {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    let mut framed = (body.len() as u32).to_le_bytes().to_vec();
    framed.extend_from_slice(&body);
    to.write_all(&framed)?;
    to.flush()
}

/// Read one message.
///
/// # Errors
///
/// Those of the reader, and `InvalidData` if the bytes are no valid message.
pub fn receive<M: Decode>(from: &mut impl Read) -> io::Result<M> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_MESSAGE_BYTES {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    M::decode_all(&mut body.as_slice()).map_err(|_| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
pub mod tests {
    use super::*;

    /// A device for tests.
    pub fn entry(class: DeviceClass, model: &str, place: u32) -> DeviceEntry {
        DeviceEntry {
            device: Device {
                class,
                vendor: b"Maker".to_vec().try_into().unwrap(),
                model: model.as_bytes().to_vec().try_into().unwrap(),
                memory: 1 << 30,
                compute_units: 4,
                fp64: true,
                fp32: Default::default(),
            },
            platform: "Platform".into(),
            driver: "1.0".into(),
            opencl: "3.0".into(),
            place: format!("#{place}"),
            available: true,
            max_group_items: 1024,
            max_buffer: 1 << 28,
            local_memory: 1 << 15,
            unified: class == DeviceClass::Cpu,
            total_memory: 1 << 30,
        }
    }

    #[test]
    fn messages_survive_the_pipe_in_order() {
        let sent = [Report::Phase(Phase::Running), Report::Progress(5), Report::Failed(Fault::Kernel("x".into()))];
        let mut pipe = Vec::new();
        for report in &sent {
            send(&mut pipe, report).unwrap();
        }
        let mut pipe = pipe.as_slice();
        for report in sent {
            assert_eq!(receive::<Report>(&mut pipe).unwrap(), report);
        }
        assert_eq!(receive::<Report>(&mut pipe).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn runs_get_the_memory_that_nothing_else_needs() {
        const GIB: u64 = 1 << 30;
        let taken = |class, total, limit| {
            let entry = DeviceEntry { total_memory: total, ..entry(class, "m", 0) }.with_limit(limit);
            entry.device.memory
        };
        assert_eq!(taken(DeviceClass::Cpu, 16 * GIB, None), 8 * GIB);
        assert_eq!(taken(DeviceClass::Gpu, 24 * GIB, None), (24 * GIB - 3 * GIB / 2) / 10 * 9);
        assert_eq!(taken(DeviceClass::Gpu, GIB, None), GIB / 4, "a small one still does something");
        assert_eq!(taken(DeviceClass::Gpu, 24 * GIB, Some(GIB)), GIB);
        assert_eq!(taken(DeviceClass::Gpu, 24 * GIB, Some(u64::MAX)), 24 * GIB, "no more than there is");
    }

    #[test]
    fn times_are_no_longer_than_the_whole() {
        let forged = Times { build_ns: 1, kernel_ns: u64::MAX, read_ns: 5, checked: true };
        let within = Times { build_ns: 1, kernel_ns: 4, read_ns: 4, checked: true };
        assert_eq!(forged.within(Duration::from_nanos(4)), within);
    }

    #[test]
    fn what_the_hostile_cases_forge_is_what_they_mean() {
        assert_eq!(Report::Phase(Phase::Opening).encode(), [3, 0]);
        assert_eq!(Report::Done(Times::default()).encode()[..1], [7]);
        assert_eq!(Report::Failed(Fault::Executor("x".into())).encode(), [8, 4, 4, b'x']);
    }

    #[test]
    fn a_forged_length_allocates_nothing() {
        let mut pipe = u32::MAX.to_le_bytes().as_slice().to_vec();
        pipe.push(0);
        assert_eq!(receive::<Report>(&mut pipe.as_slice()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
