//! Weights of `pallet_canaries`, measured by `make bench` with 5 steps and 3 repeats on: Intel(R) Xeon(R) Processor.

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

/// Weight functions needed for `pallet_canaries`.
pub trait WeightInfo {
	fn set_plan() -> Weight;
	fn claim() -> Weight;
	fn watch() -> Weight;
	fn open_round() -> Weight;
	fn close_round() -> Weight;
	fn meet_worker() -> Weight;
	fn sweep_worker() -> Weight;
	fn settle_canary() -> Weight;
	fn fail_canary() -> Weight;
}

/// Weights for `pallet_canaries` with the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Jobs::Kernels` (r:4 w:4)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:17 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentPlan` (r:1 w:1)
	/// Proof: `Canaries::CurrentPlan` (`max_values`: Some(1), `max_size`: Some(84), added: 579, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentRound` (r:1 w:1)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::LastRound` (r:1 w:0)
	/// Proof: `Canaries::LastRound` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::PlanSince` (r:0 w:1)
	/// Proof: `Canaries::PlanSince` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::NextOpening` (r:0 w:1)
	/// Proof: `Canaries::NextOpening` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn set_plan() -> Weight {
		// Minimum execution time: 105_509_000 picoseconds.
		Weight::from_parts(113_217_000, 43677)
			.saturating_add(T::DbWeight::get().reads(24_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::LastRound` (r:1 w:0)
	/// Proof: `Canaries::LastRound` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	fn claim() -> Weight {
		// Minimum execution time: 50_186_000 picoseconds.
		Weight::from_parts(57_952_000, 6067)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Canaries::CurrentRound` (r:1 w:0)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::NextOpening` (r:1 w:0)
	/// Proof: `Canaries::NextOpening` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentPlan` (r:1 w:0)
	/// Proof: `Canaries::CurrentPlan` (`max_values`: Some(1), `max_size`: Some(84), added: 579, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Met` (r:1 w:0)
	/// Proof: `Canaries::Met` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Workers::NextNumber` (r:1 w:0)
	/// Proof: `Workers::NextNumber` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn watch() -> Weight {
		// Minimum execution time: 18_496_000 picoseconds.
		Weight::from_parts(20_484_000, 1626)
			.saturating_add(T::DbWeight::get().reads(5_u64))
	}
	/// Storage: `Canaries::NextOpening` (r:1 w:1)
	/// Proof: `Canaries::NextOpening` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentRound` (r:1 w:1)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentPlan` (r:1 w:0)
	/// Proof: `Canaries::CurrentPlan` (`max_values`: Some(1), `max_size`: Some(84), added: 579, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::LastRound` (r:1 w:1)
	/// Proof: `Canaries::LastRound` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:2 w:2)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::RunningEntropy` (r:1 w:0)
	/// Proof: `ProofOfCompute::RunningEntropy` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Met` (r:1 w:0)
	/// Proof: `Canaries::Met` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn open_round() -> Weight {
		// Minimum execution time: 49_025_000 picoseconds.
		Weight::from_parts(53_768_000, 6516)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Jobs::Kernels` (r:2 w:2)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentRound` (r:0 w:1)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
	fn close_round() -> Weight {
		// Minimum execution time: 22_248_000 picoseconds.
		Weight::from_parts(25_985_000, 6516)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::LastRound` (r:1 w:0)
	/// Proof: `Canaries::LastRound` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn meet_worker() -> Weight {
		// Minimum execution time: 34_594_000 picoseconds.
		Weight::from_parts(38_807_000, 6067)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:2 w:0)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1537), added: 4012, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Workers::CounterForPendingSlashes` (r:1 w:1)
	/// Proof: `Workers::CounterForPendingSlashes` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Workers::NextSlash` (r:1 w:1)
	/// Proof: `Workers::NextSlash` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Swept` (r:0 w:1)
	/// Proof: `Workers::Swept` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn sweep_worker() -> Weight {
		// Minimum execution time: 103_097_000 picoseconds.
		Weight::from_parts(116_452_000, 9014)
			.saturating_add(T::DbWeight::get().reads(13_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Canaries::CurrentRound` (r:1 w:0)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
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
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
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
		// Minimum execution time: 97_209_000 picoseconds.
		Weight::from_parts(111_408_000, 6067)
			.saturating_add(T::DbWeight::get().reads(12_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `Canaries::CurrentRound` (r:1 w:0)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
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
		// Minimum execution time: 57_175_000 picoseconds.
		Weight::from_parts(66_630_000, 3650)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
}

// For tests.
impl WeightInfo for () {
	/// Storage: `Jobs::Kernels` (r:4 w:4)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:17 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentPlan` (r:1 w:1)
	/// Proof: `Canaries::CurrentPlan` (`max_values`: Some(1), `max_size`: Some(84), added: 579, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentRound` (r:1 w:1)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::LastRound` (r:1 w:0)
	/// Proof: `Canaries::LastRound` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::PlanSince` (r:0 w:1)
	/// Proof: `Canaries::PlanSince` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::NextOpening` (r:0 w:1)
	/// Proof: `Canaries::NextOpening` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn set_plan() -> Weight {
		// Minimum execution time: 105_509_000 picoseconds.
		Weight::from_parts(113_217_000, 43677)
			.saturating_add(RocksDbWeight::get().reads(24_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::LastRound` (r:1 w:0)
	/// Proof: `Canaries::LastRound` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	fn claim() -> Weight {
		// Minimum execution time: 50_186_000 picoseconds.
		Weight::from_parts(57_952_000, 6067)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Canaries::CurrentRound` (r:1 w:0)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::NextOpening` (r:1 w:0)
	/// Proof: `Canaries::NextOpening` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentPlan` (r:1 w:0)
	/// Proof: `Canaries::CurrentPlan` (`max_values`: Some(1), `max_size`: Some(84), added: 579, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Met` (r:1 w:0)
	/// Proof: `Canaries::Met` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Workers::NextNumber` (r:1 w:0)
	/// Proof: `Workers::NextNumber` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn watch() -> Weight {
		// Minimum execution time: 18_496_000 picoseconds.
		Weight::from_parts(20_484_000, 1626)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
	}
	/// Storage: `Canaries::NextOpening` (r:1 w:1)
	/// Proof: `Canaries::NextOpening` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentRound` (r:1 w:1)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentPlan` (r:1 w:0)
	/// Proof: `Canaries::CurrentPlan` (`max_values`: Some(1), `max_size`: Some(84), added: 579, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::LastRound` (r:1 w:1)
	/// Proof: `Canaries::LastRound` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:2 w:2)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::RunningEntropy` (r:1 w:0)
	/// Proof: `ProofOfCompute::RunningEntropy` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Met` (r:1 w:0)
	/// Proof: `Canaries::Met` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn open_round() -> Weight {
		// Minimum execution time: 49_025_000 picoseconds.
		Weight::from_parts(53_768_000, 6516)
			.saturating_add(RocksDbWeight::get().reads(8_u64))
			.saturating_add(RocksDbWeight::get().writes(5_u64))
	}
	/// Storage: `Jobs::Kernels` (r:2 w:2)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::CurrentRound` (r:0 w:1)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
	fn close_round() -> Weight {
		// Minimum execution time: 22_248_000 picoseconds.
		Weight::from_parts(25_985_000, 6516)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::LastRound` (r:1 w:0)
	/// Proof: `Canaries::LastRound` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn meet_worker() -> Weight {
		// Minimum execution time: 34_594_000 picoseconds.
		Weight::from_parts(38_807_000, 6067)
			.saturating_add(RocksDbWeight::get().reads(5_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `Workers::Numbers` (r:1 w:0)
	/// Proof: `Workers::Numbers` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Canaries::Records` (r:1 w:1)
	/// Proof: `Canaries::Records` (`max_values`: None, `max_size`: Some(60), added: 2535, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:2 w:0)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1537), added: 4012, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:2 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Workers::CounterForPendingSlashes` (r:1 w:1)
	/// Proof: `Workers::CounterForPendingSlashes` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `Workers::NextSlash` (r:1 w:1)
	/// Proof: `Workers::NextSlash` (`max_values`: Some(1), `max_size`: Some(8), added: 503, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Swept` (r:0 w:1)
	/// Proof: `Workers::Swept` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	fn sweep_worker() -> Weight {
		// Minimum execution time: 103_097_000 picoseconds.
		Weight::from_parts(116_452_000, 9014)
			.saturating_add(RocksDbWeight::get().reads(13_u64))
			.saturating_add(RocksDbWeight::get().writes(7_u64))
	}
	/// Storage: `Canaries::CurrentRound` (r:1 w:0)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
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
	/// Storage: `Issuance::CurrentEra` (r:1 w:0)
	/// Proof: `Issuance::CurrentEra` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
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
		// Minimum execution time: 97_209_000 picoseconds.
		Weight::from_parts(111_408_000, 6067)
			.saturating_add(RocksDbWeight::get().reads(12_u64))
			.saturating_add(RocksDbWeight::get().writes(7_u64))
	}
	/// Storage: `Canaries::CurrentRound` (r:1 w:0)
	/// Proof: `Canaries::CurrentRound` (`max_values`: Some(1), `max_size`: Some(141), added: 636, mode: `MaxEncodedLen`)
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
		// Minimum execution time: 57_175_000 picoseconds.
		Weight::from_parts(66_630_000, 3650)
			.saturating_add(RocksDbWeight::get().reads(6_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
}
