//! The tiles that an audit or a jury looks at.

use super::{Audit, Case, Jury};
use alloc::vec::Vec;
use dpin_primitives::{sampling::sample, traits::TaskBrief};

/// The tiles of an audit.
pub(crate) fn sampled_tiles(audit: &Audit, brief: &TaskBrief) -> Vec<u32> {
    sample(audit.seed, brief.tiling.tiles(brief.group_count), audit.samples)
}

/// The tiles a jury looks at; of an output that is said to be withheld, `fetched` drawn with the
/// jury's seed.
pub(crate) fn disputed_tiles(case: &Case, jury: Option<&Jury>, brief: &TaskBrief, fetched: u32) -> Vec<u32> {
    match (case, jury) {
        (Case::Seals { audit, .. }, _) => sampled_tiles(audit, brief),
        (Case::Challenge { tile, .. }, _) => alloc::vec![*tile],
        (Case::Withheld { .. }, Some(jury)) => sample(jury.seed, brief.tiling.tiles(brief.group_count), fetched),
        (Case::Withheld { .. }, None) => Vec::new(),
    }
}
