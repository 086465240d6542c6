//! State after each block: its author is credited, and values for that block alone are gone.

use super::*;
use dpin_primitives::economy::EraIndex;
use frame_support::storage::storage_prefix;
use pallet_session::{QueuedChanged, QueuedKeys};
use std::collections::{BTreeMap, BTreeSet};

/// The first slot of an epoch.
const FIRST_SLOT: u64 = 5 * EPOCH_SLOTS;

/// A transaction by Eve that only pays its fee, in this asset.
fn pays(asset: Option<AssetKind>, nonce: Nonce) -> UncheckedExtrinsic {
    let nothing = RuntimeCall::System(frame_system::Call::remark { remark: vec![] });
    signed_and_paid_in(asset, Sr25519Keyring::Eve, nonce, nothing)
}

/// Return the number of blocks of an era that are credited to each account.
fn credited(era: EraIndex) -> BTreeMap<AccountId, u32> {
    let of = pallet_issuance::Contributions::<Runtime>::iter_prefix(era);
    of.map(|(account, contribution)| (account, contribution.blocks)).collect()
}

fn wealth(who: &AccountId) -> Balance {
    NativeOrAssets::total_balance(AssetKind::Native, who)
}

#[test]
fn blocks_are_credited_to_their_authors_whatever_fees_they_carry() {
    four_validators().execute_with(|| {
        let validators = Session::validators();
        let mut authored = BTreeMap::<AccountId, u32>::new();
        let mut parent = GENESIS;
        // The validators author different numbers of blocks, and every validator follows every
        // other.
        let turns = [0, 1, 2, 3, 1, 3, 0, 2, 1, 0, 3, 2, 0, 1, 1, 2, 2, 3, 3, 0, 1, 2, 1];
        for (nonce, turn) in turns.into_iter().enumerate() {
            let (nonce, number) = (nonce as Nonce, nonce as BlockNumber + 1);
            // Fees in DPN are shared at the end of the block, fees in BLC with the transaction.
            let asset = (number % 5 == 0).then_some(BLC);
            let who = &validators[turn as usize];
            let before = validators.iter().map(wealth).collect::<Vec<_>>();
            let slot = FIRST_SLOT + u64::from(number);
            parent = author_by(turn, number, slot, parent, vec![pays(asset, nonce)], || ()).hash();
            for (validator, before) in validators.iter().zip(before) {
                assert_eq!(wealth(validator) > before, validator == who, "block {number}: its author has the fee");
            }
            *authored.entry(who.clone()).or_default() += 1;
            assert_eq!(credited(0), authored, "after block {number}");
        }
        assert_eq!(Issuance::era(0).unwrap().blocks, turns.len() as u32);
    });
}

#[test]
fn the_first_block_of_an_epoch_is_credited_to_a_validator_of_that_epoch() {
    four_validators().execute_with(|| {
        let before = Session::validators();
        let parent = author_by(0, 1, FIRST_SLOT, GENESIS, vec![pays(None, 0)], || ()).hash();
        assert_eq!(credited(0), BTreeMap::from([(before[0].clone(), 1)]));

        // The next epoch has the validators in another order, so the same index is another
        // validator.
        QueuedKeys::<Runtime>::mutate(|queued| queued.reverse());
        QueuedChanged::<Runtime>::put(true);
        author_by(0, 2, FIRST_SLOT + EPOCH_SLOTS, parent, vec![], || ());
        let after = Session::validators();
        assert_ne!(after[0], before[0]);
        assert_eq!(credited(0), BTreeMap::from([(before[0].clone(), 1), (after[0].clone(), 1)]));
    });
}

/// The names of all single values that the pallets store, by their keys.
fn names() -> BTreeMap<Vec<u8>, String> {
    let pallets = Runtime::metadata_ir().pallets;
    let storages = pallets.into_iter().filter_map(|pallet| pallet.storage);
    storages
        .flat_map(|storage| {
            let prefix = storage.prefix;
            storage.entries.into_iter().map(move |entry| {
                let key = storage_prefix(prefix.as_bytes(), entry.name.as_bytes()).to_vec();
                (key, format!("{prefix}.{}", entry.name))
            })
        })
        .collect()
}

/// The names of the single values in the state. Entries of maps have longer keys.
fn stored(names: &BTreeMap<Vec<u8>, String>) -> BTreeSet<String> {
    names.iter().filter(|(key, _)| sp_io::storage::exists(key)).map(|(_, name)| name.clone()).collect()
}

/// Single values that the end of a block may remove but that last for several blocks, each with its
/// meaning.
const KEPT: [(&str, &str); 1] =
    [("Grandpa.PendingChange", "a change of the authorities, until the block in which it is signed")];

/// Single values that last for one block or one transaction, according to their pallets. The test
/// finds others by itself.
const PASSING: [&str; 6] = [
    "Authorship.Author",
    "Babe.Initialized",
    "Buyback.CollectedFees",
    "ProofOfCompute.CurrentRules",
    "Timestamp.DidUpdate",
    "TransactionPayment.TxPaymentCredit",
];

/// A value that the end of any block has removed must not be in the state after any block. A later
/// hook that writes it again would pass it on to the next block.
#[test]
fn nothing_that_is_meant_for_one_block_is_left_in_the_state() {
    four_validators().execute_with(|| {
        let names = names();
        assert!(names.len() > 100, "only {} values are known", names.len());
        for name in PASSING {
            assert!(names.values().any(|known| known == name), "there is no {name}");
        }
        let (mut removed, mut left) = (BTreeSet::new(), BTreeMap::<String, BlockNumber>::new());
        let mut parent = GENESIS;
        let (mut alice, mut eve) = (0, 0);
        for number in 1..=40u32 {
            // The blocks have no transactions, fees in DPN, in BLC or in both, or jobs, and some
            // are the first of an epoch. The first block of an epoch has no room for transactions.
            let first = number > 1 && number % 10 == 1;
            let mut extrinsics = Vec::new();
            for asset in [None, Some(BLC)] {
                let bit = if asset.is_some() { 2 } else { 1 };
                if !first && number & bit != 0 {
                    extrinsics.push(pays(asset, eve));
                    eve += 1;
                }
            }
            if number == 3 {
                extrinsics.extend(fill(AssetKind::Native).0);
                alice += 2;
            }
            if number % 8 == 5 && !first {
                let (_, spec) = fill(AssetKind::Native);
                let call = RuntimeCall::Jobs(pallet_jobs::Call::submit_job { spec });
                extrinsics.push(signed(Sr25519Keyring::Alice, alice, call));
                alice += 1;
            }
            let slot = FIRST_SLOT + u64::from(number) * (EPOCH_SLOTS / 10);
            let mut during = BTreeSet::new();
            let look = || during = stored(&names);
            parent = author_by(number % 4, number, slot, parent, extrinsics, look).hash();
            let after = stored(&names);
            removed.extend(during.difference(&after).cloned());
            left.extend(after.into_iter().map(|name| (name, number)));
        }
        let kept = KEPT.map(|(name, _)| name);
        let found = removed.iter().map(String::as_str).filter(|name| !kept.contains(name));
        let passing = found.chain(PASSING).collect::<BTreeSet<_>>();
        println!("{passing:?}");
        for name in ["Authorship.Author", "Buyback.CollectedFees", "ProofOfCompute.CurrentRules"] {
            assert!(removed.contains(name), "{name} was never there: the blocks are not varied enough");
        }
        for name in passing {
            assert_eq!(left.get(name), None, "{name} is in the state after a block");
        }
    });
}
