//! What an extrinsic in any case costs, measured by `make bench` with 10 warmups and 100 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]

use polkadot_sdk::frame_support::{
	parameter_types,
	weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},
};

parameter_types! {
	/// The time that every extrinsic takes besides its call and its transaction extensions: to decode it and to check its
	/// signature.
	// Nanoseconds: Min, Max: 150_977, 435_593; Average: 192_908; Median: 177_084; 99th: 336_450; 95th: 267_335.
	// Of 177084 for a whole empty extrinsic, 151705 are its extensions', which have their own weights.
	pub const ExtrinsicBaseWeight: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul(25379), 0);
}
