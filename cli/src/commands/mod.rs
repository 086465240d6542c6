//! The commands, one module for each.

pub mod blob;
pub mod job;
pub mod kernel;
pub mod key;
pub mod network;
pub mod token;
pub mod validator;
pub mod worker;
