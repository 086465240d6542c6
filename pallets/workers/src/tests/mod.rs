//! Tests of the pallet.

mod bond;
mod certificates;
mod declarations;
mod health;
mod index;
mod leave_and_withdraw;
mod lists;
mod locks;
mod pause_and_resume;
mod profile;
mod properties;
mod register;
mod slashing;
mod slots;
mod unbond;
mod update;

use crate::{
    Available, Certificates, Error, Event, Keys, NextSlash, SlashId, Standing, Standings, Status, WorkerRecord, mock::*,
};
use dpin_primitives::{
    AccountId, AssetKind, BLC, BLC_ID, Balance, BlockNumber, TaskId,
    api::{WorkerInfo, WorkerStatus},
    reason::ReasonCode,
    traits::{WorkerCount, WorkerHealth, WorkerRegistry},
    worker::{
        Capability, DeviceClass, Duty, DutyEnd, Fp32, MAX_DEVICES, MAX_DUTIES, Offer, Outcome, Penalty, Role, WorkerKey,
    },
};
use polkadot_sdk::{
    frame_support::{
        assert_noop, assert_ok,
        traits::{
            Hooks,
            fungible::MutateHold,
            tokens::{Fortitude, Precision},
        },
        weights::Weight,
    },
    sp_core::sr25519,
    sp_runtime::{DispatchError, DispatchResult, Perbill, TokenError},
};
use std::collections::BTreeMap;

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

/// The part of the bond that is set aside for slashes; 0 for strangers.
fn slashing(who: &AccountId) -> Balance {
    Standings::<Test>::get(who).map_or(0, |standing| standing.slashing)
}

/// Silences in a row; 0 for strangers.
fn strikes(who: &AccountId) -> u32 {
    Workers::state(who).map_or(0, |state| state.strikes)
}

/// Freeze or thaw BLC: while frozen, none is held or released.
fn freeze(frozen: bool) -> DispatchResult {
    let admin = RuntimeOrigin::signed(ADMIN);
    if frozen { Assets::freeze_asset(admin, BLC_ID) } else { Assets::thaw_asset(admin, BLC_ID) }
}

fn available(who: &AccountId) -> bool {
    Workers::info(who).unwrap().available
}

/// Give a worker a task for which nothing is locked.
fn occupy(who: &AccountId) -> bool {
    Workers::engage(who, Duty { task: TASK, role: Role::Worker }, 0)
}

fn unlock(who: &AccountId, amount: Balance) {
    relieve(who, TASK, amount)
}

/// End a duty without anybody's fault, and unlock `amount` planck.
fn relieve(who: &AccountId, task: TaskId, amount: Balance) {
    Workers::conclude(who, task, DutyEnd { bond: amount, outcome: None, worth: 0, penalty: None })
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

#[test]
fn constants_fit_each_other() {
    TestExt::new().build_and_execute(<Workers as Hooks<BlockNumber>>::integrity_test);
}
