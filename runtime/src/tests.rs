//! Tests of the runtime as a whole.

mod blocks;
mod compute_api;
mod economy;
mod metadata;
mod overflow;
mod proxies;
mod weights;

use crate::{
    configs::{AuditRules, BLC_MINIMUM, ExistentialDeposit, KEPT_SESSIONS, NativeOrAssets, Pots, ProxyType},
    genesis_config_presets::{DEV_BLC_ENDOWMENT, DEV_ENDOWMENT, DEV_POOL_BLC, dev_network, dev_validator},
    parameters::{RuntimeParameters, dynamic},
    signing::{Terms, sign},
    *,
};
use codec::{Decode, Encode};
use dpin_primitives::{
    api::TaskStage,
    blake2,
    economy::Pot,
    job::{AuditPolicy, JobSpec, Requirements, Reward, TaskCount},
    kernel::{KernelClass, KernelManifest, Param, Tiling},
    ranged::{Ranged, RangedBalance},
};
use frame_support::{
    assert_noop, assert_ok,
    traits::{
        Get, InstanceFilter, KeyOwnerProofSystem,
        fungibles::{Inspect as _, Mutate as _, hold::Inspect as _, hold::Mutate as _},
        tokens::{Fortitude, Precision, Preservation, Restriction},
    },
};
use serde_json::Value;
use sp_consensus_babe::{
    AuthorityPair, BABE_ENGINE_ID, EquivocationProof, KEY_TYPE,
    digests::{PreDigest, SecondaryPlainPreDigest},
};
use sp_core::{ByteArray, crypto::Pair as _};
use sp_genesis_builder::{PresetId, runtime_decl_for_genesis_builder::GenesisBuilderV1};
use sp_io::TestExternalities;
use sp_keyring::{Ed25519Keyring, Sr25519Keyring};
use sp_runtime::{
    Digest, DigestItem, FixedU128, Perbill, TokenError,
    traits::{BadOrigin, Convert, Header as _},
};

const REASON: RuntimeHoldReason = RuntimeHoldReason::Preimage(pallet_preimage::HoldReason::Preimage);

fn alice() -> AccountId {
    Sr25519Keyring::Alice.to_account_id()
}

fn bob() -> AccountId {
    Sr25519Keyring::Bob.to_account_id()
}

fn charlie() -> AccountId {
    Sr25519Keyring::Charlie.to_account_id()
}

/// `patch` laid over `target`, as RFC 7386 says.
fn merge(target: &mut Value, patch: Value) {
    match (target, patch) {
        (Value::Object(target), Value::Object(patch)) => {
            for (key, value) in patch {
                merge(target.entry(key).or_insert(Value::Null), value);
            }
        }
        (target, patch) => *target = patch,
    }
}

fn chain(patch: Value) -> TestExternalities {
    let mut ext = TestExternalities::new_empty();
    ext.execute_with(|| {
        let mut json: Value = serde_json::from_slice(&Runtime::get_preset(&None).unwrap()).unwrap();
        merge(&mut json, patch);
        Runtime::build_state(serde_json::to_vec(&json).unwrap()).unwrap();
    });
    ext
}

fn preset(id: &str) -> TestExternalities {
    let patch = Runtime::get_preset(&Some(PresetId::from(id))).expect("the preset exists");
    chain(serde_json::from_slice(&patch).unwrap())
}

/// A chain with four validators, of which one may be disabled.
fn four_validators() -> TestExternalities {
    let validators = vec![
        dev_validator(Sr25519Keyring::Alice, Ed25519Keyring::Alice),
        dev_validator(Sr25519Keyring::Bob, Ed25519Keyring::Bob),
        dev_validator(Sr25519Keyring::Charlie, Ed25519Keyring::Charlie),
        dev_validator(Sr25519Keyring::Dave, Ed25519Keyring::Dave),
    ];
    chain(dev_network(validators, Vec::new()))
}

