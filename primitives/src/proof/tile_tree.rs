//! The tile tree: the binary Merkle tree over a task's tiles. Its root is part of the worker's
//! commitment.
//!
//! - leaf i = blake2_256(0x00 ‖ genesis ‖ task ‖ i ‖ tile bytes)
//! - inner node = blake2_256(0x01 ‖ left ‖ right)
//!
//! A level of odd length passes its last node up unchanged. A leaf contains chain, task and
//! position, so that it cannot be replayed elsewhere. The prefixes keep leaves and nodes apart.

use crate::{Hash, TaskId, blake2};
use alloc::vec::Vec;
use codec::Encode;

/// Maximum number of tiles of one task.
pub const MAX_TILES: u32 = 1 << 24;
/// Maximum number of tiles opened at once.
pub const MAX_OPENED: u32 = 1024;
/// Maximum number of hashes in a multi-proof of [`MAX_OPENED`] tiles, in a tree of [`MAX_TILES`].
///
/// There is a level with as many nodes as opened tiles. Below it, in the worst case, each opened
/// tile has a path of its own.
pub const MAX_PROOF: u32 = MAX_OPENED * (MAX_TILES.ilog2() - MAX_OPENED.ilog2());

/// The bytes that are hashed before those of the tile.
fn head(genesis: &Hash, task: TaskId, index: u32) -> [u8; HEAD_BYTES] {
    let mut head = [0; HEAD_BYTES];
    // Cannot panic: a hash, a job, a task's position and a tile's index have a fixed length.
    (genesis, task, index).using_encoded(|encoded| head[1..].copy_from_slice(encoded));
    head
}

const HEAD_BYTES: usize = 1 + 32 + 8 + 4 + 4;

/// Compute the leaf of tile `index` of `task`.
pub fn leaf(genesis: &Hash, task: TaskId, index: u32, tile: &[u8]) -> Hash {
    hash_after(&head(genesis, task, index), tile)
}

/// Compute the leaves of consecutive tiles, the first of which is tile `first`.
///
/// Native code hashes several tiles at a time with vector instructions, which halves the time.
pub fn leaves(genesis: &Hash, task: TaskId, first: u32, tiles: &[&[u8]]) -> Vec<Hash> {
    let heads = (first..).zip(tiles).map(|(index, tile)| (head(genesis, task, index), *tile));
    hash_each_after(heads)
}

#[cfg(feature = "std")]
pub(crate) fn hash_after(head: &[u8], tile: &[u8]) -> Hash {
    let mut state = blake2b_simd::Params::new().hash_length(32).to_state();
    digest(state.update(head).update(tile))
}

#[cfg(feature = "std")]
pub(crate) fn hash_each_after<'a, const HEAD: usize>(
    pieces: impl Iterator<Item = ([u8; HEAD], &'a [u8])>,
) -> Vec<Hash> {
    let mut params = blake2b_simd::Params::new();
    params.hash_length(32);
    let mut pieces: Vec<_> = pieces
        .map(|(head, tile)| {
            let mut state = params.to_state();
            state.update(&head);
            (state, tile)
        })
        .collect();
    blake2b_simd::many::update_many(pieces.iter_mut().map(|(state, tile)| (state, *tile)));
    pieces.iter().map(|(state, _)| digest(state)).collect()
}

#[cfg(feature = "std")]
fn digest(state: &blake2b_simd::State) -> Hash {
    Hash::from_slice(state.finalize().as_bytes())
}

// In the runtime, one call of a host function is faster than hashing in WebAssembly.
#[cfg(not(feature = "std"))]
pub(crate) fn hash_after(head: &[u8], tile: &[u8]) -> Hash {
    blake2(&[head, tile].concat())
}

