use crate::{
    mock::*, Available, Certificates, Error, Event, Keys, NextSlash, SlashId, Standing, Standings, Status, WorkerRecord,
};
use dpin_primitives::{
    api::{WorkerInfo, WorkerStatus},
    reason::ReasonCode,
    traits::{WorkerCount, WorkerHealth, WorkerRegistry},
    worker::{Capability, DeviceClass, Duty, Fp32, Offer, Outcome, Penalty, Role, WorkerKey, MAX_DEVICES, MAX_DUTIES},
    AccountId, AssetKind, Balance, BlockNumber, TaskId, BLC, BLC_ID,
};
use polkadot_sdk::{
    frame_support::{
        assert_noop, assert_ok,
        traits::{
            fungible::MutateHold,
            tokens::{Fortitude, Precision},
            Hooks,
        },
        weights::Weight,
    },
    sp_core::sr25519,
    sp_runtime::{DispatchError, DispatchResult, Perbill, TokenError},
};
use proptest::prelude::*;
use std::collections::BTreeMap;

mod certificates;
mod health;
mod slashing;

type E = Error<Test>;

fn bond(who: AccountId, amount: Balance) -> DispatchResult {
    Workers::bond(RuntimeOrigin::signed(who), amount)
}

fn unbond(who: AccountId, amount: Balance) -> DispatchResult {
    Workers::unbond(RuntimeOrigin::signed(who), amount)
}

fn update(who: AccountId, record: WorkerRecord) -> DispatchResult {
    let WorkerRecord { address, region, devices, offer, .. } = record;
    Workers::update(RuntimeOrigin::signed(who), address, region, devices, offer)
}

fn pause(who: AccountId) -> DispatchResult {
    Workers::pause(RuntimeOrigin::signed(who))
}

fn resume(who: AccountId) -> DispatchResult {
    Workers::resume(RuntimeOrigin::signed(who))
}

fn leave(who: AccountId) -> DispatchResult {
    Workers::leave(RuntimeOrigin::signed(who))
}

fn certify(who: AccountId, amount: Balance) -> DispatchResult {
    Workers::certify(RuntimeOrigin::signed(who), amount)
}

fn decertify(who: AccountId) -> DispatchResult {
    Workers::decertify(RuntimeOrigin::signed(who))
}

fn withdraw(by: AccountId, worker: AccountId) -> DispatchResult {
    Workers::withdraw(RuntimeOrigin::signed(by), worker)
}

/// The task that every fault of these tests belongs to.
const TASK: TaskId = TaskId { job: 3, index: 1 };

/// Slash a part of the locked bond. Return the number that the slash gets if one is made.
fn slash(who: &AccountId, amount: Balance, claims: &[(AccountId, Balance)]) -> SlashId {
    let id = NextSlash::<Test>::get();
    let claims = claims.to_vec();
    Workers::slash(who, Penalty { task: TASK, reason: ReasonCode::WrongResult, amount, claims });
    id
}

fn standing(who: &AccountId) -> Standing {
    Standings::<Test>::get(who).unwrap()
}

/// Freeze or thaw BLC: while frozen, none is held or released.
fn freeze(frozen: bool) -> DispatchResult {
    let admin = RuntimeOrigin::signed(ADMIN);
    if frozen {
        Assets::freeze_asset(admin, BLC_ID)
    } else {
        Assets::thaw_asset(admin, BLC_ID)
    }
}

fn available(who: &AccountId) -> bool {
    Workers::info(who).unwrap().available
}

/// Give a worker a task for which nothing is locked.
fn occupy(who: &AccountId) -> bool {
    Workers::engage(who, Duty { task: TASK, role: Role::Worker }, 0)
}

fn unlock(who: &AccountId, amount: Balance) {
    Workers::relieve(who, TASK, amount)
}

fn held(who: &AccountId) -> Balance {
    Workers::held_bond(who)
}

/// Both calls that take a record must refuse one changed by `change`, with `error`.
fn both_refuse(change: impl Fn(&mut WorkerRecord), error: E) {
    TestExt::new().worker(BOB, 1).build_and_execute(|| {
        let (mut new, mut old) = (record(&ALICE, gpus(1)), record(&BOB, gpus(1)));
        change(&mut new);
        change(&mut old);
        let expected: DispatchError = error.into();
        assert_noop!(register_as(&ALICE, new, proof(&ALICE, &ALICE)), expected);
        assert_noop!(update(BOB, old), expected);
    });
}

mod register {
    use super::*;