/// Author block `number` in `slot` by the first validator, with `extrinsics`, and give back its
/// header.
fn author(number: BlockNumber, slot: u64, parent: Hash, extrinsics: Vec<UncheckedExtrinsic>) -> Header {
    author_by(0, number, slot, parent, extrinsics, || ())
}

/// The same by the validator with this number. Before the block is finalised, `look` may look at
/// the state.
fn author_by(
    authority: u32,
    number: BlockNumber,
    slot: u64,
    parent: Hash,
    extrinsics: Vec<UncheckedExtrinsic>,
    look: impl FnOnce(),
) -> Header {
    let pre_digest =
        PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: authority, slot: slot.into() });
    let digest = Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, pre_digest.encode())] };
    Executive::initialize_block(&Header::new(number, Default::default(), Default::default(), parent, digest));
    let time = RuntimeCall::Timestamp(pallet_timestamp::Call::set { now: slot * SLOT_MS });
    assert_ok!(Executive::apply_extrinsic(UncheckedExtrinsic::new_bare(time)).unwrap());
    for extrinsic in extrinsics {
        assert_ok!(Executive::apply_extrinsic(extrinsic).unwrap());
    }
    look();
    Executive::finalize_block()
}

/// The hash of the block before the first.
const GENESIS: Hash = Hash::repeat_byte(1);

/// `call` as a transaction signed by `who`.
fn signed(who: Sr25519Keyring, nonce: Nonce, call: RuntimeCall) -> UncheckedExtrinsic {
    signed_and_paid_in(None, who, nonce, call)
}

/// The same, with its fee in an asset.
fn signed_and_paid_in(
    asset: Option<AssetKind>,
    who: Sr25519Keyring,
    nonce: Nonce,
    call: RuntimeCall,
) -> UncheckedExtrinsic {
    // The signature covers the hash of genesis, which the chain knows once the first block is
    // begun.
    frame_system::BlockHash::<Runtime>::insert(0, GENESIS);
    sign(&who.pair(), call, Terms { fee: asset, ..Terms::new(nonce, GENESIS) })
}

/// A job of two tasks paid in an asset, and what registers its kernel.
fn fill(asset: AssetKind) -> (Vec<UncheckedExtrinsic>, JobSpec) {
    let source = b"kernel void fill(global uchar *out) { out[dpin_tile()] = 1; }".to_vec();
    let manifest = KernelManifest {
        source: blake2(&source),
        entry: b"fill".to_vec().try_into().unwrap(),
        params: vec![Param::Output].try_into().unwrap(),
        local_size: [1, 1, 1],
        tiling: Tiling::PerGroup { bytes: 1 },
        options: Default::default(),
        class: KernelClass::Raw,
    };
    let spec = JobSpec {
        kernel: manifest.id(),
        global_size: [8, 1, 1],
        scalars: Default::default(),
        inputs: Default::default(),
        reward: Reward { asset, per_task: DPN },
        tasks: TaskCount::Exactly(2),
        audit: AuditPolicy::default(),
        run_blocks: 20,
        requires: Requirements::default(),
    };

    let store = pallet_blobs::Call::store { lifetime: DAYS, data: source };
    let register = pallet_jobs::Call::register_kernel { manifest };
    let extrinsics = vec![
        signed(Sr25519Keyring::Alice, 0, RuntimeCall::Blobs(store)),
        signed(Sr25519Keyring::Alice, 1, RuntimeCall::Jobs(register)),
    ];
    (extrinsics, spec)
}

/// Author one block in each of `count` epochs, from the one after `first`.
fn pass_epochs(first: BlockNumber, count: u32) {
    let mut parent = System::parent_hash();
    for number in first + 1..=first + count {
        parent = author(number, 1_000 + u64::from(number) * EPOCH_SLOTS, parent, vec![]).hash();
    }
}

