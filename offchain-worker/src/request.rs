//! The properties of a request, and whether it is plausible.

use crate::outputs::LEAF_BYTES;
use dpin_primitives::{
    executor::{RunRequest, Work},
    job::{MAX_SAMPLES, MAX_TASK_OUTPUT_BYTES},
    kernel::Param,
    tile_tree::{BRANCH_LEAVES, MAX_TILES},
    BlobHash,
};

/// Most work-groups of a job's grid.
const MAX_GRID: u64 = 1 << 48;

/// The blobs of a run: first the source, then the inputs.
pub fn blobs_of(request: &RunRequest) -> impl Iterator<Item = BlobHash> + '_ {
    std::iter::once(request.kernel.source).chain(request.inputs.iter().copied())
}

/// Bytes of output that a run computes.
pub fn output_bytes(request: &RunRequest) -> u64 {
    match &request.work {
        Work::Task => request.kernel.tiling.output_bytes(request.group_count),
        Work::Sample(tiles) => (tiles.len() as u64).saturating_mul(request.kernel.tiling.tile_bytes().into()),
    }
}

/// Bytes that a run leaves on the disk: of a whole task the output with its leaves and their
/// branches; of a sample nothing.
pub fn kept_bytes(request: &RunRequest) -> u64 {
    if let Work::Sample(_) = request.work {
        return 0;
    }
    let tiles = request.kernel.tiling.tiles(request.group_count);
    let hashes = u64::from(tiles).saturating_add(tiles.div_ceil(BRANCH_LEAVES).into());
    output_bytes(request).saturating_add(hashes.saturating_mul(LEAF_BYTES))
}

/// Check that the chain could have made this request. The error says why not.
pub fn check(request: &RunRequest) -> Result<(), String> {
    let RunRequest { kernel, groups, .. } = request;
    kernel.check().map_err(|error| format!("manifest: {error:?}"))?;
    let grid =
        groups.iter().try_fold(1u64, |all, groups| all.checked_mul((*groups).into()).filter(|all| *all <= MAX_GRID));
    let grid = grid.filter(|grid| *grid > 0).ok_or("the grid is empty or larger than 2^48 work-groups")?;
    let end = request.first_group.checked_add(request.group_count.into());
    if request.group_count == 0 || end.is_none_or(|end| end > grid) {
        return Err("the work-groups are not in the grid".into());
    }
    let tiles = kernel.tiling.tiles(request.group_count);
    if tiles > MAX_TILES || kernel.tiling.output_bytes(request.group_count) > MAX_TASK_OUTPUT_BYTES {
        return Err(format!("more than {MAX_TILES} tiles or {MAX_TASK_OUTPUT_BYTES} bytes of output"));
    }
    let widths = kernel.params.iter().filter_map(|param| match param {
        Param::Scalar { bytes } => Some(usize::from(*bytes)),
        _ => None,
    });
    if !widths.eq(request.scalars.iter().map(Vec::len)) {
        return Err("the scalars are not those of the manifest".into());
    }
    if request.inputs.len() != kernel.input_count() {
        return Err("there is not one blob for each input".into());
    }
    if let Work::Sample(sample) = &request.work {
        let ordered = sample.windows(2).all(|pair| pair.first() < pair.last());
        let in_range = sample.last().is_some_and(|last| *last < tiles);
        if !ordered || !in_range || sample.len() > MAX_SAMPLES as usize {
            return Err(format!("a sample is 1 to {MAX_SAMPLES} ascending tiles below {tiles}"));
        }
    }
    if request.limit_ms == 0 {
        return Err("the time limit is 0".into());
    }
    Ok(())
}