    #[test]
    fn holds_the_least_bond_and_makes_available() {
        TestExt::new().build_and_execute(|| {
            assert_ok!(register(&ALICE, gpus(2)));

            let info = WorkerInfo {
                account: ALICE,
                number: 0,
                key: key(&ALICE),
                address: record(&ALICE, gpus(2)).address,
                region: record(&ALICE, gpus(2)).region,
                class: DeviceClass::Gpu,
                devices: gpus(2).into_inner(),
                offer: record(&ALICE, gpus(2)).offer,
                status: WorkerStatus::Active,
                bond: MIN_BOND,
                locked: 0,
                slots: 2,
                busy: 0,
                available: true,
                reputation: Perbill::from_percent(50),
                strikes: 0,
                slashing: 0,
                misses: 0,
                passport: None,
                certificate: 0,
            };
            assert_eq!(Workers::info(&ALICE), Some(info));
            assert_eq!(Balances::free_balance(&ALICE), ENDOWMENT - MIN_BOND);
            assert_eq!(Workers::worker_of(&key(&ALICE)), Some(ALICE));
            assert_eq!(<Workers as WorkerRegistry>::key(&ALICE), Some(key(&ALICE)));
            assert_eq!(<Workers as WorkerRegistry>::active(), 1);
            assert_eq!(events(), [Event::Registered { worker: ALICE, key: key(&ALICE) }]);
        });
    }

    #[test]
    fn takes_the_least_and_the_most() {
        TestExt::new().build_and_execute(|| {
            let mut least = record(&ALICE, gpus(1));
            least.region = Default::default();
            least.offer.min_reward = vec![(AssetKind::Native, 0)].try_into().unwrap();
            least.offer.max_run_blocks = 1;
            assert_ok!(register_as(&ALICE, least, proof(&ALICE, &ALICE)));

            let mut most = record(&BOB, gpus(MAX_DEVICES));
            most.region = b"u33dbfcy".to_vec().try_into().unwrap();
            let assets = (0..8).map(|id| (AssetKind::WithId(id), Balance::MAX)).collect::<Vec<_>>();
            most.offer.min_reward = assets.try_into().unwrap();
            most.offer.max_run_blocks = BlockNumber::MAX;
            assert_ok!(register_as(&BOB, most, proof(&BOB, &BOB)));
        });
    }

    #[test]
    fn refuses_a_worker() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let mut again = record(&ALICE, gpus(1));
            again.key = key(&BOB);
            assert_noop!(register_as(&ALICE, again, proof(&BOB, &ALICE)), E::AlreadyRegistered);
        });
    }

    #[test]
    fn refuses_a_key_of_another_worker() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let mut stolen = record(&BOB, gpus(1));
            stolen.key = key(&ALICE);
            assert_noop!(register_as(&BOB, stolen, proof(&ALICE, &BOB)), E::KeyTaken);
        });
    }

    #[test]
    fn refuses_a_proof_by_another_key() {
        TestExt::new().build_and_execute(|| {
            assert_noop!(register_as(&ALICE, record(&ALICE, gpus(1)), proof(&BOB, &ALICE)), E::InvalidProof);
        });
    }

    #[test]
    fn refuses_a_proof_made_for_another_account() {
        TestExt::new().build_and_execute(|| {
            let mut stolen = record(&BOB, gpus(1));
            stolen.key = key(&ALICE);
            assert_noop!(register_as(&BOB, stolen, proof(&ALICE, &ALICE)), E::InvalidProof);
        });
    }

    #[test]
    fn refuses_a_proof_made_for_another_chain() {
        TestExt::new().build_and_execute(|| {
            let proof = proof(&ALICE, &ALICE);
            polkadot_sdk::frame_system::BlockHash::<Test>::insert(0, dpin_primitives::Hash::repeat_byte(9));
            assert_noop!(register_as(&ALICE, record(&ALICE, gpus(1)), proof), E::InvalidProof);
        });
    }

    #[test]
    fn refuses_a_key_that_is_no_point() {
        TestExt::new().build_and_execute(|| {
            let mut odd = record(&ALICE, gpus(1));
            odd.key = WorkerKey::from(sr25519::Public::from_raw([0xff; 32]));
            assert_noop!(register_as(&ALICE, odd, proof(&ALICE, &ALICE)), E::InvalidProof);
        });
    }

    #[test]
    fn refuses_who_cannot_bond() {
        let short = MIN_BOND + EXISTENTIAL_DEPOSIT - 1;
        TestExt::new().endow(ALICE, short).build_and_execute(|| {
            assert_noop!(register(&ALICE, gpus(1)), TokenError::FundsUnavailable);
        });
        TestExt::new().endow(ALICE, short + 1).build_and_execute(|| {
            assert_ok!(register(&ALICE, gpus(1)));
        });
    }

    #[test]
    fn refuses_the_unsigned() {
        TestExt::new().build_and_execute(|| {
            let WorkerRecord { key, address, region, devices, offer } = record(&ALICE, gpus(1));
            let proof = proof(&ALICE, &ALICE);
            let call = Workers::register(RuntimeOrigin::none(), key, proof, address, region, devices, offer);
            assert_noop!(call, DispatchError::BadOrigin);
        });
    }
}

mod declarations {
    use super::*;

    #[test]
    fn need_a_device() {
        both_refuse(|record| record.devices = gpus(0), E::NoDevices);
    }

    #[test]
    fn need_devices_of_one_class() {
        let mixed = vec![device(DeviceClass::Gpu), device(DeviceClass::Cpu)];
        both_refuse(|record| record.devices = mixed.clone().try_into().unwrap(), E::MixedClasses);
    }

    #[test]
    fn need_a_region_in_geohash() {
        both_refuse(|record| record.region = b"u3a".to_vec().try_into().unwrap(), E::InvalidRegion);
    }

