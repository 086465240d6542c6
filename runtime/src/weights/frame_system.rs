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
		// Minimum execution time: 2_177_000 picoseconds.
		Weight::from_parts(2_368_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(306, 0).saturating_mul(b.into()))
	}
	/// The range of component `b` is `[0, 4194304]`.
	fn remark_with_event(b: u32, ) -> Weight {
		// Minimum execution time: 6_482_000 picoseconds.
		Weight::from_parts(6_482_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_481, 0).saturating_mul(b.into()))
	}
	/// Storage: UNKNOWN KEY `0x3a686561707061676573` (r:0 w:1)
	/// Proof: UNKNOWN KEY `0x3a686561707061676573` (r:0 w:1)
	fn set_heap_pages() -> Weight {
		// Minimum execution time: 4_695_000 picoseconds.
		Weight::from_parts(7_175_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	/// Proof: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	fn set_code() -> Weight {
		// Minimum execution time: 117_028_926_000 picoseconds.
		Weight::from_parts(120_394_116_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Skipped::Metadata` (r:0 w:0)
	/// Proof: `Skipped::Metadata` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// The range of component `i` is `[0, 1000]`.
	fn set_storage(i: u32, ) -> Weight {
		// Minimum execution time: 2_118_000 picoseconds.
		Weight::from_parts(2_118_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(762_070, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
	}
	/// Storage: `Skipped::Metadata` (r:0 w:0)
	/// Proof: `Skipped::Metadata` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// The range of component `i` is `[0, 1000]`.
	fn kill_storage(i: u32, ) -> Weight {
		// Minimum execution time: 2_234_000 picoseconds.
		Weight::from_parts(3_442_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(559_408, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
	}
	/// Storage: `Skipped::Metadata` (r:0 w:0)
	/// Proof: `Skipped::Metadata` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// The range of component `p` is `[0, 1000]`.
	fn kill_prefix(p: u32, ) -> Weight {
		// Minimum execution time: 3_925_000 picoseconds.
		Weight::from_parts(3_925_000, 7)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(1_076_194, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 69).saturating_mul(p.into()))
	}
	fn authorize_upgrade() -> Weight {
		// Minimum execution time: 13_372_000 picoseconds.
		Weight::from_parts(14_935_000, 0)
	}
	/// Storage: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	/// Proof: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	fn apply_authorized_upgrade() -> Weight {
		// Minimum execution time: 117_544_424_000 picoseconds.
		Weight::from_parts(118_467_376_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}
