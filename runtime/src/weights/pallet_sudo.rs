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
		// Minimum execution time: 9_152_000 picoseconds.
		Weight::from_parts(9_864_000, 0)
	}
	fn sudo() -> Weight {
		// Minimum execution time: 9_721_000 picoseconds.
		Weight::from_parts(10_453_000, 0)
	}
	fn sudo_as() -> Weight {
		// Minimum execution time: 10_236_000 picoseconds.
		Weight::from_parts(10_800_000, 0)
	}
	fn remove_key() -> Weight {
		// Minimum execution time: 7_964_000 picoseconds.
		Weight::from_parts(8_504_000, 0)
	}
	fn check_only_sudo_account() -> Weight {
		// Minimum execution time: 2_145_000 picoseconds.
		Weight::from_parts(2_295_000, 0)
	}
}
