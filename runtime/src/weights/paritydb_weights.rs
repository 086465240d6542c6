//! What the database costs, measured by `make bench` with 1 warmup on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]

use polkadot_sdk::frame_support::{
	parameter_types,
	weights::{constants::WEIGHT_REF_TIME_PER_NANOS, RuntimeDbWeight},
};

parameter_types! {
	/// What one read and one write of ParityDb cost: the Average over all keys, without a cache.
	pub const ParityDbWeight: RuntimeDbWeight = RuntimeDbWeight {
		// Nanoseconds: 1_241 to 415_657, average 5_813, median 5_591, 95th percentile 7_386, 99th 10_346.
		read: 5_813 * WEIGHT_REF_TIME_PER_NANOS,
		// Nanoseconds: 13_865 to 30_444, average 16_746, median 15_227, 95th percentile 30_444, 99th 30_444.
		write: 16_746 * WEIGHT_REF_TIME_PER_NANOS,
	};
}
