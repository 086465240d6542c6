//! What an extrinsic in any case costs, measured by `make bench` with 10 warmups and 100 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]

use polkadot_sdk::frame_support::{
	parameter_types,
	weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},
};

parameter_types! {
	/// The time that every extrinsic takes besides its call and its transaction extensions: to decode it and to check its
	/// signature.
	// Nanoseconds: Min, Max: 108_323, 116_161; Average: 110_842; Median: 110_598; 99th: 116_083; 95th: 114_020.
	// Of 110598 for a whole empty extrinsic, 81149 are its extensions', which have their own weights.
	pub const ExtrinsicBaseWeight: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul(29449), 0);
}
