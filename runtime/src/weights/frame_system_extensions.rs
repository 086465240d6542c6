//! Weights of `frame_system_extensions`, measured by `make bench` with 5 steps and 5 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `frame_system_extensions` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> frame_system::ExtensionsWeightInfo for WeightInfo<T> {
	fn check_genesis() -> Weight {
		// Minimum execution time: 2_581_000 picoseconds.
		Weight::from_parts(3_354_000, 0)
	}
	fn check_mortality_mortal_transaction() -> Weight {
		// Minimum execution time: 5_174_000 picoseconds.
		Weight::from_parts(6_682_000, 0)
	}
	fn check_mortality_immortal_transaction() -> Weight {
		// Minimum execution time: 5_137_000 picoseconds.
		Weight::from_parts(6_669_000, 0)
	}
	fn check_non_zero_sender() -> Weight {
		// Minimum execution time: 694_000 picoseconds.
		Weight::from_parts(931_000, 0)
	}
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn check_nonce() -> Weight {
		// Minimum execution time: 11_299_000 picoseconds.
		Weight::from_parts(14_114_000, 3593)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn check_spec_version() -> Weight {
		// Minimum execution time: 554_000 picoseconds.
		Weight::from_parts(754_000, 0)
	}
	fn check_tx_version() -> Weight {
		// Minimum execution time: 558_000 picoseconds.
		Weight::from_parts(754_000, 0)
	}
	fn check_weight() -> Weight {
		// Minimum execution time: 7_466_000 picoseconds.
		Weight::from_parts(9_373_000, 0)
	}
	fn weight_reclaim() -> Weight {
		// Minimum execution time: 5_060_000 picoseconds.
		Weight::from_parts(6_205_000, 0)
	}
}
