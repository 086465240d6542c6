//! Weights of the proof of compute.

use core::marker::PhantomData;
use polkadot_sdk::frame_support::{
    traits::Get,
    weights::{constants::RocksDbWeight, Weight},
};

/// What each call and each step of a hook costs.
pub trait WeightInfo {
    /// Fold the parent block's randomness in.
    fn fold_in() -> Weight;
    /// One lottery for a worker.
    fn assign_task() -> Weight;
    /// One draw of sample and auditors.
    fn draw_audit() -> Weight;
    /// Look for deadlines of one block.
    fn sweep_block() -> Weight;
    /// A commitment.
    fn commit() -> Weight;
    /// A failure report.
    fn report_failure() -> Weight;
    /// A seal.
    fn seal() -> Weight;
    /// An opening of `l` leaves out of the largest tree there may be.
    fn open(l: u32) -> Weight;
    /// Enforcing one deadline.
    fn expire_task() -> Weight;
    /// Checking a commitment, a failure report or a seal before it enters the pool or a block.
    fn authorize_report() -> Weight;
    /// Checking an opening of `l` leaves out of the largest tree there may be, before it enters the pool or a block.
    fn authorize_open(l: u32) -> Weight;
}

macro_rules! weights {
    ($($name:ident($($arg:ident),*): $time:expr, $proof:expr, $reads:expr, $writes:expr;)*) => {
        /// Weights for a runtime.
        pub struct SubstrateWeight<T>(PhantomData<T>);
        impl<T: polkadot_sdk::frame_system::Config> WeightInfo for SubstrateWeight<T> {
            $(fn $name($($arg: u32),*) -> Weight {
                Weight::from_parts($time, $proof).saturating_add(T::DbWeight::get().reads_writes($reads, $writes))
            })*
        }
        impl WeightInfo for () {
            $(fn $name($($arg: u32),*) -> Weight {
                Weight::from_parts($time, $proof).saturating_add(RocksDbWeight::get().reads_writes($reads, $writes))
            })*
        }
    };
}

weights! {
    fold_in(): 12_000_000, 3_000, 2, 1;
    assign_task(): 120_000_000, 60_000, 40, 12;
    draw_audit(): 250_000_000, 160_000, 90, 25;
    sweep_block(): 6_000_000, 3_600, 1, 0;
    commit(): 60_000_000, 12_000, 8, 7;
    report_failure(): 90_000_000, 20_000, 12, 14;
    seal(): 45_000_000, 9_000, 3, 4;
    open(l): 350_000_000 + 25_000_000 * u64::from(l), 90_000, 50, 45;
    expire_task(): 350_000_000, 90_000, 50, 45;
    authorize_report(): 75_000_000, 9_000, 5, 0;
    authorize_open(l): 85_000_000 + 800_000 * u64::from(l), 9_000, 4, 0;
}
