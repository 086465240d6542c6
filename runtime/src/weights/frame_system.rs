//! Weights of `frame_system`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `frame_system` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> frame_system::WeightInfo for WeightInfo<T> {
	/// The range of component `b` is `[0, 4194304]`.
	fn remark(b: u32, ) -> Weight {
		// Minimum execution time: 4_533_000 picoseconds.
		Weight::from_parts(5_114_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(323, 0).saturating_mul(b.into()))
	}
	/// The range of component `b` is `[0, 4194304]`.
	fn remark_with_event(b: u32, ) -> Weight {
		// Minimum execution time: 8_503_000 picoseconds.
		Weight::from_parts(8_503_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_341, 0).saturating_mul(b.into()))
	}
	/// Storage: UNKNOWN KEY `0x3a686561707061676573` (r:0 w:1)
	/// Proof: UNKNOWN KEY `0x3a686561707061676573` (r:0 w:1)
	fn set_heap_pages() -> Weight {
		// Minimum execution time: 7_301_000 picoseconds.
		Weight::from_parts(8_006_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	/// Proof: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	fn set_code() -> Weight {
		// Minimum execution time: 112_872_034_000 picoseconds.
		Weight::from_parts(113_871_469_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Skipped::Metadata` (r:0 w:0)
	/// Proof: `Skipped::Metadata` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// The range of component `i` is `[0, 1000]`.
	fn set_storage(i: u32, ) -> Weight {
		// Minimum execution time: 4_613_000 picoseconds.
		Weight::from_parts(5_040_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(773_348, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
	}
	/// Storage: `Skipped::Metadata` (r:0 w:0)
	/// Proof: `Skipped::Metadata` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// The range of component `i` is `[0, 1000]`.
	fn kill_storage(i: u32, ) -> Weight {
		// Minimum execution time: 4_449_000 picoseconds.
		Weight::from_parts(4_449_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(598_536, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
	}
	/// Storage: `Skipped::Metadata` (r:0 w:0)
	/// Proof: `Skipped::Metadata` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// The range of component `p` is `[0, 1000]`.
	fn kill_prefix(p: u32, ) -> Weight {
		// Minimum execution time: 6_631_000 picoseconds.
		Weight::from_parts(6_631_000, 7)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_239_799, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 69).saturating_mul(p.into()))
	}
	fn authorize_upgrade() -> Weight {
		// Minimum execution time: 21_645_000 picoseconds.
		Weight::from_parts(23_283_000, 0)
	}
	/// Storage: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	/// Proof: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	fn apply_authorized_upgrade() -> Weight {
		// Minimum execution time: 117_052_434_000 picoseconds.
		Weight::from_parts(118_173_220_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}
