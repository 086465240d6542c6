//! Weights of `pallet_jobs`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `pallet_jobs` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_jobs::WeightInfo for WeightInfo<T> {
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:1)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn register_kernel() -> Weight {
		// Minimum execution time: 58_380_222 picoseconds.
		Weight::from_parts(62_068_441, 4066)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	fn vouch_for_kernel() -> Weight {
		// Minimum execution time: 17_255_718 picoseconds.
		Weight::from_parts(20_250_787, 4066)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:1)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn unregister_kernel() -> Weight {
		// Minimum execution time: 43_972_185 picoseconds.
		Weight::from_parts(47_903_040, 4066)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::Blobs` (r:15 w:15)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::LastJob` (r:1 w:1)
	/// Proof: `Jobs::LastJob` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::DeadlineCounts` (r:1 w:1)
	/// Proof: `ProofOfCompute::DeadlineCounts` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:1 w:1)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(794), added: 3269, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:0 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:15)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:0 w:32)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// The range of component `t` is `[1, 32]`.
	/// The range of component `i` is `[0, 15]`.
	fn submit_job(t: u32, i: u32, ) -> Weight {
		// Minimum execution time: 193_613_739 picoseconds.
		Weight::from_parts(64_179_669, 4259)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(31_533_845, 0).saturating_mul(t.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(7_526_375, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(i.into())))
			.saturating_add(T::DbWeight::get().writes(9_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(i.into())))
			.saturating_add(Weight::from_parts(0, 2576).saturating_mul(i.into()))
	}
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::LastJob` (r:1 w:1)
	/// Proof: `Jobs::LastJob` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::DeadlineCounts` (r:1 w:1)
	/// Proof: `ProofOfCompute::DeadlineCounts` (`max_values`: None, `max_size`: Some(16), added: 2491, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:1 w:1)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(794), added: 3269, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:0 w:64)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:64)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:0 w:64)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 64]`.
	fn submit_jobs(n: u32, ) -> Weight {
		// Minimum execution time: 108_730_487 picoseconds.
		Weight::from_parts(71_551_438, 4259)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(50_330_364, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().writes(7_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(n.into())))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:255 w:255)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:256 w:254)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::Blobs` (r:15 w:15)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:15)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `t` is `[1, 256]`.
	fn cancel_job(t: u32, ) -> Weight {
		// Minimum execution time: 146_031_203 picoseconds.
		Weight::from_parts(152_961_299, 39630)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(40_264_557, 0).saturating_mul(t.into()))
			.saturating_add(T::DbWeight::get().reads(21_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes(35_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(t.into())))
			.saturating_add(Weight::from_parts(0, 4017).saturating_mul(t.into()))
	}
	/// Storage: `Jobs::Owed` (r:1 w:1)
	/// Proof: `Jobs::Owed` (`max_values`: None, `max_size`: Some(117), added: 2592, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn claim_owed() -> Weight {
		// Minimum execution time: 41_365_751 picoseconds.
		Weight::from_parts(46_333_201, 3678)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:257 w:255)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:9 w:9)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Issuance::Contributions` (r:8 w:8)
	/// Proof: `Issuance::Contributions` (`max_values`: None, `max_size`: Some(104), added: 2579, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::Blobs` (r:15 w:15)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:15)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `t` is `[2, 256]`.
	/// The range of component `i` is `[0, 15]`.
	fn settle_task(t: u32, i: u32, ) -> Weight {
		// Minimum execution time: 364_409_191 picoseconds.
		Weight::from_parts(273_951_051, 24471)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(4_551_834, 0).saturating_mul(t.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(6_754_115, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().reads(22_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(i.into())))
			.saturating_add(T::DbWeight::get().writes(21_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(i.into())))
			.saturating_add(Weight::from_parts(0, 2576).saturating_mul(i.into()))
			.saturating_add(Weight::from_parts(0, 2805).saturating_mul(t.into()))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(942), added: 3417, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:257 w:255)
	/// Proof: `Jobs::Ends` (`max_values`: None, `max_size`: Some(330), added: 2805, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::Blobs` (r:15 w:15)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(601), added: 3076, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:15)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `t` is `[1, 256]`.
	/// The range of component `i` is `[0, 15]`.
	fn fail_task(t: u32, i: u32, ) -> Weight {
		// Minimum execution time: 154_015_274 picoseconds.
		Weight::from_parts(101_017_341, 6208)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(4_988_839, 0).saturating_mul(t.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(3_325_748, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().reads(7_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(i.into())))
			.saturating_add(T::DbWeight::get().writes(6_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(i.into())))
			.saturating_add(Weight::from_parts(0, 2576).saturating_mul(i.into()))
			.saturating_add(Weight::from_parts(0, 2805).saturating_mul(t.into()))
	}
}
