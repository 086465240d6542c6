//! Blobs, workers, jobs and the proof of compute.

use super::{deposit, NativeOrAssets};
use crate::{
    parameters::dynamic::compute, AccountId, Balances, Blobs, Jobs, ProofOfCompute, Runtime, RuntimeHoldReason,
    Workers, DAYS, DPN,
};
use alloc::vec::Vec;
use dpin_primitives::{
    api::{JobInfo, TaskEnd, TaskInfo, TaskStage},
    job::FeePolicy,
    JobId, TaskId,
};
use frame_support::{
    parameter_types,
    traits::{ConstU128, ConstU32, Get},
    PalletId,
};
use pallet_proof_of_compute::{Rules, MAX_ATTEMPTS};
use polkadot_sdk::*;
use sp_runtime::traits::AccountIdConversion;

parameter_types! {
    /// The account that collects fees, until they are spent on buying back and burning DPN.
    pub RevenuePot: AccountId = PalletId(*b"dpin/rev").into_account_truncating();
}

impl pallet_blobs::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type BaseDeposit = ConstU128<{ deposit(1, 64) }>;
    // Blobs are not in the state but in the bodies of blocks, so a byte costs a hundredth of a byte of state: 10 DPN for a MiB.
    type ByteDeposit = ConstU128<{ deposit(0, 1) / 100 }>;
    type MaxLifetime = ConstU32<{ 90 * DAYS }>;
    type WeightInfo = pallet_blobs::weights::SubstrateWeight<Runtime>;
}

impl pallet_workers::Config for Runtime {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type MinBond = ConstU128<{ 100 * DPN }>;
    type LeaveBlocks = ConstU32<DAYS>;
    type WeightInfo = pallet_workers::weights::SubstrateWeight<Runtime>;
}

impl pallet_jobs::Config for Runtime {
    type Assets = NativeOrAssets;
    type RuntimeHoldReason = RuntimeHoldReason;
    type Blobs = Blobs;
    type Queue = ProofOfCompute;
    type Workers = Workers;
    type Fees = Fees;
    type RevenuePot = RevenuePot;
    // Ten times the least an account may have, so that pay reaches also who had nothing.
    type MinReward = ConstU128<{ DPN / 100 }>;
    type MaxRunBlocks = ConstU32<DAYS>;
    type KernelDepositBase = ConstU128<{ deposit(1, 80) }>;
    type KernelDepositPerByte = ConstU128<{ deposit(0, 1) }>;
    type WeightInfo = pallet_jobs::weights::SubstrateWeight<Runtime>;
}

impl pallet_proof_of_compute::Config for Runtime {
    type Vrf = pallet_babe::ParentBlockRandomness<Runtime>;
    type Jobs = Jobs;
    type Workers = Workers;
    type Rules = AuditRules;
    type MaxDrawsPerBlock = ConstU32<8>;
    type MaxDuties = ConstU32<32>;
    type WeightInfo = pallet_proof_of_compute::weights::SubstrateWeight<Runtime>;
}

/// How jobs are priced, as governance has set it.
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

/// The numbers that govern audits, as governance has set them. What the pallet could not work with is brought into its bounds.
pub struct AuditRules;

impl Get<Rules> for AuditRules {
    fn get() -> Rules {
        let fresh_outputs = compute::AuditBlocks::get().max(1);
        Rules {
            fresh_outputs,
            queue_blocks: compute::QueueBlocks::get().max(1),
            draw_blocks: compute::DrawBlocks::get().max(fresh_outputs.saturating_add(2)),
            seal_blocks: compute::SealBlocks::get().max(2),
            open_blocks: compute::OpenBlocks::get().max(2),
            max_attempts: compute::MaxAttempts::get().clamp(1, MAX_ATTEMPTS) as u8,
            bond_factor: compute::BondFactor::get(),
            asset_price: compute::AssetPrice::get(),
            min_task_bond: compute::MinTaskBond::get(),
            audit_bond: compute::AuditBond::get(),
            silence_slash: compute::SilenceSlash::get(),
            finders_share: compute::FindersShare::get(),
        }
    }
}

/// A job that is not ended, with its tasks, as the runtime API tells it.
pub fn job_info(id: JobId) -> Option<JobInfo> {
    let job = Jobs::job(id)?;
    let tasks = (0..job.shape.tasks).filter_map(|index| task_info(&job, TaskId { job: id, index })).collect::<Vec<_>>();
    Some(JobInfo {
        id,
        requester: job.requester,
        spec: job.spec,
        shape: job.shape,
        cost: job.cost,
        submitted: job.submitted,
        tasks,
    })
}

fn task_info(job: &pallet_jobs::JobRecord, task: TaskId) -> Option<TaskInfo> {
    let (first_group, group_count) = job.shape.task(task.index)?;
    let info = TaskInfo {
        task,
        first_group,
        group_count,
        attempt: 0,
        last_failure: None,
        worker: None,
        commitment: None,
        auditors: Vec::new(),
        stage: TaskStage::Settled,
    };
    Some(match Jobs::task_end(task) {
        Some(TaskEnd::Settled { worker, commitment, auditors }) => TaskInfo {
            worker: Some(worker),
            commitment: Some(commitment),
            auditors: auditors.into_iter().map(|auditor| (auditor, true)).collect(),
            ..info
        },
        Some(TaskEnd::Failed { reason }) => TaskInfo { stage: TaskStage::Failed { reason }, ..info },
        None => {
            let state = ProofOfCompute::task_state(task)?;
            TaskInfo {
                attempt: state.attempt,
                last_failure: state.last_failure,
                worker: state.stage.run().map(|run| run.worker.clone()),
                commitment: state.stage.commitment(),
                auditors: state.stage.audit().map_or_else(Vec::new, |audit| {
                    audit.auditors.iter().map(|(auditor, seal)| (auditor.clone(), seal.is_some())).collect()
                }),
                stage: state.stage.public(ProofOfCompute::sample(task)),
                ..info
            }
        }
    })
}
