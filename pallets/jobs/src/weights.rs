//! Weights of `pallet_jobs`.
//!
//! Estimates: reads and writes are counted in the sources, times are those of like calls. `make bench` puts measured
//! ones in their place.

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

/// Weight functions needed for `pallet_jobs`.
pub trait WeightInfo {
	fn register_kernel() -> Weight;
	fn unregister_kernel() -> Weight;
	fn submit_job(t: u32, i: u32, ) -> Weight;
	fn cancel_job(t: u32, ) -> Weight;
	fn claim_owed() -> Weight;
	fn settle_task(a: u32, t: u32, ) -> Weight;
	fn fail_task(t: u32, ) -> Weight;
}

/// Weights for `pallet_jobs` using the Substrate node and recommended hardware.
pub struct SubstrateWeight<T>(PhantomData<T>);
impl<T: frame_system::Config> WeightInfo for SubstrateWeight<T> {
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	fn register_kernel() -> Weight {
		Weight::from_parts(60_000_000, 6_000)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `Balances::Holds` (r:1 w:1)
	fn unregister_kernel() -> Weight {
		Weight::from_parts(60_000_000, 6_000)
			.saturating_add(T::DbWeight::get().reads(4_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Storage: `Jobs::NextJob` (r:1 w:1)
	/// Storage: `Jobs::Jobs` (r:0 w:1)
	/// Storage: `Workers::Available` (r:3 w:0)
	/// Storage: `Assets::Asset` (r:1 w:0)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Storage: `Blobs::Blobs` (r:15 w:15)
	/// Storage: `ProofOfCompute::Tasks` (r:256 w:256)
	/// Storage: `ProofOfCompute::Queue` (r:2 w:258)
	/// The range of component `t` is `[1, 256]`.
	/// The range of component `i` is `[0, 15]`.
	fn submit_job(t: u32, i: u32, ) -> Weight {
		Weight::from_parts(110_000_000, 8_000)
			.saturating_add(Weight::from_parts(8_000_000, 300).saturating_mul(t.into()))
			.saturating_add(Weight::from_parts(6_000_000, 300).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().reads(11_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(i.into())))
			.saturating_add(T::DbWeight::get().writes(8_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Storage: `Jobs::Ends` (r:256 w:256)
	/// Storage: `Jobs::FailedTasks` (r:1 w:1)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Storage: `Blobs::Blobs` (r:15 w:15)
	/// Storage: `ProofOfCompute::Tasks` (r:256 w:256)
	/// Storage: `ProofOfCompute::Queue` (r:258 w:258)
	/// The range of component `t` is `[1, 256]`.
	fn cancel_job(t: u32, ) -> Weight {
		Weight::from_parts(180_000_000, 20_000)
			.saturating_add(Weight::from_parts(55_000_000, 4_000).saturating_mul(t.into()))
			.saturating_add(T::DbWeight::get().reads(24_u64))
			.saturating_add(T::DbWeight::get().reads((3_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes(24_u64))
			.saturating_add(T::DbWeight::get().writes((3_u64).saturating_mul(t.into())))
	}
	/// Storage: `Jobs::Owed` (r:1 w:1)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account` (r:1 w:1)
	/// Storage: `System::Account` (r:1 w:1)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	fn claim_owed() -> Weight {
		Weight::from_parts(70_000_000, 6_000)
			.saturating_add(T::DbWeight::get().reads(6_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Storage: `Jobs::Ends` (r:256 w:256)
	/// Storage: `Jobs::SettledTasks` (r:1 w:1)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account` (r:10 w:10)
	/// Storage: `System::Account` (r:10 w:10)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Storage: `Blobs::Blobs` (r:15 w:15)
	/// The range of component `a` is `[0, 7]`.
	/// The range of component `t` is `[1, 256]`.
	fn settle_task(a: u32, t: u32, ) -> Weight {
		Weight::from_parts(250_000_000, 30_000)
			.saturating_add(Weight::from_parts(40_000_000, 5_200).saturating_mul(a.into()))
			.saturating_add(Weight::from_parts(3_000_000, 2_900).saturating_mul(t.into()))
			.saturating_add(T::DbWeight::get().reads(28_u64))
			.saturating_add(T::DbWeight::get().reads((2_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes(28_u64))
			.saturating_add(T::DbWeight::get().writes((2_u64).saturating_mul(a.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(t.into())))
	}
	/// Storage: `Jobs::Jobs` (r:1 w:1)
	/// Storage: `Jobs::Kernels` (r:1 w:1)
	/// Storage: `Jobs::Ends` (r:256 w:256)
	/// Storage: `Jobs::FailedTasks` (r:1 w:1)
	/// Storage: `Assets::Asset` (r:1 w:1)
	/// Storage: `Assets::Account` (r:2 w:2)
	/// Storage: `System::Account` (r:2 w:2)
	/// Storage: `AssetsHolder::Holds` (r:1 w:1)
	/// Storage: `AssetsHolder::BalancesOnHold` (r:1 w:1)
	/// Storage: `Blobs::Blobs` (r:15 w:15)
	/// The range of component `t` is `[1, 256]`.
	fn fail_task(t: u32, ) -> Weight {
		Weight::from_parts(180_000_000, 20_000)
			.saturating_add(Weight::from_parts(3_000_000, 2_900).saturating_mul(t.into()))
			.saturating_add(T::DbWeight::get().reads(26_u64))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(t.into())))
			.saturating_add(T::DbWeight::get().writes(26_u64))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(t.into())))
	}
}

// For backwards compatibility and tests.
impl WeightInfo for () {
	fn register_kernel() -> Weight {
		Weight::from_parts(60_000_000, 6_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	fn unregister_kernel() -> Weight {
		Weight::from_parts(60_000_000, 6_000)
			.saturating_add(RocksDbWeight::get().reads(4_u64))
			.saturating_add(RocksDbWeight::get().writes(4_u64))
	}
	fn submit_job(t: u32, i: u32, ) -> Weight {
		Weight::from_parts(110_000_000, 8_000)
			.saturating_add(Weight::from_parts(8_000_000, 300).saturating_mul(t.into()))
			.saturating_add(Weight::from_parts(6_000_000, 300).saturating_mul(i.into()))
			.saturating_add(RocksDbWeight::get().reads(11_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(t.into())))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(i.into())))
			.saturating_add(RocksDbWeight::get().writes(8_u64))
			.saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(t.into())))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(i.into())))
	}
	fn cancel_job(t: u32, ) -> Weight {
		Weight::from_parts(180_000_000, 20_000)
			.saturating_add(Weight::from_parts(55_000_000, 4_000).saturating_mul(t.into()))
			.saturating_add(RocksDbWeight::get().reads(24_u64))
			.saturating_add(RocksDbWeight::get().reads((3_u64).saturating_mul(t.into())))
			.saturating_add(RocksDbWeight::get().writes(24_u64))
			.saturating_add(RocksDbWeight::get().writes((3_u64).saturating_mul(t.into())))
	}
	fn claim_owed() -> Weight {
		Weight::from_parts(70_000_000, 6_000)
			.saturating_add(RocksDbWeight::get().reads(6_u64))
			.saturating_add(RocksDbWeight::get().writes(6_u64))
	}
	fn settle_task(a: u32, t: u32, ) -> Weight {
		Weight::from_parts(250_000_000, 30_000)
			.saturating_add(Weight::from_parts(40_000_000, 5_200).saturating_mul(a.into()))
			.saturating_add(Weight::from_parts(3_000_000, 2_900).saturating_mul(t.into()))
			.saturating_add(RocksDbWeight::get().reads(28_u64))
			.saturating_add(RocksDbWeight::get().reads((2_u64).saturating_mul(a.into())))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(t.into())))
			.saturating_add(RocksDbWeight::get().writes(28_u64))
			.saturating_add(RocksDbWeight::get().writes((2_u64).saturating_mul(a.into())))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(t.into())))
	}
	fn fail_task(t: u32, ) -> Weight {
		Weight::from_parts(180_000_000, 20_000)
			.saturating_add(Weight::from_parts(3_000_000, 2_900).saturating_mul(t.into()))
			.saturating_add(RocksDbWeight::get().reads(26_u64))
			.saturating_add(RocksDbWeight::get().reads((1_u64).saturating_mul(t.into())))
			.saturating_add(RocksDbWeight::get().writes(26_u64))
			.saturating_add(RocksDbWeight::get().writes((1_u64).saturating_mul(t.into())))
	}
}
