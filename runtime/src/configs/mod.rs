//! How each pallet is set up, one file for each domain.

#![deny(missing_docs)]

mod compute;
mod consensus;
mod economy;
mod governance;
mod money;
mod system;
mod utility;

pub use compute::{job_info, AuditRules, Fees};
pub use consensus::{DisableOffenders, FixedValidators, ReportLongevity, KEPT_SESSIONS};
pub use economy::{
    fees, pots, BlcIssuer, BuybackRules, InsurancePot, IssuanceRules, Native, NativeAndAssets, PoolAssetsInstance,
    PoolFee, PoolId, PoolsAccount, Pots, RevenuePot, Stable,
};
pub use governance::{MaximumSchedulerWeight, PreimageHoldReason};
pub use money::{deposit, ExistentialDeposit, HoldableAssets, NativeOrAssets, BLC_MINIMUM};
pub use system::{RuntimeBlockLength, RuntimeBlockWeights, MAX_BLOCK_BYTES, NORMAL_RATIO};
pub use utility::ProxyType;