    #[test]
    fn need_a_printable_address() {
        for bad in ["", "http://a b", "http://\n", "http://\u{e9}"] {
            both_refuse(|record| record.address = bad.as_bytes().to_vec().try_into().unwrap(), E::InvalidAddress);
        }
    }

    #[test]
    fn need_an_address_that_names_a_node_and_nothing_else() {
        let bad = [
            "worker.example",
            "ftp://worker.example:21",
            "ws://127.0.0.1:",
            "ws://worker.example",
            "wss://worker.example:0",
            "wss://worker.example/path",
            "wss://user:secret@worker.example",
            "http://169.254.169.254:80",
            "ws://0.0.0.0:9944",
        ];
        for bad in bad {
            both_refuse(|record| record.address = bad.as_bytes().to_vec().try_into().unwrap(), E::InvalidAddress);
        }
    }

    #[test]
    fn need_an_asset_in_the_offer() {
        both_refuse(|record| record.offer.min_reward = Default::default(), E::OfferEmpty);
    }

    #[test]
    fn need_each_asset_once() {
        let twice = vec![(AssetKind::Native, 1), (AssetKind::WithId(1), 1), (AssetKind::Native, 2)];
        both_refuse(|record| record.offer.min_reward = twice.clone().try_into().unwrap(), E::DuplicateAsset);
    }

    #[test]
    fn need_time_in_the_offer() {
        both_refuse(|record| record.offer.max_run_blocks = 0, E::OfferTooShort);
    }
}

mod bond {
    use super::*;

    #[test]
    fn is_held() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(bond(ALICE, 500));
            assert_eq!(held(&ALICE), MIN_BOND + 500);
            assert_eq!(Workers::free_bond(&ALICE), MIN_BOND + 500);
            assert_eq!(events(), [Event::Bonded { worker: ALICE, amount: 500 }]);
        });
    }

    #[test]
    fn makes_available_who_fell_below_the_least() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::lock(&ALICE, 1));
            slash(&ALICE, 1, &[]);
            pass(DELAY);
            assert!(!available(&ALICE));
            assert_ok!(bond(ALICE, 1));
            assert!(available(&ALICE));
        });
    }

    #[test]
    fn refuses_more_than_there_is() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_noop!(bond(ALICE, ENDOWMENT), TokenError::FundsUnavailable);
            assert_noop!(bond(ALICE, Balance::MAX), TokenError::FundsUnavailable);
        });
    }

    #[test]
    fn refuses_nothing_strangers_the_leaving_and_the_unsigned() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_noop!(bond(ALICE, 0), E::ZeroAmount);
            assert_noop!(bond(BOB, 1), E::UnknownWorker);
            assert_noop!(Workers::bond(RuntimeOrigin::none(), 1), DispatchError::BadOrigin);
            assert_ok!(leave(ALICE));
            assert_noop!(bond(ALICE, 1), E::Leaving);
        });
    }
}

mod unbond {
    use super::*;

    #[test]
    fn releases_what_is_above_the_least() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(bond(ALICE, 500));
            assert_ok!(unbond(ALICE, 500));
            assert_eq!((held(&ALICE), Balances::free_balance(&ALICE)), (MIN_BOND, ENDOWMENT - MIN_BOND));
            assert_eq!(events().last(), Some(&Event::Unbonded { worker: ALICE, amount: 500 }));
            assert!(available(&ALICE));
        });
    }

    #[test]
    fn leaves_the_least() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(bond(ALICE, 500));
            assert_noop!(unbond(ALICE, 501), E::BelowMinBond);
        });
    }

    #[test]
    fn leaves_what_is_locked() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(bond(ALICE, 500));
            assert!(Workers::lock(&ALICE, MIN_BOND + 1));
            assert_noop!(unbond(ALICE, 500), E::BondLocked);
            assert_ok!(unbond(ALICE, 499));
        });
    }

    #[test]
    fn refuses_more_than_the_bond() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_noop!(unbond(ALICE, MIN_BOND + 1), E::BondTooSmall);
            assert_noop!(unbond(ALICE, Balance::MAX), E::BondTooSmall);
        });
    }

    #[test]
    fn refuses_nothing_strangers_the_leaving_and_the_unsigned() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(bond(ALICE, 500));
            assert_noop!(unbond(ALICE, 0), E::ZeroAmount);
            assert_noop!(unbond(BOB, 1), E::UnknownWorker);
            assert_noop!(Workers::unbond(RuntimeOrigin::none(), 1), DispatchError::BadOrigin);
            assert_ok!(leave(ALICE));
            assert_noop!(unbond(ALICE, 1), E::Leaving);
        });
    }
}

mod update {
    use super::*;

