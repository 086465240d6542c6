//! What the calls of the pallet and the steps of its hooks cost.

use polkadot_sdk::frame_support::weights::Weight;

/// What each call and each step of a hook costs. A runtime measures it with the benchmarks of this pallet.
pub trait WeightInfo {
    /// The call `set_plan`.
    fn set_plan() -> Weight;
    /// The call `claim`.
    fn claim() -> Weight;
    /// What every block costs: looking whether a round begins or ends.
    fn watch() -> Weight;
    /// Opening a round.
    fn open_round() -> Weight;
    /// Closing a round.
    fn close_round() -> Weight;
    /// Posting a canary to one worker.
    fn meet_worker() -> Weight;
    /// Looking at one worker after a round.
    fn sweep_worker() -> Weight;
    /// Settling a canary that was answered.
    fn settle_canary() -> Weight;
    /// Ending a canary that failed.
    fn fail_canary() -> Weight;
}

/// For mocks: of the order of what they cost, not measured.
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