#[test]
fn every_preset_is_a_valid_genesis() {
    for (id, validators) in [("development", 1), ("local_testnet", 2)] {
        preset(id).execute_with(|| {
            assert_eq!(Session::validators().len(), validators);
            assert_eq!(Babe::authorities().len(), validators);
            assert_eq!(Grandpa::grandpa_authorities().len(), validators);
            assert!(Session::validators().contains(&alice()));
            assert_eq!(pallet_sudo::Key::<Runtime>::get(), Some(alice()));
        });
    }
}

#[test]
fn every_named_preset_exists_and_no_other() {
    for name in Runtime::preset_names() {
        assert!(Runtime::get_preset(&Some(name)).is_some());
    }
    assert_eq!(Runtime::get_preset(&Some(PresetId::from("mainnet"))), None);
}

#[test]
fn genesis_issues_what_it_endows_and_nothing_more() {
    preset("development").execute_with(|| {
        let accounts = Sr25519Keyring::well_known().count() as Balance;
        let pots = 5 * crate::configs::ExistentialDeposit::get();
        // Everything but the airdrop, which is not emitted yet, but for its advance.
        assert_eq!(Balances::total_issuance(), 29_400_000 * DPN + accounts * DEV_ENDOWMENT + pots);
        assert_eq!(NativeOrAssets::total_issuance(BLC), accounts * DEV_BLC_ENDOWMENT + DEV_POOL_BLC + 3 * BLC_MINIMUM);
        for account in Sr25519Keyring::well_known() {
            // Alice's bond as a worker is hers too.
            assert_eq!(NativeOrAssets::total_balance(AssetKind::Native, &account.to_account_id()), DEV_ENDOWMENT);
            assert_eq!(NativeOrAssets::balance(BLC, &account.to_account_id()), DEV_BLC_ENDOWMENT);
        }
    });
}

#[test]
fn blc_is_sufficient_and_the_next_asset_has_the_next_id() {
    preset("development").execute_with(|| {
        let newcomer = AccountId::from([7; 32]);
        assert_ok!(NativeOrAssets::transfer(BLC, &alice(), &newcomer, BLC_MINIMUM, Preservation::Preserve));
        assert!(System::account_exists(&newcomer));
        let create =
            |id: u32| Assets::create(RuntimeOrigin::signed(alice()), codec::Compact(id), alice().into(), BLC_MINIMUM);
        assert_noop!(create(7), pallet_assets::Error::<Runtime>::BadAssetId);
        assert_ok!(create(BLC_ID + 1));
    });
}

#[test]
fn both_dpn_and_blc_can_be_held_and_paid_out_of_a_hold() {
    for (asset, endowment) in [(AssetKind::Native, DEV_ENDOWMENT), (BLC, DEV_BLC_ENDOWMENT)] {
        preset("local_testnet").execute_with(|| {
            let issuance = NativeOrAssets::total_issuance(asset.clone());

            assert_ok!(NativeOrAssets::hold(asset.clone(), &REASON, &alice(), 100 * DPN));
            assert_eq!(NativeOrAssets::balance_on_hold(asset.clone(), &REASON, &alice()), 100 * DPN);
            assert_eq!(NativeOrAssets::balance(asset.clone(), &alice()), endowment - 100 * DPN);
            assert_eq!(NativeOrAssets::total_balance(asset.clone(), &alice()), endowment);

            assert_ok!(NativeOrAssets::transfer_on_hold(
                asset.clone(),
                &REASON,
                &alice(),
                &bob(),
                30 * DPN,
                Precision::Exact,
                Restriction::Free,
                Fortitude::Polite,
            ));
            assert_eq!(NativeOrAssets::balance(asset.clone(), &bob()), endowment + 30 * DPN);
            assert_eq!(NativeOrAssets::balance_on_hold(asset.clone(), &REASON, &alice()), 70 * DPN);

            assert_ok!(NativeOrAssets::transfer_on_hold(
                asset.clone(),
                &REASON,
                &alice(),
                &bob(),
                10 * DPN,
                Precision::Exact,
                Restriction::OnHold,
                Fortitude::Polite,
            ));
            assert_eq!(NativeOrAssets::balance_on_hold(asset.clone(), &REASON, &bob()), 10 * DPN);
            assert_eq!(NativeOrAssets::total_issuance(asset.clone()), issuance);

            assert_ok!(NativeOrAssets::burn_held(
                asset.clone(),
                &REASON,
                &alice(),
                20 * DPN,
                Precision::Exact,
                Fortitude::Polite
            ));
            assert_eq!(NativeOrAssets::total_issuance(asset.clone()), issuance - 20 * DPN);

            assert_ok!(NativeOrAssets::release(asset.clone(), &REASON, &alice(), 40 * DPN, Precision::Exact));
            assert_eq!(NativeOrAssets::total_balance_on_hold(asset.clone(), &alice()), 0);
            assert_eq!(NativeOrAssets::balance(asset, &alice()), endowment - 60 * DPN);
        });
    }
}