    #[test]
    fn replaces_what_is_declared_but_not_the_key() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let mut new = record(&BOB, gpus(3));
            new.offer.max_run_blocks = 7;
            assert_ok!(update(ALICE, new.clone()));
            new.key = key(&ALICE);
            assert_eq!(crate::Workers::<Test>::get(ALICE), Some(new));
            assert_eq!(standing(&ALICE).slots, 3);
            assert_eq!(events(), [Event::Updated { worker: ALICE }]);
        });
    }

    #[test]
    fn moves_to_the_index_of_the_new_class() {
        TestExt::new().worker(ALICE, 1).worker(BOB, 1).build_and_execute(|| {
            assert_ok!(update(ALICE, record(&ALICE, devices(DeviceClass::Cpu, 1))));
            assert_eq!(Workers::draw(Some(DeviceClass::Cpu), 0), Some(ALICE));
            assert_eq!(Workers::draw(Some(DeviceClass::Gpu), 0), Some(BOB));
            assert_eq!(Workers::available(Some(DeviceClass::Gpu)), 1);
        });
    }

    #[test]
    fn leaves_the_paused_paused() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(pause(ALICE));
            assert_ok!(update(ALICE, record(&ALICE, devices(DeviceClass::Cpu, 2))));
            assert!(!available(&ALICE));
        });
    }

    #[test]
    fn refuses_the_busy() {
        TestExt::new().worker(ALICE, 2).build_and_execute(|| {
            assert!(occupy(&ALICE));
            assert_noop!(update(ALICE, record(&ALICE, gpus(2))), E::Busy);
            Workers::vacate(&ALICE);
            assert_ok!(update(ALICE, record(&ALICE, gpus(2))));
        });
    }

    #[test]
    fn refuses_strangers_the_leaving_and_the_unsigned() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_noop!(update(BOB, record(&BOB, gpus(1))), E::UnknownWorker);
            let WorkerRecord { address, region, devices, offer, .. } = record(&ALICE, gpus(1));
            let unsigned = Workers::update(RuntimeOrigin::none(), address, region, devices, offer);
            assert_noop!(unsigned, DispatchError::BadOrigin);
            assert_ok!(leave(ALICE));
            assert_noop!(update(ALICE, record(&ALICE, gpus(1))), E::Leaving);
        });
    }
}

mod pause_and_resume {
    use super::*;

    #[test]
    fn take_out_of_the_index_and_back() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(pause(ALICE));
            assert_eq!((available(&ALICE), <Workers as WorkerRegistry>::active()), (false, 0));
            assert_ok!(resume(ALICE));
            assert_eq!((available(&ALICE), <Workers as WorkerRegistry>::active()), (true, 1));
            assert_eq!(events(), [Event::Paused { worker: ALICE }, Event::Resumed { worker: ALICE }]);
        });
    }

    #[test]
    fn leave_what_is_in_flight_alone() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(occupy(&ALICE) && Workers::lock(&ALICE, 10));
            assert_ok!(pause(ALICE));
            assert_eq!((standing(&ALICE).busy, standing(&ALICE).locked), (1, 10));
            assert_ok!(resume(ALICE));
            assert!(!available(&ALICE));
        });
    }

    #[test]
    fn refuse_what_is_so_already() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_noop!(resume(ALICE), E::NotPaused);
            assert_ok!(pause(ALICE));
            assert_noop!(pause(ALICE), E::AlreadyPaused);
        });
    }

    #[test]
    fn refuse_strangers_the_leaving_and_the_unsigned() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_noop!(pause(BOB), E::UnknownWorker);
            assert_noop!(resume(BOB), E::UnknownWorker);
            assert_noop!(Workers::pause(RuntimeOrigin::none()), DispatchError::BadOrigin);
            assert_noop!(Workers::resume(RuntimeOrigin::none()), DispatchError::BadOrigin);
            assert_ok!(leave(ALICE));
            assert_noop!(pause(ALICE), E::Leaving);
            assert_noop!(resume(ALICE), E::Leaving);
        });
    }
}

mod leave_and_withdraw {
    use super::*;

