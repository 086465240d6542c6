//! Blobs: files that jobs and kernels need on the network.

pub(crate) mod file;
pub(crate) mod http;
