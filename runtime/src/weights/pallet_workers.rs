//! Weights of `pallet_workers`, measured by `make bench` with 10 steps and 20 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `pallet_workers` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_workers::WeightInfo for WeightInfo<T> {
	/// Storage: `Workers::Workers` (r:1 w:1)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Keys` (r:1 w:1)
	/// Proof: `Workers::Keys` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:0 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Numbers` (r:0 w:1)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:0 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	fn register() -> Weight {
		// Minimum execution time: 113_232_000 picoseconds.
		Weight::from_parts(131_837_000, 6067)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	fn bond() -> Weight {
		// Minimum execution time: 51_190_000 picoseconds.
		Weight::from_parts(53_010_000, 7007)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	fn unbond() -> Weight {
		// Minimum execution time: 44_752_000 picoseconds.
		Weight::from_parts(46_824_000, 7007)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Workers::Standings` (r:2 w:2)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:1)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:3)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn update() -> Weight {
		// Minimum execution time: 47_456_000 picoseconds.
		Weight::from_parts(49_325_000, 13024)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Workers::Standings` (r:2 w:2)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:2)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn pause() -> Weight {
		// Minimum execution time: 26_220_000 picoseconds.
		Weight::from_parts(27_673_000, 13024)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:0 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn resume() -> Weight {
		// Minimum execution time: 18_044_000 picoseconds.
		Weight::from_parts(19_041_000, 7007)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Workers::Standings` (r:2 w:2)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:2)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn leave() -> Weight {
		// Minimum execution time: 26_453_000 picoseconds.
		Weight::from_parts(27_981_000, 13024)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:1)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:1)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Numbers` (r:0 w:1)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Keys` (r:0 w:1)
	/// Proof: `Workers::Keys` (`max_values`: None, `max_size`: Some(80), added: 2555, mode: `MaxEncodedLen`)
	fn withdraw() -> Weight {
		// Minimum execution time: 96_228_000 picoseconds.
		Weight::from_parts(101_148_000, 7007)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(10_u64))
	}
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:17 w:17)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn apply_slash() -> Weight {
		// Minimum execution time: 645_030_000 picoseconds.
		Weight::from_parts(659_891_000, 45241)
			.saturating_add(T::DbWeight::get().reads(21_u64))
			.saturating_add(T::DbWeight::get().writes(22_u64))
	}
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:0 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn cancel_slash() -> Weight {
		// Minimum execution time: 25_339_000 picoseconds.
		Weight::from_parts(26_915_000, 7007)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:1)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	fn certify() -> Weight {
		// Minimum execution time: 54_031_000 picoseconds.
		Weight::from_parts(56_548_000, 7007)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:1)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	fn decertify() -> Weight {
		// Minimum execution time: 45_525_000 picoseconds.
		Weight::from_parts(46_979_000, 7007)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::DueSlashes` (r:1 w:0)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn sweep_block() -> Weight {
		// Minimum execution time: 6_628_000 picoseconds.
		Weight::from_parts(10_000_000, 4317)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Workers::DueSlashes` (r:16 w:16)
	/// Storage: `Workers::PendingSlashes` (r:1000 w:0)
	/// The range of component `n` is `[0, 1000]`.
	fn sweep_slashes(n: u32, ) -> Weight {
		// Minimum execution time: 30_000_000 picoseconds.
		Weight::from_parts(30_000_000, 3519)
			.saturating_add(Weight::from_parts(5_000_000, 2_700).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
}
