//! What parent and child tell each other: messages of SCALE, each behind its length in 4 bytes, little endian.

use crate::sandbox::{Probe, Wall};
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
/// Most bytes of a compiler's messages that are passed on of a program that it has compiled.
pub const MAX_COMPILER_BYTES: usize = 16 * 1024;

/// Name of the kernel's source.
pub const SOURCE_FILE: &str = "source";
/// Name of the compiled program, from drivers that keep none themselves.
pub const PROGRAM_FILE: &str = "program.bin";

/// Name of input `index`.
pub fn input_file(index: usize) -> String {
    format!("input-{index}")
}

/// What a child shall do. Source and inputs of a run lie in its folder before it is told so.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Order {
    /// List the devices.
    Discover,
    /// Try what the sandbox must refuse.
    Probe(Probe),
    /// Open a device and have its compiler ready, so that the order to run that follows takes less time.
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
        /// Whether it shall also be looked whether the kernel keeps to the rules.
        check: bool,
    },
    /// Look whether the kernel of a request keeps to the rules, and compute nothing else.
    Check {
        /// The device.
        device: DeviceKey,
        /// Most bytes of all buffers together.
        memory_limit: u64,
        /// The request.
        request: Box<RunRequest>,
        /// Whether its scalars are to be made up by their types.
        made_up: bool,
    },
}

/// What a child tells its parent.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Report {
    /// It is this process, as its parent counts them.
    Process(u32),
    /// The walls around it, and whether they hold.
    Probed(Vec<Wall>),
    /// The devices, in OpenCL's order.
    Devices(Vec<DeviceEntry>),
    /// It has come to this phase.
    Phase(Phase),
    /// The program is there.
    Built {
        /// What the compiler said.
        messages: String,
        /// Whether it was compiled before.
        cached: bool,
    },
    /// So many work-groups are done.
    Progress(u64),
    /// So many bytes of the output follow, as they are: a task's tiles, or a sample's tiles in the sample's order.
    Output(u32),
    /// Everything is done and the output is sent.
    Done(Times),
    /// It failed.
    Failed(Fault),
    /// The rules that the kernel was seen to break.
    Checked(Vec<Finding>),
}

/// A rule for kernels.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Rule {
    /// What is in the output is what the kernel has written there.
    ReadsOutput,
    /// A work-group writes its own tile.
    StoresOutsideTile,
    /// A tile is the same wherever and whenever it is computed.
    NotReproducible,
    /// Inputs are only read.
    StoresToInput,
}

impl Rule {
    /// Its name for programs.
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
    /// The parameter by its name, or by its position where the driver does not tell its name.
    pub parameter: String,
    /// What it does, and what it should do.
    pub message: String,
}

/// What a child's work has taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub struct Times {
    /// Compiling the program and handing it its arguments, in ns.
    pub build_ns: u64,
    /// Kernels on the device, by OpenCL's profiling events, in ns.
    pub kernel_ns: u64,
    /// Reading outputs back, by the same events, in ns.
    pub read_ns: u64,
    /// Whether it was looked whether the kernel keeps to the rules.
    pub checked: bool,
}

impl Times {
    /// The same, none longer than the whole took: they may be a native kernel's word.
    pub fn within(self, whole: Duration) -> Self {
        let most = u64::try_from(whole.as_nanos()).unwrap_or(u64::MAX);
        let Self { build_ns, kernel_ns, read_ns, checked } = self;
        Self { build_ns: build_ns.min(most), kernel_ns: kernel_ns.min(most), read_ns: read_ns.min(most), checked }
    }
}

/// How far a child is; tells whose fault a crash is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub enum Phase {
    /// It opens the device.
    Opening,
    /// The program is compiled.
    Building,
    /// The kernel runs.
    Running,
}

/// A device with what only people want to know.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub struct DeviceEntry {
    /// The device as the chain knows it.
    pub device: Device,
    /// Name of its platform.
    pub platform: String,
    /// Version of its driver.
    pub driver: String,
    /// Version of OpenCL it offers.
    pub opencl: String,
    /// Where it is plugged in, as far as its driver tells, and its number among those of which no more is known.
    pub place: String,
    /// Whether it takes work.
    pub available: bool,
    /// Most work-items of a work-group.
    pub max_group_items: u64,
    /// Most bytes of a buffer.
    pub max_buffer: u64,
    /// Bytes of local memory of a work-group.
    pub local_memory: u64,
    /// Whether its memory is the host's, as that of processors and of GPUs in processors.
    pub unified: bool,
    /// Bytes of memory it has. That of [`Self::device`] is the part that runs may use, which is what a worker declares.
    pub total_memory: u64,
}

/// Device memory that a process takes besides its buffers.
const CONTEXT_BYTES: u64 = 512 * 1024 * 1024;
/// Processes that have a device open at a time: a task, a sample, and one that waits for the next.
const CONTEXTS: u64 = 3;

impl DeviceEntry {
    /// Leave runs the part of the memory that `limit` says, or as much as leaves room for everything else: half of the host's memory,
    /// or nine tenths of the device's own without the processes that have it open.
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

    /// The address at which it is plugged in, or what else tells it from all others, if its driver knows.
    pub fn bus(&self) -> Option<&str> {
        let (bus, _) = self.place.rsplit_once('#')?;
        Some(bus.trim()).filter(|bus| !bus.is_empty())
    }

    /// Whether `other`, which another driver lists, is this device. The host's processor is one, however many drivers it has.
    pub fn is_same_device(&self, other: &Self) -> bool {
        let cpu = |entry: &Self| entry.device.class == DeviceClass::Cpu;
        (cpu(self) && cpu(other)) || self.key() == other.key() || self.bus().is_some_and(|bus| other.bus() == Some(bus))
    }

    /// Whether its driver is one for many vendors' devices, which the vendor's own goes before.
    pub fn is_of_a_general_driver(&self) -> bool {
        ["rusticl", "clover"].contains(&self.platform.to_lowercase().as_str())
    }

    /// By what the device is known again.
    pub fn key(&self) -> DeviceKey {
        DeviceKey {
            platform: self.platform.clone(),
            vendor: self.device.vendor.to_vec(),
            model: self.device.model.to_vec(),
            place: self.place.clone(),
        }
    }
}

/// By what a device is known again when the list has changed.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Encode, Decode)]
pub struct DeviceKey {
    /// Name of its platform.
    pub platform: String,
    /// Vendor as OpenCL names it.
    pub vendor: Vec<u8>,
    /// Model as OpenCL names it.
    pub model: Vec<u8>,
    /// Where it is plugged in, and its number among its like.
    pub place: String,
}

impl std::fmt::Display for DeviceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let model = String::from_utf8_lossy(&self.model);
        write!(f, "{model} ({}, {})", self.platform, self.place)
    }
}

/// Why a child could not do its work, with the text for the log.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub enum Fault {
    /// The program does not compile or does not fit its manifest.
    Build(String),
    /// The compiler or the kernel takes more memory than there is.
    Memory(String),
    /// The kernel crashed or broke a rule.
    Kernel(String),
    /// There is no such device, or it went away.
    DeviceLost(String),
    /// Anything else.
    Executor(String),
    /// The device has no room for buffers that fit it: something else has its memory.
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
/// Those of the reader, and `InvalidData` if what comes is no such message.
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
