//! What the calls of the pallet and the steps of its hooks cost.

use polkadot_sdk::frame_support::weights::Weight;

/// What each call and each step of a hook costs. A runtime measures it with the benchmarks of this pallet. What proofs and settled
/// tasks cost here is measured by those who tell of them.
pub trait WeightInfo {
    /// The call `claim_reward`.
    fn claim_reward() -> Weight;
    /// The call `claim_unlocked`.
    fn claim_unlocked() -> Weight;
    /// The call `claim_vested`.
    fn claim_vested() -> Weight;
    /// What every block costs: looking whether the era ends.
    fn watch() -> Weight;
    /// Ending an era and sharing out what it issues.
    fn end_era() -> Weight;
    /// Noting the author of a block.
    fn note_author() -> Weight;
    /// Attributing a purchase to `e` eras.
    fn bought(e: u32) -> Weight;
    /// Noting that the stable coin's market was fit.
    fn was_fit() -> Weight;
    /// Forgetting `n` accounts of an era long past.
    fn prune(n: u32) -> Weight;
}

/// For mocks: of the order of what they cost, not measured.
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
