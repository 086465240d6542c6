//! Transactions by keys that are derived from a number.

use dpin_primitives::{AccountId, Hash, Nonce};
use dpin_runtime::{Runtime, RuntimeCall, SignedPayload, TxExtension, UncheckedExtrinsic};
use polkadot_sdk::{
    frame_metadata_hash_extension::CheckMetadataHash,
    frame_system::{
        self,
        offchain::{CreateAuthorizedTransaction, CreateTransaction},
    },
    pallet_asset_conversion_tx_payment::ChargeAssetTxPayment,
    sp_core::{sr25519, Pair},
    sp_runtime::{generic::Era, MultiSignature},
};

/// Somebody who signs.
#[derive(Clone)]
pub struct Signer {
    /// The account.
    pub account: AccountId,
    pair: sr25519::Pair,
}

impl Signer {
    /// The signer of a role and a number; always the same.
    pub fn derived(role: &str, number: u32) -> Self {
        let seed = dpin_primitives::blake2(format!("bench-chain/{role}/{number}").as_bytes());
        let pair = sr25519::Pair::from_seed(&seed.0);
        Self { account: AccountId::new(pair.public().0), pair }
    }

    /// So many signers of a role.
    pub fn many(role: &str, count: u32) -> Vec<Self> {
        (0..count).map(|number| Self::derived(role, number)).collect()
    }

    /// Its public key.
    pub fn public(&self) -> sr25519::Public {
        self.pair.public()
    }

    /// A signature of any bytes.
    pub fn sign(&self, bytes: &[u8]) -> sr25519::Signature {
        self.pair.sign(bytes)
    }

    /// A signed transaction that never expires, as it goes over the wire.
    pub fn transaction(&self, genesis: Hash, nonce: Nonce, call: RuntimeCall) -> UncheckedExtrinsic {
        let extension: TxExtension = (
            frame_system::AuthorizeCall::<Runtime>::new(),
            frame_system::CheckNonZeroSender::<Runtime>::new(),
            frame_system::CheckSpecVersion::<Runtime>::new(),
            frame_system::CheckTxVersion::<Runtime>::new(),
            frame_system::CheckGenesis::<Runtime>::new(),
            frame_system::CheckMortality::<Runtime>::from(Era::Immortal),
            frame_system::CheckNonce::<Runtime>::from(nonce),
            frame_system::CheckWeight::<Runtime>::new(),
            ChargeAssetTxPayment::<Runtime>::from(0, None),
            CheckMetadataHash::<Runtime>::new(false),
            frame_system::WeightReclaim::<Runtime>::new(),
        );
        let version = dpin_runtime::VERSION;
        let implicit =
            ((), (), version.spec_version, version.transaction_version, genesis, genesis, (), (), (), None, ());
        let payload = SignedPayload::from_raw(call, extension, implicit);
        let signature = codec::Encode::using_encoded(&payload, |bytes| self.pair.sign(bytes));
        let (call, extension, _) = payload.deconstruct();
        let address = self.account.clone().into();
        UncheckedExtrinsic::new_signed(call, address, MultiSignature::Sr25519(signature), extension)
    }
}

/// A transaction whose call says by itself who may make it, as a worker's report does.
pub fn authorised(call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
    let extension = <Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_extension();
    <Runtime as CreateTransaction<RuntimeCall>>::create_transaction(call.into(), extension)
}
