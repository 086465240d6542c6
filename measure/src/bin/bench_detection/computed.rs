//! The outputs of workers, right and wrong.

use crate::{SEED, TILES};
use codec::Encode;
use dpin_measure::calls::{GENESIS, TILE_BYTES};
use dpin_primitives::{
    AccountId, Hash, TaskId, blake2,
    sampling::Draws,
    tile_tree::{TileTree, leaf},
};
use std::collections::BTreeSet;

/// The output that a worker has computed, with the tiles that it got wrong.
pub(crate) struct Computed {
    pub tree: TileTree,
    pub wrong: BTreeSet<u32>,
    /// The worker that computed it.
    pub worker: Option<AccountId>,
    /// Whether the sample holds a wrong tile.
    pub sampled_wrong: bool,
}

/// The correct bytes of a tile, or wrong ones.
fn tile(task: TaskId, index: u32, wrong: bool) -> [u8; TILE_BYTES as usize] {
    let value = (task.job as u32).wrapping_mul(0x9e37_79b9) ^ (task.index << 24) ^ index;
    (if wrong { !value } else { value }).to_le_bytes()
}

/// The leaves that an honest worker computes.
pub(crate) fn honest_leaves(task: TaskId, sample: &[u32]) -> Vec<Hash> {
    sample.iter().map(|index| leaf(&GENESIS, task, *index, &tile(task, *index, false))).collect()
}

impl Computed {
    pub(crate) fn compute(task: TaskId, permille: u32) -> Self {
        let mut draws = Draws::new(blake2(&(SEED, b"tiles", permille, task).encode()));
        let wrong: BTreeSet<u32> =
            (0..TILES).filter(|_| permille > 0 && draws.below(1_000) < u64::from(permille)).collect();
        let leaves = (0..TILES).map(|i| leaf(&GENESIS, task, i, &tile(task, i, wrong.contains(&i)))).collect();
        Self { tree: TileTree::new(leaves), wrong, worker: None, sampled_wrong: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_tile_has_another_leaf_and_the_others_have_not() {
        let task = TaskId { job: 3, index: 1 };
        let output = Computed::compute(task, 100);
        assert!((50..150).contains(&output.wrong.len()), "{} of {TILES} are wrong", output.wrong.len());
        let honest = honest_leaves(task, &(0..TILES).collect::<Vec<_>>());
        let differing = (0..TILES).filter(|i| output.tree.leaves()[*i as usize] != honest[*i as usize]);
        assert!(differing.eq(output.wrong.iter().copied()));
    }
}
