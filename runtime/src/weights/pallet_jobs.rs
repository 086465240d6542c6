//! Weights of `pallet_jobs`, measured by `make bench` with 10 steps and 20 repeats on: Intel(R) Xeon(R) Processor.

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
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:1)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn register_kernel() -> Weight {
		// Minimum execution time: 58_287_000 picoseconds.
		Weight::from_parts(60_940_000, 3753)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:1)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn unregister_kernel() -> Weight {
		// Minimum execution time: 46_445_000 picoseconds.
		Weight::from_parts(48_609_000, 3753)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
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
	/// Storage: `Jobs::Jobs` (r:0 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:15)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:32)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:0 w:32)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// The range of component `t` is `[1, 32]`.
	/// The range of component `i` is `[0, 15]`.
	fn submit_job(t: u32, i: u32, ) -> Weight {
		// Minimum execution time: 201_563_000 picoseconds.
		Weight::from_parts(44_986_272, 3753)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(30_474_818, 0).saturating_mul(t.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(8_708_000, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(i.into())))
			.saturating_add(T::DbWeight::get().writes(7_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(i.into())))
			.saturating_add(Weight::from_parts(0, 2576).saturating_mul(i.into()))
	}
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Proof: `Assets::Account` (`max_values`: None, `max_size`: Some(134), added: 2609, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Proof: `AssetsHolder::BalancesOnHold` (`max_values`: None, `max_size`: Some(84), added: 2559, mode: `MaxEncodedLen`)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Proof: `AssetsHolder::Holds` (`max_values`: None, `max_size`: Some(213), added: 2688, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::LastJob` (r:1 w:1)
	/// Proof: `Jobs::LastJob` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Jobs` (r:0 w:64)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:64)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:64)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:0 w:64)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// The range of component `n` is `[1, 64]`.
	fn submit_jobs(n: u32, ) -> Weight {
		// Minimum execution time: 108_482_000 picoseconds.
		Weight::from_parts(69_285_326, 3753)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(48_086_387, 0).saturating_mul(n.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
			.saturating_add(T::DbWeight::get().writes((4_u64).saturating_mul(n.into())))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Tasks` (r:256 w:256)
	/// Proof: `ProofOfCompute::Tasks` (`max_values`: None, `max_size`: Some(1542), added: 4017, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::Ends` (r:257 w:255)
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
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:15)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `ProofOfCompute::Deadlines` (r:0 w:256)
	/// Proof: `ProofOfCompute::Deadlines` (`max_values`: None, `max_size`: Some(32), added: 2507, mode: `MaxEncodedLen`)
	/// The range of component `t` is `[1, 256]`.
	fn cancel_job(t: u32, ) -> Weight {
		// Minimum execution time: 156_611_000 picoseconds.
		Weight::from_parts(136_069_877, 39630)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(43_941_754, 0).saturating_mul(t.into()))
			.saturating_add(T::DbWeight::get().reads(21_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes(35_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(t.into())))
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
		// Minimum execution time: 45_995_000 picoseconds.
		Weight::from_parts(48_966_000, 3678)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(5_u64))
	}
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	fn vouch_for_kernel() -> Weight {
		// Minimum execution time: 30_000_000 picoseconds.
		Weight::from_parts(30_000_000, 4000)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
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
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:15)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `t` is `[2, 256]`.
	/// The range of component `i` is `[0, 15]`.
	fn settle_task(t: u32, i: u32, ) -> Weight {
		// Minimum execution time: 398_382_000 picoseconds.
		Weight::from_parts(289_082_425, 24471)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(4_151_350, 0).saturating_mul(t.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(6_733_125, 0).saturating_mul(i.into()))
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
	/// Proof: `Jobs::Jobs` (`max_values`: None, `max_size`: Some(934), added: 3409, mode: `MaxEncodedLen`)
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
	/// Proof: `Jobs::Kernels` (`max_values`: None, `max_size`: Some(288), added: 2763, mode: `MaxEncodedLen`)
	/// Storage: `Jobs::JobsOf` (r:0 w:1)
	/// Proof: `Jobs::JobsOf` (`max_values`: None, `max_size`: Some(56), added: 2531, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:15)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `t` is `[1, 256]`.
	/// The range of component `i` is `[0, 15]`.
	fn fail_task(t: u32, i: u32, ) -> Weight {
		// Minimum execution time: 166_779_000 picoseconds.
		Weight::from_parts(95_978_714, 6208)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(4_121_071, 0).saturating_mul(t.into()))
			// Standard Error: 0
			.saturating_add(Weight::from_parts(4_798_800, 0).saturating_mul(i.into()))
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
