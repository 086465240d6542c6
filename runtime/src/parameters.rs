//! The numbers governance may turn without an upgrade of the runtime.
//!
//! Each is a type that implements `Get`, for use in a pallet's `Config`, and costs one read of storage. Indices are part of the
//! encoding: they are never reused or changed, new numbers go at the end.

// The macros drop the documentation of the modules they write.
#![allow(missing_docs)]

use crate::{Balance, BlockNumber, Runtime, DPN};
use frame_support::dynamic_params::{dynamic_pallet_params, dynamic_params};
use polkadot_sdk::*;
use sp_runtime::{FixedU128, Perbill};

#[dynamic_params(RuntimeParameters, pallet_parameters::Parameters::<Runtime>)]
pub mod dynamic {
    use super::*;

    /// Assigning, proving and paying for tasks.
    #[dynamic_pallet_params]
    #[codec(index = 0)]
    pub mod compute {
        /// Blocks between a commitment and its sample, each with a fresh VRF output that the worker could not know.
        #[codec(index = 0)]
        pub static AuditBlocks: BlockNumber = 2;

        /// Blocks in which a draw of auditors that found too few is repeated.
        #[codec(index = 1)]
        pub static DrawBlocks: BlockNumber = 20;

        /// Blocks auditors have for their seals.
        #[codec(index = 2)]
        pub static SealBlocks: BlockNumber = 10;

        /// Blocks a worker has to open the sample.
        #[codec(index = 3)]
        pub static OpenBlocks: BlockNumber = 10;

        /// Blocks a task may wait for a worker before it fails.
        #[codec(index = 4)]
        pub static QueueBlocks: BlockNumber = 200;

        /// Workers a task is given to, one after the other, before it fails.
        #[codec(index = 5)]
        pub static MaxAttempts: u32 = 3;

        /// Pay of all auditors of a task together, as a share of its reward.
        #[codec(index = 6)]
        pub static AuditorsPay: Perbill = Perbill::from_percent(5);

        /// The least pay of one auditor, in the smallest unit of the job's asset.
        #[codec(index = 7)]
        pub static AuditorsMinPay: Balance = DPN / 100;

        /// Fee for the reservation of a worker, as a share of the reward, from requester and worker each.
        #[codec(index = 8)]
        pub static ReservationFee: Perbill = Perbill::from_rational(25u32, 10_000u32);

        /// Surcharge on jobs that are paid in BLC, as a share of the reward.
        #[codec(index = 9)]
        pub static BlcSurcharge: Perbill = Perbill::from_percent(2);

        /// Bond locked for a task, as a multiple of its reward.
        #[codec(index = 10)]
        pub static BondFactor: FixedU128 = FixedU128::from_rational(3, 2);

        /// The least bond locked for a task, in planck.
        #[codec(index = 11)]
        pub static MinTaskBond: Balance = DPN;

        /// Share of a task's bond that is lost by a worker or auditor who stays silent.
        #[codec(index = 12)]
        pub static SilenceSlash: Perbill = Perbill::from_percent(10);

        /// Price of one unit of another asset in DPN, by which bonds for jobs paid in it are reckoned.
        #[codec(index = 13)]
        pub static AssetPrice: FixedU128 = FixedU128::from_u32(1);

        /// An auditor's bond for a task, in planck.
        #[codec(index = 14)]
        pub static AuditBond: Balance = DPN;

        /// Share of a wrong worker's bond that goes to the auditors who caught it; the rest is burned.
        #[codec(index = 15)]
        pub static FindersShare: Perbill = Perbill::from_percent(50);
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
    fn default() -> Self {
        RuntimeParameters::Compute(dynamic::compute::Parameters::AuditBlocks(dynamic::compute::AuditBlocks, Some(2)))
    }
}
