//! Weights of `pallet_issuance`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `pallet_issuance` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_issuance::WeightInfo for WeightInfo<T> {
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(268), added: 2743, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:1 w:1)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Released` (r:1 w:1)
	/// Proof: `Issuance::Released` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Streams` (r:1 w:1)
	/// Proof: `Issuance::Streams` (`max_values`: None, `max_size`: Some(1201), added: 3676, mode: `MaxEncodedLen`)
	fn claim_reward() -> Weight {
		// Minimum execution time: 106_662_165 picoseconds.
		Weight::from_parts(117_429_955, 4666)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Issuance::Streams` (r:1 w:1)
	/// Proof: `Issuance::Streams` (`max_values`: None, `max_size`: Some(1201), added: 3676, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim_unlocked() -> Weight {
		// Minimum execution time: 47_927_373 picoseconds.
		Weight::from_parts(52_371_311, 4666)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Issuance::Vestings` (r:1 w:1)
	/// Proof: `Issuance::Vestings` (`max_values`: None, `max_size`: Some(105), added: 2580, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Released` (r:1 w:1)
	/// Proof: `Issuance::Released` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim_vested() -> Weight {
		// Minimum execution time: 49_143_338 picoseconds.
		Weight::from_parts(55_800_207, 3593)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Issuance::Eras` (r:1 w:0)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(268), added: 2743, mode: `MaxEncodedLen`)
	fn watch() -> Weight {
		// Minimum execution time: 11_956_641 picoseconds.
		Weight::from_parts(12_819_427, 3733)
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Issuance::Eras` (r:8 w:9)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(268), added: 2743, mode: `MaxEncodedLen`)
	fn end_era() -> Weight {
		// Minimum execution time: 64_713_112 picoseconds.
		Weight::from_parts(67_998_790, 22934)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(9_u64))
	}
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(268), added: 2743, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:1 w:1)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	fn note_author() -> Weight {
		// Minimum execution time: 5_924_787 picoseconds.
		Weight::from_parts(7_125_457, 3733)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Issuance::Eras` (r:7 w:7)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(268), added: 2743, mode: `MaxEncodedLen`)
	/// The range of component `e` is `[1, 8]`.
	fn bought(e: u32, ) -> Weight {
		// Minimum execution time: 5_268_486 picoseconds.
		Weight::from_parts(1_877_133, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(5_189_925, 0).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(e.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(e.into())))
			.saturating_add(Weight::from_parts(0, 2743).saturating_mul(e.into()))
	}
	/// Storage: `Issuance::Contributions` (r:129 w:128)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(268), added: 2743, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 128]`.
	fn prune(n: u32, ) -> Weight {
		// Minimum execution time: 12_643_533 picoseconds.
		Weight::from_parts(15_414_389, 3733)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(3_139_537, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2579).saturating_mul(n.into()))
	}
	fn was_fit() -> Weight {
		// Minimum execution time: 828_024 picoseconds.
		Weight::from_parts(1_006_699, 0)
	}
}
