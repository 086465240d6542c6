//! What an empty block costs, measured by `make bench` with 10 warmups and 100 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]

use polkadot_sdk::frame_support::{
	parameter_types,
	weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},
};

parameter_types! {
	/// The time that a block without transactions takes, with its hooks and its inherents.
	// Nanoseconds: Min, Max: 303_349, 415_655; Average: 329_209; Median: 324_495; 99th: 392_311; 95th: 380_984.
	pub const BlockExecutionWeight: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul(324495), 0);
}