#[cfg(not(feature = "std"))]
pub(crate) fn hash_each_after<'a, const HEAD: usize>(
    pieces: impl Iterator<Item = ([u8; HEAD], &'a [u8])>,
) -> Vec<Hash> {
    pieces.map(|(head, tile)| hash_after(&head, tile)).collect()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1u8; 65];
    bytes[1..33].copy_from_slice(left.as_bytes());
    bytes[33..].copy_from_slice(right.as_bytes());
    blake2(&bytes)
}

fn parents(level: &[Hash]) -> Vec<Hash> {
    level
        .chunks(2)
        .map(|pair| match pair {
            [left, right] => node(left, right),
            _ => pair.first().copied().unwrap_or_default(),
        })
        .collect()
}

/// Compute the root over `leaves`. Without leaves it is the zero hash.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = parents(&level);
    }
    level.first().copied().unwrap_or_default()
}

/// A whole tile tree, stored level by level so that its owner can open parts of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TileTree {
    levels: Vec<Vec<Hash>>,
}

impl TileTree {
    /// Build the tree over `leaves`.
    pub fn new(leaves: Vec<Hash>) -> Self {
        let mut levels = alloc::vec![leaves];
        while let Some(parents) = levels.last().filter(|level| level.len() > 1).map(|level| parents(level)) {
            levels.push(parents);
        }
        Self { levels }
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or_default()
    }

    /// The leaves of the tree.
    pub fn leaves(&self) -> &[Hash] {
        self.levels.first().map(Vec::as_slice).unwrap_or_default()
    }

    /// Return the leaves and the multi-proof of the tiles `indices`.
    ///
    /// Returns `None` unless the indices are ascending, distinct and in range.
    pub fn open(&self, indices: &[u32]) -> Option<(Vec<Hash>, Vec<Hash>)> {
        let leaves = self.leaves();
        if indices.is_empty() || !indices.is_sorted_by(|one, next| one < next) {
            return None;
        }
        let opened = indices.iter().map(|i| leaves.get(*i as usize).copied()).collect::<Option<Vec<_>>>()?;
        let mut proof = Vec::new();
        let mut known = indices.to_vec();
        for level in &self.levels {
            known = siblings(level, &known, &mut proof);
        }
        Some((opened, proof))
    }
}

/// Append to `proof` the siblings in `level` that a proof of the nodes at `known` needs, from left
/// to right.
///
/// `known` is ascending. Returns the places of the parents.
fn siblings(level: &[Hash], known: &[u32], proof: &mut Vec<Hash>) -> Vec<u32> {
    let mut above = Vec::with_capacity(known.len());
    let mut rest = known;
    while let Some((position, tail)) = rest.split_first() {
        let sibling = position ^ 1;
        rest = match tail.split_first() {
            Some((next, tail)) if *next == sibling => tail,
            _ => {
                proof.extend(level.get(sibling as usize));
                tail
            }
        };
        above.push(position / 2);
    }
    above
}

/// Number of levels below a [`Crown`], which it does not store.
const BRANCH_LEVELS: u32 = 8;
/// Number of leaves below one leaf of a [`Crown`].
pub const BRANCH_LEAVES: u32 = 1 << BRANCH_LEVELS;

/// The upper part of a tile tree. Its leaves are the nodes over [`BRANCH_LEAVES`] tiles each.
///
/// The largest tree takes 1 GiB, and its crown takes 4 MiB. The lower levels are computed again
/// from the leaves, which are stored elsewhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Crown {
    upper: TileTree,
    leaves: u32,
}

/// An error of [`Crown::open`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CrownError<E> {
    /// The indices are not ascending, distinct and in range, or there are none.
    Malformed,
    /// The leaves read are not those that the crown was made of.
    ForeignLeaves,
    /// Reading the leaves failed.
    Read(E),
}

