//! The commands, one file for each.

pub mod blob;
pub mod dispute;
pub mod job;
pub mod kernel;
pub mod key;
pub mod many;
pub mod network;
pub mod report;
pub mod token;
pub mod validator;
pub mod worker;