#[test]
fn what_is_held_cannot_be_spent() {
    for (asset, endowment) in [(AssetKind::Native, DEV_ENDOWMENT), (BLC, DEV_BLC_ENDOWMENT)] {
        preset("local_testnet").execute_with(|| {
            assert_ok!(NativeOrAssets::hold(asset.clone(), &REASON, &alice(), endowment - DPN));
            assert!(NativeOrAssets::transfer(asset, &alice(), &bob(), 2 * DPN, Preservation::Expendable).is_err());
        });
    }
}

#[test]
fn a_hold_leaves_the_account_its_minimum() {
    for (asset, endowment) in [(AssetKind::Native, DEV_ENDOWMENT), (BLC, DEV_BLC_ENDOWMENT)] {
        preset("local_testnet").execute_with(|| {
            let minimum = NativeOrAssets::minimum_balance(asset.clone());
            assert_noop!(
                NativeOrAssets::hold(asset.clone(), &REASON, &alice(), endowment - minimum + 1),
                TokenError::FundsUnavailable
            );
            assert_ok!(NativeOrAssets::hold(asset, &REASON, &alice(), endowment - minimum));
        });
    }
}

#[test]
fn an_unknown_asset_cannot_be_held() {
    preset("development").execute_with(|| {
        assert_noop!(NativeOrAssets::hold(AssetKind::WithId(99), &REASON, &alice(), 1), TokenError::FundsUnavailable);
    });
}

#[test]
fn moving_assets_through_the_union_is_told_in_events() {
    preset("development").execute_with(|| {
        // Genesis keeps no events.
        System::set_block_number(1);
        assert_ok!(NativeOrAssets::transfer(BLC, &alice(), &bob(), DPN, Preservation::Preserve));
        System::assert_has_event(
            pallet_assets::Event::<Runtime>::Transferred { asset_id: BLC_ID, from: alice(), to: bob(), amount: DPN }
                .into(),
        );
        assert_ok!(NativeOrAssets::hold(BLC, &REASON, &alice(), DPN));
        System::assert_has_event(
            pallet_assets_holder::Event::Held { who: alice(), asset_id: BLC_ID, reason: REASON, amount: DPN }.into(),
        );
    });
}

#[test]
fn a_signed_transfer_pays_author_and_fund_and_burns_the_rest_of_its_fee() {
    preset("development").execute_with(|| {
        let issuance = Balances::total_issuance();
        let call =
            RuntimeCall::Balances(pallet_balances::Call::transfer_allow_death { dest: bob().into(), value: 5 * DPN });

        author(1, 1_000, GENESIS, vec![signed(Sr25519Keyring::Charlie, 0, call)]);

        let fee = DEV_ENDOWMENT - 5 * DPN - Balances::free_balance(charlie());
        let to_author = NativeOrAssets::total_balance(AssetKind::Native, &alice()) - DEV_ENDOWMENT;
        assert!(fee > 0 && fee < DPN / 100, "a transfer costs {fee} planck");
        assert_eq!(to_author, fee * 37 / 100);
        let fund = Balances::free_balance(Pots::convert(Pot::Fund)) - ExistentialDeposit::get();
        assert_eq!(fund, fee * 3 / 100);
        assert_eq!(issuance - Balances::total_issuance(), fee - to_author - fund);
        assert_eq!(Balances::free_balance(bob()), DEV_ENDOWMENT + 5 * DPN);
    });
}

