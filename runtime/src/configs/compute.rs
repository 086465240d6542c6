//! Configuration of blobs, workers, jobs and the proof of compute.

use super::{InsurancePot, NativeOrAssets, RevenuePot, Stable, deposit};
use crate::{
    AccountId, BLC_UNIT, Balances, Blobs, BlockNumber, Canaries, DAYS, DPN, Hash, Issuance, Jobs, ProofOfCompute,
    Runtime, RuntimeHoldReason, Workers, parameters::dynamic::compute, weights,
};
use dpin_primitives::{TaskId, job::FeePolicy};
use frame_support::{
    PalletId, parameter_types,
    traits::{ConstU32, ConstU128, Contains, Get},
};
use frame_system::EnsureRoot;
use pallet_proof_of_compute::{Rules, verdict::Shares};
use polkadot_sdk::*;
use sp_runtime::{FixedU128, Perbill};

impl pallet_blobs::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type BaseDeposit = ConstU128<{ deposit(1, 64) }>;
    // Blobs are in the bodies of blocks and not in the state. A byte therefore costs a hundredth of
    // a byte of state: 10 DPN for a MiB.
    type ByteDeposit = ConstU128<{ deposit(0, 1) / 100 }>;
    type MaxLifetime = ConstU32<{ 90 * DAYS }>;
    type WeightInfo = weights::pallet_blobs::WeightInfo<Runtime>;
}

parameter_types! {
    /// Least reputation of a worker that is drawn. A newcomer has one half; a single wrong answer
    /// puts it below this limit.
    pub const MinReputation: Perbill = Perbill::from_percent(25);
}

impl pallet_workers::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type MinBond = ConstU128<{ 100 * DPN }>;
    type LeaveBlocks = ConstU32<DAYS>;
    type SlashDelay = SlashDelay;
    type MaxPendingSlashes = ConstU32<8>;
    type SlashOrigin = EnsureRoot<AccountId>;
    type InsuranceShare = compute::InsuranceShare;
    type InsurancePot = InsurancePot;
    type FullWeight = ConstU128<{ 10 * DPN }>;
    type MinReputation = MinReputation;
    type Admission = pallet_canaries::ProofRequired<Runtime>;
    type AbsenceSlash = compute::AbsenceSlash;
    type Assets = NativeOrAssets;
    type CertificateAsset = Stable;
    type CertificateMinimum = ConstU128<{ 500 * BLC_UNIT }>;
    type WeightInfo = weights::pallet_workers::WeightInfo<Runtime>;
}

impl pallet_jobs::Config for Runtime {
    type Assets = NativeOrAssets;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Blobs = Blobs;
    type Queue = ProofOfCompute;
    type Workers = Workers;
    type Fees = Fees;
    type RevenuePot = RevenuePot;
    type Demand = Issuance;
    // Ten times the existential deposit, so that pay also reaches accounts with no balance.
    type MinReward = ConstU128<{ DPN / 100 }>;
    type MaxRunBlocks = ConstU32<DAYS>;
    type KernelDepositBase = ConstU128<{ deposit(1, 80) }>;
    type KernelDepositPerByte = ConstU128<{ deposit(0, 1) }>;
    type WeightInfo = weights::pallet_jobs::WeightInfo<Runtime>;
}

impl pallet_proof_of_compute::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Vrf = pallet_babe::ParentBlockRandomness<Runtime>;
    type Jobs = Canaries;
    type Workers = Workers;
    type Rules = AuditRules;
    // More than the weight of a block allows, unless nearly every draw succeeds at its first look.
    type MaxDrawsPerBlock = ConstU32<2_048>;
    type WeightInfo = weights::pallet_proof_of_compute::WeightInfo<Runtime>;
}

parameter_types! {
    /// The id that determines the account that posts the canaries.
    pub const CanariesId: PalletId = PalletId(*b"dpin/can");
}

impl pallet_canaries::Config for Runtime {
    type Jobs = Jobs;
    type Workers = Workers;
    type Kernels = Jobs;
    type Capacity = Issuance;
    type Tasks = OpenTasks;
    type Entropy = RunningSeed;
    type GovernanceOrigin = EnsureRoot<AccountId>;
    type AuditBlocks = AuditBlocks;
    type PalletId = CanariesId;
    type WeightInfo = weights::pallet_canaries::WeightInfo<Runtime>;
    #[cfg(feature = "runtime-benchmarks")]
    type BenchmarkHelper = Workers;
}

/// The tasks that the proof of compute currently tracks.
pub struct OpenTasks;

impl Contains<TaskId> for OpenTasks {
    fn contains(task: &TaskId) -> bool {
        ProofOfCompute::task_state(*task).is_some()
    }
}

/// The running entropy.
pub struct RunningSeed;

impl Get<Hash> for RunningSeed {
    fn get() -> Hash {
        ProofOfCompute::entropy().seed
    }
}

/// Maximum number of blocks from a commitment to the end of its task.
///
/// It allows for every draw, seal and opening at the last moment, every repeated draw, and a jury.
/// It does not allow for a challenge.
pub struct AuditBlocks;

impl Get<BlockNumber> for AuditBlocks {
    fn get() -> BlockNumber {
        AuditRules::get().longest_audit()
    }
}

/// The fee policy of jobs, as governance has set it.
pub struct Fees;

impl Get<FeePolicy> for Fees {
    fn get() -> FeePolicy {
        FeePolicy {
            reservation: compute::ReservationFee::get(),
            surcharge: compute::BlcSurcharge::get(),
            audit: compute::AuditorsPay::get(),
            audit_minimum: compute::AuditorsMinPay::get(),
        }
    }
}

/// The parameters of audits, as governance has set them.
pub struct AuditRules;

impl Get<Rules> for AuditRules {
    fn get() -> Rules {
        let percent = |percent: u32| Perbill::from_percent(percent);
        Rules {
            fresh_outputs: compute::AuditBlocks::get().get(),
            queue_blocks: compute::QueueBlocks::get().get(),
            draw_blocks: compute::DrawBlocks::get().get(),
            seal_blocks: compute::SealBlocks::get().get(),
            open_blocks: compute::OpenBlocks::get().get(),
            max_attempts: compute::MaxAttempts::get().get() as u8,
            bond_factor: FixedU128::from_rational(compute::BondPercent::get().get().into(), 100),
            asset_price: compute::AssetPrice::get(),
            min_task_bond: compute::MinTaskBond::get().get(),
            audit_bond: compute::AuditBond::get().get(),
            silence_slash: compute::SilenceSlash::get(),
            shares: Shares {
                injured: percent(compute::InjuredPercent::get().get()),
                finders: percent(compute::FindersPercent::get().get()),
            },
            challenge_bond: compute::ChallengeBond::get().get(),
            trusted: percent(compute::TrustedPercent::get().get()),
            extra_samples: compute::ExtraSamples::get().get(),
            fetched_tiles: compute::FetchedTiles::get().get(),
        }
    }
}

/// Blocks between a fault and its slash.
pub struct SlashDelay;

impl Get<BlockNumber> for SlashDelay {
    fn get() -> BlockNumber {
        compute::SlashDelay::get().get()
    }
}
