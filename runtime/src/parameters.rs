//! Parameters that governance may change without a runtime upgrade.
//!
//! The bounds of a parameter are in its type: a call with a value outside a [`Ranged`] is not
//! valid. Every combination of values within the bounds passes
//! `pallet_proof_of_compute::Rules::check`.
//!
//! Each parameter is a type that implements `Get`, for use in a pallet's `Config`. Reading it costs
//! one storage read.
//!
//! Indices are part of the encoding. They are never reused or changed, and new parameters go at the
//! end.

// The macros drop the documentation of the modules that they write.
#![allow(missing_docs)]

use crate::{Balance, DAYS, DPN, HOURS, Runtime};
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
        /// Blocks between a commitment and its sample. Each contributes a fresh VRF output that the
        /// worker could not know.
        #[codec(index = 0)]
        pub static AuditBlocks: Ranged<1, 10> = Ranged::new(2);

        /// Blocks in which a draw of auditors or jurors that found too few is repeated. At least
        /// two more than `AuditBlocks`.
        #[codec(index = 1)]
        pub static DrawBlocks: Ranged<12, 1_000> = Ranged::new(20);

        /// Blocks that auditors and jurors have for their seals.
        #[codec(index = 2)]
        pub static SealBlocks: Ranged<2, 1_000> = Ranged::new(10);

        /// Blocks that a worker has to open the sample, and jurors have to reveal.
        #[codec(index = 3)]
        pub static OpenBlocks: Ranged<2, 1_000> = Ranged::new(10);

        /// Blocks a task may wait for a worker before it fails.
        #[codec(index = 4)]
        pub static QueueBlocks: Ranged<1, 10_000> = Ranged::new(200);

        /// Maximum number of workers that try a task, one after the other, before it fails.
        #[codec(index = 5)]
        pub static MaxAttempts: Ranged<1, { pallet_proof_of_compute::MAX_ATTEMPTS }> = Ranged::new(3);

        /// Pay of all auditors of a task together, as a share of its reward.
        #[codec(index = 6)]
        pub static AuditorsPay: Perbill = Perbill::from_percent(5);

        /// Least pay of one auditor, in the smallest unit of the job's asset.
        #[codec(index = 7)]
        pub static AuditorsMinPay: Balance = DPN / 100;

        /// Reservation fee, as a share of the reward. Requester and worker each pay it.
        #[codec(index = 8)]
        pub static ReservationFee: Perbill = Perbill::from_rational(25u32, 10_000u32);

        /// Surcharge on jobs that are paid in BLC, as a share of the reward.
        #[codec(index = 9)]
        pub static BlcSurcharge: Perbill = Perbill::from_percent(2);

        /// Bond locked for a task, in percent of its reward. At least `MinTaskBond`.
        #[codec(index = 10)]
        pub static BondPercent: Ranged<150, 10_000> = Ranged::new(150);

        /// Least bond locked for a task, in planck.
        #[codec(index = 11)]
        pub static MinTaskBond: RangedBalance<{ DPN / 1_000 }, { 100_000 * DPN }> = RangedBalance::new(DPN);

        /// Share of a task's bond that is slashed for the first silence in a row. It doubles with
        /// each further one.
        #[codec(index = 12)]
        pub static SilenceSlash: Perbill = Perbill::from_percent(10);

        /// Price in DPN of one unit of another asset. It converts rewards in that asset into bonds.
        #[codec(index = 13)]
        pub static AssetPrice: FixedU128 = FixedU128::from_u32(1);

        /// Least bond of an auditor or juror for a task, in planck. If the worker's bond is higher,
        /// theirs is as high.
        #[codec(index = 14)]
        pub static AuditBond: RangedBalance<{ DPN / 1_000 }, { 100_000 * DPN }> = RangedBalance::new(DPN);

        /// Percent of a slash for the finders of the fault: honest auditors and jurors, and a
        /// challenger.
        ///
        /// With more, it would pay for a coalition well below half of the network to accuse honest
        /// workers.
        #[codec(index = 15)]
        pub static FindersPercent: Ranged<0, 20> = Ranged::new(20);

        /// Percent of a slash for the account harmed by the fault: the requester, or a worker that
        /// was accused wrongly.
        #[codec(index = 16)]
        pub static InjuredPercent: Ranged<0, 10> = Ranged::new(10);

        /// Least bond of a challenger, or of a requester who reports an output as withheld, in
        /// planck. If the worker's bond is higher, theirs is as high.
        #[codec(index = 17)]
        pub static ChallengeBond: RangedBalance<{ DPN / 1_000 }, { 100_000 * DPN }> = RangedBalance::new(10 * DPN);

        /// Reputation in percent from which a worker is audited exactly as the requester asks.
        #[codec(index = 18)]
        pub static TrustedPercent: Ranged<0, 98> = Ranged::new(90);

        /// Additional samples of a worker without any reputation, as a multiple of the requested
        /// tiles. The multiple falls linearly with rising reputation, to 0 at `TrustedPercent`.
        #[codec(index = 19)]
        pub static ExtraSamples: Ranged<0, 100> = Ranged::new(3);

        /// Number of tiles that a juror fetches of an output that is reported as withheld.
        #[codec(index = 20)]
        pub static FetchedTiles: Ranged<1, { pallet_proof_of_compute::MAX_FETCHED }> = Ranged::new(4);

        /// Blocks between a fault and its slash. During them governance may cancel the slash.
        #[codec(index = 21)]
        pub static SlashDelay: Ranged<1, { 30 * DAYS }> = Ranged::new(DAYS);

        /// Share of the insurance pot in the rest of a slash after its claims. The remainder is
        /// burned.
        #[codec(index = 22)]
        pub static InsuranceShare: Perbill = Perbill::from_percent(50);

        /// Share of the least bond that is slashed for a missed canary, from the third in a row on.
        #[codec(index = 23)]
        pub static AbsenceSlash: Perbill = Perbill::from_percent(1);
    }

    /// The money: emission, transaction fees, buy-back and liquidity bonds. A basis point is a
    /// hundredth of a percent.
    #[dynamic_pallet_params]
    #[codec(index = 1)]
    pub mod economy {
        /// Length of an era in blocks. It does not change the amount that is emitted over time.
        #[codec(index = 0)]
        pub static EraBlocks: Ranged<20, { DAYS }> = Ranged::new(6 * HOURS);

        /// Percent of the paid rewards of the emission that goes to the ecosystem pot.
        #[codec(index = 1)]
        pub static EcosystemPercent: Ranged<0, 50> = Ranged::new(30);

        /// Percent of the emission for validators.
        #[codec(index = 2)]
        pub static ValidatorsPercent: Ranged<0, 50> = Ranged::new(25);

        /// Percent of the workers' part of the emission that is paid for demand. The rest is paid
        /// for capacity.
        #[codec(index = 3)]
        pub static DemandPercent: Ranged<0, 100> = Ranged::new(50);

        /// Maximum reward for demand, in percent of the burned fees. It is below 100, so that
        /// nobody gains by paying himself.
        #[codec(index = 4)]
        pub static DemandCapPercent: Ranged<0, 80> = Ranged::new(80);

        /// Percent of a worker's reward that is paid when it is claimed. The rest is paid over 150
        /// days.
        #[codec(index = 5)]
        pub static AtOncePercent: Ranged<0, 100> = Ranged::new(25);

        /// Blocks from one buy-back to the next.
        #[codec(index = 6)]
        pub static BuybackInterval: Ranged<2, { DAYS }> = Ranged::new(200);

        /// Maximum change of the price by one buy-back, in basis points.
        #[codec(index = 7)]
        pub static MaxImpact: Ranged<1, 500> = Ranged::new(70);

        /// Least amount of DPN that a pool must hold for a buy-back, in planck.
        #[codec(index = 8)]
        pub static MinReserve: RangedBalance<{ 100 * DPN }, { 100_000_000 * DPN }> = RangedBalance::new(10_000 * DPN);

        /// Maximum deviation of the price from its average for a buy-back, in basis points.
        #[codec(index = 9)]
        pub static MaxDeviation: Ranged<10, 2_000> = Ranged::new(200);

        /// Blocks over which the price is averaged for a buy-back.
        #[codec(index = 10)]
        pub static AverageBlocks: Ranged<10, { DAYS }> = Ranged::new(HOURS);

        /// Age in blocks from which a price observation is too old for a buy-back.
        #[codec(index = 11)]
        pub static StaleBlocks: Ranged<2, 1_000> = Ranged::new(100);

        /// Maximum step of the observed price towards the price in one block, in basis points.
        #[codec(index = 12)]
        pub static MaxStep: Ranged<1, 1_000> = Ranged::new(100);

        /// Percent of a transaction fee for the author of the block.
        #[codec(index = 13)]
        pub static AuthorPercent: Ranged<0, 40> = Ranged::new(37);

        /// Percent of a transaction fee for the anti-monopoly fund. The rest is burned.
        #[codec(index = 14)]
        pub static FundPercent: Ranged<0, 20> = Ranged::new(3);

        /// Percent by which the price must exceed its average of seven days before liquidity bonds
        /// are sold.
        #[codec(index = 15)]
        pub static BondRisePercent: Ranged<5, 1_000> = Ranged::new(20);

        /// Maximum share of the liquidity bonds that is sold in a day, in basis points.
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
