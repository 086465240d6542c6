//! What an empty block costs, measured by `make bench` with 10 warmups and 100 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]

use polkadot_sdk::frame_support::{
	parameter_types,
	weights::{constants::WEIGHT_REF_TIME_PER_NANOS, Weight},
};

parameter_types! {
	/// The time that a block without transactions takes, with its hooks and its inherents.
	// Nanoseconds: Min, Max: 355_400, 8_612_617; Average: 834_431; Median: 422_823; 99th: 7_036_494; 95th: 4_742_587.
	pub const BlockExecutionWeight: Weight = Weight::from_parts(WEIGHT_REF_TIME_PER_NANOS.saturating_mul(422823), 0);
}
