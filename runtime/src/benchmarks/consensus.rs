//! Benchmarks of the consensus pallets' calls for validators and root, in this whole runtime.
//!
//! The SDK measures these calls with staking, which this runtime does not have, or has formulas
//! with numbers of another machine. The benchmarks here make each call as it arrives in practice.
//!
//! The report of an equivocation is validated as an unsigned transaction and then dispatched. The
//! proof of the key's owner is therefore checked twice. It is checked against the current set of
//! `v` validators, because that set has to be hashed again.

use crate::{
    AccountId, Babe, BlockNumber, DPN, Grandpa, Hash, Header, Historical, Runtime, RuntimeOrigin, Session, SessionKeys,
};
use alloc::{boxed::Box, vec::Vec};
use codec::{Decode, Encode};
use frame_benchmarking::{account, v2::*};
use frame_support::{
    assert_ok,
    traits::{Currency, KeyOwnerProofSystem},
};
use pallet_session::NextKeys;
use polkadot_sdk::*;
use sp_application_crypto::RuntimeAppPublic;
use sp_consensus_babe::{
    AllowedSlots, BABE_ENGINE_ID, EquivocationProof as BabeProof,
    digests::{NextConfigDescriptor, PreDigest, SecondaryPlainPreDigest},
};
use sp_consensus_grandpa::EquivocationProof as GrandpaProof;
use sp_core::{ed25519, sr25519};
use sp_runtime::{Digest, DigestItem, traits::Header as _};

/// Maximum number of validators.
const MAX_VALIDATORS: u32 = 100;

/// Give the chain `count` validators, the first of which has keys that can sign. Returns these
/// keys.
fn validators(count: u32) -> SessionKeys {
    let accounts = (0..count).map(|index| account("validator", index, 0)).collect::<Vec<AccountId>>();
    let first = accounts.first().cloned().expect("there is a validator");
    let signing = SessionKeys::generate(&first.encode(), None).keys;
    for (account, index) in accounts.iter().zip(0u32..) {
        let raw: [u8; 32] = account.clone().into();
        let keys = match index {
            0 => signing.clone(),
            _ => SessionKeys {
                babe: sr25519::Public::from_raw(raw).into(),
                grandpa: ed25519::Public::from_raw(raw).into(),
            },
        };
        NextKeys::<Runtime>::insert(account, keys);
    }
    pallet_session::Validators::<Runtime>::put(accounts);
    signing
}

/// Return two headers that the same author sealed for the same slot.
fn two_headers(author: &sp_consensus_babe::AuthorityId) -> BabeProof<Header> {
    let sealed = |state_root: u8| {
        let pre_digest = PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: 0, slot: 1.into() });
        let digest = Digest { logs: Vec::from([DigestItem::PreRuntime(BABE_ENGINE_ID, pre_digest.encode())]) };
        let mut header =
            Header::new(2, Default::default(), Hash::repeat_byte(state_root), Hash::repeat_byte(2), digest);
        let seal = author.sign(&header.hash().as_ref()).expect("the key is in the keystore");
        header.digest_mut().push(DigestItem::Seal(BABE_ENGINE_ID, seal.encode()));
        header
    };
    BabeProof { offender: author.clone(), slot: 1.into(), first_header: sealed(3), second_header: sealed(4) }
}

/// Return two votes that the same voter signed in the same round.
fn two_votes(voter: &sp_consensus_grandpa::AuthorityId) -> GrandpaProof<Hash, BlockNumber> {
    const SET: u64 = 0;
    const ROUND: u64 = 1;
    const PREVOTE: u8 = 0;
    let signed = |target: u8| {
        let vote = (Hash::repeat_byte(target), BlockNumber::from(target));
        let payload = (PREVOTE, vote, ROUND, SET).encode();
        (vote, voter.sign(&payload).expect("the key is in the keystore"))
    };
    // The runtime does not use the crate that names the parts of the proof. This is their encoding.
    let proof = (SET, PREVOTE, ROUND, voter.clone(), signed(1), signed(2)).encode();
    GrandpaProof::decode(&mut &proof[..]).expect("it is the encoding of a proof")
}

/// Return an account that can pay the deposit for keys, its keys, and the proof that it owns them.
fn owner_of_keys() -> (AccountId, SessionKeys, Vec<u8>) {
    let owner: AccountId = whitelisted_caller();
    let _ = crate::Balances::make_free_balance_be(&owner, 1_000 * DPN);
    let generated = SessionKeys::generate(&owner.encode(), None);
    (owner, generated.keys, generated.proof.encode())
}

