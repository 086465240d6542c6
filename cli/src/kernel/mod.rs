//! Kernels: their files and descriptions, the checks of their source, the executor that tries them,
//! and their records on the chain.

pub(crate) mod check;
pub(crate) mod executor;
pub(crate) mod file;
pub(crate) mod registry;
