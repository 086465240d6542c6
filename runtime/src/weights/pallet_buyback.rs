//! Weights of `pallet_buyback`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `pallet_buyback` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_buyback::WeightInfo for WeightInfo<T> {
	/// Storage: `Buyback::Turns` (r:0 w:4)
	/// Proof: `Buyback::Turns` (`max_values`: None, `max_size`: Some(22), added: 2497, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Halts` (r:0 w:4)
	/// Proof: `Buyback::Halts` (`max_values`: None, `max_size`: Some(14), added: 2489, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:0 w:4)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:0 w:4)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	fn set_markets() -> Weight {
		// Minimum execution time: 27_801_728 picoseconds.
		Weight::from_parts(28_629_057, 0)
			.saturating_add(T::DbWeight::get().writes(16_u64))
	}
	fn watch() -> Weight {
		// Minimum execution time: 11_844_708 picoseconds.
		Weight::from_parts(12_808_998, 0)
	}
	fn share_fees() -> Weight {
		// Minimum execution time: 46_534_123 picoseconds.
		Weight::from_parts(53_413_468, 0)
	}
	/// Storage: `System::Account` (r:1 w:0)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:0)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:1)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Turns` (r:1 w:0)
	/// Proof: `Buyback::Turns` (`max_values`: None, `max_size`: Some(22), added: 2497, mode: `MaxEncodedLen`)
	fn observe() -> Weight {
		// Minimum execution time: 17_261_975 picoseconds.
		Weight::from_parts(17_767_410, 3602)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `System::Account` (r:1 w:0)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:0)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:1)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:1 w:1)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Turns` (r:1 w:0)
	/// Proof: `Buyback::Turns` (`max_values`: None, `max_size`: Some(22), added: 2497, mode: `MaxEncodedLen`)
	fn record() -> Weight {
		// Minimum execution time: 37_794_332 picoseconds.
		Weight::from_parts(39_675_636, 9600)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Buyback::Turns` (r:1 w:1)
	/// Proof: `Buyback::Turns` (`max_values`: None, `max_size`: Some(22), added: 2497, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:0)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:2 w:0)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetConversion::PoolFees` (r:1 w:0)
	/// Proof: `AssetConversion::PoolFees` (`max_values`: None, `max_size`: Some(30), added: 2505, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Halts` (r:1 w:1)
	/// Proof: `Buyback::Halts` (`max_values`: None, `max_size`: Some(14), added: 2489, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Totals` (r:1 w:1)
	/// Proof: `Buyback::Totals` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Buybacks` (r:1 w:1)
	/// Proof: `Buyback::Buybacks` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
	fn buy() -> Weight {
		// Minimum execution time: 138_534_490 picoseconds.
		Weight::from_parts(151_492_964, 6208)
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Buyback::Oracles` (r:1 w:0)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:1 w:0)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:0)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetConversion::PoolFees` (r:1 w:0)
	/// Proof: `AssetConversion::PoolFees` (`max_values`: None, `max_size`: Some(30), added: 2505, mode: `MaxEncodedLen`)
	fn sell_bonds() -> Weight {
		// Minimum execution time: 143_794_634 picoseconds.
		Weight::from_parts(157_677_769, 9600)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Buyback::Oracles` (r:1 w:0)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:1 w:0)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:3 w:3)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:2 w:0)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetConversion::PoolFees` (r:1 w:0)
	/// Proof: `AssetConversion::PoolFees` (`max_values`: None, `max_size`: Some(30), added: 2505, mode: `MaxEncodedLen`)
	fn buy_back_bonds() -> Weight {
		// Minimum execution time: 194_460_535 picoseconds.
		Weight::from_parts(207_014_382, 9600)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Buyback::Totals` (r:1 w:1)
	/// Proof: `Buyback::Totals` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Buybacks` (r:6 w:6)
	/// Proof: `Buyback::Buybacks` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
	fn end_era() -> Weight {
		// Minimum execution time: 36_002_018 picoseconds.
		Weight::from_parts(37_706_732, 16278)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
}
