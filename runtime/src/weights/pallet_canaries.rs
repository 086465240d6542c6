//! Weights of `pallet_canaries`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `pallet_canaries` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_canaries::WeightInfo for WeightInfo<T> {
	/// Storage: `Jobs::Kernels` (r:4 w:4)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	fn set_plan() -> Weight {
		// Minimum execution time: 53_300_144 picoseconds.
		Weight::from_parts(55_727_208, 13294)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	fn claim() -> Weight {
		// Minimum execution time: 19_607_695 picoseconds.
		Weight::from_parts(23_756_854, 7011)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn watch() -> Weight {
		// Minimum execution time: 2_767_033 picoseconds.
		Weight::from_parts(4_064_340, 0)
	}
	/// Storage: `Jobs::Kernels` (r:2 w:2)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	fn open_round() -> Weight {
		// Minimum execution time: 20_037_350 picoseconds.
		Weight::from_parts(22_045_882, 7142)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Jobs::Kernels` (r:2 w:2)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	fn close_round() -> Weight {
		// Minimum execution time: 11_266_273 picoseconds.
		Weight::from_parts(14_083_363, 7142)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	fn meet_worker() -> Weight {
		// Minimum execution time: 10_534_191 picoseconds.
		Weight::from_parts(12_770_065, 7011)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:2 w:0)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashCounts` (r:1 w:1)
	/// Proof: `Workers::DueSlashCounts` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:1 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(538), added: 3013, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	fn sweep_worker() -> Weight {
		// Minimum execution time: 56_606_679 picoseconds.
		Weight::from_parts(59_961_880, 9024)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:1 w:1)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:0 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn settle_canary() -> Weight {
		// Minimum execution time: 38_139_863 picoseconds.
		Weight::from_parts(40_436_918, 7011)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn fail_canary() -> Weight {
		// Minimum execution time: 29_746_299 picoseconds.
		Weight::from_parts(32_189_352, 7011)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
}
