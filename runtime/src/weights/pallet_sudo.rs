//! Weights of `pallet_sudo`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `pallet_sudo` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_sudo::WeightInfo for WeightInfo<T> {
	fn set_key() -> Weight {
		// Minimum execution time: 5_890_000 picoseconds.
		Weight::from_parts(8_634_000, 0)
	}
	fn sudo() -> Weight {
		// Minimum execution time: 6_756_000 picoseconds.
		Weight::from_parts(9_375_000, 0)
	}
	fn sudo_as() -> Weight {
		// Minimum execution time: 6_484_000 picoseconds.
		Weight::from_parts(9_049_000, 0)
	}
	fn remove_key() -> Weight {
		// Minimum execution time: 5_148_000 picoseconds.
		Weight::from_parts(6_798_000, 0)
	}
	fn check_only_sudo_account() -> Weight {
		// Minimum execution time: 1_983_000 picoseconds.
		Weight::from_parts(2_381_000, 0)
	}
}
