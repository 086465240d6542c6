//! What the calls of the pallet and the steps of its hooks cost.

use polkadot_sdk::frame_support::weights::Weight;

/// What each call and each step of a hook costs. A runtime measures it with the benchmarks of this pallet.
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
    /// Noting that a worker has proved its device.
    fn proved() -> Weight;
    /// Noting the work of a settled task and its `p` participants.
    fn settled(p: u32) -> Weight;
    /// Attributing a purchase to `e` eras.
    fn bought(e: u32) -> Weight;
    /// Forgetting `n` accounts of an era long past.
    fn prune(n: u32) -> Weight;
    /// Looking at one run of capacity.
    fn look_at_run() -> Weight;
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
    fn proved() -> Weight {
        Weight::from_parts(329_000_000, 4_000)
    }
    fn settled(p: u32) -> Weight {
        Weight::from_parts(290_000_000, 4_000)
            .saturating_add(Weight::from_parts(129_000_000, 0).saturating_mul(p.into()))
    }
    fn bought(e: u32) -> Weight {
        Weight::from_parts(269_000_000, 2_000)
            .saturating_add(Weight::from_parts(132_000_000, 0).saturating_mul(e.into()))
    }
    fn prune(n: u32) -> Weight {
        Weight::from_parts(296_000_000, 4_000)
            .saturating_add(Weight::from_parts(130_000_000, 0).saturating_mul(n.into()))
    }
    fn look_at_run() -> Weight {
        Weight::from_parts(289_000_000, 6_000)
    }
}
