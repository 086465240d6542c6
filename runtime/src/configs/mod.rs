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
pub use consensus::{DisableOffenders, FixedValidators, ReportLongevity, KEPT_SESSIONS};
#[cfg(feature = "runtime-benchmarks")]
pub use economy::benchmark_author;
pub use economy::{
    fees, pots, BlcIssuer, BuybackRules, FeeShares, InsurancePot, IssuanceRules, Native, NativeAndAssets,
    PoolAssetsInstance, PoolFee, PoolId, PoolsAccount, Pots, RevenuePot, Stable,
};
pub use governance::{MaximumSchedulerWeight, PreimageHoldReason};
pub use money::{deposit, ExistentialDeposit, HoldableAssets, NativeOrAssets, BLC_MINIMUM};
pub use system::{RuntimeBlockLength, RuntimeBlockWeights, MAX_BLOCK_BYTES, MAX_BLOCK_WEIGHT, NORMAL_RATIO};
pub use utility::ProxyType;
