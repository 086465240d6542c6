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
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	fn set_plan() -> Weight {
		// Minimum execution time: 61_203_000 picoseconds.
		Weight::from_parts(67_300_000, 12042)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	fn claim() -> Weight {
		// Minimum execution time: 29_743_000 picoseconds.
		Weight::from_parts(33_049_000, 6067)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn watch() -> Weight {
		// Minimum execution time: 3_095_000 picoseconds.
		Weight::from_parts(3_396_000, 0)
	}
	/// Storage: `Jobs::Kernels` (r:2 w:2)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	fn open_round() -> Weight {
		// Minimum execution time: 24_156_000 picoseconds.
		Weight::from_parts(26_996_000, 6516)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Jobs::Kernels` (r:2 w:2)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	fn close_round() -> Weight {
		// Minimum execution time: 15_993_000 picoseconds.
		Weight::from_parts(17_153_000, 6516)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	fn meet_worker() -> Weight {
		// Minimum execution time: 20_353_000 picoseconds.
		Weight::from_parts(21_426_000, 6067)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:2 w:0)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn sweep_worker() -> Weight {
		// Minimum execution time: 69_080_000 picoseconds.
		Weight::from_parts(77_540_000, 9024)
			.saturating_add(T::DbWeight::get().reads(9_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Runs` (r:1 w:1)
	/// Proof: `Issuance::Runs` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Eras` (r:1 w:1)
	/// Proof: `Issuance::Eras` (`max_values`: None, `max_size`: Some(242), added: 2717, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:1 w:1)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Workers::AvailableCount` (r:1 w:1)
	/// Proof: `Workers::AvailableCount` (`max_values`: None, `max_size`: Some(13), added: 2488, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:0 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn settle_canary() -> Weight {
		// Minimum execution time: 64_178_000 picoseconds.
		Weight::from_parts(69_176_000, 6067)
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Workers::AvailableCount` (r:1 w:1)
	/// Proof: `Workers::AvailableCount` (`max_values`: None, `max_size`: Some(13), added: 2488, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:1)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn fail_canary() -> Weight {
		// Minimum execution time: 36_556_000 picoseconds.
		Weight::from_parts(38_568_000, 3650)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
}
