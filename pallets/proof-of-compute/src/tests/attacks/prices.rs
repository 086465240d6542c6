//! Prices of assets that the market moves.

use super::*;
use polkadot_sdk::sp_runtime::FixedU128;

#[test]
fn neither_nothing_nor_too_much_makes_a_bond_cheap() {
    let priced = |parts| Rules { asset_price: FixedU128::from_inner(parts), ..RULES };
    assert_eq!(priced(0).task_bond(&BLC, REWARD), Some(RULES.min_task_bond));
    assert_eq!(priced(u128::MAX).task_bond(&BLC, Balance::MAX), None, "and nobody is drawn");
    assert_eq!(RULES.task_bond(&BLC, Balance::MAX), None);
    assert!(Rules { bond_factor: FixedU128::from_rational(149, 100), ..RULES }.check().is_err());
}
