//! Messages between parent and child: SCALE, each preceded by its length in 4 bytes, little endian.

use super::sandbox::walls::{SandboxProbe, Wall};
use crate::device::{
    entry::{DeviceEntry, DeviceKey},
    fault::ChildFault,
};
use codec::{Decode, DecodeAll, Encode};
use dpin_primitives::executor::RunRequest;
use std::{
    io::{self, Read, Write},
    time::Duration,
};

/// Most bytes of one message.
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Name of the file with the kernel's source.
pub(crate) const SOURCE_FILE: &str = "source";
/// Name of the file with the compiled program, for drivers without a cache of their own.
pub(crate) const PROGRAM_FILE: &str = "program.bin";

/// Name of the file with input `index`.
pub(crate) fn input_file(index: usize) -> String {
    format!("input-{index}")
}

/// A parent's order to a child. For a run, source and inputs are in the child's folder before the
/// order comes.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) enum Order {
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

/// A child's message to its parent.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) enum Message {
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
    Failed(ChildFault),
    /// The rules that the kernel was seen to break.
    Checked(Vec<Finding>),
}

/// A rule for kernels, named after its violation.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) enum Rule {
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
    pub(crate) fn name(self) -> &'static str {
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
pub(crate) struct Finding {
    /// The rule.
    pub rule: Rule,
    /// Name of the parameter, or its position if its name is not known.
    pub parameter: String,
    /// Description of the violation, and advice.
    pub message: String,
}

/// Times of a child's work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub(crate) struct Times {
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
    pub(crate) fn within(self, whole: Duration) -> Self {
        let most = u64::try_from(whole.as_nanos()).unwrap_or(u64::MAX);
        let Self { build_ns, kernel_ns, read_ns, checked } = self;
        Self { build_ns: build_ns.min(most), kernel_ns: kernel_ns.min(most), read_ns: read_ns.min(most), checked }
    }
}

/// A child's progress. It decides who is blamed for a crash.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Encode, Decode)]
pub(crate) enum Phase {
    /// The device is being opened.
    Opening,
    /// The program is being compiled.
    Building,
    /// The kernel is running.
    Running,
}

/// Write one message.
///
/// # Errors
///
/// Those of the writer, and `InvalidInput` if the message is too long.
pub(crate) fn send(to: &mut impl Write, message: &impl Encode) -> io::Result<()> {
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
pub(crate) fn receive<M: Decode>(from: &mut impl Read) -> io::Result<M> {
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

/// Read a stream as orders and as a child's messages, and assert that each is sent as it came.
/// Returns the number of messages.
///
/// For the fuzz targets, which cannot name the messages.
#[doc(hidden)]
pub fn check_messages(stream: &[u8]) -> usize {
    check_stream::<Order>(stream) + check_stream::<Message>(stream)
}

fn check_stream<M: Decode + Encode + PartialEq + std::fmt::Debug>(stream: &[u8]) -> usize {
    let (mut rest, mut count) = (stream, 0);
    while let Ok(message) = receive::<M>(&mut rest) {
        let read = stream.len() - rest.len();
        let mut sent = Vec::new();
        send(&mut sent, &message).expect("a received message is no longer than one that is sent");
        assert_eq!(sent, stream[read - sent.len()..read], "{message:?} has two encodings");
        assert_eq!(receive::<M>(&mut sent.as_slice()).ok(), Some(message), "a message is changed on its way");
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_survive_the_pipe_in_order() {
        let sent =
            [Message::Phase(Phase::Running), Message::Progress(5), Message::Failed(ChildFault::Kernel("x".into()))];
        let mut pipe = Vec::new();
        for message in &sent {
            send(&mut pipe, message).unwrap();
        }
        let mut pipe = pipe.as_slice();
        for message in sent {
            assert_eq!(receive::<Message>(&mut pipe).unwrap(), message);
        }
        assert_eq!(receive::<Message>(&mut pipe).unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn times_are_no_longer_than_the_whole() {
        let forged = Times { build_ns: 1, kernel_ns: u64::MAX, read_ns: 5, checked: true };
        let within = Times { build_ns: 1, kernel_ns: 4, read_ns: 4, checked: true };
        assert_eq!(forged.within(Duration::from_nanos(4)), within);
    }

    #[test]
    fn what_the_hostile_cases_forge_is_what_they_mean() {
        assert_eq!(Message::Phase(Phase::Opening).encode(), [3, 0]);
        assert_eq!(Message::Done(Times::default()).encode()[..1], [7]);
        assert_eq!(Message::Failed(ChildFault::Executor("x".into())).encode(), [8, 4, 4, b'x']);
    }

    #[test]
    fn a_forged_length_allocates_nothing() {
        let mut pipe = u32::MAX.to_le_bytes().as_slice().to_vec();
        pipe.push(0);
        assert_eq!(receive::<Message>(&mut pipe.as_slice()).unwrap_err().kind(), io::ErrorKind::InvalidData);
    }
}
