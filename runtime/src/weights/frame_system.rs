//! Weights of `frame_system`, measured by `make bench` with 5 steps and 5 repeats on: Intel(R) Xeon(R) Processor.

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
		// Minimum execution time: 5_655_000 picoseconds.
		Weight::from_parts(16_926_574, 0)
			// Standard Error: 2
			.saturating_add(Weight::from_parts(379, 0).saturating_mul(b.into()))
	}
	/// The range of component `b` is `[0, 4194304]`.
	fn remark_with_event(b: u32, ) -> Weight {
		// Minimum execution time: 11_072_000 picoseconds.
		Weight::from_parts(10_039_262, 0)
			// Standard Error: 18
			.saturating_add(Weight::from_parts(1_566, 0).saturating_mul(b.into()))
	}
	/// Storage: UNKNOWN KEY `0x3a686561707061676573` (r:0 w:1)
	/// Proof: UNKNOWN KEY `0x3a686561707061676573` (r:0 w:1)
	fn set_heap_pages() -> Weight {
		// Minimum execution time: 8_745_000 picoseconds.
		Weight::from_parts(11_781_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	/// Proof: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	fn set_code() -> Weight {
		// Minimum execution time: 134_418_204_000 picoseconds.
		Weight::from_parts(140_990_525_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	/// Storage: `Skipped::Metadata` (r:0 w:0)
	/// Proof: `Skipped::Metadata` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// The range of component `i` is `[0, 1000]`.
	fn set_storage(i: u32, ) -> Weight {
		// Minimum execution time: 5_910_000 picoseconds.
		Weight::from_parts(558_793, 0)
			// Standard Error: 2_470
			.saturating_add(Weight::from_parts(1_024_747, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
	}
	/// Storage: `Skipped::Metadata` (r:0 w:0)
	/// Proof: `Skipped::Metadata` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// The range of component `i` is `[0, 1000]`.
	fn kill_storage(i: u32, ) -> Weight {
		// Minimum execution time: 5_911_000 picoseconds.
		Weight::from_parts(6_869_000, 0)
			// Standard Error: 1_847
			.saturating_add(Weight::from_parts(769_507, 0).saturating_mul(i.into()))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(i.into())))
	}
	/// Storage: `Skipped::Metadata` (r:0 w:0)
	/// Proof: `Skipped::Metadata` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// The range of component `p` is `[0, 1000]`.
	fn kill_prefix(p: u32, ) -> Weight {
		// Minimum execution time: 8_181_000 picoseconds.
		Weight::from_parts(9_893_000, 37)
			// Standard Error: 3_017
			.saturating_add(Weight::from_parts(1_585_293, 0).saturating_mul(p.into()))
			.saturating_add(T::DbWeight::get().reads((1_u64).saturating_mul(p.into())))
			.saturating_add(T::DbWeight::get().writes((1_u64).saturating_mul(p.into())))
			.saturating_add(Weight::from_parts(0, 70).saturating_mul(p.into()))
	}
	fn authorize_upgrade() -> Weight {
		// Minimum execution time: 18_731_000 picoseconds.
		Weight::from_parts(22_173_000, 0)
	}
	/// Storage: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	/// Proof: UNKNOWN KEY `0x3a636f6465` (r:0 w:1)
	fn apply_authorized_upgrade() -> Weight {
		// Minimum execution time: 140_350_276_000 picoseconds.
		Weight::from_parts(148_023_198_000, 0)
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
}
