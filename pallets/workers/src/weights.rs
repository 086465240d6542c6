//! Weights of the pallet's calls and of the steps of its hooks.

use polkadot_sdk::frame_support::weights::Weight;

/// Weights of the pallet's calls and of the steps of its hooks. A runtime measures them with the
/// benchmarks of this pallet.
pub trait WeightInfo {
    /// The call `register`.
    fn register() -> Weight;
    /// The call `bond`.
    fn bond() -> Weight;
    /// The call `unbond`.
    fn unbond() -> Weight;
    /// The call `update`.
    fn update() -> Weight;
    /// The call `pause`.
    fn pause() -> Weight;
    /// The call `resume`.
    fn resume() -> Weight;
    /// The call `leave`.
    fn leave() -> Weight;
    /// The call `withdraw`.
    fn withdraw() -> Weight;
    /// The call `apply_slash`.
    fn apply_slash() -> Weight;
    /// The call `cancel_slash`.
    fn cancel_slash() -> Weight;
    /// The call `certify`.
    fn certify() -> Weight;
    /// The call `decertify`.
    fn decertify() -> Weight;
    /// One block of the sweep, without its slashes.
    fn sweep_block() -> Weight;
    /// A look at `n` slashes that are filed under one block and no longer pending.
    fn sweep_slashes(n: u32) -> Weight;
}

/// For mocks: estimates of the right order of magnitude, not measured.
impl WeightInfo for () {
    fn register() -> Weight {
        Weight::from_parts(1_313_000_000, 6_000)
    }
    fn bond() -> Weight {
        Weight::from_parts(462_000_000, 4_000)
    }
    fn unbond() -> Weight {
        Weight::from_parts(353_000_000, 4_000)
    }
    fn update() -> Weight {
        Weight::from_parts(1_100_000_000, 6_000)
    }
    fn pause() -> Weight {
        Weight::from_parts(784_000_000, 6_000)
    }
    fn resume() -> Weight {
        Weight::from_parts(549_000_000, 4_000)
    }
    fn leave() -> Weight {
        Weight::from_parts(787_000_000, 6_000)
    }
    fn withdraw() -> Weight {
        Weight::from_parts(1_500_000_000, 6_000)
    }
    fn apply_slash() -> Weight {
        Weight::from_parts(4_104_000_000, 48_000)
    }
    fn cancel_slash() -> Weight {
        Weight::from_parts(792_000_000, 4_000)
    }
    fn certify() -> Weight {
        Weight::from_parts(752_000_000, 4_000)
    }
    fn decertify() -> Weight {
        Weight::from_parts(741_000_000, 4_000)
    }
    fn sweep_block() -> Weight {
        Weight::from_parts(196_000_000, 3_000)
    }
    fn sweep_slashes(n: u32) -> Weight {
        Weight::from_parts(196_000_000, 3_000)
            .saturating_add(Weight::from_parts(32_000_000, 0).saturating_mul(n.into()))
    }
}
