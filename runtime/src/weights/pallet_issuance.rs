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
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:1 w:1)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Released` (r:1 w:1)
	/// Proof: `Issuance::Released` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Streams` (r:1 w:1)
	/// Proof: `Issuance::Streams` (`max_values`: None, `max_size`: Some(1201), added: 3676, mode: `MaxEncodedLen`)
	fn claim_reward() -> Weight {
		// Minimum execution time: 97_149_000 picoseconds.
		Weight::from_parts(108_031_000, 4666)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Issuance::Streams` (r:1 w:1)
	/// Proof: `Issuance::Streams` (`max_values`: None, `max_size`: Some(1201), added: 3676, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim_unlocked() -> Weight {
		// Minimum execution time: 47_434_000 picoseconds.
		Weight::from_parts(51_879_000, 4666)
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
		// Minimum execution time: 47_617_000 picoseconds.
		Weight::from_parts(52_354_000, 3593)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Issuance::Eras` (r:1 w:0)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	fn watch() -> Weight {
		// Minimum execution time: 11_510_000 picoseconds.
		Weight::from_parts(12_098_000, 3707)
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Issuance::Eras` (r:1 w:2)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	fn end_era() -> Weight {
		// Minimum execution time: 71_731_000 picoseconds.
		Weight::from_parts(76_516_000, 3707)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:1 w:1)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	fn note_author() -> Weight {
		// Minimum execution time: 6_170_000 picoseconds.
		Weight::from_parts(6_957_000, 3707)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Issuance::Eras` (r:7 w:7)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// The range of component `e` is `[1, 8]`.
	fn bought(e: u32, ) -> Weight {
		// Minimum execution time: 5_454_000 picoseconds.
		Weight::from_parts(4_431_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(3_168_000, 0).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(e.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(e.into())))
			.saturating_add(Weight::from_parts(0, 2717).saturating_mul(e.into()))
	}
	/// Storage: `Issuance::Contributions` (r:129 w:128)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:0 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 128]`.
	fn prune(n: u32, ) -> Weight {
		// Minimum execution time: 7_544_000 picoseconds.
		Weight::from_parts(8_025_000, 3569)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(3_045_187, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2579).saturating_mul(n.into()))
	}
	/// Storage: `Issuance::FitBlocks` (r:1 w:1)
	/// Proof: `Issuance::FitBlocks` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn was_fit() -> Weight {
		// Minimum execution time: 2_500_000 picoseconds.
		Weight::from_parts(2_700_000, 1489)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}
