//! Weights of `pallet_utility`, measured by `make bench` with 5 steps and 5 repeats on: Intel(R) Xeon(R) Processor.

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
		// Minimum execution time: 7_128_000 picoseconds.
		Weight::from_parts(16_054_121, 0)
			// Standard Error: 1_290
			.saturating_add(Weight::from_parts(3_682_782, 0).saturating_mul(c.into()))
	}
	fn as_derivative() -> Weight {
		// Minimum execution time: 6_289_000 picoseconds.
		Weight::from_parts(7_712_000, 0)
	}
	/// The range of component `c` is `[0, 1000]`.
	fn batch_all(c: u32, ) -> Weight {
		// Minimum execution time: 7_105_000 picoseconds.
		Weight::from_parts(19_401_834, 0)
			// Standard Error: 1_441
			.saturating_add(Weight::from_parts(3_994_692, 0).saturating_mul(c.into()))
	}
	fn dispatch_as() -> Weight {
		// Minimum execution time: 9_171_000 picoseconds.
		Weight::from_parts(11_181_000, 0)
	}
	/// The range of component `c` is `[0, 1000]`.
	fn force_batch(c: u32, ) -> Weight {
		// Minimum execution time: 7_511_000 picoseconds.
		Weight::from_parts(21_319_220, 0)
			// Standard Error: 1_856
			.saturating_add(Weight::from_parts(3_710_371, 0).saturating_mul(c.into()))
	}
	fn dispatch_as_fallible() -> Weight {
		// Minimum execution time: 9_222_000 picoseconds.
		Weight::from_parts(11_061_000, 0)
	}
	fn if_else() -> Weight {
		// Minimum execution time: 11_623_000 picoseconds.
		Weight::from_parts(13_466_000, 0)
	}
}
