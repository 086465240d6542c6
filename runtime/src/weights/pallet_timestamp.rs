//! Weights of `pallet_timestamp`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `pallet_timestamp` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_timestamp::WeightInfo for WeightInfo<T> {
	fn set() -> Weight {
		// Minimum execution time: 3_480_000 picoseconds.
		Weight::from_parts(5_408_000, 0)
	}
	fn on_finalize() -> Weight {
		// Minimum execution time: 984_000 picoseconds.
		Weight::from_parts(1_519_000, 0)
	}
}
