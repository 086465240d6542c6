//! Kernels: their files and descriptions, the checks of their source, the executor that tries them,
//! and their records on the chain.

pub mod check;
pub mod executor;
pub mod file;
pub mod registry;