impl Crown {
    /// Build the crown over `branches`, which are the [`branch`]es of `leaves` tiles in order.
    ///
    /// Returns `None` if the number of branches is wrong.
    pub fn new(branches: Vec<Hash>, leaves: u32) -> Option<Self> {
        (branches.len() as u64 == u64::from(leaves.div_ceil(BRANCH_LEAVES)))
            .then(|| Self { upper: TileTree::new(branches), leaves })
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Hash {
        self.upper.root()
    }

    /// Return the leaves and the multi-proof of the tiles `indices`, as [`TileTree::open`] does.
    ///
    /// `read` takes an index and a number, and returns that many leaves from that index on. It is
    /// called for one branch after the other.
    ///
    /// # Errors
    ///
    /// [`CrownError`] if the indices are malformed, or the leaves cannot be read or are not those
    /// of the crown.
    pub fn open<E>(
        &self,
        indices: &[u32],
        mut read: impl FnMut(u32, u32) -> Result<Vec<Hash>, E>,
    ) -> Result<(Vec<Hash>, Vec<Hash>), CrownError<E>> {
        let ordered = indices.is_sorted_by(|one, next| one < next);
        if !ordered || indices.last().is_none_or(|last| *last >= self.leaves) {
            return Err(CrownError::Malformed);
        }
        let mut opened = Vec::with_capacity(indices.len());
        let mut proofs: [Vec<Hash>; BRANCH_LEVELS as usize] = Default::default();
        let mut branches = Vec::new();
        for picked in indices.chunk_by(|a, b| a / BRANCH_LEAVES == b / BRANCH_LEAVES) {
            let Some(branch) = picked.first().map(|index| index / BRANCH_LEAVES) else { continue };
            let first = branch.saturating_mul(BRANCH_LEAVES);
            let leaves = read(first, BRANCH_LEAVES.min(self.leaves.saturating_sub(first))).map_err(CrownError::Read)?;
            let tree = TileTree::new(leaves);
            if Some(&tree.root()) != self.upper.leaves().get(branch as usize) {
                return Err(CrownError::ForeignLeaves);
            }
            let mut known: Vec<u32> = picked.iter().map(|index| index % BRANCH_LEAVES).collect();
            opened.extend(known.iter().filter_map(|place| tree.leaves().get(*place as usize)));
            for (level, proof) in tree.levels.iter().zip(&mut proofs) {
                known = siblings(level, &known, proof);
            }
            branches.push(branch);
        }
        let (_, above) = self.upper.open(&branches).ok_or(CrownError::Malformed)?;
        Ok((opened, proofs.into_iter().flatten().chain(above).collect()))
    }
}

/// Compute the node over a branch, which has [`BRANCH_LEAVES`] leaves. Only the last branch of a
/// tree may have fewer.
pub fn branch(leaves: &[Hash]) -> Hash {
    root(leaves)
}

/// The reason why an opening is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum OpeningError {
    /// The indices are empty, unordered, repeated or out of range, or the number of leaves differs
    /// from theirs.
    Malformed,
    /// The proof has too few or too many hashes.
    WrongProofLength,
    /// Leaves and proof lead to a different root.
    WrongRoot,
}