    #[test]
    fn leaving_ends_availability_at_once_and_keeps_the_bond() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(leave(ALICE));
            assert_eq!((available(&ALICE), <Workers as WorkerRegistry>::active()), (false, 0));
            assert_eq!(held(&ALICE), MIN_BOND);
            assert_eq!(events(), [Event::Left { worker: ALICE, free_at: 1 + LEAVE_BLOCKS }]);
        });
    }

    #[test]
    fn leaving_from_a_pause_is_counted_once() {
        TestExt::new().worker(ALICE, 1).worker(BOB, 1).build_and_execute(|| {
            assert_ok!(pause(ALICE));
            assert_ok!(leave(ALICE));
            assert_eq!(<Workers as WorkerRegistry>::active(), 1);
        });
    }

    #[test]
    fn withdrawal_by_anyone_releases_the_bond_and_forgets_the_worker() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(bond(ALICE, 500));
            assert_ok!(leave(ALICE));
            System::set_block_number(1 + LEAVE_BLOCKS);

            assert_ok!(withdraw(BOB, ALICE));

            assert_eq!((held(&ALICE), Balances::free_balance(&ALICE)), (0, ENDOWMENT));
            assert_eq!(Workers::info(&ALICE), None);
            assert_eq!(Keys::<Test>::iter().count(), 0);
            assert_eq!(events().last(), Some(&Event::Withdrawn { worker: ALICE, bond: MIN_BOND + 500 }));
            assert_ok!(register(&ALICE, gpus(1)));
        });
    }

    #[test]
    fn withdrawal_waits_for_its_time() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(leave(ALICE));
            System::set_block_number(LEAVE_BLOCKS);
            assert_noop!(withdraw(ALICE, ALICE), E::TooEarly);
        });
    }

    #[test]
    fn withdrawal_waits_for_what_is_owed_without_a_bond() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(Workers::oblige(&ALICE, Duty { task: TASK, role: Role::Worker }, 0));
            assert_ok!(leave(ALICE));
            System::set_block_number(1 + LEAVE_BLOCKS);
            assert_noop!(withdraw(BOB, ALICE), E::Busy);
            unlock(&ALICE, 0);
            assert_ok!(withdraw(BOB, ALICE));
        });
    }

    #[test]
    fn nobody_takes_on_more_than_it_has_room_or_bond_for() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let duty = |index| Duty { task: TaskId { job: 0, index }, role: Role::Auditor };
            assert!(!Workers::oblige(&ALICE, duty(0), MIN_BOND + 1));
            assert!(!Workers::engage(&ALICE, duty(0), MIN_BOND + 1));
            assert_eq!((standing(&ALICE).busy, standing(&ALICE).duties.len()), (0, 0));
            assert!((0..MAX_DUTIES).all(|index| Workers::oblige(&ALICE, duty(index), 1)));
            let before = standing(&ALICE);
            assert!(!Workers::oblige(&ALICE, duty(MAX_DUTIES), 1) && !Workers::engage(&ALICE, duty(MAX_DUTIES), 1));
            assert_eq!(standing(&ALICE), before);
            Workers::relieve(&ALICE, duty(7).task, 1);
            assert!(Workers::engage(&ALICE, duty(MAX_DUTIES), 1));
            assert_eq!(standing(&ALICE).locked, MAX_DUTIES.into());
        });
    }

    #[test]
    fn withdrawal_waits_for_what_is_in_flight() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(occupy(&ALICE) && Workers::lock(&ALICE, 10));
            assert_ok!(leave(ALICE));
            System::set_block_number(1 + LEAVE_BLOCKS);
            assert_noop!(withdraw(BOB, ALICE), E::Busy);
            Workers::vacate(&ALICE);
            assert_noop!(withdraw(BOB, ALICE), E::BondLocked);
            unlock(&ALICE, 10);
            assert_ok!(withdraw(BOB, ALICE));
        });
    }

    #[test]
    fn strangers_those_who_stay_and_the_unsigned_are_refused() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_noop!(leave(BOB), E::UnknownWorker);
            assert_noop!(withdraw(BOB, BOB), E::UnknownWorker);
            assert_noop!(withdraw(BOB, ALICE), E::NotLeaving);
            assert_noop!(Workers::leave(RuntimeOrigin::none()), DispatchError::BadOrigin);
            assert_noop!(Workers::withdraw(RuntimeOrigin::none(), ALICE), DispatchError::BadOrigin);
            assert_ok!(leave(ALICE));
            assert_noop!(leave(ALICE), E::Leaving);
        });
    }

    #[test]
    fn the_last_blocks_do_not_overflow() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            System::set_block_number(BlockNumber::MAX - 1);
            assert_ok!(leave(ALICE));
            assert_noop!(withdraw(BOB, ALICE), E::TooEarly);
            System::set_block_number(BlockNumber::MAX);
            assert_ok!(withdraw(BOB, ALICE));
        });
    }
}

mod slots {
    use super::*;

    #[test]
    fn are_as_many_as_devices() {
        TestExt::new().worker(ALICE, 2).build_and_execute(|| {
            assert!(occupy(&ALICE));
            assert!(available(&ALICE));
            assert!(occupy(&ALICE));
            assert!(!available(&ALICE));
            assert!(!occupy(&ALICE));
            Workers::vacate(&ALICE);
            assert!(available(&ALICE));
        });
    }

    #[test]
    fn are_not_to_be_had_of_strangers_the_paused_and_the_leaving() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(!occupy(&BOB));
            assert_ok!(pause(ALICE));
            assert!(!occupy(&ALICE));
            assert_ok!(leave(ALICE));
            assert!(!occupy(&ALICE));
        });
    }
}

mod locks {
    use super::*;

    #[test]
    fn go_as_far_as_the_bond() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert!(!Workers::lock(&ALICE, MIN_BOND + 1));
            assert!(Workers::lock(&ALICE, MIN_BOND));
            assert_eq!(Workers::free_bond(&ALICE), 0);
            assert!(!Workers::lock(&ALICE, 1));
            assert!(!Workers::lock(&ALICE, Balance::MAX));
            unlock(&ALICE, 400);
            assert_eq!(Workers::free_bond(&ALICE), 400);
        });
    }

    #[test]
    fn are_not_to_be_had_of_strangers() {
        TestExt::new().build_and_execute(|| {
            assert!(!Workers::lock(&ALICE, 0));
            assert_eq!(Workers::free_bond(&ALICE), 0);
        });
    }
}

mod index {
    use super::*;

