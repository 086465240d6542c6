//! Parts of outputs, which verify against the root on the chain.

use dpin_primitives::{
    Hash, TaskId,
    executor::OutputChunk,
    json::{HexBytes, HexHash},
    tile_tree::OpeningError,
};
use polkadot_sdk::sp_core::Bytes;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A part of a task's output.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputView {
    /// Bytes of the whole output.
    pub total: u64,
    /// Offset of `data` in the output: the start of a tile, at or before the requested offset.
    pub offset: u64,
    /// Bytes of whole tiles.
    #[schemars(with = "HexBytes")]
    pub data: Bytes,
    /// Bytes of one tile.
    pub tile_bytes: u32,
    /// Root of the tile tree.
    #[schemars(with = "HexHash")]
    pub root: Hash,
    /// Multi-proof of the tiles in `data`.
    #[schemars(with = "Vec<HexHash>")]
    pub proof: Vec<Hash>,
}

/// The output does not match the worker's commitment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the output does not verify against the root: {0:?}")]
pub struct Unverified(pub OpeningError);

impl From<OutputChunk> for OutputView {
    fn from(chunk: OutputChunk) -> Self {
        let OutputChunk { total, offset, data, tile_bytes, root, proof } = chunk;
        Self { total, offset, data: Bytes(data), tile_bytes, root, proof }
    }
}

impl From<OutputView> for OutputChunk {
    fn from(view: OutputView) -> Self {
        let OutputView { total, offset, data, tile_bytes, root, proof } = view;
        Self { total, offset, data: data.0, tile_bytes, root, proof }
    }
}

impl OutputView {
    /// Verifies the bytes against the `root` on the chain, and returns them.
    ///
    /// # Errors
    ///
    /// When the bytes do not match the commitment.
    pub fn verify(self, genesis: &Hash, task: TaskId, root: &Hash) -> Result<Vec<u8>, Unverified> {
        let chunk = OutputChunk::from(self);
        chunk.verify(genesis, task, root).map_err(Unverified)?;
        Ok(chunk.data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::tile_tree::{TileTree, leaf};

    #[test]
    fn an_output_gives_its_bytes_only_if_they_verify() {
        let (genesis, task) = (Hash::repeat_byte(9), TaskId { job: 0, index: 0 });
        let output: Vec<u8> = (0..16u8).collect();
        let tree = TileTree::new(output.chunks(4).zip(0..).map(|(tile, i)| leaf(&genesis, task, i, tile)).collect());
        let (_, proof) = tree.open(&[1]).unwrap();
        let view = OutputView {
            total: 16,
            offset: 4,
            data: Bytes(output[4..8].to_vec()),
            tile_bytes: 4,
            root: tree.root(),
            proof,
        };
        assert_eq!(view.clone().verify(&genesis, task, &tree.root()).unwrap(), [4, 5, 6, 7]);
        let forged = OutputView { data: Bytes(vec![0; 4]), ..view };
        assert!(forged.verify(&genesis, task, &tree.root()).is_err());
    }
}
