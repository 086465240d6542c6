//! Processes: the child that runs a kernel, the sandbox around it, and the parent's side.

pub(crate) mod child;
mod handle;
pub(crate) mod parent;
pub(crate) mod sandbox;
pub(crate) mod wire;