    #[test]
    fn closes_the_gap_with_its_last() {
        TestExt::new().worker(ALICE, 1).worker(BOB, 1).worker(CAROL, 1).build_and_execute(|| {
            assert_ok!(pause(ALICE));
            assert_eq!(Available::<Test>::get(DeviceClass::Gpu, 0), Some(CAROL));
            assert_eq!(standing(&CAROL).position, Some(0));
            assert_eq!(standing(&ALICE).position, None);
            assert_eq!(Workers::available(Some(DeviceClass::Gpu)), 2);
        });
    }

    #[test]
    fn of_nobody_gives_nobody() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_eq!(Workers::draw(Some(DeviceClass::Accelerator), 7), None);
            assert_ok!(pause(ALICE));
            assert_eq!(Workers::draw(None, u64::MAX), None);
        });
    }

    #[test]
    fn counts_by_class_and_altogether() {
        TestExt::new().worker(ALICE, 1).worker(BOB, 1).build_and_execute(|| {
            assert_ok!(register(&CAROL, devices(DeviceClass::Accelerator, 1)));
            assert_eq!(Workers::available(Some(DeviceClass::Gpu)), 2);
            assert_eq!(Workers::available(Some(DeviceClass::Cpu)), 0);
            assert_eq!(Workers::available(None), 3);
        });
    }

    #[test]
    fn gives_everyone_of_every_class_the_same_chance() {
        TestExt::new().worker(ALICE, 1).worker(BOB, 8).build_and_execute(|| {
            assert_ok!(register(&CAROL, devices(DeviceClass::Accelerator, 1)));
            let mut drawn = BTreeMap::new();
            for i in 0..6_000u64 {
                let uniform = dpin_primitives::blake2(&i.to_le_bytes()).to_low_u64_le();
                *drawn.entry(Workers::draw(None, uniform).unwrap()).or_insert(0) += 1;
            }
            assert_eq!(drawn.len(), 3);
            assert!(drawn.values().all(|times| (1_850..2_150).contains(times)), "{drawn:?}");
        });
    }

    #[test]
    fn draws_of_a_class_stay_in_it() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            assert_ok!(register(&BOB, devices(DeviceClass::Cpu, 1)));
            for uniform in [0, 1, 2, u64::MAX] {
                assert_eq!(Workers::draw(Some(DeviceClass::Cpu), uniform), Some(BOB));
            }
        });
    }
}

mod profile {
    use super::*;

    #[test]
    fn is_that_of_the_weakest_device() {
        TestExt::new().build_and_execute(|| {
            let mut unequal = vec![device(DeviceClass::Gpu); 2];
            unequal[1].memory = 1;
            unequal[1].fp64 = false;
            unequal[0].fp32.denormals = false;
            assert_ok!(register(&ALICE, unequal.try_into().unwrap()));

            let fp32 = Fp32 { denormals: false, rounded_division: true };
            let weakest = Capability { memory: 1, fp64: false, fp32 };
            assert_eq!(Workers::capability(&ALICE), Some(weakest));
            let stands = Workers::state(&ALICE).unwrap();
            assert_eq!((stands.class, stands.capability), (DeviceClass::Gpu, weakest));
            assert_ok!(update(ALICE, record(&ALICE, gpus(1))));
            let device = &gpus(1)[0];
            let able = Capability { memory: device.memory, fp64: device.fp64, fp32: device.fp32 };
            assert_eq!(Workers::state(&ALICE).unwrap().capability, able);
            let profile = Workers::profile(&ALICE).unwrap();
            let offer: Offer = record(&ALICE, gpus(1)).offer;
            assert_eq!((&profile.region[..], profile.offer), (&b"u33d"[..], offer));
        });
    }

    #[test]
    fn is_not_to_be_had_of_strangers() {
        TestExt::new().build_and_execute(|| {
            assert_eq!(<Workers as WorkerRegistry>::profile(&ALICE), None);
            assert_eq!(Workers::info(&ALICE), None);
            assert_eq!(<Workers as WorkerRegistry>::key(&ALICE), None);
            assert_eq!(Workers::worker_of(&key(&ALICE)), None);
        });
    }
}

mod lists {
    use super::*;
    use crate::{NextNumber, Numbers};
    use dpin_primitives::api::{Page, MAX_PAGE, MAX_PAGE_SCAN};

    fn numbers(page: &Page<WorkerInfo, u32>) -> Vec<u32> {
        page.items.iter().map(|worker| worker.number).collect()
    }

    /// Eight workers with the numbers 0 to 7; those with odd numbers have a CPU.
    fn eight(test: impl FnOnce()) {
        TestExt::new().build_and_execute(|| {
            for n in 1..9 {
                let class = if n % 2 == 0 { DeviceClass::Cpu } else { DeviceClass::Gpu };
                assert_ok!(register(&account(n), devices(class, 1)));
            }
            test();
        });
    }

    #[test]
    fn workers_come_in_the_order_of_their_registration() {
        eight(|| {
            let all = Workers::workers(None, None, 100);
            assert_eq!((numbers(&all), all.next), ((0..8).collect(), None));
            assert_eq!(all.items[3], Workers::info(&account(4)).unwrap());
            let first = Workers::workers(None, None, 5);
            assert_eq!((numbers(&first), first.next), ((0..5).collect(), Some(4)));
            let second = Workers::workers(None, first.next, 5);
            assert_eq!((numbers(&second), second.next), ((5..8).collect(), None));
        });
    }

