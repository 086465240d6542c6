//! Weights of `pallet_proof_of_compute`, measured by `make bench` with 10 steps and 20 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `pallet_proof_of_compute` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_proof_of_compute::WeightInfo for WeightInfo<T> {
	fn fold_in() -> Weight {
		// Minimum execution time: 26_082_000 picoseconds.
		Weight::from_parts(27_020_000, 0)
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	fn assign_task() -> Weight {
		// Minimum execution time: 84_058_000 picoseconds.
		Weight::from_parts(92_229_000, 7007)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:0)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	fn look_at_candidate() -> Weight {
		// Minimum execution time: 41_130_000 picoseconds.
		Weight::from_parts(44_165_000, 7007)
			.saturating_add(T::DbWeight::get().reads(5_u64))
	}
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	fn pass_over_candidate() -> Weight {
		// Minimum execution time: 25_190_000 picoseconds.
		Weight::from_parts(26_216_000, 7007)
			.saturating_add(T::DbWeight::get().reads(2_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:7 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:7)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// The range of component `a` is `[1, 7]`.
	fn draw_audit(a: u32, ) -> Weight {
		// Minimum execution time: 82_854_000 picoseconds.
		Weight::from_parts(72_121_000, 7007)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(14_944_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 6017).saturating_mul(a.into()))
	}
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:6 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:6 w:5)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	fn draw_jury() -> Weight {
		// Minimum execution time: 145_033_000 picoseconds.
		Weight::from_parts(148_323_000, 37092)
			.saturating_add(T::DbWeight::get().reads(15_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	/// Storage: `ProofOfCompute::Deadlines` (r:1 w:0)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn sweep_block() -> Weight {
		// Minimum execution time: 9_000_000 picoseconds.
		Weight::from_parts(9_000_000, 4317)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ProofOfCompute::Deadlines` (r:63 w:63)
	/// Storage: `ProofOfCompute::Tasks` (r:4000 w:0)
	/// The range of component `n` is `[0, 4000]`.
	fn sweep_tasks(n: u32, ) -> Weight {
		// Minimum execution time: 30_000_000 picoseconds.
		Weight::from_parts(30_000_000, 4317)
			.saturating_add(Weight::from_parts(6_000_000, 4_100).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Standings` (r:2 w:2)
	/// Storage: `Workers::Available` (r:1 w:2)
	fn report_devices() -> Weight {
		// Minimum execution time: 60_000_000 picoseconds.
		Weight::from_parts(60_000_000, 13024)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	fn commit() -> Weight {
		// Minimum execution time: 67_577_000 picoseconds.
		Weight::from_parts(70_951_000, 7007)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	fn report_failure() -> Weight {
		// Minimum execution time: 73_210_000 picoseconds.
		Weight::from_parts(79_344_000, 7007)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	fn seal() -> Weight {
		// Minimum execution time: 37_356_000 picoseconds.
		Weight::from_parts(39_329_000, 5007)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn open(l: u32, ) -> Weight {
		// Minimum execution time: 160_854_000 picoseconds.
		Weight::from_parts(181_193_180, 49126)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(822_819, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(12_u64))
			.saturating_add(T::DbWeight::get().writes(12_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:9 w:9)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:8 w:8)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:8 w:8)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:1)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 32]`.
	/// The range of component `a` is `[1, 7]`.
	fn open_right(l: u32, a: u32, ) -> Weight {
		// Minimum execution time: 259_004_000 picoseconds.
		Weight::from_parts(187_843_796, 7007)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_372_814, 0).saturating_mul(l.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(40_741_500, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(12_u64))
			.saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 6017).saturating_mul(a.into()))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:9 w:9)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:8 w:8)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:1)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 32]`.
	/// The range of component `a` is `[1, 7]`.
	fn open_right_native(l: u32, a: u32, ) -> Weight {
		// Minimum execution time: 267_374_000 picoseconds.
		Weight::from_parts(199_190_266, 7007)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_337_600, 0).saturating_mul(l.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(45_661_333, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(10_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 6017).saturating_mul(a.into()))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:64 w:64)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// The range of component `r` is `[1, 64]`.
	fn report_many(r: u32, ) -> Weight {
		// Minimum execution time: 20_563_000 picoseconds.
		Weight::from_parts(13_795_428, 990)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(10_574_196, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(r.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(r.into())))
			.saturating_add(Weight::from_parts(0, 4017).saturating_mul(r.into()))
	}
	/// The range of component `h` is `[1, 14336]`.
	fn hash_nodes(h: u32, ) -> Weight {
		// Minimum execution time: 741_000 picoseconds.
		Weight::from_parts(366_878, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(476_121, 0).saturating_mul(h.into()))
	}
	/// Storage: `ProofOfCompute::Deadlines` (r:1 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	fn refile_task() -> Weight {
		// Minimum execution time: 12_439_000 picoseconds.
		Weight::from_parts(14_135_000, 5007)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	fn count_region() -> Weight {
		// Minimum execution time: 2_832_000 picoseconds.
		Weight::from_parts(3_225_000, 3510)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:13 w:13)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:10 w:10)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:10)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn expire_task() -> Weight {
		// Minimum execution time: 371_497_000 picoseconds.
		Weight::from_parts(381_632_000, 79211)
			.saturating_add(T::DbWeight::get().reads(26_u64))
			.saturating_add(T::DbWeight::get().writes(37_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:13 w:13)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3542), added: 6017, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:8 w:8)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:8)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn reveal(l: u32, ) -> Weight {
		// Minimum execution time: 337_797_000 picoseconds.
		Weight::from_parts(355_980_651, 79211)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(338_348, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(24_u64))
			.saturating_add(T::DbWeight::get().writes(31_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	fn challenge() -> Weight {
		// Minimum execution time: 107_958_000 picoseconds.
		Weight::from_parts(114_240_000, 5007)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	fn report_unavailable() -> Weight {
		// Minimum execution time: 108_360_000 picoseconds.
		Weight::from_parts(117_282_000, 5007)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	fn authorize_report() -> Weight {
		// Minimum execution time: 76_441_000 picoseconds.
		Weight::from_parts(81_327_000, 6067)
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	fn authorize_commit() -> Weight {
		// Minimum execution time: 79_075_000 picoseconds.
		Weight::from_parts(82_495_000, 6067)
			.saturating_add(T::DbWeight::get().reads(2_u64))
	}
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// The range of component `r` is `[1, 64]`.
	fn authorize_report_many(r: u32, ) -> Weight {
		// Minimum execution time: 54_952_000 picoseconds.
		Weight::from_parts(54_967_857, 6067)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(3_101_142, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn authorize_open(l: u32, ) -> Weight {
		// Minimum execution time: 75_699_000 picoseconds.
		Weight::from_parts(90_338_718, 6067)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(361_854, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
}
