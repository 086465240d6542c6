//! How an executor behaves where it could cheat. The one that is built without `fault-injection` can only be honest.

use crate::{engine::Refused, supervisor::Outcome, wire::DeviceEntry};
use dpin_primitives::{
    executor::{Opening, RunRequest, RunStatus, Work},
    Hash,
};
use std::fmt;

/// What an executor does at the points where a fault can be put. As it stands here, it is honest.
pub trait Conduct: Clone + Default + fmt::Debug + Send + Sync + 'static {
    /// Whether it means to do something wrong.
    fn is_honest(&self) -> bool {
        true
    }

    /// What it makes of `request` without computing it.
    fn made_up(&self, _request: &RunRequest) -> Option<RunStatus> {
        None
    }

    /// Whether it takes `device` for one that is gone.
    fn loses(&self, _device: &DeviceEntry) -> bool {
        false
    }

    /// What it makes of the `outcome` of a child.
    fn misreads(&self, _outcome: &mut Outcome) {}

    /// What it does to `tiles` of the whole task that run `id` has computed, of `tile_bytes` each, from the one numbered `first` on,
    /// before they are hashed and kept.
    fn before_hashing(&self, _id: &Hash, _first: u32, _tiles: &mut [u8], _tile_bytes: usize) {}

    /// Whether it keeps quiet that this `work` was finished at `finished_ms`.
    fn conceals(&self, _work: &Work, _finished_ms: u64) -> bool {
        false
    }

    /// What it hands out as `opening`.
    fn opening(&self, opening: Opening) -> Result<Opening, Refused> {
        Ok(opening)
    }

    /// Whether it keeps outputs to itself.
    fn withholds_outputs(&self) -> bool {
        false
    }
}

/// The honest executor.
#[cfg(not(feature = "fault-injection"))]
#[derive(Clone, Debug, Default)]
pub struct Honest;

#[cfg(not(feature = "fault-injection"))]
impl Conduct for Honest {}

/// The conduct this executor was built with.
#[cfg(not(feature = "fault-injection"))]
pub type Built = Honest;
/// The conduct this executor was built with.
#[cfg(feature = "fault-injection")]
pub type Built = crate::faults::Faults;
