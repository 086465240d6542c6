//! Weights of `pallet_buyback`, measured by `make bench` with 5 steps and 3 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]
#![allow(missing_docs)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{
		traits::Get,
		weights::{constants::RocksDbWeight, Weight},
	},
	frame_system,
};

/// Weight functions needed for `pallet_buyback`.
pub trait WeightInfo {
	fn set_markets() -> Weight;
	fn watch() -> Weight;
	fn observe() -> Weight;
	fn record() -> Weight;
	fn buy() -> Weight;
	fn sell_bonds() -> Weight;
	fn buy_back_bonds() -> Weight;
	fn end_era() -> Weight;
}

/// Weights for `pallet_buyback` with the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Buyback::LiquidityBonds` (r:1 w:0)
	/// Proof: `Buyback::LiquidityBonds` (`max_values`: Some(1), `max_size`: Some(100), added: 595, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Markets` (r:1 w:1)
	/// Proof: `Buyback::Markets` (`max_values`: Some(1), `max_size`: Some(21), added: 516, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Halts` (r:0 w:4)
	/// Proof: `Buyback::Halts` (`max_values`: None, `max_size`: Some(14), added: 2489, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:0 w:4)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:0 w:4)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	fn set_markets() -> Weight {
		// Minimum execution time: 37_003_000 picoseconds.
		Weight::from_parts(42_447_000, 1585)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(13_u64))
	}
	/// Storage: `Parameters::Parameters` (r:11 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Markets` (r:1 w:0)
	/// Proof: `Buyback::Markets` (`max_values`: Some(1), `max_size`: Some(21), added: 516, mode: `MaxEncodedLen`)
	fn watch() -> Weight {
		// Minimum execution time: 32_877_000 picoseconds.
		Weight::from_parts(35_244_000, 28611)
			.saturating_add(T::DbWeight::get().reads(12_u64))
	}
	/// Storage: `System::Account` (r:1 w:0)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:0)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:1)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	fn observe() -> Weight {
		// Minimum execution time: 31_696_000 picoseconds.
		Weight::from_parts(34_953_000, 3602)
			.saturating_add(T::DbWeight::get().reads(3_u64))
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
	fn record() -> Weight {
		// Minimum execution time: 61_495_000 picoseconds.
		Weight::from_parts(67_692_000, 9600)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:0)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:2 w:0)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetConversion::PoolFees` (r:1 w:0)
	/// Proof: `AssetConversion::PoolFees` (`max_values`: None, `max_size`: Some(30), added: 2505, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Halts` (r:1 w:1)
	/// Proof: `Buyback::Halts` (`max_values`: None, `max_size`: Some(14), added: 2489, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Totals` (r:1 w:1)
	/// Proof: `Buyback::Totals` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Buybacks` (r:1 w:1)
	/// Proof: `Buyback::Buybacks` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Unspent` (r:1 w:1)
	/// Proof: `Issuance::Unspent` (`max_values`: Some(1), `max_size`: Some(490), added: 985, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Carried` (r:1 w:0)
	/// Proof: `Issuance::Carried` (`max_values`: Some(1), `max_size`: Some(64), added: 559, mode: `MaxEncodedLen`)
	fn buy() -> Weight {
		// Minimum execution time: 225_737_000 picoseconds.
		Weight::from_parts(242_489_000, 6208)
			.saturating_add(T::DbWeight::get().reads(14_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `Buyback::LiquidityBonds` (r:1 w:1)
	/// Proof: `Buyback::LiquidityBonds` (`max_values`: Some(1), `max_size`: Some(100), added: 595, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:0)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:1 w:0)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:0)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetConversion::PoolFees` (r:1 w:0)
	/// Proof: `AssetConversion::PoolFees` (`max_values`: None, `max_size`: Some(30), added: 2505, mode: `MaxEncodedLen`)
	fn sell_bonds() -> Weight {
		// Minimum execution time: 244_404_000 picoseconds.
		Weight::from_parts(260_737_000, 9600)
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Buyback::LiquidityBonds` (r:1 w:1)
	/// Proof: `Buyback::LiquidityBonds` (`max_values`: Some(1), `max_size`: Some(100), added: 595, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:0)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:1 w:0)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:3 w:3)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:2 w:0)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetConversion::PoolFees` (r:1 w:0)
	/// Proof: `AssetConversion::PoolFees` (`max_values`: None, `max_size`: Some(30), added: 2505, mode: `MaxEncodedLen`)
	fn buy_back_bonds() -> Weight {
		// Minimum execution time: 321_785_000 picoseconds.
		Weight::from_parts(343_893_000, 9600)
			.saturating_add(T::DbWeight::get().reads(13_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Totals` (r:1 w:1)
	/// Proof: `Buyback::Totals` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Buybacks` (r:6 w:6)
	/// Proof: `Buyback::Buybacks` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
	fn end_era() -> Weight {
		// Minimum execution time: 63_982_000 picoseconds.
		Weight::from_parts(69_831_000, 16278)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
}

// For tests.
impl WeightInfo for () {
	/// Storage: `Buyback::LiquidityBonds` (r:1 w:0)
	/// Proof: `Buyback::LiquidityBonds` (`max_values`: Some(1), `max_size`: Some(100), added: 595, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Markets` (r:1 w:1)
	/// Proof: `Buyback::Markets` (`max_values`: Some(1), `max_size`: Some(21), added: 516, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Halts` (r:0 w:4)
	/// Proof: `Buyback::Halts` (`max_values`: None, `max_size`: Some(14), added: 2489, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:0 w:4)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:0 w:4)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	fn set_markets() -> Weight {
		// Minimum execution time: 37_003_000 picoseconds.
		Weight::from_parts(42_447_000, 1585)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(13_u64))
	}
	/// Storage: `Parameters::Parameters` (r:11 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Markets` (r:1 w:0)
	/// Proof: `Buyback::Markets` (`max_values`: Some(1), `max_size`: Some(21), added: 516, mode: `MaxEncodedLen`)
	fn watch() -> Weight {
		// Minimum execution time: 32_877_000 picoseconds.
		Weight::from_parts(35_244_000, 28611)
			.saturating_add(RocksDbWeight::get().reads(12_u64))
	}
	/// Storage: `System::Account` (r:1 w:0)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:0)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:1)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	fn observe() -> Weight {
		// Minimum execution time: 31_696_000 picoseconds.
		Weight::from_parts(34_953_000, 3602)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `System::Account` (r:1 w:0)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:0)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:1)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:1 w:1)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	fn record() -> Weight {
		// Minimum execution time: 61_495_000 picoseconds.
		Weight::from_parts(67_692_000, 9600)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:0)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:2 w:0)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetConversion::PoolFees` (r:1 w:0)
	/// Proof: `AssetConversion::PoolFees` (`max_values`: None, `max_size`: Some(30), added: 2505, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Halts` (r:1 w:1)
	/// Proof: `Buyback::Halts` (`max_values`: None, `max_size`: Some(14), added: 2489, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Totals` (r:1 w:1)
	/// Proof: `Buyback::Totals` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Buybacks` (r:1 w:1)
	/// Proof: `Buyback::Buybacks` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Unspent` (r:1 w:1)
	/// Proof: `Issuance::Unspent` (`max_values`: Some(1), `max_size`: Some(490), added: 985, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Carried` (r:1 w:0)
	/// Proof: `Issuance::Carried` (`max_values`: Some(1), `max_size`: Some(64), added: 559, mode: `MaxEncodedLen`)
	fn buy() -> Weight {
		// Minimum execution time: 225_737_000 picoseconds.
		Weight::from_parts(242_489_000, 6208)
			.saturating_add(RocksDbWeight::get().reads(14_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	/// Storage: `Buyback::LiquidityBonds` (r:1 w:1)
	/// Proof: `Buyback::LiquidityBonds` (`max_values`: Some(1), `max_size`: Some(100), added: 595, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:0)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:1 w:0)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:0)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetConversion::PoolFees` (r:1 w:0)
	/// Proof: `AssetConversion::PoolFees` (`max_values`: None, `max_size`: Some(30), added: 2505, mode: `MaxEncodedLen`)
	fn sell_bonds() -> Weight {
		// Minimum execution time: 244_404_000 picoseconds.
		Weight::from_parts(260_737_000, 9600)
			.saturating_add(RocksDbWeight::get().reads(10_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	/// Storage: `Buyback::LiquidityBonds` (r:1 w:1)
	/// Proof: `Buyback::LiquidityBonds` (`max_values`: Some(1), `max_size`: Some(100), added: 595, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Oracles` (r:1 w:0)
	/// Proof: `Buyback::Oracles` (`max_values`: None, `max_size`: Some(137), added: 2612, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Histories` (r:1 w:0)
	/// Proof: `Buyback::Histories` (`max_values`: None, `max_size`: Some(6135), added: 8610, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:3 w:3)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Proof: `Assets::Asset` (`max_values`: None, `max_size`: Some(210), added: 2685, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:2 w:0)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetConversion::PoolFees` (r:1 w:0)
	/// Proof: `AssetConversion::PoolFees` (`max_values`: None, `max_size`: Some(30), added: 2505, mode: `MaxEncodedLen`)
	fn buy_back_bonds() -> Weight {
		// Minimum execution time: 321_785_000 picoseconds.
		Weight::from_parts(343_893_000, 9600)
			.saturating_add(RocksDbWeight::get().reads(13_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Totals` (r:1 w:1)
	/// Proof: `Buyback::Totals` (`max_values`: None, `max_size`: Some(61), added: 2536, mode: `MaxEncodedLen`)
	/// Storage: `Buyback::Buybacks` (r:6 w:6)
	/// Proof: `Buyback::Buybacks` (`max_values`: None, `max_size`: Some(73), added: 2548, mode: `MaxEncodedLen`)
	fn end_era() -> Weight {
		// Minimum execution time: 63_982_000 picoseconds.
		Weight::from_parts(69_831_000, 16278)
			.saturating_add(RocksDbWeight::get().reads(8_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
}
