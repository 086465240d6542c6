//! The files of the executor: blobs, outputs, keys, programs and logs.

pub mod age;
pub mod blobs;
mod digest;
pub mod envelope;
pub mod files;
pub mod keys;
pub mod logs;
pub mod outputs;
pub mod programs;
