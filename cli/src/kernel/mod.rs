//! Kernels in files: their description, the checks of their source, and the executor that tries
//! them.

pub mod check;
pub mod executor;
pub mod file;
