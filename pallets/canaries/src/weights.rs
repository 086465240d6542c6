//! Weights of the pallet's calls and of the steps of its hooks.

use polkadot_sdk::frame_support::weights::Weight;

/// Weights of the pallet's calls and of the steps of its hooks. A runtime measures them with the
/// benchmarks of this pallet.
pub trait WeightInfo {
    /// The call `set_plan`.
    fn set_plan() -> Weight;
    /// The call `claim`.
    fn claim() -> Weight;
    /// A check in every block whether a round begins or ends.
    fn watch() -> Weight;
    /// Opening a round.
    fn open_round() -> Weight;
    /// Closing a round.
    fn close_round() -> Weight;
    /// Making the record of one worker.
    fn meet_worker() -> Weight;
    /// Looking at one worker after a round.
    fn sweep_worker() -> Weight;
    /// Settling a canary that was passed.
    fn settle_canary() -> Weight;
    /// Ending a canary that failed.
    fn fail_canary() -> Weight;
}

/// For mocks: estimates of the right order of magnitude, not measured.
impl WeightInfo for () {
    fn set_plan() -> Weight {
        Weight::from_parts(1_513_000_000, 44_000)
    }
    fn claim() -> Weight {
        Weight::from_parts(283_000_000, 6_000)
    }
    fn watch() -> Weight {
        Weight::from_parts(145_000_000, 2_000)
    }
    fn open_round() -> Weight {
        Weight::from_parts(754_000_000, 7_000)
    }
    fn close_round() -> Weight {
        Weight::from_parts(376_000_000, 7_000)
    }
    fn meet_worker() -> Weight {
        Weight::from_parts(264_000_000, 6_000)
    }
    fn sweep_worker() -> Weight {
        Weight::from_parts(1_141_000_000, 9_000)
    }
    fn settle_canary() -> Weight {
        Weight::from_parts(1_111_000_000, 6_000)
    }
    fn fail_canary() -> Weight {
        Weight::from_parts(617_000_000, 4_000)
    }
}
