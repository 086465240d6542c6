//! The weights of the pallet's calls and of the steps of its hooks.

use polkadot_sdk::frame_support::weights::Weight;

/// The weight of each call and of each step of a hook. A runtime measures it with the benchmarks of
/// this pallet.
pub trait WeightInfo {
    /// Folding the block's VRF output into the running randomness.
    fn fold_in() -> Weight;
    /// Assigning one task to a worker.
    fn assign_task() -> Weight;
    /// Looking at one worker that a draw has come upon.
    fn look_at_candidate() -> Weight;
    /// Coming upon one worker and passing it over for its reputation.
    fn pass_over_candidate() -> Weight;
    /// Drawing the `a` auditors of one task.
    fn draw_audit(a: u32) -> Weight;
    /// Drawing the jurors of one task.
    fn draw_jury() -> Weight;
    /// Turning to the tasks that are due in one block.
    fn sweep_block() -> Weight;
    /// Looking at `n` tasks that are filed under one block and have ended.
    fn sweep_tasks(n: u32) -> Weight;
    /// The call `report_devices`.
    fn report_devices() -> Weight;
    /// Hashing `h` nodes of a tile tree: those of an opening's proof.
    fn hash_nodes(h: u32) -> Weight;
    /// Filing a task that is looked at too early for when it is due.
    fn refile_task() -> Weight;
    /// Counting a task in its worker's region, or not any more: only a job of several tasks asks
    /// for it.
    fn count_region() -> Weight;
    /// The call `commit`.
    fn commit() -> Weight;
    /// The call `report_failure`.
    fn report_failure() -> Weight;
    /// The call `seal`.
    fn seal() -> Weight;
    /// The call `open`, with `l` leaves that differ from what auditors have sealed.
    fn open(l: u32) -> Weight;
    /// The call `open`, with `l` leaves that fit the seals of all `a` auditors.
    fn open_right(l: u32, a: u32) -> Weight;
    /// As `open_right`, for a task that is paid in DPN.
    fn open_right_native(l: u32, a: u32) -> Weight;
    /// The call `report_many`, with `r` seals. Other reports weigh as their own calls.
    fn report_many(r: u32) -> Weight;
    /// The call `expire_task`.
    fn expire_task() -> Weight;
    /// The call `reveal`, with `l` leaves.
    fn reveal(l: u32) -> Weight;
    /// The call `challenge`.
    fn challenge() -> Weight;
    /// The call `report_unavailable`.
    fn report_unavailable() -> Weight;
    /// Checking the signature of a report, and that the chain waits for it.
    fn authorize_report() -> Weight;
    /// Checking the signature of a commitment, and that the chain waits for it.
    fn authorize_commit() -> Weight;
    /// Checking the signature of `r` reports, and that the chain waits for all of them.
    fn authorize_report_many(r: u32) -> Weight;
    /// Checking the signature of an opening with `l` leaves, and that the chain waits for it.
    fn authorize_open(l: u32) -> Weight;
}

/// For mocks: of the order of what they cost, not measured.
impl WeightInfo for () {
    fn fold_in() -> Weight {
        Weight::from_parts(132_000_000, 2_000)
    }
    fn assign_task() -> Weight {
        Weight::from_parts(690_000_000, 1_000)
    }
    fn look_at_candidate() -> Weight {
        Weight::from_parts(153_000_000, 1_000)
    }
    fn pass_over_candidate() -> Weight {
        Weight::from_parts(100_000_000, 3_000)
    }
    fn draw_audit(a: u32) -> Weight {
        Weight::from_parts(260_000_000, 1_000)
            .saturating_add(Weight::from_parts(325_000_000, 0).saturating_mul(a.into()))
    }
    fn draw_jury() -> Weight {
        Weight::from_parts(1_975_000_000, 1_000)
    }
    fn sweep_block() -> Weight {
        Weight::from_parts(162_000_000, 3_000)
    }
    fn sweep_tasks(n: u32) -> Weight {
        Weight::from_parts(162_000_000, 3_000)
            .saturating_add(Weight::from_parts(32_000_000, 0).saturating_mul(n.into()))
    }
    fn report_devices() -> Weight {
        Weight::from_parts(784_000_000, 6_000)
    }
    fn hash_nodes(h: u32) -> Weight {
        Weight::from_parts(2_000_000, 0).saturating_mul(h.into())
    }
    fn refile_task() -> Weight {
        Weight::from_parts(370_000_000, 1_000)
    }
    fn count_region() -> Weight {
        Weight::from_parts(30_000_000, 1_000)
    }
    fn commit() -> Weight {
        Weight::from_parts(620_000_000, 1_000)
    }
    fn report_failure() -> Weight {
        Weight::from_parts(935_000_000, 1_000)
    }
    fn seal() -> Weight {
        Weight::from_parts(285_000_000, 1_000)
    }
    fn open(l: u32) -> Weight {
        Weight::from_parts(4_686_000_000, 46_000)
            .saturating_add(Weight::from_parts(6_000_000, 0).saturating_mul(l.into()))
    }
    fn open_right(l: u32, a: u32) -> Weight {
        Weight::from_parts(1_810_000_000, 1_000)
            .saturating_add(Weight::from_parts(5_000_000, 0).saturating_mul(l.into()))
            .saturating_add(Weight::from_parts(545_000_000, 0).saturating_mul(a.into()))
    }
    fn open_right_native(l: u32, a: u32) -> Weight {
        Self::open_right(l, a)
    }
    fn report_many(r: u32) -> Weight {
        Weight::from_parts(40_000_000, 1_000)
            .saturating_add(Weight::from_parts(160_000_000, 0).saturating_mul(r.into()))
    }
    fn expire_task() -> Weight {
        Weight::from_parts(8_570_000_000, 46_000)
    }
    fn reveal(l: u32) -> Weight {
        Weight::from_parts(8_003_000_000, 46_000)
            .saturating_add(Weight::from_parts(498_111, 0).saturating_mul(l.into()))
    }
    fn challenge() -> Weight {
        Weight::from_parts(1_624_000_000, 44_000)
    }
    fn report_unavailable() -> Weight {
        Weight::from_parts(1_645_000_000, 44_000)
    }
    fn authorize_report() -> Weight {
        Weight::from_parts(155_000_000, 1_000)
    }
    fn authorize_commit() -> Weight {
        Weight::from_parts(255_000_000, 1_000)
    }
    fn authorize_report_many(r: u32) -> Weight {
        Weight::from_parts(100_000_000, 1_000)
            .saturating_add(Weight::from_parts(37_000_000, 0).saturating_mul(r.into()))
    }
    fn authorize_open(l: u32) -> Weight {
        Weight::from_parts(270_000_000, 6_000).saturating_add(Weight::from_parts(3_000_000, 0).saturating_mul(l.into()))
    }
}