#[test]
fn each_epoch_is_a_session_with_the_validators_of_genesis() {
    preset("local_testnet").execute_with(|| {
        let validators = Session::validators();
        pass_epochs(0, 5);
        assert_eq!(Session::current_index(), 4);
        assert_eq!(Session::validators(), validators);
        // Nothing has changed, so the finality voters have no change to sign.
        assert_eq!(Grandpa::current_set_id(), 0);
    });
}

#[test]
fn a_key_can_be_proved_until_its_session_is_forgotten() {
    preset("local_testnet").execute_with(|| {
        let key = (KEY_TYPE, Sr25519Keyring::Bob.public().to_raw_vec());
        let proof = Historical::prove(key.clone()).unwrap();
        pass_epochs(0, 4);
        assert_eq!(Historical::check_proof(key.clone(), proof.clone()), Some((bob(), ())));
        pass_epochs(4, KEPT_SESSIONS);
        assert_eq!(Historical::check_proof(key, proof), None);
    });
}

#[test]
fn a_changed_key_can_be_proved_in_later_sessions() {
    preset("local_testnet").execute_with(|| {
        let mut keys = Session::load_keys(&bob()).unwrap();
        keys.babe = Sr25519Keyring::Ferdie.public().into();
        pallet_session::NextKeys::<Runtime>::insert(bob(), keys);
        pass_epochs(0, 4);
        let key = (KEY_TYPE, Sr25519Keyring::Ferdie.public().to_raw_vec());
        let proof = Historical::prove(key.clone()).unwrap();
        pass_epochs(4, 2);
        assert_eq!(Historical::check_proof(key, proof), Some((bob(), ())));
        assert_eq!(Session::validators().len(), 2);
    });
}

#[test]
fn an_author_of_two_blocks_in_a_slot_is_disabled() {
    four_validators().execute_with(|| {
        author(1, 1_000, GENESIS, vec![]);
        let offender = Babe::authorities()[1].0.clone();
        let who = Session::validators()[1].clone();
        let keyring = Sr25519Keyring::from_account_id(&who).unwrap();
        let pair = AuthorityPair::from(keyring.pair());
        assert_eq!(pair.public(), offender);

        let sealed = |state_root: u8| {
            let pre_digest =
                PreDigest::SecondaryPlain(SecondaryPlainPreDigest { authority_index: 1, slot: 1_001.into() });
            let digest = Digest { logs: vec![DigestItem::PreRuntime(BABE_ENGINE_ID, pre_digest.encode())] };
            let mut header =
                Header::new(2, Default::default(), Hash::repeat_byte(state_root), Hash::repeat_byte(2), digest);
            let seal = pair.sign(header.hash().as_ref());
            header.digest_mut().push(DigestItem::Seal(BABE_ENGINE_ID, seal.encode()));
            header
        };
        let proof = EquivocationProof {
            offender: offender.clone(),
            slot: 1_001.into(),
            first_header: sealed(3),
            second_header: sealed(4),
        };
        let key_owner_proof = Historical::prove((KEY_TYPE, offender)).unwrap();
        let report =
            |proof| Babe::report_equivocation_unsigned(RuntimeOrigin::none(), Box::new(proof), key_owner_proof.clone());

        assert_ok!(report(proof.clone()));
        assert_eq!(Session::disabled_validators(), vec![1]);
        assert!(report(proof).is_err(), "the same offence cannot be reported twice");
    });
}

#[test]
fn governance_turns_numbers_and_nobody_else_does() {
    preset("development").execute_with(|| {
        let fresh_outputs = || AuditRules::get().fresh_outputs;
        assert_eq!(fresh_outputs(), 2);
        let raise = || {
            RuntimeParameters::Compute(dynamic::compute::Parameters::AuditBlocks(
                dynamic::compute::AuditBlocks,
                Some(Ranged::new(4)),
            ))
        };
        assert_noop!(Parameters::set_parameter(RuntimeOrigin::signed(alice()), raise()), BadOrigin);
        assert_ok!(Parameters::set_parameter(RuntimeOrigin::root(), raise()));
        assert_eq!(fresh_outputs(), 4);
    });
}

