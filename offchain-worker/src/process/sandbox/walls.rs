//! The names and states of the walls, and the targets of a test of them.

use codec::{Decode, Encode};

/// Name of the wall of resource limits. The other walls' names follow.
pub(crate) const LIMITS: &str = "limits";
/// Name of the wall of files (Landlock).
pub(crate) const FILES: &str = "files";
/// Name of the wall of system calls (seccomp).
pub(crate) const CALLS: &str = "calls";
/// Name of the wall of namespaces.
pub(crate) const SPACES: &str = "spaces";
/// Name of the wall that is a separate file system.
pub(crate) const ROOT: &str = "root";
/// Name of the wall of privileges: no capabilities, and another user if the executor is root.
pub(crate) const PRIVILEGES: &str = "privileges";

/// A protection, and whether it is in force.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct Wall {
    /// Name of the wall.
    pub name: String,
    /// Whether the executor refuses to run without it.
    required: bool,
    /// How the wall is in force, or why it is not.
    pub state: Result<String, String>,
}

impl Wall {
    pub(super) fn new(name: &str, state: Result<impl Into<String>, impl ToString>) -> Self {
        let required = matches!(name, LIMITS | FILES | CALLS);
        Self { name: name.into(), required, state: state.map(Into::into).map_err(|error| error.to_string()) }
    }

    /// Whether the executor refuses to run without this wall.
    pub(crate) fn is_required(&self) -> bool {
        self.required
    }

    /// Whether the wall is missing although it is required.
    pub(crate) fn is_lacking(&self) -> bool {
        self.required && self.state.is_err()
    }
}

/// Targets of a probe, in addition to those it always tries.
#[derive(Clone, PartialEq, Eq, Debug, Default, Encode, Decode)]
pub(crate) struct SandboxProbe {
    /// Files that it must not be able to read.
    pub secrets: Vec<String>,
    /// A process that it must not be able to reach.
    pub process: u32,
}
