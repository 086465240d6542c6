//! Blobs: files that jobs and kernels need on the network.

pub mod file;
pub mod http;