#[test]
fn a_posted_job_holds_its_whole_cost_in_its_asset_and_waits_for_workers() {
    for asset in [AssetKind::Native, BLC] {
        preset("development").execute_with(|| {
            let (mut extrinsics, spec) = fill(asset.clone());
            let submit = pallet_jobs::Call::submit_job { spec: spec.clone() };
            extrinsics.push(signed(Sr25519Keyring::Bob, 0, RuntimeCall::Jobs(submit)));
            author(1, 1_000, GENESIS, extrinsics);

            let total = Jobs::quote(&spec).unwrap().total;
            assert!(total > 2 * DPN, "auditors and fees come on top of the rewards");
            let escrow = RuntimeHoldReason::Jobs(pallet_jobs::HoldReason::Escrow);
            assert_eq!(NativeOrAssets::balance_on_hold(asset, &escrow, &bob()), total);
            let job = crate::views::job(0).unwrap();
            assert_eq!(job.requester, bob());
            assert_eq!(job.tasks.iter().map(|task| task.group_count).collect::<Vec<_>>(), vec![4, 4]);
            assert!(job.tasks.iter().all(|task| matches!(task.stage, TaskStage::Queued { .. })));
        });
    }
}

#[test]
fn no_numbers_governance_may_set_are_beyond_what_audits_can_work_with() {
    use dynamic::compute::{self, Parameters as Number};
    let (least, most) = (DPN / 1_000, 100_000 * DPN);
    let pairs = [
        [
            Number::AuditBlocks(compute::AuditBlocks, Some(Ranged::new(1))),
            Number::AuditBlocks(compute::AuditBlocks, Some(Ranged::new(10))),
        ],
        [
            Number::DrawBlocks(compute::DrawBlocks, Some(Ranged::new(12))),
            Number::DrawBlocks(compute::DrawBlocks, Some(Ranged::new(1_000))),
        ],
        [
            Number::SealBlocks(compute::SealBlocks, Some(Ranged::new(2))),
            Number::SealBlocks(compute::SealBlocks, Some(Ranged::new(1_000))),
        ],
        [
            Number::OpenBlocks(compute::OpenBlocks, Some(Ranged::new(2))),
            Number::OpenBlocks(compute::OpenBlocks, Some(Ranged::new(1_000))),
        ],
        [
            Number::QueueBlocks(compute::QueueBlocks, Some(Ranged::new(1))),
            Number::QueueBlocks(compute::QueueBlocks, Some(Ranged::new(10_000))),
        ],
        [
            Number::MaxAttempts(compute::MaxAttempts, Some(Ranged::new(1))),
            Number::MaxAttempts(compute::MaxAttempts, Some(Ranged::new(8))),
        ],
        [
            Number::BondPercent(compute::BondPercent, Some(Ranged::new(150))),
            Number::BondPercent(compute::BondPercent, Some(Ranged::new(10_000))),
        ],
        [
            Number::MinTaskBond(compute::MinTaskBond, Some(RangedBalance::new(least))),
            Number::MinTaskBond(compute::MinTaskBond, Some(RangedBalance::new(most))),
        ],
        [
            Number::AuditBond(compute::AuditBond, Some(RangedBalance::new(least))),
            Number::AuditBond(compute::AuditBond, Some(RangedBalance::new(most))),
        ],
        [
            Number::ChallengeBond(compute::ChallengeBond, Some(RangedBalance::new(least))),
            Number::ChallengeBond(compute::ChallengeBond, Some(RangedBalance::new(most))),
        ],
        [
            Number::FindersPercent(compute::FindersPercent, Some(Ranged::new(0))),
            Number::FindersPercent(compute::FindersPercent, Some(Ranged::new(20))),
        ],
        [
            Number::InjuredPercent(compute::InjuredPercent, Some(Ranged::new(0))),
            Number::InjuredPercent(compute::InjuredPercent, Some(Ranged::new(10))),
        ],
        [
            Number::TrustedPercent(compute::TrustedPercent, Some(Ranged::new(0))),
            Number::TrustedPercent(compute::TrustedPercent, Some(Ranged::new(98))),
        ],
        [
            Number::FetchedTiles(compute::FetchedTiles, Some(Ranged::new(1))),
            Number::FetchedTiles(compute::FetchedTiles, Some(Ranged::new(8))),
        ],
    ];
    preset("development").execute_with(|| {
        // Every pattern of two neighbours' ends, so that numbers that are checked against each
        // other meet at all ends.
        for pattern in 0..1u32 << pairs.len() {
            if pattern % 257 != 0 && pattern.count_ones() > 2 && pattern.count_zeros() - (32 - pairs.len() as u32) > 2 {
                continue;
            }
            for (at, pair) in pairs.iter().enumerate() {
                let number = pair[(pattern >> at & 1) as usize].clone();
                assert_ok!(Parameters::set_parameter(RuntimeOrigin::root(), RuntimeParameters::Compute(number)));
            }
            assert_eq!(AuditRules::get().check(), Ok(()), "{pattern:#b}");
        }
    });
}

