//! Weights of `frame_system_extensions`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

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
		// Minimum execution time: 2_074_000 picoseconds.
		Weight::from_parts(2_457_000, 0)
	}
	fn check_mortality_mortal_transaction() -> Weight {
		// Minimum execution time: 3_571_000 picoseconds.
		Weight::from_parts(4_602_000, 0)
	}
	fn check_mortality_immortal_transaction() -> Weight {
		// Minimum execution time: 3_680_000 picoseconds.
		Weight::from_parts(4_513_000, 0)
	}
	fn check_non_zero_sender() -> Weight {
		// Minimum execution time: 628_000 picoseconds.
		Weight::from_parts(791_000, 0)
	}
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn check_nonce() -> Weight {
		// Minimum execution time: 6_967_000 picoseconds.
		Weight::from_parts(8_104_000, 3593)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn check_spec_version() -> Weight {
		// Minimum execution time: 415_000 picoseconds.
		Weight::from_parts(477_000, 0)
	}
	fn check_tx_version() -> Weight {
		// Minimum execution time: 427_000 picoseconds.
		Weight::from_parts(499_000, 0)
	}
	fn check_weight() -> Weight {
		// Minimum execution time: 4_056_000 picoseconds.
		Weight::from_parts(4_859_000, 0)
	}
	fn weight_reclaim() -> Weight {
		// Minimum execution time: 2_336_000 picoseconds.
		Weight::from_parts(3_368_000, 0)
	}
}
