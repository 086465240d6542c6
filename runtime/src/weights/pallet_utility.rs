//! Weights of `pallet_utility`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `pallet_utility` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_utility::WeightInfo for WeightInfo<T> {
	/// The range of component `c` is `[0, 1000]`.
	fn batch(c: u32, ) -> Weight {
		// Minimum execution time: 7_506_000 picoseconds.
		Weight::from_parts(13_109_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(2_606_344, 0).saturating_mul(c.into()))
	}
	fn as_derivative() -> Weight {
		// Minimum execution time: 6_721_000 picoseconds.
		Weight::from_parts(10_418_000, 0)
	}
	/// The range of component `c` is `[0, 1000]`.
	fn batch_all(c: u32, ) -> Weight {
		// Minimum execution time: 7_767_000 picoseconds.
		Weight::from_parts(11_379_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(2_769_544, 0).saturating_mul(c.into()))
	}
	fn dispatch_as() -> Weight {
		// Minimum execution time: 9_217_000 picoseconds.
		Weight::from_parts(9_951_000, 0)
	}
	/// The range of component `c` is `[0, 1000]`.
	fn force_batch(c: u32, ) -> Weight {
		// Minimum execution time: 7_203_000 picoseconds.
		Weight::from_parts(7_443_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(2_558_068, 0).saturating_mul(c.into()))
	}
	fn dispatch_as_fallible() -> Weight {
		// Minimum execution time: 9_390_000 picoseconds.
		Weight::from_parts(11_397_000, 0)
	}
	fn if_else() -> Weight {
		// Minimum execution time: 11_200_000 picoseconds.
		Weight::from_parts(15_167_000, 0)
	}
}
