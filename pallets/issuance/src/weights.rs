//! Weights of `pallet_issuance`, measured by `make bench` with 5 steps and 3 repeats on: Intel(R) Xeon(R) Processor.

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

/// Weight functions needed for `pallet_issuance`.
pub trait WeightInfo {
	fn claim_reward() -> Weight;
	fn claim_unlocked() -> Weight;
	fn claim_vested() -> Weight;
	fn watch() -> Weight;
	fn end_era() -> Weight;
	fn note_author() -> Weight;
	fn proved() -> Weight;
	fn settled(p: u32, ) -> Weight;
	fn bought(e: u32, ) -> Weight;
	fn prune(n: u32, ) -> Weight;
	fn look_at_run() -> Weight;
}

/// Weights for `pallet_issuance` with the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:1 w:1)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:6 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Minted` (r:1 w:1)
	/// Proof: `Issuance::Minted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Emitted` (r:1 w:1)
	/// Proof: `Issuance::Emitted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Released` (r:1 w:1)
	/// Proof: `Issuance::Released` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Streams` (r:1 w:1)
	/// Proof: `Issuance::Streams` (`max_values`: None, `max_size`: Some(1201), added: 3676, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Streaming` (r:1 w:1)
	/// Proof: `Issuance::Streaming` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	fn claim_reward() -> Weight {
		// Minimum execution time: 168_156_000 picoseconds.
		Weight::from_parts(183_687_000, 16056)
			.saturating_add(T::DbWeight::get().reads(16_u64))
			.saturating_add(T::DbWeight::get().writes(10_u64))
	}
	/// Storage: `Issuance::Streams` (r:1 w:1)
	/// Proof: `Issuance::Streams` (`max_values`: None, `max_size`: Some(1201), added: 3676, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Streaming` (r:1 w:1)
	/// Proof: `Issuance::Streaming` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim_unlocked() -> Weight {
		// Minimum execution time: 77_120_000 picoseconds.
		Weight::from_parts(87_019_000, 6196)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Issuance::Vestings` (r:1 w:1)
	/// Proof: `Issuance::Vestings` (`max_values`: None, `max_size`: Some(105), added: 2580, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Released` (r:1 w:1)
	/// Proof: `Issuance::Released` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim_vested() -> Weight {
		// Minimum execution time: 77_892_000 picoseconds.
		Weight::from_parts(87_111_000, 6196)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:0)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:6 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::OldestEra` (r:1 w:0)
	/// Proof: `Issuance::OldestEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn watch() -> Weight {
		// Minimum execution time: 23_101_000 picoseconds.
		Weight::from_parts(26_640_000, 16056)
			.saturating_add(T::DbWeight::get().reads(9_u64))
	}
	/// Storage: `Issuance::CurrentEra` (r:1 w:1)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:2)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Advance` (r:1 w:0)
	/// Proof: `Issuance::Advance` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:6 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Minted` (r:1 w:1)
	/// Proof: `Issuance::Minted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Emitted` (r:1 w:1)
	/// Proof: `Issuance::Emitted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Unspent` (r:1 w:1)
	/// Proof: `Issuance::Unspent` (`max_values`: Some(1), `max_size`: Some(490), added: 985, mode: `MaxEncodedLen`)
	fn end_era() -> Weight {
		// Minimum execution time: 120_688_000 picoseconds.
		Weight::from_parts(135_294_000, 16056)
			.saturating_add(T::DbWeight::get().reads(13_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:1 w:1)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	fn note_author() -> Weight {
		// Minimum execution time: 13_079_000 picoseconds.
		Weight::from_parts(15_647_000, 3707)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Issuance::Runs` (r:1 w:1)
	/// Proof: `Issuance::Runs` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	fn proved() -> Weight {
		// Minimum execution time: 24_748_000 picoseconds.
		Weight::from_parts(29_242_000, 3707)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:8 w:8)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Unspent` (r:1 w:1)
	/// Proof: `Issuance::Unspent` (`max_values`: Some(1), `max_size`: Some(490), added: 985, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 8]`.
	fn settled(p: u32, ) -> Weight {
		// Minimum execution time: 16_424_000 picoseconds.
		Weight::from_parts(14_722_074, 3707)
			// Standard Error: 3_843
			.saturating_add(Weight::from_parts(3_687_015, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes(2_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 2579).saturating_mul(p.into()))
	}
	/// Storage: `Issuance::Unspent` (r:1 w:1)
	/// Proof: `Issuance::Unspent` (`max_values`: Some(1), `max_size`: Some(490), added: 985, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Carried` (r:1 w:1)
	/// Proof: `Issuance::Carried` (`max_values`: Some(1), `max_size`: Some(64), added: 559, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:8 w:8)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// The range of component `e` is `[1, 8]`.
	fn bought(e: u32, ) -> Weight {
		// Minimum execution time: 20_246_000 picoseconds.
		Weight::from_parts(18_704_486, 1975)
			// Standard Error: 14_303
			.saturating_add(Weight::from_parts(6_519_371, 0).saturating_mul(e.into()))
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(e.into())))
			.saturating_add(T::DbWeight::get().writes(2_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(e.into())))
			.saturating_add(Weight::from_parts(0, 2717).saturating_mul(e.into()))
	}
	/// Storage: `Issuance::OldestEra` (r:1 w:1)
	/// Proof: `Issuance::OldestEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:129 w:128)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:0 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 128]`.
	fn prune(n: u32, ) -> Weight {
		// Minimum execution time: 16_961_000 picoseconds.
		Weight::from_parts(20_842_203, 3569)
			// Standard Error: 3_132
			.saturating_add(Weight::from_parts(5_204_109, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(2_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2579).saturating_mul(n.into()))
	}
	/// Storage: `Issuance::LookedAt` (r:1 w:1)
	/// Proof: `Issuance::LookedAt` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Runs` (r:2 w:1)
	/// Proof: `Issuance::Runs` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	fn look_at_run() -> Weight {
		// Minimum execution time: 12_076_000 picoseconds.
		Weight::from_parts(14_403_000, 6052)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
}

// For tests.
impl WeightInfo for () {
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:1 w:1)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:6 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Minted` (r:1 w:1)
	/// Proof: `Issuance::Minted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:3 w:3)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Emitted` (r:1 w:1)
	/// Proof: `Issuance::Emitted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Released` (r:1 w:1)
	/// Proof: `Issuance::Released` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Streams` (r:1 w:1)
	/// Proof: `Issuance::Streams` (`max_values`: None, `max_size`: Some(1201), added: 3676, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Streaming` (r:1 w:1)
	/// Proof: `Issuance::Streaming` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	fn claim_reward() -> Weight {
		// Minimum execution time: 168_156_000 picoseconds.
		Weight::from_parts(183_687_000, 16056)
			.saturating_add(RocksDbWeight::get().reads(16_u64))
			.saturating_add(RocksDbWeight::get().writes(10_u64))
	}
	/// Storage: `Issuance::Streams` (r:1 w:1)
	/// Proof: `Issuance::Streams` (`max_values`: None, `max_size`: Some(1201), added: 3676, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Streaming` (r:1 w:1)
	/// Proof: `Issuance::Streaming` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim_unlocked() -> Weight {
		// Minimum execution time: 77_120_000 picoseconds.
		Weight::from_parts(87_019_000, 6196)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	/// Storage: `Issuance::Vestings` (r:1 w:1)
	/// Proof: `Issuance::Vestings` (`max_values`: None, `max_size`: Some(105), added: 2580, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Released` (r:1 w:1)
	/// Proof: `Issuance::Released` (`max_values`: None, `max_size`: Some(25), added: 2500, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:2 w:2)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim_vested() -> Weight {
		// Minimum execution time: 77_892_000 picoseconds.
		Weight::from_parts(87_111_000, 6196)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:0)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:6 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::OldestEra` (r:1 w:0)
	/// Proof: `Issuance::OldestEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn watch() -> Weight {
		// Minimum execution time: 23_101_000 picoseconds.
		Weight::from_parts(26_640_000, 16056)
			.saturating_add(RocksDbWeight::get().reads(9_u64))
	}
	/// Storage: `Issuance::CurrentEra` (r:1 w:1)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:2)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Advance` (r:1 w:0)
	/// Proof: `Issuance::Advance` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:6 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Minted` (r:1 w:1)
	/// Proof: `Issuance::Minted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Emitted` (r:1 w:1)
	/// Proof: `Issuance::Emitted` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Unspent` (r:1 w:1)
	/// Proof: `Issuance::Unspent` (`max_values`: Some(1), `max_size`: Some(490), added: 985, mode: `MaxEncodedLen`)
	fn end_era() -> Weight {
		// Minimum execution time: 120_688_000 picoseconds.
		Weight::from_parts(135_294_000, 16056)
			.saturating_add(RocksDbWeight::get().reads(13_u64))
			.saturating_add(RocksDbWeight::get().writes(7_u64))
	}
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:1 w:1)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	fn note_author() -> Weight {
		// Minimum execution time: 13_079_000 picoseconds.
		Weight::from_parts(15_647_000, 3707)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	/// Storage: `Issuance::Runs` (r:1 w:1)
	/// Proof: `Issuance::Runs` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	fn proved() -> Weight {
		// Minimum execution time: 24_748_000 picoseconds.
		Weight::from_parts(29_242_000, 3707)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:8 w:8)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Unspent` (r:1 w:1)
	/// Proof: `Issuance::Unspent` (`max_values`: Some(1), `max_size`: Some(490), added: 985, mode: `MaxEncodedLen`)
	/// The range of component `p` is `[1, 8]`.
	fn settled(p: u32, ) -> Weight {
		// Minimum execution time: 16_424_000 picoseconds.
		Weight::from_parts(14_722_074, 3707)
			// Standard Error: 3_843
			.saturating_add(Weight::from_parts(3_687_015, 0).saturating_mul(p.into()))
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(p.into())))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 2579).saturating_mul(p.into()))
	}
	/// Storage: `Issuance::Unspent` (r:1 w:1)
	/// Proof: `Issuance::Unspent` (`max_values`: Some(1), `max_size`: Some(490), added: 985, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Carried` (r:1 w:1)
	/// Proof: `Issuance::Carried` (`max_values`: Some(1), `max_size`: Some(64), added: 559, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:8 w:8)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// The range of component `e` is `[1, 8]`.
	fn bought(e: u32, ) -> Weight {
		// Minimum execution time: 20_246_000 picoseconds.
		Weight::from_parts(18_704_486, 1975)
			// Standard Error: 14_303
			.saturating_add(Weight::from_parts(6_519_371, 0).saturating_mul(e.into()))
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(e.into())))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(e.into())))
			.saturating_add(Weight::from_parts(0, 2717).saturating_mul(e.into()))
	}
	/// Storage: `Issuance::OldestEra` (r:1 w:1)
	/// Proof: `Issuance::OldestEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:129 w:128)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:0 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 128]`.
	fn prune(n: u32, ) -> Weight {
		// Minimum execution time: 16_961_000 picoseconds.
		Weight::from_parts(20_842_203, 3569)
			// Standard Error: 3_132
			.saturating_add(Weight::from_parts(5_204_109, 0).saturating_mul(n.into()))
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 2579).saturating_mul(n.into()))
	}
	/// Storage: `Issuance::LookedAt` (r:1 w:1)
	/// Proof: `Issuance::LookedAt` (`max_values`: Some(1), `max_size`: Some(32), added: 527, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Runs` (r:2 w:1)
	/// Proof: `Issuance::Runs` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	fn look_at_run() -> Weight {
		// Minimum execution time: 12_076_000 picoseconds.
		Weight::from_parts(14_403_000, 6052)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
			.saturating_add(RocksDbWeight::get().writes(2_u64))
	}
}
