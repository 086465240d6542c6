//! Weights of `pallet_proof_of_compute`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

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
		// Minimum execution time: 27_602_000 picoseconds.
		Weight::from_parts(28_515_000, 0)
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:1 w:1)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(3378), added: 5853, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	fn assign_task() -> Weight {
		// Minimum execution time: 104_153_000 picoseconds.
		Weight::from_parts(116_267_000, 6843)
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:1 w:0)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(3378), added: 5853, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:0)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	fn look_at_candidate() -> Weight {
		// Minimum execution time: 59_453_000 picoseconds.
		Weight::from_parts(63_994_000, 6843)
			.saturating_add(T::DbWeight::get().reads(7_u64))
	}
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	fn pass_over_candidate() -> Weight {
		// Minimum execution time: 25_043_000 picoseconds.
		Weight::from_parts(26_527_000, 3650)
			.saturating_add(T::DbWeight::get().reads(2_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:7 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:7)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:7 w:7)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(3378), added: 5853, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:7 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:7 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:7 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// The range of component `a` is `[1, 7]`.
	fn draw_audit(a: u32, ) -> Weight {
		// Minimum execution time: 116_399_000 picoseconds.
		Weight::from_parts(99_065_666, 5007)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(30_748_333, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(3_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 5853).saturating_mul(a.into()))
	}
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:6 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:6 w:5)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:5 w:5)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(3378), added: 5853, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:5 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:5 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:5 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	fn draw_jury() -> Weight {
		// Minimum execution time: 237_297_000 picoseconds.
		Weight::from_parts(255_643_000, 30255)
			.saturating_add(T::DbWeight::get().reads(36_u64))
			.saturating_add(T::DbWeight::get().writes(12_u64))
	}
	/// Storage: `ProofOfCompute::Deadlines` (r:1 w:0)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn sweep_block() -> Weight {
		// Minimum execution time: 4_747_000 picoseconds.
		Weight::from_parts(5_173_000, 3497)
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	fn commit() -> Weight {
		// Minimum execution time: 84_552_000 picoseconds.
		Weight::from_parts(95_576_000, 5007)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:1 w:1)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(3378), added: 5853, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	fn report_failure() -> Weight {
		// Minimum execution time: 108_145_000 picoseconds.
		Weight::from_parts(111_613_000, 6843)
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	fn seal() -> Weight {
		// Minimum execution time: 46_431_000 picoseconds.
		Weight::from_parts(49_516_000, 5007)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:8 w:8)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(3378), added: 5853, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:8 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn open(l: u32, ) -> Weight {
		// Minimum execution time: 215_795_000 picoseconds.
		Weight::from_parts(226_257_490, 47814)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(844_509, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(30_u64))
			.saturating_add(T::DbWeight::get().writes(21_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:8 w:8)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(3378), added: 5853, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:8 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
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
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:1)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 32]`.
	/// The range of component `a` is `[1, 7]`.
	fn open_right(l: u32, a: u32, ) -> Weight {
		// Minimum execution time: 295_901_000 picoseconds.
		Weight::from_parts(225_177_451, 6843)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_394_193, 0).saturating_mul(l.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(42_624_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(13_u64))
			.saturating_add(T::DbWeight::get().reads((6_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(14_u64))
			.saturating_add(T::DbWeight::get().writes((5_u64).saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 5853).saturating_mul(a.into()))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:8 w:8)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(3378), added: 5853, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:9 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:9 w:9)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:8 w:8)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:1)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 32]`.
	/// The range of component `a` is `[1, 7]`.
	fn open_right_native(l: u32, a: u32, ) -> Weight {
		// Minimum execution time: 293_842_000 picoseconds.
		Weight::from_parts(186_476_000, 6843)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_944_750, 0).saturating_mul(l.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(54_297_000, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().reads((5_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(12_u64))
			.saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 5853).saturating_mul(a.into()))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:64 w:64)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// The range of component `r` is `[1, 64]`.
	fn report_many(r: u32, ) -> Weight {
		// Minimum execution time: 19_530_000 picoseconds.
		Weight::from_parts(11_634_258, 990)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(9_947_741, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(r.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(r.into())))
			.saturating_add(Weight::from_parts(0, 4017).saturating_mul(r.into()))
	}
	/// The range of component `h` is `[1, 14336]`.
	fn hash_nodes(h: u32, ) -> Weight {
		// Minimum execution time: 716_000 picoseconds.
		Weight::from_parts(312_410, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(453_589, 0).saturating_mul(h.into()))
	}
	/// Storage: `ProofOfCompute::Deadlines` (r:1 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	fn refile_task() -> Weight {
		// Minimum execution time: 10_979_000 picoseconds.
		Weight::from_parts(12_039_000, 5007)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:13 w:13)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(3378), added: 5853, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:13 w:13)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:13 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:10 w:10)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:10)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:2)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	fn expire_task() -> Weight {
		// Minimum execution time: 429_419_000 picoseconds.
		Weight::from_parts(445_328_000, 77079)
			.saturating_add(T::DbWeight::get().reads(54_u64))
			.saturating_add(T::DbWeight::get().writes(51_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Duties` (r:13 w:13)
	/// Proof: `ProofOfCompute::Duties` (`max_values`: None, `max_size`: Some(3378), added: 5853, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:13 w:13)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(185), added: 2660, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:13 w:0)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:8 w:8)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:0 w:8)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(28), added: 2503, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn reveal(l: u32, ) -> Weight {
		// Minimum execution time: 404_628_000 picoseconds.
		Weight::from_parts(420_693_176, 77079)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(326_471, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(52_u64))
			.saturating_add(T::DbWeight::get().writes(45_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	fn challenge() -> Weight {
		// Minimum execution time: 118_986_000 picoseconds.
		Weight::from_parts(124_325_000, 5007)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	fn report_unavailable() -> Weight {
		// Minimum execution time: 125_331_000 picoseconds.
		Weight::from_parts(139_874_000, 5007)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	fn authorize_report() -> Weight {
		// Minimum execution time: 78_959_000 picoseconds.
		Weight::from_parts(83_032_000, 6067)
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(929), added: 3404, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	fn authorize_commit() -> Weight {
		// Minimum execution time: 90_772_000 picoseconds.
		Weight::from_parts(96_076_000, 6067)
			.saturating_add(T::DbWeight::get().reads(3_u64))
	}
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// The range of component `r` is `[1, 64]`.
	fn authorize_report_many(r: u32, ) -> Weight {
		// Minimum execution time: 56_660_000 picoseconds.
		Weight::from_parts(57_638_142, 6067)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(3_083_428, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn authorize_open(l: u32, ) -> Weight {
		// Minimum execution time: 78_210_000 picoseconds.
		Weight::from_parts(78_929_666, 6067)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(353_294, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
}
