//! Configuration of the pallets, one file for each domain.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "parameters are computed from constants: products that fit, and shares of a limit"
)]
#![deny(missing_docs)]

mod compute;
mod consensus;
mod economy;
mod governance;
mod money;
mod system;
mod utility;

pub use compute::{AuditRules, Fees};
pub use consensus::{DisableOffenders, FixedValidators, KEPT_SESSIONS, ReportLongevity};
#[cfg(feature = "runtime-benchmarks")]
pub use economy::benchmark_author;
pub use economy::{
    BlcIssuer, BuybackRules, FeeShares, InsurancePot, IssuanceRules, Native, NativeAndAssets, PoolAssetsInstance,
    PoolFee, PoolId, PoolsAccount, Pots, RevenuePot, Stable, fees, pots,
};
pub use governance::{MaximumSchedulerWeight, PreimageHoldReason};
pub use money::{BLC_MINIMUM, ExistentialDeposit, HoldableAssets, NativeOrAssets, deposit};
pub use system::{MAX_BLOCK_BYTES, MAX_BLOCK_WEIGHT, NORMAL_RATIO, RuntimeBlockLength, RuntimeBlockWeights};
pub use utility::ProxyType;
