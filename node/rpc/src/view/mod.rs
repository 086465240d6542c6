//! The answers of the methods, as JSON.

mod chain;
mod economy;
mod job;
mod worker;

pub use chain::{
    AuditNumbersView, BlobStatusView, FeePolicyView, FeesView, KernelView, KernelsPage, NetworkView, ParamView,
    ParametersView, QuarantineView, QuoteView, ShapeView, TilingView, WaitView,
};
pub use economy::{
    AllocationView, BondsView, BuybackTotalsView, BuybackView, BuybacksView, EraView, HaltView, MarketView, PotName,
    PotView, RewardInfoView, SupplyView, VestingView,
};
pub use job::{
    AuditView, AuditorView, BondFateView, BondView, CandidatesView, CommitmentView, ConditionView, CostView,
    DeviceClassView, DisputeCauseView, FailedAttemptView, Fp32View, JobEntryView, JobItem, JobState, JobView, JobsPage,
    JurorView, JuryPhaseView, OutlookView, OutputView, RequirementsView, RewardView, SamplesView, StageView,
    TaskEventView, TaskStepView, TaskView, UnmetView, Unverified, VerdictView,
};
pub use worker::{
    AvailableView, DeviceView, EncryptionKeyView, MinRewardView, OfferView, PassportView, WorkerStatusView, WorkerView,
    WorkersItem, WorkersPage,
};

use dpin_primitives::{AssetKind, Balance};
use polkadot_sdk::sp_runtime::{FixedPointNumber, FixedU128};
use schemars::JsonSchema;
use serde::{de::Error as _, Deserialize, Deserializer, Serialize, Serializer};

/// An amount in its asset's smallest unit. In JSON it is a decimal string, because a JavaScript
/// number is exact up to 2^53 only.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Amount(pub Balance);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A number with 18 decimals. In JSON it is a decimal string without trailing zeros: `"1.5"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Fixed(pub FixedU128);

impl Serialize for Fixed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (whole, decimals) = (self.0.into_inner() / FixedU128::DIV, self.0.into_inner() % FixedU128::DIV);
        if decimals == 0 {
            return serializer.collect_str(&whole);
        }
        let decimals = format!("{decimals:018}");
        serializer.collect_str(&format_args!("{whole}.{}", decimals.trim_end_matches('0')))
    }
}

impl<'de> Deserialize<'de> for Fixed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, "0"));
        let number = |digits: &str| digits.parse::<u128>().map_err(D::Error::custom);
        if decimals.len() > 18 {
            return Err(D::Error::custom("more than 18 decimals"));
        }
        let parts = number(&format!("{decimals:0<18}"))?;
        let inner = number(whole)?.checked_mul(FixedU128::DIV).and_then(|whole| whole.checked_add(parts));
        inner.map(|inner| Self(FixedU128::from_inner(inner))).ok_or_else(|| D::Error::custom("the number is too large"))
    }
}

/// An asset: `"dpn"` or `{"asset": id}`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum AssetView {
    /// The native DPN.
    Dpn,
    /// An asset of pallet-assets; BLC is 1.
    Asset(u32),
}

impl From<AssetKind> for AssetView {
    fn from(asset: AssetKind) -> Self {
        match asset {
            AssetKind::Native => Self::Dpn,
            AssetKind::WithId(id) => Self::Asset(id),
        }
    }
}

impl From<AssetView> for AssetKind {
    fn from(asset: AssetView) -> Self {
        match asset {
            AssetView::Dpn => Self::Native,
            AssetView::Asset(id) => Self::WithId(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_amount_is_a_string_and_nothing_else() {
        assert_eq!(serde_json::to_value(Amount(u128::MAX)).unwrap(), json!(u128::MAX.to_string()));
        assert!(serde_json::from_value::<Amount>(json!(12)).is_err());
        assert!(serde_json::from_value::<Amount>(json!("-1")).is_err());
    }

    #[test]
    fn a_fixed_number_reads_as_it_is_written() {
        for (inner, text) in
            [(0, "0"), (1_500_000_000_000_000_000, "1.5"), (1, "0.000000000000000001"), (7 * FixedU128::DIV, "7")]
        {
            let number = Fixed(FixedU128::from_inner(inner));
            assert_eq!(serde_json::to_value(number).unwrap(), json!(text));
            assert_eq!(serde_json::from_value::<Fixed>(json!(text)).unwrap(), number);
        }
        assert!(serde_json::from_value::<Fixed>(json!("0.0000000000000000001")).is_err());
        assert!(serde_json::from_value::<Fixed>(json!("340282366920938463464")).is_err());
    }
}
