//! Weights of `pallet_workers`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

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
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	fn register() -> Weight {
		// Minimum execution time: 115_456_185 picoseconds.
		Weight::from_parts(123_492_399, 6067)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	fn bond() -> Weight {
		// Minimum execution time: 48_266_647 picoseconds.
		Weight::from_parts(51_703_886, 7011)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	fn unbond() -> Weight {
		// Minimum execution time: 42_474_650 picoseconds.
		Weight::from_parts(44_904_494, 7011)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Workers::Standings` (r:2 w:2)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:1)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:3)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn update() -> Weight {
		// Minimum execution time: 47_055_549 picoseconds.
		Weight::from_parts(49_864_296, 13032)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Workers::Standings` (r:2 w:2)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:2)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn pause() -> Weight {
		// Minimum execution time: 26_652_506 picoseconds.
		Weight::from_parts(29_251_987, 13032)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:0 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn resume() -> Weight {
		// Minimum execution time: 19_192_641 picoseconds.
		Weight::from_parts(20_635_252, 7011)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Workers::Standings` (r:2 w:2)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:2)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn leave() -> Weight {
		// Minimum execution time: 27_198_960 picoseconds.
		Weight::from_parts(31_188_910, 13032)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
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
		// Minimum execution time: 94_139_603 picoseconds.
		Weight::from_parts(103_626_771, 7011)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(10_u64))
	}
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:17 w:17)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn apply_slash() -> Weight {
		// Minimum execution time: 614_681_752 picoseconds.
		Weight::from_parts(650_291_658, 45241)
			.saturating_add(T::DbWeight::get().reads(21_u64))
			.saturating_add(T::DbWeight::get().writes(21_u64))
	}
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:0 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn cancel_slash() -> Weight {
		// Minimum execution time: 22_366_386 picoseconds.
		Weight::from_parts(25_891_224, 7011)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:1)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	fn certify() -> Weight {
		// Minimum execution time: 53_039_432 picoseconds.
		Weight::from_parts(56_226_386, 7011)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:1)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	fn decertify() -> Weight {
		// Minimum execution time: 43_237_322 picoseconds.
		Weight::from_parts(51_022_557, 7011)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	fn sweep_block() -> Weight {
		// Minimum execution time: 2_206_674 picoseconds.
		Weight::from_parts(2_947_099, 0)
	}
	/// Storage: `Workers::DueSlashCounts` (r:1 w:1)
	/// Proof: `Workers::DueSlashCounts` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:16 w:16)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(538), added: 3013, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:1000 w:0)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 1000]`.
	fn sweep_slashes(n: u32, ) -> Weight {
		// Minimum execution time: 2_253_950 picoseconds.
		Weight::from_parts(2_459_739, 3481)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_190_278, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(Weight::from_parts(0, 3406).saturating_mul(n.into()))
	}
}
