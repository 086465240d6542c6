//! What the calls of the pallet and the steps of its hooks cost.

use polkadot_sdk::frame_support::weights::Weight;

/// What each call and each step of a hook costs. A runtime measures it with the benchmarks of this pallet.
pub trait WeightInfo {
    /// The call `set_markets`.
    fn set_markets() -> Weight;
    /// What every block costs: looking whether there is anything to trade.
    fn watch() -> Weight;
    /// Sharing the fees that a block's transactions have paid in DPN.
    fn share_fees() -> Weight;
    /// Noting the price of a market.
    fn observe() -> Weight;
    /// Closing an interval of prices.
    fn record() -> Weight;
    /// Buying DPN on one market and burning them.
    fn buy() -> Weight;
    /// Selling liquidity bonds.
    fn sell_bonds() -> Weight;
    /// Buying liquidity bonds back, or paying them.
    fn buy_back_bonds() -> Weight;
    /// Closing the books of an era.
    fn end_era() -> Weight;
}

/// For mocks: of the order of what they cost, not measured.
impl WeightInfo for () {
    fn set_markets() -> Weight {
        Weight::from_parts(1_392_000_000, 2_000)
    }
    fn watch() -> Weight {
        Weight::from_parts(335_000_000, 29_000)
    }
    fn share_fees() -> Weight {
        Weight::from_parts(250_000_000, 7_000)
    }
    fn observe() -> Weight {
        Weight::from_parts(210_000_000, 4_000)
    }
    fn record() -> Weight {
        Weight::from_parts(368_000_000, 10_000)
    }
    fn buy() -> Weight {
        Weight::from_parts(1_392_000_000, 6_000)
    }
    fn sell_bonds() -> Weight {
        Weight::from_parts(1_111_000_000, 10_000)
    }
    fn buy_back_bonds() -> Weight {
        Weight::from_parts(1_469_000_000, 10_000)
    }
    fn end_era() -> Weight {
        Weight::from_parts(1_070_000_000, 16_000)
    }
}
