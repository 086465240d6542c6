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
		// Minimum execution time: 4_241_000 picoseconds.
		Weight::from_parts(5_250_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(2_370_794, 0).saturating_mul(c.into()))
	}
	fn as_derivative() -> Weight {
		// Minimum execution time: 3_950_000 picoseconds.
		Weight::from_parts(6_255_000, 0)
	}
	/// The range of component `c` is `[0, 1000]`.
	fn batch_all(c: u32, ) -> Weight {
		// Minimum execution time: 4_317_000 picoseconds.
		Weight::from_parts(5_009_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(2_596_356, 0).saturating_mul(c.into()))
	}
	fn dispatch_as() -> Weight {
		// Minimum execution time: 5_908_000 picoseconds.
		Weight::from_parts(7_199_000, 0)
	}
	/// The range of component `c` is `[0, 1000]`.
	fn force_batch(c: u32, ) -> Weight {
		// Minimum execution time: 4_206_000 picoseconds.
		Weight::from_parts(4_563_000, 0)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(2_357_072, 0).saturating_mul(c.into()))
	}
	fn dispatch_as_fallible() -> Weight {
		// Minimum execution time: 6_102_000 picoseconds.
		Weight::from_parts(6_911_000, 0)
	}
	fn if_else() -> Weight {
		// Minimum execution time: 7_382_000 picoseconds.
		Weight::from_parts(8_388_000, 0)
	}
}