    #[test]
    fn only_workers_of_the_class_are_told() {
        eight(|| {
            let cpus = Workers::workers(Some(DeviceClass::Cpu), None, 3);
            assert_eq!((numbers(&cpus), cpus.next), (vec![1, 3, 5], Some(5)));
            let rest = Workers::workers(Some(DeviceClass::Cpu), cpus.next, 3);
            assert_eq!((numbers(&rest), rest.next), (vec![7], None));
            assert!(Workers::workers(Some(DeviceClass::Accelerator), None, 3).items.is_empty());
        });
    }

    #[test]
    fn who_has_withdrawn_is_told_no_more() {
        eight(|| {
            assert_ok!(leave(account(3)));
            System::set_block_number(1 + LEAVE_BLOCKS);
            assert_ok!(withdraw(BOB, account(3)));
            assert_eq!(numbers(&Workers::workers(None, Some(1), 2)), [3, 4]);
        });
    }

    #[test]
    fn a_question_has_a_bounded_price() {
        eight(|| {
            NextNumber::<Test>::put(2 * MAX_PAGE_SCAN + 8);
            let page = Workers::workers(None, Some(5), 50);
            assert_eq!((numbers(&page), page.next), (vec![6, 7], Some(5 + MAX_PAGE_SCAN)));
            let page = Workers::workers(None, page.next, 50);
            assert_eq!((numbers(&page), page.next), (vec![], Some(5 + 2 * MAX_PAGE_SCAN)));
            let page = Workers::workers(None, page.next, 50);
            assert_eq!((numbers(&page), page.next), (vec![], None));
            assert_eq!(Workers::workers(None, Some(u32::MAX), 50), Page { items: vec![], next: None });
        });
    }

    #[test]
    fn a_page_is_no_longer_than_asked_for_nor_than_allowed() {
        eight(|| {
            assert_eq!(Workers::workers(None, Some(1), 0), Page { items: vec![], next: Some(1) });
            for number in 8..MAX_PAGE + 9 {
                Numbers::<Test>::insert(number, account(1));
            }
            NextNumber::<Test>::put(MAX_PAGE + 9);
            let most = Workers::workers(None, None, u32::MAX);
            assert_eq!((most.items.len() as u32, most.next), (MAX_PAGE, Some(MAX_PAGE - 1)));
            for number in 8..MAX_PAGE + 9 {
                Numbers::<Test>::remove(number);
            }
        });
    }

    #[test]
    fn a_worker_tells_whether_it_takes_tasks() {
        TestExt::new().worker(ALICE, 1).build_and_execute(|| {
            let status = || Workers::info(&ALICE).unwrap().status;
            assert_ok!(pause(ALICE));
            assert_eq!(status(), WorkerStatus::Paused);
            System::set_block_number(5);
            assert_ok!(leave(ALICE));
            assert_eq!(status(), WorkerStatus::Leaving { free_at: 5 + LEAVE_BLOCKS });
        });
    }
}

#[test]
fn constants_fit_each_other() {
    TestExt::new().build_and_execute(<Workers as Hooks<BlockNumber>>::integrity_test);
}

#[derive(Clone, Debug)]
enum Step {
    Register(DeviceClass, u32),
    Bond(Balance),
    Unbond(Balance),
    Update(DeviceClass, u32),
    Pause,
    Resume,
    Devices(bool),
    Leave,
    Withdraw,
    Occupy,
    Vacate,
    Lock(Balance),
    Unlock(Balance),
    Slash(Balance, Balance),
    Apply(SlashId),
    Cancel(SlashId),
    Note(Outcome, Balance),
    Miss,
    Prove,
    Disprove,
    Admission(bool),
    Certify(Balance),
    Decertify,
    Freeze(bool),
    Pass(BlockNumber),
}

