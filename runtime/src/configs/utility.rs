//! Conveniences for users: batches, accounts of several people, and proxies.

use super::deposit;
use crate::{Balances, OriginCaller, Runtime, RuntimeCall, RuntimeEvent, System, weights};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use dpin_primitives::Hashing;
use frame_support::traits::{ConstU32, ConstU128, InstanceFilter};
use polkadot_sdk::*;
use scale_info::TypeInfo;

impl pallet_utility::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type PalletsOrigin = OriginCaller;
    type WeightInfo = weights::pallet_utility::WeightInfo<Runtime>;
}

impl pallet_multisig::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type DepositBase = ConstU128<{ deposit(1, 88) }>;
    type DepositFactor = ConstU128<{ deposit(0, 32) }>;
    type MaxSignatories = ConstU32<100>;
    type WeightInfo = weights::pallet_multisig::WeightInfo<Runtime>;
    type BlockNumberProvider = System;
}

/// The rights of a proxy.
///
/// Each type except `Any` is a list of allowed calls. A new call is allowed by none of them until
/// it is added here.
///
/// Every type except `CancelProxy` may send batches. The filter checks each call of a batch
/// separately.
#[derive(
    Copy,
    Clone,
    Eq,
    PartialEq,
    Ord,
    PartialOrd,
    Encode,
    Decode,
    DecodeWithMemTracking,
    Debug,
    Default,
    MaxEncodedLen,
    TypeInfo,
)]
pub enum ProxyType {
    /// Every call.
    #[default]
    Any,
    /// Calls that neither take the account's money, lock it or put it at risk, nor give away its
    /// rights.
    ///
    /// They claim, take back deposits, cancel jobs, pause the worker, reject announced calls of
    /// other proxies, and make remarks.
    NonTransfer,
    /// Rejecting announced calls of other proxies.
    CancelProxy,
    /// Claiming rewards, vested amounts and debts. They are paid to the account, whoever claims.
    Claims,
    /// Everything about the account's worker, and claiming. The account's bond is at risk if the
    /// proxy runs the worker badly.
    Worker,
    /// Storing inputs, registering kernels, posting jobs, and claiming. The account pays for them.
    Jobs,
    /// Setting the validator's session keys, but not giving up its seat.
    ValidatorKeys,
}

impl ProxyType {
    /// Batches. The filter checks each of their calls separately.
    fn batches(call: &RuntimeCall) -> bool {
        use pallet_utility::Call;
        matches!(call, RuntimeCall::Utility(Call::batch { .. } | Call::batch_all { .. } | Call::force_batch { .. }))
    }

    /// Calls that pay the account its own money.
    fn claims(call: &RuntimeCall) -> bool {
        use pallet_issuance::Call as Issuance;
        matches!(
            call,
            RuntimeCall::Issuance(
                Issuance::claim_reward { .. } | Issuance::claim_unlocked { .. } | Issuance::claim_vested { .. }
            ) | RuntimeCall::Jobs(pallet_jobs::Call::claim_owed { .. })
        )
    }

    /// Calls that take back deposits and escrows, or keep the worker from new tasks.
    fn takes_back(call: &RuntimeCall) -> bool {
        use pallet_blobs::Call as Blobs;
        use pallet_jobs::Call as Jobs;
        matches!(
            call,
            RuntimeCall::Blobs(Blobs::remove { .. } | Blobs::expire { .. })
                | RuntimeCall::Jobs(Jobs::cancel_job { .. } | Jobs::unregister_kernel { .. })
                | RuntimeCall::Workers(pallet_workers::Call::pause { .. })
        )
    }

    fn cancels(call: &RuntimeCall) -> bool {
        matches!(call, RuntimeCall::Proxy(pallet_proxy::Call::reject_announcement { .. }))
    }

    fn runs_worker(call: &RuntimeCall) -> bool {
        use pallet_workers::Call;
        matches!(
            call,
            RuntimeCall::Workers(
                Call::register { .. }
                    | Call::bond { .. }
                    | Call::unbond { .. }
                    | Call::update { .. }
                    | Call::pause { .. }
                    | Call::resume { .. }
                    | Call::leave { .. }
                    | Call::withdraw { .. }
                    | Call::certify { .. }
                    | Call::decertify { .. }
            ) | RuntimeCall::Canaries(pallet_canaries::Call::claim { .. })
        )
    }

    fn posts_jobs(call: &RuntimeCall) -> bool {
        use pallet_blobs::Call as Blobs;
        use pallet_jobs::Call as Jobs;
        matches!(
            call,
            RuntimeCall::Blobs(
                Blobs::store { .. }
                    | Blobs::announce { .. }
                    | Blobs::renew { .. }
                    | Blobs::remove { .. }
                    | Blobs::expire { .. }
            ) | RuntimeCall::Jobs(
                Jobs::register_kernel { .. }
                    | Jobs::unregister_kernel { .. }
                    | Jobs::submit_job { .. }
                    | Jobs::submit_jobs { .. }
                    | Jobs::cancel_job { .. }
                    | Jobs::vouch_for_kernel { .. }
            )
        )
    }
}

impl InstanceFilter<RuntimeCall> for ProxyType {
    fn filter(&self, call: &RuntimeCall) -> bool {
        match self {
            ProxyType::Any => true,
            ProxyType::NonTransfer => {
                Self::batches(call)
                    || Self::claims(call)
                    || Self::takes_back(call)
                    || Self::cancels(call)
                    || matches!(call, RuntimeCall::System(frame_system::Call::remark { .. }))
            }
            ProxyType::CancelProxy => Self::cancels(call),
            ProxyType::Claims => Self::batches(call) || Self::claims(call),
            ProxyType::Worker => Self::batches(call) || Self::claims(call) || Self::runs_worker(call),
            ProxyType::Jobs => Self::batches(call) || Self::claims(call) || Self::posts_jobs(call),
            ProxyType::ValidatorKeys => {
                Self::batches(call) || matches!(call, RuntimeCall::Session(pallet_session::Call::set_keys { .. }))
            }
        }
    }

    fn is_superset(&self, other: &Self) -> bool {
        match (self, other) {
            (ProxyType::Any, _)
            | (ProxyType::NonTransfer, ProxyType::CancelProxy | ProxyType::Claims)
            | (ProxyType::Worker | ProxyType::Jobs, ProxyType::Claims) => true,
            (own, other) => own == other,
        }
    }
}

impl pallet_proxy::Config for Runtime {
    type RuntimeEvent = RuntimeEvent;
    type RuntimeCall = RuntimeCall;
    type Currency = Balances;
    type ProxyType = ProxyType;
    type ProxyDepositBase = ConstU128<{ deposit(1, 8) }>;
    type ProxyDepositFactor = ConstU128<{ deposit(0, 33) }>;
    type MaxProxies = ConstU32<32>;
    type WeightInfo = weights::pallet_proxy::WeightInfo<Runtime>;
    type MaxPending = ConstU32<32>;
    type CallHasher = Hashing;
    type AnnouncementDepositBase = ConstU128<{ deposit(1, 8) }>;
    type AnnouncementDepositFactor = ConstU128<{ deposit(0, 66) }>;
    type BlockNumberProvider = System;
}