/// `pallet-session`.
pub mod session {
    use super::*;

    /// The measured pallet.
    pub struct Pallet<T>(core::marker::PhantomData<T>);
    /// Implemented for this runtime only.
    pub trait Config: frame_system::Config {}
    impl Config for Runtime {}

    #[benchmarks]
    mod benchmarks {
        use super::*;

        #[benchmark]
        fn set_keys() {
            let (owner, keys, proof) = owner_of_keys();

            #[block]
            {
                assert_ok!(Session::set_keys(RuntimeOrigin::signed(owner.clone()), keys.clone(), proof));
            }

            assert_eq!(NextKeys::<Runtime>::get(owner), Some(keys));
        }

        #[benchmark]
        fn purge_keys() {
            let (owner, keys, proof) = owner_of_keys();
            assert_ok!(Session::set_keys(RuntimeOrigin::signed(owner.clone()), keys, proof));

            #[block]
            {
                assert_ok!(Session::purge_keys(RuntimeOrigin::signed(owner.clone())));
            }

            assert_eq!(NextKeys::<Runtime>::get(owner), None);
        }
    }
}

/// `pallet-babe`.
pub mod babe {
    use super::*;

    /// The measured pallet.
    pub struct Pallet<T>(core::marker::PhantomData<T>);
    /// Implemented for this runtime only.
    pub trait Config: frame_system::Config {}
    impl Config for Runtime {}

    #[benchmarks]
    mod benchmarks {
        use super::*;

        #[benchmark]
        fn plan_config_change() {
            let config = NextConfigDescriptor::V1 { c: (1, 2), allowed_slots: AllowedSlots::PrimarySlots };

            #[block]
            {
                assert_ok!(Babe::plan_config_change(RuntimeOrigin::root(), config));
            }
        }

        // `n` changes nothing, because nobody nominates validators. The pallet's trait requires it.
        #[benchmark]
        fn report_equivocation(v: Linear<1, MAX_VALIDATORS>, n: Linear<0, 1>) {
            let author = validators(v).babe;
            let proof = two_headers(&author);
            let owner = Historical::prove((sp_consensus_babe::KEY_TYPE, author)).expect("the key is of a validator");
            let call = pallet_babe::Call::<Runtime>::report_equivocation_unsigned {
                equivocation_proof: Box::new(proof.clone()),
                key_owner_proof: owner.clone(),
            };

            #[block]
            {
                assert_ok!(Babe::pre_dispatch(&call));
                assert_ok!(Babe::report_equivocation_unsigned(RuntimeOrigin::none(), Box::new(proof), owner));
            }

            assert!(Babe::pre_dispatch(&call).is_err(), "the same offence cannot be reported twice");
        }
    }
}

/// `pallet-grandpa`.
pub mod grandpa {
    use super::*;

    /// The measured pallet.
    pub struct Pallet<T>(core::marker::PhantomData<T>);
    /// Implemented for this runtime only.
    pub trait Config: frame_system::Config {}
    impl Config for Runtime {}

    #[benchmarks]
    mod benchmarks {
        use super::*;

        // `n` changes nothing, because nobody nominates validators. The pallet's trait requires it.
        #[benchmark]
        fn report_equivocation(v: Linear<1, MAX_VALIDATORS>, n: Linear<0, 1>) {
            let voter = validators(v).grandpa;
            let proof = two_votes(&voter);
            let owner = Historical::prove((sp_consensus_grandpa::KEY_TYPE, voter)).expect("the key is of a validator");
            let call = pallet_grandpa::Call::<Runtime>::report_equivocation_unsigned {
                equivocation_proof: Box::new(proof.clone()),
                key_owner_proof: owner.clone(),
            };

            #[block]
            {
                assert_ok!(Grandpa::pre_dispatch(&call));
                assert_ok!(Grandpa::report_equivocation_unsigned(RuntimeOrigin::none(), Box::new(proof), owner));
            }

            assert!(Grandpa::pre_dispatch(&call).is_err(), "the same offence cannot be reported twice");
        }

        #[benchmark]
        fn note_stalled() {
            #[block]
            {
                assert_ok!(Grandpa::note_stalled(RuntimeOrigin::root(), 1_000, 1));
            }
        }
    }
}