fn step() -> impl Strategy<Value = Step> {
    let class = || prop::sample::select(DeviceClass::ALL.to_vec());
    let outcome = prop::sample::select(vec![Outcome::Right, Outcome::Declined, Outcome::Silent, Outcome::Wrong]);
    prop_oneof![
        3 => (class(), 1..4u32).prop_map(|(c, n)| Step::Register(c, n)),
        2 => (0..900u128).prop_map(Step::Bond),
        2 => (0..900u128).prop_map(Step::Unbond),
        1 => (class(), 1..4u32).prop_map(|(c, n)| Step::Update(c, n)),
        1 => Just(Step::Pause),
        2 => Just(Step::Resume),
        2 => any::<bool>().prop_map(Step::Devices),
        1 => Just(Step::Leave),
        2 => Just(Step::Withdraw),
        4 => Just(Step::Occupy),
        3 => Just(Step::Vacate),
        3 => (0..900u128).prop_map(Step::Lock),
        1 => (0..900u128).prop_map(Step::Unlock),
        2 => (0..1_500u128, 0..600u128).prop_map(|(a, s)| Step::Slash(a, s)),
        1 => (0..20u64).prop_map(Step::Apply),
        1 => (0..20u64).prop_map(Step::Cancel),
        3 => (outcome, 0..2 * FULL_WEIGHT).prop_map(|(o, v)| Step::Note(o, v)),
        3 => Just(Step::Miss),
        2 => Just(Step::Prove),
        1 => Just(Step::Disprove),
        1 => any::<bool>().prop_map(Step::Admission),
        3 => (0..900u128).prop_map(Step::Certify),
        2 => Just(Step::Decertify),
        1 => any::<bool>().prop_map(Step::Freeze),
        2 => (1..40u32).prop_map(Step::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn invariants_hold_after_any_steps_and_money_is_kept(
        steps in prop::collection::vec((1..6u8, step()), 1..80)
    ) {
        TestExt::new().build().execute_with(|| {
            let mut issuance = Balances::total_issuance();
            for (n, step) in steps {
                let who = account(n);
                let before = Standings::<Test>::get(&who);
                // A step may be refused.
                let _ = match step {
                    Step::Register(class, number) => register(&who, devices(class, number)),
                    Step::Bond(amount) => bond(who, amount),
                    Step::Unbond(amount) => unbond(who, amount),
                    Step::Update(class, number) => update(who.clone(), record(&who, devices(class, number))),
                    Step::Pause => pause(who),
                    Step::Resume => resume(who),
                    Step::Devices(working) => {
                        if Workers::may_report_devices(&who, working, System::block_number()) {
                            Workers::report_devices(&who, working);
                            let status = if working { Status::Active } else { Status::NoDevice };
                            assert_eq!(standing(&who).status, status);
                        }
                        Ok(())
                    }
                    Step::Leave => leave(who),
                    Step::Withdraw => withdraw(account(9), who),
                    Step::Occupy => {
                        occupy(&who);
                        Ok(())
                    }
                    Step::Vacate => {
                        if before.is_some_and(|standing| standing.busy > 0) {
                            Workers::vacate(&who);
                        }
                        Ok(())
                    }
                    Step::Lock(amount) => {
                        let free = Workers::free_bond(&who);
                        assert_eq!(Workers::lock(&who, amount), before.is_some() && amount <= free);
                        Ok(())
                    }
                    Step::Unlock(amount) => {
                        if before.is_some_and(|standing| standing.locked - standing.slashing >= amount) {
                            unlock(&who, amount);
                        }
                        Ok(())
                    }
                    Step::Slash(amount, claim) => {
                        slash(&who, amount, &[(account(9), claim)]);
                        let locked = before.map_or((0, 0), |standing| (standing.locked, standing.slashing));
                        assert_eq!(Workers::locked(&who), locked.0);
                        assert_eq!(Workers::slashing(&who), locked.1 + amount.min(locked.0 - locked.1));
                        Ok(())
                    }
                    Step::Apply(id) => Workers::apply_slash(RuntimeOrigin::signed(who), id),
                    Step::Cancel(id) => Workers::cancel_slash(RuntimeOrigin::root(), id),
                    Step::Note(outcome, value) => {
                        Workers::note(&who, outcome, value);
                        Ok(())
                    }
                    Step::Miss => {
                        Workers::miss(&who, TASK);
                        Ok(())
                    }
                    Step::Prove => {
                        Workers::prove(&who);
                        Ok(())
                    }
                    Step::Disprove => {
                        Workers::disprove(&who);
                        Ok(())
                    }
                    Step::Admission(needed) => {
                        Admission::set(needed);
                        Ok(())
                    }
                    Step::Certify(amount) => certify(who, amount),
                    Step::Decertify => decertify(who),
                    Step::Freeze(frozen) => freeze(frozen),
                    Step::Pass(blocks) => {
                        pass(blocks);
                        Ok(())
                    }
                };
                for event in events() {
                    if let Event::Slashed { burned, .. } = event {
                        issuance -= burned;
                    }
                }
                System::reset_events();
                Workers::do_try_state().unwrap();
                assert_eq!(Balances::total_issuance(), issuance);
            }
            let active = Standings::<Test>::iter_values().filter(|s| s.status == Status::Active).count();
            assert_eq!(<Workers as WorkerRegistry>::active() as usize, active);
            // Every worker drawn has a free slot, so that the draws end.
            let mut uniform = 0;
            while let Some(drawn) = Workers::draw(None, uniform) {
                assert!(occupy(&drawn));
                Workers::do_try_state().unwrap();
                uniform += 1;
            }
            assert!(Standings::<Test>::iter_values().all(|s| s.position.is_none()));
            // Every certificate is returned, also to a worker that has left or was forgotten.
            let _ = freeze(false);
            for who in (1..6u8).map(account) {
                if let Some(standing) = Standings::<Test>::get(&who) {
                    (0..standing.busy).for_each(|_| Workers::vacate(&who));
                    unlock(&who, standing.locked - standing.slashing);
                }
                let has_one = Certificates::<Test>::contains_key(&who);
                assert_eq!(decertify(who.clone()).is_ok(), has_one);
                assert_eq!(blc(&who), BLC_ENDOWMENT);
            }
        });
    }
}
