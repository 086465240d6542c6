//! The failures of work on a device.

use codec::{Decode, Encode};
use std::io;

/// Why a child could not do its work, with a text for the log.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) enum ChildFault {
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

impl ChildFault {
    /// The text for the log.
    pub(crate) fn text(&self) -> &str {
        match self {
            ChildFault::Build(text)
            | ChildFault::Memory(text)
            | ChildFault::Kernel(text)
            | ChildFault::DeviceLost(text)
            | ChildFault::Executor(text)
            | ChildFault::NoRoom(text) => text,
        }
    }
}

impl From<io::Error> for ChildFault {
    fn from(error: io::Error) -> Self {
        ChildFault::Executor(error.to_string())
    }
}
