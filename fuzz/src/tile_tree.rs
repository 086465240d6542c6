//! The tile tree: an opening that verifies has the leaves of the tree, whatever its proof is.

use codec::{Decode, Encode};
use dpin_primitives::{
    Hash, blake2,
    tile_tree::{BRANCH_LEAVES, Crown, TileTree, branch, verify},
};

/// Numbers of tiles: around powers of two, and around one and two branches.
const SIZES: [u32; 16] =
    [1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 33, 64, 100, BRANCH_LEAVES, BRANCH_LEAVES + 1, 2 * BRANCH_LEAVES + 3];

/// An opening as its sender claims it. Hashes are named by their place in a pool that contains the
/// hashes of the tree, so that mutations combine right hashes in wrong ways.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode)]
pub(crate) struct Claim {
    /// Place of the number of tiles in [`SIZES`].
    pub size: u8,
    /// The opened tiles.
    pub indices: Vec<u32>,
    /// Places of the leaves in the pool.
    pub leaves: Vec<u16>,
    /// Places of the hashes of the proof in the pool.
    pub proof: Vec<u16>,
}

/// The node over two nodes, as the tree is documented.
fn node(left: &Hash, right: &Hash) -> Hash {
    blake2(&[&[1], left.as_bytes(), right.as_bytes()].concat())
}

/// All nodes of the tree over `leaves`, level by level, and one foreign hash.
fn pool(leaves: &[Hash]) -> Vec<Hash> {
    let mut pool = leaves.to_vec();
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node(left, right),
                rest => rest[0],
            })
            .collect();
        pool.extend(&level);
    }
    pool.push(Hash::repeat_byte(0xee));
    pool
}

/// Read `data` as a claim, and verify it.
pub(crate) fn openings(mut data: &[u8]) {
    if let Ok(claim) = Claim::decode(&mut data) {
        is_proved(&claim);
    }
}

/// Verify a claim against the tree that it is about. Returns whether it verifies.
fn is_proved(claim: &Claim) -> bool {
    let tiles = SIZES[usize::from(claim.size) % SIZES.len()];
    let all: Vec<Hash> = (0..tiles).map(|tile| blake2(&tile.to_le_bytes())).collect();
    let pool = pool(&all);
    let pick = |places: &[u16]| places.iter().map(|place| pool[usize::from(*place) % pool.len()]).collect::<Vec<_>>();
    let (leaves, proof) = (pick(&claim.leaves), pick(&claim.proof));
    let tree = TileTree::new(all.clone());
    assert_eq!(tree.root(), pool[pool.len() - 2], "the root is the last node");

    let is_proved = verify(&tree.root(), tiles, &claim.indices, &leaves, &proof).is_ok();
    if is_proved {
        for (index, leaf) in claim.indices.iter().zip(&leaves) {
            assert_eq!(all.get(*index as usize), Some(leaf), "tile {index} of {tiles} verifies with another leaf");
        }
        let honest = tree.open(&claim.indices).expect("indices that verify can be opened");
        assert_eq!(honest, (leaves, proof), "two proofs of the same tiles verify");
    }
    honest_opening(&tree, tiles, &claim.indices);
    is_proved
}

/// Indices can be opened if they ascend below `tiles`. Both ways to open them agree, and verify.
fn honest_opening(tree: &TileTree, tiles: u32, indices: &[u32]) {
    let well_formed = !indices.is_empty()
        && indices.windows(2).all(|pair| pair[0] < pair[1])
        && indices.iter().all(|index| *index < tiles);
    let opening = tree.open(indices);
    assert_eq!(opening.is_some(), well_formed, "the tiles {indices:?} of {tiles}");
    let all = tree.leaves();
    let branches = all.chunks(BRANCH_LEAVES as usize).map(branch).collect();
    let crown = Crown::new(branches, tiles).expect("there is one hash for each branch");
    assert_eq!(crown.root(), tree.root(), "a crown has the root of its tree");
    let read = |first: u32, count: u32| Ok::<_, ()>(all[first as usize..][..count as usize].to_vec());
    assert_eq!(crown.open(indices, read).ok(), opening, "a crown opens the same");
    if let Some((leaves, proof)) = opening {
        assert_eq!(verify(&tree.root(), tiles, indices, &leaves, &proof), Ok(()), "an honest opening verifies");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_right_claim_verifies_and_a_wrong_one_does_not() {
        // Five tiles: the hashes 0 to 4, above them 5 to 7, then 8 and 9, and the root 10.
        let right = Claim { size: 4, indices: vec![1, 4], leaves: vec![1, 4], proof: vec![0, 6] };
        assert!(is_proved(&right));
        assert!(!is_proved(&Claim { leaves: vec![4, 1], ..right.clone() }));
        assert!(!is_proved(&Claim { proof: vec![0, 7], ..right.clone() }));
        assert!(!is_proved(&Claim { proof: vec![0, 6, 0], ..right }));
    }
}
