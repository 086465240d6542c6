//! Weights of the pallet's calls and of the steps of its hooks.

use polkadot_sdk::frame_support::weights::Weight;

/// Weights of the pallet's calls and of the steps of its hooks. A runtime measures them with the
/// benchmarks of this pallet.
pub trait WeightInfo {
    /// The call `set_markets`.
    fn set_markets() -> Weight;
    /// A check in every block whether there is anything to trade.
    fn watch() -> Weight;
    /// Sharing the fees that a block's transactions have paid in DPN.
    fn share_fees() -> Weight;
    /// Recording the price of a market.
    fn observe() -> Weight;
    /// Recording the price of a market and adding it to the history, once an hour.
    fn record() -> Weight;
    /// Buying DPN in one market and burning them.
    fn buy() -> Weight;
    /// Selling liquidity bonds.
    fn sell_bonds() -> Weight;
    /// Buying liquidity bonds back, or paying their gain.
    fn buy_back_bonds() -> Weight;
    /// Burning the revenue and dropping an old era's amounts at the end of an era.
    fn end_era() -> Weight;
}

/// For mocks: estimates of the right order of magnitude, not measured.
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
