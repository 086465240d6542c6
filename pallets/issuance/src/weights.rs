//! Weights of the pallet's calls and of the steps of its hooks.

use polkadot_sdk::frame_support::weights::Weight;

/// Weights of the pallet's calls and of the steps of its hooks. A runtime measures them with the
/// benchmarks of this pallet. The pallets that report proofs and settled tasks measure the cost of
/// these reports.
pub trait WeightInfo {
    /// The call `claim_reward`.
    fn claim_reward() -> Weight;
    /// The call `claim_unlocked`.
    fn claim_unlocked() -> Weight;
    /// The call `claim_vested`.
    fn claim_vested() -> Weight;
    /// A check in every block whether the era ends.
    fn watch() -> Weight;
    /// Ending an era and dividing its emission.
    fn end_era() -> Weight;
    /// Recording the author of a block.
    fn note_author() -> Weight;
    /// Attributing a purchase to `e` eras.
    fn bought(e: u32) -> Weight;
    /// Recording that the stable coin's market was fit.
    fn was_fit() -> Weight;
    /// Dropping `n` accounts of an old era.
    fn prune(n: u32) -> Weight;
}

/// For mocks: estimates of the right order of magnitude, not measured.
impl WeightInfo for () {
    fn claim_reward() -> Weight {
        Weight::from_parts(1_584_000_000, 16_000)
    }
    fn claim_unlocked() -> Weight {
        Weight::from_parts(587_000_000, 6_000)
    }
    fn claim_vested() -> Weight {
        Weight::from_parts(587_000_000, 6_000)
    }
    fn watch() -> Weight {
        Weight::from_parts(252_000_000, 16_000)
    }
    fn end_era() -> Weight {
        Weight::from_parts(1_160_000_000, 16_000)
    }
    fn note_author() -> Weight {
        Weight::from_parts(291_000_000, 4_000)
    }
    fn bought(e: u32) -> Weight {
        Weight::from_parts(269_000_000, 2_000)
            .saturating_add(Weight::from_parts(132_000_000, 0).saturating_mul(e.into()))
    }
    fn was_fit() -> Weight {
        Weight::from_parts(130_000_000, 2_000)
    }
    fn prune(n: u32) -> Weight {
        Weight::from_parts(296_000_000, 4_000)
            .saturating_add(Weight::from_parts(130_000_000, 0).saturating_mul(n.into()))
    }
}
