//! The files of the executor: blobs, outputs, keys, programs and logs.

pub(crate) mod age;
pub(crate) mod blobs;
mod digest;
pub(crate) mod envelope;
pub(crate) mod files;
pub(crate) mod keys;
pub(crate) mod logs;
pub(crate) mod outputs;
pub(crate) mod programs;
