//! Calls on a chain whose runtime is in process: what every simulation and measurement on it needs.

use anyhow::{Context, Result, anyhow};
use dpin_primitives::{
    AccountId, Balance, Hash, blake2,
    kernel::{KernelClass, KernelManifest, Param, Tiling},
    traits::WorkerHealth,
    worker::{DeviceClass, WorkerKey, WorkerSignature, possession_message},
};
use dpin_runtime::{Blobs, DAYS, Jobs, Runtime, RuntimeCall, RuntimeOrigin, System, Workers};
use dpin_tests::worker::{any_offer, bounded, device};
use pallet_proof_of_compute::Call;
use polkadot_sdk::{
    frame_support::{pallet_prelude::TransactionSource, traits::Authorize},
    frame_system::RawOrigin,
    sp_core::{Pair, sr25519},
    sp_runtime::{DispatchError, traits::Dispatchable},
};

/// The hash of the block before the first.
pub const GENESIS: Hash = Hash::repeat_byte(1);
/// Bytes of a tile of the [registered kernel](register_kernel).
pub const TILE_BYTES: u32 = 4;

/// A signed origin.
pub fn signed(who: &AccountId) -> RuntimeOrigin {
    RuntimeOrigin::signed(who.clone())
}

/// Convert the error of a failed call to an `anyhow` error.
pub fn told(error: DispatchError) -> anyhow::Error {
    anyhow!("{error:?}")
}

/// Dispatch a call.
///
/// # Errors
///
/// The error of the call.
pub fn dispatch(call: impl Into<RuntimeCall>, origin: RuntimeOrigin) -> Result<()> {
    call.into().dispatch(origin).map(|_| ()).map_err(|failed| told(failed.error))
}

/// Authorise a report, as the pool (`External`) or a block (`InBlock`) does, and dispatch it.
///
/// # Errors
///
/// If the report is refused, or its call fails.
pub fn report(call: Call<Runtime>, source: TransactionSource) -> Result<()> {
    let call = RuntimeCall::from(call);
    call.authorize(source)
        .context("reports are authorised")?
        .map_err(|invalid| anyhow!("a report was refused: {invalid:?}"))?;
    dispatch(call, RawOrigin::Authorized.into())
}

/// Register a kernel for jobs. It has no parameter but its output, and tiles of [`TILE_BYTES`].
///
/// # Errors
///
/// The errors of the calls.
pub fn register_kernel(owner: &AccountId) -> Result<Hash> {
    let source = b"kernel void tile(global uint *out) { out[get_group_id(0)] = get_group_id(0); }".to_vec();
    let manifest = KernelManifest {
        source: blake2(&source),
        entry: bounded(b"tile".to_vec())?,
        params: bounded(vec![Param::Output])?,
        local_size: [1, 1, 1],
        tiling: Tiling::PerGroup { bytes: TILE_BYTES },
        options: Default::default(),
        class: KernelClass::Raw,
    };
    let kernel = manifest.id();
    // The runtime expects the blob's bytes at the end of the extrinsic that stores it.
    System::note_extrinsic(source.clone());
    Blobs::store(signed(owner), 30 * DAYS, source).map_err(told)?;
    Jobs::register_kernel(signed(owner), manifest).map_err(told)?;
    Ok(kernel)
}

/// Register and bond a worker with this many devices of a class, which takes any task. It counts as
/// having passed its canaries, which are not run here. `pair` is its worker key.
///
/// # Errors
///
/// The errors of the calls.
pub fn register_worker(
    worker: &AccountId,
    pair: &sr25519::Pair,
    class: DeviceClass,
    devices: usize,
    bond: Balance,
) -> Result<()> {
    let key = WorkerKey::from(pair.public());
    let proof = WorkerSignature::from(pair.sign(&possession_message(&GENESIS, worker)));
    let address = bounded(b"ws://127.0.0.1:9944".to_vec())?;
    let devices = bounded(vec![device(class); devices])?;
    Workers::register(signed(worker), key, proof, address, Default::default(), devices, any_offer()?).map_err(told)?;
    Workers::bond(signed(worker), bond).map_err(told)?;
    <Workers as WorkerHealth>::prove(worker);
    Ok(())
}
