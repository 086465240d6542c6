//! Answers about the money.

use dpin_primitives::economy::{BuybackTotals, EraIndex, EraInfo};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An era; amounts in planck unless a field says otherwise.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EraView {
    /// Number of the era.
    pub era: EraIndex,
    /// The era itself.
    #[serde(flatten)]
    pub info: EraInfo,
}

/// Totals of buy-backs in an era.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuybackView {
    /// The era.
    pub era: EraIndex,
    /// Totals of the era.
    #[serde(flatten)]
    pub totals: BuybackTotals,
}

/// Totals of buy-backs with an asset.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BuybacksView {
    /// Totals of all time.
    pub totals: BuybackTotals,
    /// Totals of the eras in which there were buy-backs.
    pub eras: Vec<BuybackView>,
}
