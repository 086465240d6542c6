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
		// Minimum execution time: 23_841_673 picoseconds.
		Weight::from_parts(27_207_303, 0)
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:0)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	fn assign_task() -> Weight {
		// Minimum execution time: 88_505_423 picoseconds.
		Weight::from_parts(99_487_346, 7011)
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Certificates` (r:1 w:0)
	/// Proof: `Workers::Certificates` (`max_values`: None, `max_size`: Some(64), added: 2539, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Regions` (r:1 w:0)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	fn look_at_candidate() -> Weight {
		// Minimum execution time: 43_466_054 picoseconds.
		Weight::from_parts(45_377_949, 7011)
			.saturating_add(T::DbWeight::get().reads(5_u64))
	}
	/// Storage: `Workers::Available` (r:1 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:0)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	fn pass_over_candidate() -> Weight {
		// Minimum execution time: 21_315_191 picoseconds.
		Weight::from_parts(28_355_135, 7011)
			.saturating_add(T::DbWeight::get().reads(2_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:7 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:7)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// The range of component `a` is `[1, 7]`.
	fn draw_audit(a: u32, ) -> Weight {
		// Minimum execution time: 82_125_257 picoseconds.
		Weight::from_parts(72_619_781, 7011)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(15_841_379, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(1_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 6021).saturating_mul(a.into()))
	}
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:6 w:0)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:6 w:5)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	fn draw_jury() -> Weight {
		// Minimum execution time: 136_944_489 picoseconds.
		Weight::from_parts(164_131_630, 37116)
			.saturating_add(T::DbWeight::get().reads(15_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
	}
	fn sweep_block() -> Weight {
		// Minimum execution time: 2_249_083 picoseconds.
		Weight::from_parts(2_970_041, 0)
	}
	/// Storage: `ProofOfCompute::DeadlineCounts` (r:1 w:1)
	/// Proof: `ProofOfCompute::DeadlineCounts` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:63 w:63)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(794), added: 3269, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:4000 w:0)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[0, 4000]`.
	fn sweep_tasks(n: u32, ) -> Weight {
		// Minimum execution time: 2_354_064 picoseconds.
		Weight::from_parts(2_354_064, 3481)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_483_055, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(n.into())))
			.saturating_add(Weight::from_parts(0, 4017).saturating_mul(n.into()))
	}
	/// Storage: `Workers::Standings` (r:2 w:2)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Available` (r:1 w:2)
	/// Proof: `Workers::Available` (`max_values`: None, `max_size`: Some(53), added: 2528, mode: `MaxEncodedLen`)
	fn report_devices() -> Weight {
		// Minimum execution time: 34_978_633 picoseconds.
		Weight::from_parts(40_317_337, 13032)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	fn commit() -> Weight {
		// Minimum execution time: 61_572_043 picoseconds.
		Weight::from_parts(67_869_476, 7011)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(2_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:1 w:1)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	fn report_failure() -> Weight {
		// Minimum execution time: 80_483_809 picoseconds.
		Weight::from_parts(93_941_461, 7011)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	fn seal() -> Weight {
		// Minimum execution time: 33_200_918 picoseconds.
		Weight::from_parts(35_697_505, 5007)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashCounts` (r:1 w:1)
	/// Proof: `Workers::DueSlashCounts` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:1 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(538), added: 3013, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:1 w:1)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn open(l: u32, ) -> Weight {
		// Minimum execution time: 161_620_443 picoseconds.
		Weight::from_parts(170_890_840, 49158)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(830_663, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(14_u64))
			.saturating_add(T::DbWeight::get().writes(13_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
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
	/// The range of component `l` is `[1, 32]`.
	/// The range of component `a` is `[1, 7]`.
	fn open_right(l: u32, a: u32, ) -> Weight {
		// Minimum execution time: 243_646_978 picoseconds.
		Weight::from_parts(194_928_367, 7011)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(816_496, 0).saturating_mul(l.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(41_019_987, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(10_u64))
			.saturating_add(T::DbWeight::get().reads((4_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(11_u64))
			.saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 6021).saturating_mul(a.into()))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:8 w:8)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:9 w:9)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:8 w:8)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 32]`.
	/// The range of component `a` is `[1, 7]`.
	fn open_right_native(l: u32, a: u32, ) -> Weight {
		// Minimum execution time: 256_441_376 picoseconds.
		Weight::from_parts(190_755_395, 7011)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_401_839, 0).saturating_mul(l.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(47_535_609, 0).saturating_mul(a.into()))
			.saturating_add(T::DbWeight::get().reads(8_u64))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes(9_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(a.into())))
			.saturating_add(Weight::from_parts(0, 6021).saturating_mul(a.into()))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:64 w:64)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// The range of component `r` is `[1, 64]`.
	fn report_many(r: u32, ) -> Weight {
		// Minimum execution time: 20_442_672 picoseconds.
		Weight::from_parts(12_014_235, 990)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(10_244_389, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(r.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(r.into())))
			.saturating_add(Weight::from_parts(0, 4017).saturating_mul(r.into()))
	}
	/// The range of component `h` is `[1, 14336]`.
	fn hash_nodes(h: u32, ) -> Weight {
		// Minimum execution time: 799_520 picoseconds.
		Weight::from_parts(574_408, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(433_681, 0).saturating_mul(h.into()))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::DeadlineCounts` (r:1 w:1)
	/// Proof: `ProofOfCompute::DeadlineCounts` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:1 w:1)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(794), added: 3269, mode: `MaxEncodedLen`)
	fn refile_task() -> Weight {
		// Minimum execution time: 13_171_216 picoseconds.
		Weight::from_parts(15_095_624, 5007)
			.saturating_add(T::DbWeight::get().reads(3_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `ProofOfCompute::Regions` (r:1 w:1)
	/// Proof: `ProofOfCompute::Regions` (`max_values`: None, `max_size`: Some(45), added: 2520, mode: `MaxEncodedLen`)
	fn count_region() -> Weight {
		// Minimum execution time: 2_452_787 picoseconds.
		Weight::from_parts(3_470_610, 3510)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:13 w:13)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashCounts` (r:1 w:1)
	/// Proof: `Workers::DueSlashCounts` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:1 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(538), added: 3013, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:10 w:10)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::DeadlineCounts` (r:1 w:1)
	/// Proof: `ProofOfCompute::DeadlineCounts` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:1 w:1)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(794), added: 3269, mode: `MaxEncodedLen`)
	fn expire_task() -> Weight {
		// Minimum execution time: 400_485_599 picoseconds.
		Weight::from_parts(465_770_889, 79263)
			.saturating_add(T::DbWeight::get().reads(30_u64))
			.saturating_add(T::DbWeight::get().writes(29_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Standings` (r:13 w:13)
	/// Proof: `Workers::Standings` (`max_values`: None, `max_size`: Some(3546), added: 6021, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashCounts` (r:1 w:1)
	/// Proof: `Workers::DueSlashCounts` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `Workers::DueSlashes` (r:1 w:1)
	/// Proof: `Workers::DueSlashes` (`max_values`: None, `max_size`: Some(538), added: 3013, mode: `MaxEncodedLen`)
	/// Storage: `Workers::PendingSlashes` (r:8 w:8)
	/// Proof: `Workers::PendingSlashes` (`max_values`: None, `max_size`: Some(931), added: 3406, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Waiting` (r:1 w:1)
	/// Proof: `ProofOfCompute::Waiting` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn reveal(l: u32, ) -> Weight {
		// Minimum execution time: 363_626_357 picoseconds.
		Weight::from_parts(407_613_721, 79263)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(445_181, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(26_u64))
			.saturating_add(T::DbWeight::get().writes(25_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	fn challenge() -> Weight {
		// Minimum execution time: 98_616_912 picoseconds.
		Weight::from_parts(102_562_368, 5007)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `ProofOfCompute::Tasks` (r:1 w:1)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Drawing` (r:1 w:1)
	/// Proof: `ProofOfCompute::Drawing` (`max_values`: None, `max_size`: Some(786), added: 3261, mode: `MaxEncodedLen`)
	fn report_unavailable() -> Weight {
		// Minimum execution time: 98_411_818 picoseconds.
		Weight::from_parts(111_218_731, 5007)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	fn authorize_report() -> Weight {
		// Minimum execution time: 69_225_183 picoseconds.
		Weight::from_parts(71_217_725, 6067)
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:0)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	fn authorize_commit() -> Weight {
		// Minimum execution time: 75_452_398 picoseconds.
		Weight::from_parts(79_597_385, 6067)
			.saturating_add(T::DbWeight::get().reads(2_u64))
	}
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// The range of component `r` is `[1, 64]`.
	fn authorize_report_many(r: u32, ) -> Weight {
		// Minimum execution time: 56_505_175 picoseconds.
		Weight::from_parts(57_521_283, 6067)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(3_194_231, 0).saturating_mul(r.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Workers::Workers` (r:1 w:0)
	/// Proof: `Workers::Workers` (`max_values`: None, `max_size`: Some(2602), added: 5077, mode: `MaxEncodedLen`)
	/// The range of component `l` is `[1, 1024]`.
	fn authorize_open(l: u32, ) -> Weight {
		// Minimum execution time: 70_898_613 picoseconds.
		Weight::from_parts(74_249_593, 6067)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(308_733, 0).saturating_mul(l.into()))
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
}
