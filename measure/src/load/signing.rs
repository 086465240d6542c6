//! Transactions signed by keys that are derived from a number.

use dpin_primitives::{AccountId, Hash, Nonce};
use dpin_runtime::{
    Runtime, RuntimeCall, UncheckedExtrinsic,
    signing::{Terms, sign},
};
use polkadot_sdk::{
    frame_system::offchain::{CreateAuthorizedTransaction, CreateTransaction},
    sp_core::{Pair, sr25519},
};

/// An account with its key.
#[derive(Clone)]
pub struct Signer {
    /// The account.
    pub account: AccountId,
    pair: sr25519::Pair,
}

impl Signer {
    /// The signer of a role and a number. It is always the same.
    pub fn derived(role: &str, number: u32) -> Self {
        let seed = dpin_primitives::blake2(format!("bench-chain/{role}/{number}").as_bytes());
        let pair = sr25519::Pair::from_seed(&seed.0);
        Self { account: AccountId::new(pair.public().0), pair }
    }

    /// The first `count` signers of a role.
    pub fn many(role: &str, count: u32) -> Vec<Self> {
        (0..count).map(|number| Self::derived(role, number)).collect()
    }

    /// The public key.
    pub fn public(&self) -> sr25519::Public {
        self.pair.public()
    }

    /// Sign any bytes.
    pub fn sign(&self, bytes: &[u8]) -> sr25519::Signature {
        self.pair.sign(bytes)
    }

    /// Sign a transaction that never expires.
    pub fn transaction(&self, genesis: Hash, nonce: Nonce, call: RuntimeCall) -> UncheckedExtrinsic {
        sign(&self.pair, call, Terms::new(nonce, genesis))
    }
}

/// A transaction whose call authorises itself, such as a worker's report.
pub fn authorised(call: impl Into<RuntimeCall>) -> UncheckedExtrinsic {
    let extension = <Runtime as CreateAuthorizedTransaction<RuntimeCall>>::create_extension();
    <Runtime as CreateTransaction<RuntimeCall>>::create_transaction(call.into(), extension)
}
