//! JSON Schemas of the methods' types.

use crate::view::*;
use dpin_primitives::{
    Hash, TaskId,
    api::{NetworkInfo, ParametersInfo, TaskEvent, WorkerInfo},
    economy::{AllocationInfo, BondsInfo, MarketInfo, PotInfo, RewardInfo, Supply, VestingInfo},
    json::{Account, Asset, HexBytes, HexHash},
    worker::DeviceClass,
};
use polkadot_sdk::{sp_core::Bytes, sp_runtime::AccountId32};
use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

/// A type of a parameter or an answer, with the type that describes it.
#[cfg_attr(not(feature = "server"), allow(dead_code))]
pub(crate) trait Described: Serialize + DeserializeOwned {
    /// The type whose JSON Schema describes this one.
    type As: JsonSchema;
    /// Whether the parameter may be left out.
    const OPTIONAL: bool = false;
}

impl<T: Described> Described for Option<T> {
    type As = Option<T::As>;
    const OPTIONAL: bool = true;
}

impl<T: Described> Described for Vec<T> {
    type As = Vec<T::As>;
}

/// Types of other crates, and the types that describe them.
macro_rules! described {
    ($($type:ty => $as:ty,)*) => { $(impl Described for $type { type As = $as; })* };
}

/// Types that describe themselves.
macro_rules! own {
    ($($type:ty,)*) => { described! { $($type => $type,)* } };
}

described! {
    Hash => HexHash,
    Bytes => HexBytes,
    AccountId32 => Account,
}

own! {
    (),
    u32,
    u64,
    String,
    serde_json::Value,
    AllocationInfo,
    Asset,
    BlobStatusView,
    BondsInfo,
    BuybacksView,
    DeviceClass,
    EncryptionKeyView,
    EraView,
    JobItem,
    JobView,
    JobsPage,
    KernelView,
    KernelsPage,
    MarketInfo,
    NetworkInfo,
    OutputView,
    ParametersInfo,
    PotInfo,
    QuoteView,
    RewardInfo,
    Supply,
    TaskEvent,
    TaskId,
    TaskView,
    VestingInfo,
    WorkerInfo,
    WorkersItem,
    WorkersPage,
}
