//! Processes: the child that runs a kernel, the sandbox around it, and the parent's side.

pub mod child;
mod handle;
pub mod parent;
pub mod sandbox;
pub mod wire;
