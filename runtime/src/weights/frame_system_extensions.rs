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
		// Minimum execution time: 2_391_000 picoseconds.
		Weight::from_parts(2_464_000, 0)
	}
	fn check_mortality_mortal_transaction() -> Weight {
		// Minimum execution time: 4_249_000 picoseconds.
		Weight::from_parts(4_602_000, 0)
	}
	fn check_mortality_immortal_transaction() -> Weight {
		// Minimum execution time: 4_637_000 picoseconds.
		Weight::from_parts(4_901_000, 0)
	}
	fn check_non_zero_sender() -> Weight {
		// Minimum execution time: 613_000 picoseconds.
		Weight::from_parts(705_000, 0)
	}
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	fn check_nonce() -> Weight {
		// Minimum execution time: 10_086_000 picoseconds.
		Weight::from_parts(10_278_000, 3593)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(1_u64))
	}
	fn check_spec_version() -> Weight {
		// Minimum execution time: 487_000 picoseconds.
		Weight::from_parts(560_000, 0)
	}
	fn check_tx_version() -> Weight {
		// Minimum execution time: 466_000 picoseconds.
		Weight::from_parts(547_000, 0)
	}
	fn check_weight() -> Weight {
		// Minimum execution time: 6_607_000 picoseconds.
		Weight::from_parts(6_954_000, 0)
	}
	fn weight_reclaim() -> Weight {
		// Minimum execution time: 4_446_000 picoseconds.
		Weight::from_parts(4_816_000, 0)
	}
}
