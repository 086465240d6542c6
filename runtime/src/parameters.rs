//! The numbers governance may turn without an upgrade of the runtime.
//!
//! How far they may be turned stands in their types: what lies outside of a [`Ranged`] is no valid call. The bounds are such that
//! every combination of them passes `pallet_proof_of_compute::Rules::check`. Each is a type that implements `Get`, for use in a
//! pallet's `Config`, and costs one read of storage. Indices are part of the encoding: they are never reused or changed, new
//! numbers go at the end.

// The macros drop the documentation of the modules they write.
#![allow(missing_docs)]

use crate::{Balance, Runtime, DAYS, DPN, HOURS};
use dpin_primitives::ranged::{Ranged, RangedBalance};
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
        pub static AuditBlocks: Ranged<1, 10> = Ranged::new(2);

        /// Blocks in which a draw of auditors or jurors that found too few is repeated. More than [`AuditBlocks`] by two at least.
        #[codec(index = 1)]
        pub static DrawBlocks: Ranged<12, 1_000> = Ranged::new(20);

        /// Blocks auditors and jurors have for their seals.
        #[codec(index = 2)]
        pub static SealBlocks: Ranged<2, 1_000> = Ranged::new(10);

        /// Blocks a worker has to open the sample, and jurors to reveal.
        #[codec(index = 3)]
        pub static OpenBlocks: Ranged<2, 1_000> = Ranged::new(10);

        /// Blocks a task may wait for a worker before it fails.
        #[codec(index = 4)]
        pub static QueueBlocks: Ranged<1, 10_000> = Ranged::new(200);

        /// Workers a task is given to, one after the other, before it fails.
        #[codec(index = 5)]
        pub static MaxAttempts: Ranged<1, { pallet_proof_of_compute::MAX_ATTEMPTS }> = Ranged::new(3);

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

        /// Bond locked for a task, in percent of its reward.
        #[codec(index = 10)]
        pub static BondPercent: Ranged<150, 10_000> = Ranged::new(150);

        /// The least bond locked for a task, in planck.
        #[codec(index = 11)]
        pub static MinTaskBond: RangedBalance<{ DPN / 1_000 }, { 100_000 * DPN }> = RangedBalance::new(DPN);

        /// Share of a task's bond that is lost by who stays silent for the first time in a row; it doubles with each repetition.
        #[codec(index = 12)]
        pub static SilenceSlash: Perbill = Perbill::from_percent(10);

        /// Price of one unit of another asset in DPN, by which bonds for jobs paid in it are reckoned.
        #[codec(index = 13)]
        pub static AssetPrice: FixedU128 = FixedU128::from_u32(1);

        /// The least bond of an auditor or juror for a task, in planck; it is as much as the worker's where that is more.
        #[codec(index = 14)]
        pub static AuditBond: RangedBalance<{ DPN / 1_000 }, { 100_000 * DPN }> = RangedBalance::new(DPN);

        /// Percent of a slash for those who found the fault: honest auditors and jurors, and a challenger. More would make it pay for
        /// a coalition well below half of the network to accuse honest workers.
        #[codec(index = 15)]
        pub static FindersPercent: Ranged<0, 20> = Ranged::new(20);

        /// Percent of a slash for whom the fault harmed: the requester, or a worker that was accused wrongly.
        #[codec(index = 16)]
        pub static InjuredPercent: Ranged<0, 10> = Ranged::new(10);

        /// The least that a challenger, or a requester who reports an output as withheld, puts up, in planck; it is as much as the
        /// worker's bond where that is more.
        #[codec(index = 17)]
        pub static ChallengeBond: RangedBalance<{ DPN / 1_000 }, { 100_000 * DPN }> = RangedBalance::new(10 * DPN);

        /// The reputation in percent from which on a worker is audited as the requester asks for and no more.
        #[codec(index = 18)]
        pub static TrustedPercent: Ranged<0, 98> = Ranged::new(90);

        /// How many times more tiles than asked for are sampled of a worker without any reputation; in between it falls linearly.
        #[codec(index = 19)]
        pub static ExtraSamples: Ranged<0, 100> = Ranged::new(3);

        /// Tiles a juror fetches of an output that is said to be withheld.
        #[codec(index = 20)]
        pub static FetchedTiles: Ranged<1, { pallet_proof_of_compute::MAX_FETCHED }> = Ranged::new(4);

        /// Blocks between a fault and its slash, in which governance may cancel it.
        #[codec(index = 21)]
        pub static SlashDelay: Ranged<1, { 30 * DAYS }> = Ranged::new(DAYS);

        /// The insurance pot's part of what a slash leaves after its claims; the rest is burned.
        #[codec(index = 22)]
        pub static InsuranceShare: Perbill = Perbill::from_percent(50);

        /// Share of the least bond that a missed canary costs, from the third in a row on.
        #[codec(index = 23)]
        pub static AbsenceSlash: Perbill = Perbill::from_percent(1);
    }

    /// The money: emission, transaction fees, buying back and the liquidity bonds. A basis point is a hundredth of a percent.
    #[dynamic_pallet_params]
    #[codec(index = 1)]
    pub mod economy {
        /// Blocks of an era. Its length does not change how much is emitted over time.
        #[codec(index = 0)]
        pub static EraBlocks: Ranged<20, { DAYS }> = Ranged::new(6 * HOURS);

        /// Percent of what is paid of the emission that goes to the ecosystem pot.
        #[codec(index = 1)]
        pub static EcosystemPercent: Ranged<0, 50> = Ranged::new(30);

        /// Percent of the emission for validators.
        #[codec(index = 2)]
        pub static ValidatorsPercent: Ranged<0, 50> = Ranged::new(25);

        /// Percent of the workers' part of the emission that is paid for demand; the rest is paid for capacity.
        #[codec(index = 3)]
        pub static DemandPercent: Ranged<0, 100> = Ranged::new(50);

        /// The most that is paid for demand, in percent of what was burned of the fees. Below 100, so that nobody gains by paying
        /// himself.
        #[codec(index = 4)]
        pub static DemandCapPercent: Ranged<0, 80> = Ranged::new(80);

        /// Percent of a worker's reward that is paid when it is claimed; the rest is paid over 150 days.
        #[codec(index = 5)]
        pub static AtOncePercent: Ranged<0, 100> = Ranged::new(25);

        /// Blocks from one buy-back to the next.
        #[codec(index = 6)]
        pub static BuybackInterval: Ranged<2, { DAYS }> = Ranged::new(200);

        /// The most by which one buy-back may move the price, in basis points.
        #[codec(index = 7)]
        pub static MaxImpact: Ranged<1, 500> = Ranged::new(70);

        /// The least that a pool must hold of DPN for buying back, in planck.
        #[codec(index = 8)]
        pub static MinReserve: RangedBalance<{ 100 * DPN }, { 100_000_000 * DPN }> = RangedBalance::new(10_000 * DPN);

        /// How far the price may be from its average for buying back, in basis points.
        #[codec(index = 9)]
        pub static MaxDeviation: Ranged<10, 2_000> = Ranged::new(200);

        /// Blocks over which the price is averaged for buying back.
        #[codec(index = 10)]
        pub static AverageBlocks: Ranged<10, { DAYS }> = Ranged::new(HOURS);

        /// The age in blocks from which on an observation of the price is too old for buying back.
        #[codec(index = 11)]
        pub static StaleBlocks: Ranged<2, 1_000> = Ranged::new(100);

        /// The most by which the observed price follows the price in one block, in basis points.
        #[codec(index = 12)]
        pub static MaxStep: Ranged<1, 1_000> = Ranged::new(100);

        /// Percent of a transaction's fee for the author of the block.
        #[codec(index = 13)]
        pub static AuthorPercent: Ranged<0, 40> = Ranged::new(37);

        /// Percent of a transaction's fee for the anti-monopoly fund. The rest is burned.
        #[codec(index = 14)]
        pub static FundPercent: Ranged<0, 20> = Ranged::new(3);

        /// How far above its average of seven days the price must be for liquidity bonds to be sold, in percent.
        #[codec(index = 15)]
        pub static BondRisePercent: Ranged<5, 1_000> = Ranged::new(20);

        /// The most of the liquidity bonds that is sold in a day, in basis points.
        #[codec(index = 16)]
        pub static BondDaily: Ranged<0, 1_000> = Ranged::new(100);
    }
}

#[cfg(feature = "runtime-benchmarks")]
impl Default for RuntimeParameters {
    fn default() -> Self {
        RuntimeParameters::Compute(dynamic::compute::Parameters::AuditBlocks(
            dynamic::compute::AuditBlocks,
            Some(Ranged::new(2)),
        ))
    }
}
