//! Weights of `pallet_blobs`, measured by `make bench` with 5 steps and 10 repeats on: Intel(R) Xeon(R) Processor.

#![cfg_attr(rustfmt, rustfmt_skip)]
#![allow(unused_parens)]
#![allow(unused_imports)]

use core::marker::PhantomData;
use polkadot_sdk::{
	frame_support::{traits::Get, weights::Weight},
	*,
};

/// What the calls and steps of `pallet_blobs` cost.
pub struct WeightInfo<T>(PhantomData<T>);
impl<T: frame_system::Config> pallet_blobs::WeightInfo for WeightInfo<T> {
	/// Storage: `System::ExtrinsicData` (r:1 w:0)
	/// Proof: `System::ExtrinsicData` (`max_values`: None, `max_size`: None, mode: `Measured`)
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:2 w:2)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:2)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// The range of component `b` is `[1, 1048576]`.
	fn store(b: u32, ) -> Weight {
		// Minimum execution time: 79_138_531 picoseconds.
		Weight::from_parts(83_083_920, 6326)
			// Standard Error: 0
			.saturating_add(Weight::from_parts(2_151, 0).saturating_mul(b.into()))
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(6_u64))
			.saturating_add(Weight::from_parts(0, 1).saturating_mul(b.into()))
	}
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:1)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn announce() -> Weight {
		// Minimum execution time: 43_562_692 picoseconds.
		Weight::from_parts(46_045_374, 3658)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:2)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn renew() -> Weight {
		// Minimum execution time: 11_557_576 picoseconds.
		Weight::from_parts(12_270_887, 3566)
			.saturating_add(T::DbWeight::get().reads(1_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:1)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn remove() -> Weight {
		// Minimum execution time: 37_083_107 picoseconds.
		Weight::from_parts(37_920_865, 3658)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::ExpiryQueue` (r:0 w:1)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn expire() -> Weight {
		// Minimum execution time: 37_490_514 picoseconds.
		Weight::from_parts(41_242_694, 3658)
			.saturating_add(T::DbWeight::get().reads(2_u64))
			.saturating_add(T::DbWeight::get().writes(3_u64))
	}
	fn sweep_base() -> Weight {
		// Minimum execution time: 688_282 picoseconds.
		Weight::from_parts(844_015, 0)
	}
	/// Storage: `Blobs::ExpiryQueue` (r:1 w:0)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	fn sweep_block() -> Weight {
		// Minimum execution time: 3_918_341 picoseconds.
		Weight::from_parts(5_928_959, 3509)
			.saturating_add(T::DbWeight::get().reads(1_u64))
	}
	/// Storage: `Blobs::ExpiryQueue` (r:2 w:1)
	/// Proof: `Blobs::ExpiryQueue` (`max_values`: None, `max_size`: Some(44), added: 2519, mode: `MaxEncodedLen`)
	/// Storage: `Blobs::Blobs` (r:1 w:1)
	/// Proof: `Blobs::Blobs` (`max_values`: None, `max_size`: Some(101), added: 2576, mode: `MaxEncodedLen`)
	/// Storage: `System::Account` (r:1 w:1)
	/// Proof: `System::Account` (`max_values`: None, `max_size`: Some(128), added: 2603, mode: `MaxEncodedLen`)
	/// Storage: `Balances::Holds` (r:1 w:1)
	/// Proof: `Balances::Holds` (`max_values`: None, `max_size`: Some(193), added: 2668, mode: `MaxEncodedLen`)
	fn sweep_blob() -> Weight {
		// Minimum execution time: 42_259_822 picoseconds.
		Weight::from_parts(47_058_330, 6028)
			.saturating_add(T::DbWeight::get().reads(5_u64))
			.saturating_add(T::DbWeight::get().writes(4_u64))
	}
}
