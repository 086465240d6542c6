//! Weights of the pallet's calls and of the steps of its hooks.

use polkadot_sdk::frame_support::weights::Weight;

/// Weights of the pallet's calls and of the steps of its hooks. A runtime measures them with the
/// benchmarks of this pallet.
pub trait WeightInfo {
    /// The call `store`, with `b` bytes.
    fn store(b: u32) -> Weight;
    /// The call `announce`.
    fn announce() -> Weight;
    /// The call `renew`.
    fn renew() -> Weight;
    /// The call `remove`.
    fn remove() -> Weight;
    /// The call `expire`.
    fn expire() -> Weight;
    /// Reading the position of the sweep.
    fn sweep_base() -> Weight;
    /// Looking at the blobs that expire in one block.
    fn sweep_block() -> Weight;
    /// Removing one expired blob.
    fn sweep_blob() -> Weight;
}

/// For mocks: estimates of the right order of magnitude, not measured.
impl WeightInfo for () {
    fn store(b: u32) -> Weight {
        Weight::from_parts(549_000_000, 4_000).saturating_add(Weight::from_parts(3_241, 0).saturating_mul(b.into()))
    }
    fn announce() -> Weight {
        Weight::from_parts(417_000_000, 4_000)
    }
    fn renew() -> Weight {
        Weight::from_parts(351_000_000, 4_000)
    }
    fn remove() -> Weight {
        Weight::from_parts(417_000_000, 4_000)
    }
    fn expire() -> Weight {
        Weight::from_parts(419_000_000, 4_000)
    }
    fn sweep_base() -> Weight {
        Weight::from_parts(29_000_000, 1_000)
    }
    fn sweep_block() -> Weight {
        Weight::from_parts(160_000_000, 4_000)
    }
    fn sweep_blob() -> Weight {
        Weight::from_parts(725_000_000, 6_000)
    }
}
