//! The declarations of workers that are not chosen for their devices.

use anyhow::{Context, Result};
use dpin_primitives::{
    AssetKind, BLC, BlockNumber,
    worker::{Device, DeviceClass, Fp32, Offer},
};

/// A device that can compute every kernel with up to 1 GiB of memory.
pub fn device(class: DeviceClass) -> Device {
    Device {
        class,
        vendor: Default::default(),
        model: Default::default(),
        memory: 1 << 30,
        compute_units: 1,
        fp64: true,
        fp32: Fp32::ALL,
    }
}

/// The offer of a worker that takes any task paid in DPN or BLC.
///
/// # Errors
///
/// When no offer may name two assets.
pub fn any_offer() -> Result<Offer> {
    Ok(Offer {
        min_reward: bounded(vec![(AssetKind::Native, 1), (BLC, 1)])?,
        kernels: Default::default(),
        max_run_blocks: BlockNumber::MAX,
    })
}

/// Items in the bounded list that a call expects.
///
/// # Errors
///
/// When the list is too short for them.
pub fn bounded<T, B: TryFrom<Vec<T>>>(items: Vec<T>) -> Result<B> {
    let count = items.len();
    B::try_from(items).ok().with_context(|| format!("{count} items do not fit"))
}
