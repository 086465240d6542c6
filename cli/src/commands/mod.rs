//! The commands, one module for each.

pub(crate) mod blob;
pub(crate) mod job;
pub(crate) mod kernel;
pub(crate) mod key;
pub(crate) mod network;
pub(crate) mod token;
pub(crate) mod validator;
pub(crate) mod worker;
