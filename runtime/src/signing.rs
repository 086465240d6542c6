//! Signs transactions with a key in memory, for development nodes and tests.

use crate::{Runtime, RuntimeCall, SignedPayload, TxExtension, UncheckedExtrinsic, VERSION};
use codec::Encode;
use dpin_primitives::{AccountId, AssetKind, Hash, Nonce};
use polkadot_sdk::{
    frame_metadata_hash_extension::CheckMetadataHash,
    frame_system,
    pallet_asset_conversion_tx_payment::ChargeAssetTxPayment,
    sp_core::{Pair, sr25519},
    sp_runtime::{MultiSignature, generic::Era},
};

/// The parts of a transaction that a signature covers, in addition to the call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Number of transactions of the account that are already in blocks.
    pub nonce: Nonce,
    /// The hash of the chain's genesis block.
    pub genesis: Hash,
    /// The version of the runtime's behaviour.
    pub spec_version: u32,
    /// The version of the encoding of calls.
    pub transaction_version: u32,
    /// The asset in which the fee is paid; `None` is DPN.
    pub fee: Option<AssetKind>,
    /// The hash of the metadata with which the signer has decoded the call (RFC-0078), as hardware
    /// wallets do. `None` makes no statement about the metadata.
    pub metadata_hash: Option<[u8; 32]>,
}

impl Terms {
    /// The terms of a transaction for this crate's version of the runtime, with a fee in DPN.
    pub fn new(nonce: Nonce, genesis: Hash) -> Self {
        let (spec_version, transaction_version) = (VERSION.spec_version, VERSION.transaction_version);
        Self { nonce, genesis, spec_version, transaction_version, fee: None, metadata_hash: None }
    }
}

/// Sign a transaction without a tip that never expires.
pub fn sign(signer: &sr25519::Pair, call: RuntimeCall, terms: Terms) -> UncheckedExtrinsic {
    let Terms { nonce, genesis, spec_version, transaction_version, fee, metadata_hash } = terms;
    let extension: TxExtension = (
        frame_system::AuthorizeCall::<Runtime>::new(),
        frame_system::CheckNonZeroSender::<Runtime>::new(),
        frame_system::CheckSpecVersion::<Runtime>::new(),
        frame_system::CheckTxVersion::<Runtime>::new(),
        frame_system::CheckGenesis::<Runtime>::new(),
        frame_system::CheckMortality::<Runtime>::from(Era::Immortal),
        frame_system::CheckNonce::<Runtime>::from(nonce),
        frame_system::CheckWeight::<Runtime>::new(),
        ChargeAssetTxPayment::<Runtime>::from(0, fee),
        metadata_hash.map_or_else(
            || CheckMetadataHash::<Runtime>::new(false),
            CheckMetadataHash::<Runtime>::new_with_custom_hash,
        ),
        frame_system::WeightReclaim::<Runtime>::new(),
    );
    let implicit = ((), (), spec_version, transaction_version, genesis, genesis, (), (), (), metadata_hash, ());
    let payload = SignedPayload::from_raw(call, extension, implicit);
    let signature = payload.using_encoded(|bytes| signer.sign(bytes));
    let (call, extension, _) = payload.deconstruct();
    let address = AccountId::new(signer.public().0).into();
    UncheckedExtrinsic::new_signed(call, address, MultiSignature::Sr25519(signature), extension)
}
