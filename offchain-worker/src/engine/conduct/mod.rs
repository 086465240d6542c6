//! An executor's behaviour at the points where it could cheat. Without the feature
//! `fault-injection`, only honest behaviour exists.

#[cfg(feature = "fault-injection")]
pub mod faults;

use super::error::Refused;
use crate::{device::entry::DeviceEntry, process::parent::ChildEnd};
use dpin_primitives::{
    Hash,
    executor::{Opening, RunRequest, RunStatus, Work},
};
use std::fmt;

/// An executor's behaviour at the points where a fault can be injected. The default methods are
/// honest.
pub(crate) trait Conduct: Clone + Default + fmt::Debug + Send + Sync + 'static {
    /// Whether no fault is injected.
    fn is_honest(&self) -> bool {
        true
    }

    /// A status for `request` that is made up without computing it.
    fn made_up(&self, _request: &RunRequest) -> Option<RunStatus> {
        None
    }

    /// Whether to treat `device` as lost.
    fn loses(&self, _device: &DeviceEntry) -> bool {
        false
    }

    /// Changes the `end` of a child.
    fn misreads(&self, _end: &mut ChildEnd) {}

    /// Changes `tiles` of a whole task before they are hashed and stored. Run `id` has computed
    /// them. Each has `tile_bytes` bytes, and the first has the number `first`.
    fn before_hashing(&self, _id: &Hash, _first: u32, _tiles: &mut [u8], _tile_bytes: usize) {}

    /// Whether to hide that this `work` was finished at `finished_ms`.
    fn conceals(&self, _work: &Work, _finished_ms: u64) -> bool {
        false
    }

    /// The opening to return instead of the true `opening`.
    fn opening(&self, opening: Opening) -> Result<Opening, Refused> {
        Ok(opening)
    }

    /// Whether to refuse to return outputs.
    fn withholds_outputs(&self) -> bool {
        false
    }
}

/// The honest executor.
#[cfg(not(feature = "fault-injection"))]
#[derive(Clone, Debug, Default)]
pub(crate) struct Honest;

#[cfg(not(feature = "fault-injection"))]
impl Conduct for Honest {}

/// The conduct of this build.
#[cfg(not(feature = "fault-injection"))]
pub(crate) type Built = Honest;
/// The conduct of this build.
#[cfg(feature = "fault-injection")]
pub type Built = faults::Faults;