#[test]
fn a_number_out_of_its_bounds_is_no_valid_call() {
    use dynamic::compute::{AuditBlocks, Parameters as Number};
    let number = Number::AuditBlocks(AuditBlocks, Some(Ranged::new(10)));
    let call = RuntimeCall::Parameters(pallet_parameters::Call::set_parameter {
        key_value: RuntimeParameters::Compute(number),
    });
    let mut bytes = call.encode();
    assert!(RuntimeCall::decode(&mut &bytes[..]).is_ok());
    let last = bytes.len() - 4;
    bytes[last..].copy_from_slice(&11u32.to_le_bytes());
    assert!(RuntimeCall::decode(&mut &bytes[..]).is_err());
    bytes[last..].copy_from_slice(&0u32.to_le_bytes());
    assert!(RuntimeCall::decode(&mut &bytes[..]).is_err());
}

#[test]
fn the_defaults_are_those_of_the_protocol() {
    TestExternalities::new_empty().execute_with(|| {
        assert_eq!(<dynamic::compute::ReservationFee as Get<Perbill>>::get() * 10_000u32, 25);
        let rules = AuditRules::get();
        assert_eq!(rules.bond_factor, FixedU128::from_rational(3, 2));
        assert_eq!(rules.check(), Ok(()));
        // Nobody's bond is free before the last dispute; a pending slash keeps what it locks.
        let leaving: BlockNumber = <Runtime as pallet_workers::Config>::LeaveBlocks::get();
        assert!(leaving >= rules.longest_audit());
    });
}

#[test]
fn a_call_is_small_enough_to_be_passed_around() {
    // Larger arguments belong into a box: each call of every pallet takes the room of the largest.
    let size = core::mem::size_of::<RuntimeCall>();
    assert!(size <= 256, "RuntimeCall has {size} bytes");
}

#[test]
fn the_compressed_runtime_stays_small() {
    let size = WASM_BINARY.expect("built with the runtime as WebAssembly").len();
    assert!(size < 1_200_000, "the compressed runtime has {size} bytes");
}

#[test]
fn a_development_chain_has_a_worker_whose_key_the_node_knows() {
    let key = sp_core::sr25519::Pair::from_string("//Alice//worker", None).unwrap().public();
    assert_eq!(key.0, crate::genesis_config_presets::ALICE_WORKER_KEY);
    preset("development").execute_with(|| {
        let info = Workers::info(&alice()).expect("she is a worker from the start");
        assert_eq!(info.key, key.into());
        assert!(info.available);
        assert_ok!(Workers::do_try_state());
    });
}
