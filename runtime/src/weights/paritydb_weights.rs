//! What the database costs, measured by `make bench` with 1 warmup on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]

use polkadot_sdk::frame_support::{
	parameter_types,
	weights::{constants::WEIGHT_REF_TIME_PER_NANOS, RuntimeDbWeight},
};

parameter_types! {
	/// What one read and one write of ParityDb cost: the Average over all keys, without a cache.
	pub const ParityDbWeight: RuntimeDbWeight = RuntimeDbWeight {
		// Nanoseconds: 1_633 to 8_088_736, average 8_223, median 5_549, 95th percentile 6_624, 99th 7_351.
		read: 8_223 * WEIGHT_REF_TIME_PER_NANOS,
		// Nanoseconds: 19_066 to 19_066, average 19_066, median 19_066, 95th percentile 19_066, 99th 19_066.
		write: 19_066 * WEIGHT_REF_TIME_PER_NANOS,
	};
}
