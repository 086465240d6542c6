//! Weights of `pallet_proof_of_compute`, measured by `make bench` with 8 steps and 4 repeats on: Intel(R) Xeon(R) Processor.

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

/// Weight functions needed for `pallet_proof_of_compute`.
pub trait WeightInfo {
	fn fold_in() -> Weight;
	fn assign_task() -> Weight;
	fn draw_audit() -> Weight;
	fn sweep_block() -> Weight;
	fn commit() -> Weight;
	fn report_failure() -> Weight;
	fn seal() -> Weight;
	fn open(l: u32, ) -> Weight;
	fn expire_task() -> Weight;
	fn authorize_report() -> Weight;
	fn authorize_open(l: u32, ) -> Weight;
}

/// Weights for `pallet_proof_of_compute` with the database of the runtime.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `ProofOfCompute::RunningEntropy` (r:1 w:1)
	/// Proof: `ProofOfCompute::RunningEntropy` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	fn fold_in() -> Weight {
		// Minimum execution time: 4_677_000 picoseconds.
		Weight::from_parts(5_705_000, 1525)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ProofOfCompute::WaitingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::WaitingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(913), added: 3388, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:1 w:0)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(284), added: 2759, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::RunningEntropy` (r:1 w:0)
	/// Proof: `ProofOfCompute::RunningEntropy` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `Workers::AvailableCount` (r:3 w:0)
	/// Proof: `Workers::AvailableCount` (`max_values`: None, `max_size`: Some(13), added: 2488, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:1 w:1)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(465), added: 2940, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2586), added: 5061, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn assign_task() -> Weight {
		// Minimum execution time: 213_212_000 picoseconds.
		Weight::from_parts(226_689_000, 31122)
			.saturating_add(T::DbWeight::get().reads(28_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `ProofOfCompute::DrawingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::DrawingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::RunningEntropy` (r:1 w:0)
	/// Proof: `ProofOfCompute::RunningEntropy` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(913), added: 3388, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:1 w:0)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(284), added: 2759, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Workers::AvailableCount` (r:3 w:0)
	/// Proof: `Workers::AvailableCount` (`max_values`: None, `max_size`: Some(13), added: 2488, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:7 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:7 w:7)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(465), added: 2940, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:7 w:7)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:7 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:7 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2586), added: 5061, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn draw_audit() -> Weight {
		// Minimum execution time: 501_888_000 picoseconds.
		Weight::from_parts(518_438_000, 36417)
			.saturating_add(T::DbWeight::get().reads(57_u64))
			.saturating_add(T::DbWeight::get().writes(19_u64))
	}
	/// Storage: `ProofOfCompute::Swept` (r:1 w:1)
	/// Proof: `ProofOfCompute::Swept` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:1 w:0)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn sweep_block() -> Weight {
		// Minimum execution time: 8_645_000 picoseconds.
		Weight::from_parts(10_203_000, 3497)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(913), added: 3388, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:1 w:0)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(284), added: 2759, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::RunningEntropy` (r:1 w:0)
	/// Proof: `ProofOfCompute::RunningEntropy` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::DrawingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::DrawingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Drawing` (r:0 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn commit() -> Weight {
		// Minimum execution time: 181_720_000 picoseconds.
		Weight::from_parts(194_153_000, 31122)
			.saturating_add(T::DbWeight::get().reads(20_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:1 w:1)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(465), added: 2940, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Workers::ActiveCount` (r:1 w:0)
	/// Proof: `Workers::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::WaitingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::WaitingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:0 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn report_failure() -> Weight {
		// Minimum execution time: 154_494_000 picoseconds.
		Weight::from_parts(165_723_000, 31122)
			.saturating_add(T::DbWeight::get().reads(19_u64))
			.saturating_add(T::DbWeight::get().writes(8_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn seal() -> Weight {
		// Minimum execution time: 98_519_000 picoseconds.
		Weight::from_parts(108_190_000, 31122)
			.saturating_add(T::DbWeight::get().reads(13_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(913), added: 3388, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:1 w:0)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(284), added: 2759, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:8 w:8)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(465), added: 2940, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:8 w:8)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Workers::ActiveCount` (r:1 w:0)
	/// Proof: `Workers::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::WaitingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::WaitingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:0 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn open(l: u32, ) -> Weight {
		// Minimum execution time: 740_225_000 picoseconds.
		Weight::from_parts(968_796_336, 31122)
			// Standard Error: 101_103
			.saturating_add(Weight::from_parts(6_303_673, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(44_u64))
			.saturating_add(T::DbWeight::get().writes(31_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:8 w:8)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(465), added: 2940, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:8 w:8)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Workers::ActiveCount` (r:1 w:0)
	/// Proof: `Workers::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::WaitingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::WaitingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:0 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn expire_task() -> Weight {
		// Minimum execution time: 697_020_000 picoseconds.
		Weight::from_parts(731_189_000, 31122)
			.saturating_add(T::DbWeight::get().reads(41_u64))
			.saturating_add(T::DbWeight::get().writes(31_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:0)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2586), added: 5061, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn authorize_report() -> Weight {
		// Minimum execution time: 120_191_000 picoseconds.
		Weight::from_parts(125_593_000, 6051)
			.saturating_add(T::DbWeight::get().reads(3_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:0)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2586), added: 5061, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn authorize_open(l: u32, ) -> Weight {
		// Minimum execution time: 127_947_000 picoseconds.
		Weight::from_parts(215_513_132, 6051)
			// Standard Error: 27_953
			.saturating_add(Weight::from_parts(3_471_946, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
	}
}

// For tests.
impl WeightInfo for () {
	/// Storage: `ProofOfCompute::RunningEntropy` (r:1 w:1)
	/// Proof: `ProofOfCompute::RunningEntropy` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	fn fold_in() -> Weight {
		// Minimum execution time: 4_677_000 picoseconds.
		Weight::from_parts(5_705_000, 1525)
			.saturating_add(RocksDbWeight::get().reads(1_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `ProofOfCompute::WaitingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::WaitingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(913), added: 3388, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:1 w:0)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(284), added: 2759, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::RunningEntropy` (r:1 w:0)
	/// Proof: `ProofOfCompute::RunningEntropy` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `Workers::AvailableCount` (r:3 w:0)
	/// Proof: `Workers::AvailableCount` (`max_values`: None, `max_size`: Some(13), added: 2488, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:1 w:1)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(465), added: 2940, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2586), added: 5061, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn assign_task() -> Weight {
		// Minimum execution time: 213_212_000 picoseconds.
		Weight::from_parts(226_689_000, 31122)
			.saturating_add(RocksDbWeight::get().reads(28_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	/// Storage: `ProofOfCompute::DrawingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::DrawingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::RunningEntropy` (r:1 w:0)
	/// Proof: `ProofOfCompute::RunningEntropy` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(913), added: 3388, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:1 w:0)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(284), added: 2759, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Workers::AvailableCount` (r:3 w:0)
	/// Proof: `Workers::AvailableCount` (`max_values`: None, `max_size`: Some(13), added: 2488, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:7 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:7 w:7)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(465), added: 2940, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:7 w:7)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:7 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:7 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2586), added: 5061, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn draw_audit() -> Weight {
		// Minimum execution time: 501_888_000 picoseconds.
		Weight::from_parts(518_438_000, 36417)
			.saturating_add(RocksDbWeight::get().reads(57_u64))
			.saturating_add(RocksDbWeight::get().writes(19_u64))
	}
	/// Storage: `ProofOfCompute::Swept` (r:1 w:1)
	/// Proof: `ProofOfCompute::Swept` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:1 w:0)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn sweep_block() -> Weight {
		// Minimum execution time: 8_645_000 picoseconds.
		Weight::from_parts(10_203_000, 3497)
			.saturating_add(RocksDbWeight::get().reads(2_u64))
			.saturating_add(RocksDbWeight::get().writes(1_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(913), added: 3388, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:1 w:0)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(284), added: 2759, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::RunningEntropy` (r:1 w:0)
	/// Proof: `ProofOfCompute::RunningEntropy` (`max_values`: Some(1), `max_size`: Some(40), added: 535, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::DrawingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::DrawingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Drawing` (r:0 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn commit() -> Weight {
		// Minimum execution time: 181_720_000 picoseconds.
		Weight::from_parts(194_153_000, 31122)
			.saturating_add(RocksDbWeight::get().reads(20_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:1 w:1)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(465), added: 2940, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `Workers::ActiveCount` (r:1 w:0)
	/// Proof: `Workers::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::WaitingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::WaitingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:0 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn report_failure() -> Weight {
		// Minimum execution time: 154_494_000 picoseconds.
		Weight::from_parts(165_723_000, 31122)
			.saturating_add(RocksDbWeight::get().reads(19_u64))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn seal() -> Weight {
		// Minimum execution time: 98_519_000 picoseconds.
		Weight::from_parts(108_190_000, 31122)
			.saturating_add(RocksDbWeight::get().reads(13_u64))
			.saturating_add(RocksDbWeight::get().writes(3_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(913), added: 3388, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:1 w:0)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(284), added: 2759, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:8 w:8)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(465), added: 2940, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:8 w:8)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Workers::ActiveCount` (r:1 w:0)
	/// Proof: `Workers::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::WaitingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::WaitingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:0 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn open(l: u32, ) -> Weight {
		// Minimum execution time: 740_225_000 picoseconds.
		Weight::from_parts(968_796_336, 31122)
			// Standard Error: 101_103
			.saturating_add(Weight::from_parts(6_303_673, 0).saturating_mul(l.into()))
			.saturating_add(RocksDbWeight::get().reads(44_u64))
			.saturating_add(RocksDbWeight::get().writes(31_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Parameters::Parameters` (r:12 w:0)
	/// Proof: `Parameters::Parameters` (`max_values`: None, `max_size`: Some(36), added: 2511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:8 w:8)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(465), added: 2940, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(83), added: 2558, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(157), added: 2632, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:8 w:8)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Workers::ActiveCount` (r:1 w:0)
	/// Proof: `Workers::ActiveCount` (`max_values`: Some(1), `max_size`: Some(4), added: 499, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::WaitingEnds` (r:1 w:1)
	/// Proof: `ProofOfCompute::WaitingEnds` (`max_values`: Some(1), `max_size`: Some(16), added: 511, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:0 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	fn expire_task() -> Weight {
		// Minimum execution time: 697_020_000 picoseconds.
		Weight::from_parts(731_189_000, 31122)
			.saturating_add(RocksDbWeight::get().reads(41_u64))
			.saturating_add(RocksDbWeight::get().writes(31_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:0)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2586), added: 5061, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn authorize_report() -> Weight {
		// Minimum execution time: 120_191_000 picoseconds.
		Weight::from_parts(125_593_000, 6051)
			.saturating_add(RocksDbWeight::get().reads(3_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:0)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(923), added: 3398, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2586), added: 5061, mode: `MaxEncodedLen`)
	/// Storage: `System::BlockHash` (r:1 w:0)
	/// Proof: `System::BlockHash` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn authorize_open(l: u32, ) -> Weight {
		// Minimum execution time: 127_947_000 picoseconds.
		Weight::from_parts(215_513_132, 6051)
			// Standard Error: 27_953
			.saturating_add(Weight::from_parts(3_471_946, 0).saturating_mul(l.into()))
			.saturating_add(RocksDbWeight::get().reads(3_u64))
	}
}
