//! The asset of a transaction's fee, as its extension encodes it.

use codec::Encode;
use subxt::ext::{scale_decode::DecodeAsType, scale_encode::EncodeAsType};

/// The asset that a transaction's fee is paid in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, EncodeAsType, DecodeAsType)]
#[encode_as_type(crate_path = "subxt::ext::scale_encode")]
#[decode_as_type(crate_path = "subxt::ext::scale_decode")]
pub(crate) enum FeeAsset {
    /// DPN.
    Native,
    /// An asset of pallet-assets.
    WithId(u32),
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::{AssetKind, BLC};

    #[test]
    fn it_is_encoded_as_the_runtime_does() {
        assert_eq!(FeeAsset::Native.encode(), AssetKind::Native.encode());
        assert_eq!(FeeAsset::WithId(1).encode(), BLC.encode());
    }
}
