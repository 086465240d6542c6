//! The traits by which jobs, canaries and the buy-back report to the economy.

use crate::{AccountId, AssetKind, Balance, BlockNumber, economy::EraIndex};
use polkadot_sdk::frame_support::weights::Weight;

/// The fees of settled tasks, as the jobs report them to the economy.
pub trait DemandLedger {
    /// Record that a settled task has paid `fees` of `asset` into the revenue pot.
    ///
    /// `paid` lists the accounts that worked for the task, each with its pay in `asset`. It has at
    /// most one worker and [`MAX_AUDITORS`](crate::job::MAX_AUDITORS) auditors.
    fn settled(asset: &AssetKind, fees: Balance, paid: &[(AccountId, Balance)]);
}

impl DemandLedger for () {
    fn settled(_: &AssetKind, _: Balance, _: &[(AccountId, Balance)]) {}
}

/// The capacity of the workers, as the canaries report it to the economy.
pub trait CapacityLedger {
    /// Record that a worker has passed all canaries of a round, and proved `units` throughput
    /// tiles.
    fn proved(worker: &AccountId, units: u32);
}

impl CapacityLedger for () {
    fn proved(_: &AccountId, _: u32) {}
}

/// The purchases of the buy-back, as it reports them to the economy.
pub trait BurnLedger {
    /// Record a purchase: `spent` of `asset` from the revenue pot bought `burned` planck, which are
    /// burned.
    ///
    /// Returns the weight of recording it.
    fn bought(asset: &AssetKind, spent: Balance, burned: Balance) -> Weight;

    /// Record that the market of `asset` was fit to buy in for `blocks` more blocks, with or
    /// without a purchase.
    ///
    /// Returns the weight of recording it.
    fn was_fit(asset: &AssetKind, blocks: BlockNumber) -> Weight;
}

impl BurnLedger for () {
    fn bought(_: &AssetKind, _: Balance, _: Balance) -> Weight {
        Weight::zero()
    }

    fn was_fit(_: &AssetKind, _: BlockNumber) -> Weight {
        Weight::zero()
    }
}

/// A hook that runs when an era ends.
pub trait OnEraEnd {
    /// The era has ended. Returns the weight of the hook.
    fn era_ended(era: EraIndex) -> Weight;
}

impl OnEraEnd for () {
    fn era_ended(_: EraIndex) -> Weight {
        Weight::zero()
    }
}