/// Check that `leaves` are the leaves of the tiles `indices` in the tree of `tiles` tiles under
/// `root`.
///
/// The indices must be ascending and distinct. The proof holds the siblings that cannot be
/// computed: level by level from the leaves up, from left to right. Takes O(k log n) hashes.
pub fn verify(root: &Hash, tiles: u32, indices: &[u32], leaves: &[Hash], proof: &[Hash]) -> Result<(), OpeningError> {
    let ordered = indices.is_sorted_by(|one, next| one < next);
    if indices.is_empty() || !ordered || indices.len() != leaves.len() || indices.last() >= Some(&tiles) {
        return Err(OpeningError::Malformed);
    }
    let mut proof = proof.iter();
    let mut known: Vec<(u32, Hash)> = indices.iter().copied().zip(leaves.iter().copied()).collect();
    let mut width = tiles;
    while width > 1 {
        let mut above = Vec::with_capacity(known.len());
        let mut rest = known.as_slice();
        while let Some(((position, hash), tail)) = rest.split_first() {
            let sibling = position ^ 1;
            rest = tail;
            let parent = if sibling >= width {
                *hash
            } else {
                let other = match tail.split_first() {
                    Some(((next, hash), tail)) if *next == sibling => {
                        rest = tail;
                        hash
                    }
                    _ => proof.next().ok_or(OpeningError::WrongProofLength)?,
                };
                if position % 2 == 0 { node(hash, other) } else { node(other, hash) }
            };
            above.push((position / 2, parent));
        }
        known = above;
        width = width.div_ceil(2);
    }
    if proof.next().is_some() {
        return Err(OpeningError::WrongProofLength);
    }
    match known.as_slice() {
        [(_, computed)] if computed == root => Ok(()),
        _ => Err(OpeningError::WrongRoot),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeSet, vec};
    use proptest::{collection::btree_set, prelude::*};

    fn some_leaves(count: u32) -> Vec<Hash> {
        let task = TaskId { job: 3, index: 1 };
        (0..count).map(|i| leaf(&Hash::zero(), task, i, &i.to_le_bytes())).collect()
    }

    #[test]
    fn an_odd_level_carries_its_last_node_up() {
        let l = some_leaves(3);
        assert_eq!(root(&l), node(&node(&l[0], &l[1]), &l[2]));
        assert_eq!(root(&l[..1]), l[0]);
        assert_eq!(root(&[]), Hash::zero());
    }

    #[test]
    fn a_leaf_is_bound_to_chain_task_and_position() {
        let task = TaskId { job: 1, index: 2 };
        let mine = leaf(&Hash::zero(), task, 0, b"tile");
        assert_ne!(mine, leaf(&Hash::repeat_byte(1), task, 0, b"tile"));
        assert_ne!(mine, leaf(&Hash::zero(), TaskId { job: 1, index: 3 }, 0, b"tile"));
        assert_ne!(mine, leaf(&Hash::zero(), task, 1, b"tile"));
        assert_ne!(mine, leaf(&Hash::zero(), task, 0, b"tilE"));
    }

    #[test]
    fn a_leaf_is_the_hash_of_the_documented_bytes_one_by_one_and_together() {
        let (genesis, task) = (Hash::repeat_byte(9), TaskId { job: 7, index: 2 });
        let documented = |index: u32, tile: &[u8]| {
            let head = [&[0][..], genesis.as_bytes(), &7u64.to_le_bytes(), &2u32.to_le_bytes(), &index.to_le_bytes()];
            blake2(&[&head.concat(), tile].concat())
        };
        // Lengths that, together with the head, are below, equal to and above a block of the hash,
        // and zero.
        let tiles: Vec<Vec<u8>> = [0, 1, 78, 79, 80, 127, 128, 300, 5_000].map(|length| vec![0x5a; length]).into();
        let slices: Vec<&[u8]> = tiles.iter().map(Vec::as_slice).collect();
        let expected: Vec<Hash> = (5..).zip(&slices).map(|(index, tile)| documented(index, tile)).collect();
        assert_eq!(leaves(&genesis, task, 5, &slices), expected);
        let single: Vec<Hash> = (5..).zip(&slices).map(|(index, tile)| leaf(&genesis, task, index, tile)).collect();
        assert_eq!(single, expected);
    }

    #[test]
    fn malformed_openings_are_refused() {
        let l = some_leaves(5);
        let tree = TileTree::new(l.clone());
        assert_eq!(tree.open(&[]), None);
        assert_eq!(tree.open(&[2, 1]), None);
        assert_eq!(tree.open(&[1, 1]), None);
        assert_eq!(tree.open(&[5]), None);
        let (opened, proof) = tree.open(&[1, 4]).unwrap();
        let check = |indices: &[u32], opened: &[Hash], proof: &[Hash]| verify(&tree.root(), 5, indices, opened, proof);
        assert_eq!(check(&[1, 4], &opened, &proof), Ok(()));
        assert_eq!(check(&[], &[], &proof), Err(OpeningError::Malformed));
        assert_eq!(check(&[4, 1], &opened, &proof), Err(OpeningError::Malformed));
        assert_eq!(check(&[1, 5], &opened, &proof), Err(OpeningError::Malformed));
        assert_eq!(check(&[1, 4], &opened[..1], &proof), Err(OpeningError::Malformed));
        assert_eq!(check(&[1, 4], &opened, &proof[..1]), Err(OpeningError::WrongProofLength));
        assert_eq!(check(&[1, 4], &opened, &[proof.clone(), vec![l[0]]].concat()), Err(OpeningError::WrongProofLength));
        assert_eq!(check(&[0, 4], &opened, &proof), Err(OpeningError::WrongRoot));
    }

    #[test]
    fn the_proof_bound_holds_for_the_worst_spread() {
        // The maximum number of opened tiles, as far apart as possible.
        let (tiles, opened) = (1u32 << 14, 1u32 << 6);
        let tree = TileTree::new(some_leaves(tiles));
        let indices: Vec<u32> = (0..opened).map(|i| i * (tiles / opened)).collect();
        let (_, proof) = tree.open(&indices).unwrap();
        assert_eq!(proof.len() as u32, opened * (tiles.ilog2() - opened.ilog2()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn a_crown_opens_what_the_whole_tree_opens(count in 1u32..2_000, picks in btree_set(0u32..2_000, 1..60)) {
            let l = some_leaves(count);
            let tree = TileTree::new(l.clone());
            let crown = Crown::new(l.chunks(BRANCH_LEAVES as usize).map(branch).collect(), count).unwrap();
            prop_assert_eq!(crown.root(), tree.root());
            let indices: Vec<u32> = picks.into_iter().filter(|i| *i < count).collect();
            let read = |first: u32, n: u32| Ok::<_, ()>(l[first as usize..][..n as usize].to_vec());
            match tree.open(&indices) {
                None => prop_assert_eq!(crown.open(&indices, read), Err(CrownError::Malformed)),
                Some(opening) => {
                    prop_assert_eq!(crown.open(&indices, read), Ok(opening));
                    let foreign = |_, n: u32| Ok::<_, ()>(vec![Hash::zero(); n as usize]);
                    prop_assert_eq!(crown.open(&indices, foreign), Err(CrownError::ForeignLeaves));
                    prop_assert_eq!(crown.open(&indices, |_, _| Err("gone")), Err(CrownError::Read("gone")));
                }
            }
            prop_assert_eq!(crown.open(&[count], read), Err(CrownError::Malformed));
        }

        #[test]
        fn every_opening_verifies_and_every_change_is_seen(
            count in 1u32..200,
            picks in btree_set(0u32..200, 1..40),
            victim: usize,
        ) {
            let tree = TileTree::new(some_leaves(count));
            prop_assert_eq!(tree.root(), root(tree.leaves()));
            let indices: Vec<u32> = picks.into_iter().map(|pick| pick % count).collect::<BTreeSet<_>>().into_iter().collect();
            let (opened, proof) = tree.open(&indices).unwrap();
            prop_assert_eq!(verify(&tree.root(), count, &indices, &opened, &proof), Ok(()));

            let mut forged = opened.clone();
            let at = victim % forged.len();
            forged[at] = Hash::repeat_byte(0xee);
            prop_assert_eq!(verify(&tree.root(), count, &indices, &forged, &proof), Err(OpeningError::WrongRoot));
            if !proof.is_empty() {
                let mut forged = proof.clone();
                let at = victim % forged.len();
                forged[at] = Hash::repeat_byte(0xee);
                prop_assert_eq!(verify(&tree.root(), count, &indices, &opened, &forged), Err(OpeningError::WrongRoot));
            }
        }
    }
}
