//! Every attack on this part that the design names, and the test that shows it to be a loss or
//! refused.
//!
//! Tests of this file are named from its modules on (`replay::…`), those of other files with the
//! file or crate before them. Attacks that take a real device, a real network or thousands of
//! workers are measured by `make bench-detection`, `make sim-collusion` and `make test`.
//!
//! # Losses of each party
//!
//! - **Worker commits garbage.** Sample drawn afterwards, auditors, jury; the bond is 1.5 times the
//!   reward. Tests:
//!   `disputes::on_seals::a_worker_who_computes_garbage_loses_its_bond_and_the_task_is_redone`,
//!   `collusion::cheating_earns_less_than_honest_work`, `make bench-detection`.
//! - **Worker goes silent.** A slash that doubles; the task goes to somebody else. Tests:
//!   `tests::faults::a_worker_who_does_not_commit_pays_for_its_silence`,
//!   `silence::of_one_worker_after_another_is_paid_by_them_and_not_by_the_requester`,
//!   `disputes::reputation::silence_costs_twice_as_much_each_time`,
//!   `silence::at_any_step_leaves_nothing_behind`.
//! - **Worker withholds the opening.** Treated as wrong. Tests:
//!   `tests::faults::a_worker_who_does_not_open_is_treated_as_wrong`,
//!   `disputes::challenges::a_worker_that_does_not_open_the_challenged_tile_is_wrong`.
//! - **Worker withholds the output.** `report_unavailable`, a jury fetches tiles drawn afresh.
//!   Test: `disputes::withheld_outputs::a_confirmed_report_is_a_slash_and_a_refund`.
//! - **Auditor is lazy or lies.** Its seal cannot match: jury, slash. Tests:
//!   `disputes::on_seals::an_auditor_who_lies_loses_its_bond_and_the_worker_is_paid`,
//!   `copying::an_auditor_who_copies_anothers_seal_loses_its_bond`.
//! - **Auditor is silent.** Loses its pay and a little bond; one seal suffices, with none auditors
//!   are drawn again. Tests:
//!   `tests::faults::a_silent_auditor_pays_a_little_and_the_other_suffices`,
//!   `tests::faults::silent_auditors_are_drawn_again_and_then_the_task_is_void`.
//! - **All auditors are the worker's friends.** Drawn by lot; a challenge calls for a jury drawn
//!   afresh. Tests:
//!   `collusion::both_auditors_are_friends_no_more_often_than_the_square_of_their_share`,
//!   `collusion::friends_who_pass_garbage_lose_to_one_challenger`, `make sim-collusion`.
//! - **Requester posts an endless or hostile kernel.** Found by two workers; reservation fee, no
//!   slash. Test:
//!   `requesters::an_endless_or_hostile_kernel_costs_the_reservation_fee_and_nobody_a_bond`.
//! - **Requester denies a good result.** Payment needs no consent. Tests:
//!   `requesters::cannot_deny_a_good_result`,
//!   `disputes::withheld_outputs::a_report_of_an_output_that_is_there_costs_the_bond`.
//! - **Anyone spams.** Reports are checked before inclusion; challenges cost a bond. Tests:
//!   `spam::what_passes_the_check_never_fails_in_the_block`,
//!   `spam::two_commitments_to_one_attempt_exclude_each_other_in_the_pool`,
//!   `griefing::a_challenge_without_need_costs_its_bond_each_time_and_the_worker_is_paid`.
//!
//! # How others failed
//!
//! - **Unsigned report accepted from anyone.** Worker key over chain, task, attempt, round and
//!   content. Tests: `tests::reports_are_checked::only_authorized_origins_dispatch_them`,
//!   `spam::what_passes_the_check_never_fails_in_the_block`.
//! - **Jury drawn by predictable or grindable randomness.** VRF outputs of blocks after the fact.
//!   Tests: `entropy::tests::the_author_of_the_committing_block_cannot_steer_its_sample`,
//!   `tests::sampling::waits_longer_where_blocks_have_no_output`,
//!   `disputes::on_seals::the_jury_is_drawn_with_outputs_that_came_after_the_opening`.
//! - **A job stopped by somebody who does not own it.** Only its requester cancels, and only what
//!   is queued. Test: `requesters::only_the_owner_stops_a_job_and_only_what_nobody_has_begun`.
//! - **Result copied from the mempool.** The signature is the assigned worker's; leaves carry the
//!   task. Tests: `copying::a_commitment_taken_from_the_mempool_is_worth_nothing_to_the_taker`,
//!   `copying::the_result_of_another_task_is_garbage`.
//! - **Self-dealing.** No part in one's own job; fees and most of each slash are lost. Tests:
//!   `collusion::a_requester_with_workers_of_its_own_only_loses`,
//!   `grinding::who_posts_again_and_again_never_takes_part_in_its_own_job`.
//! - **Payout receiver changed in mid-order.** No call names a receiver: the account that was drawn
//!   is paid. Test: `tests::honest_work::is_verified_and_paid`; pallet-workers
//!   `update::replaces_what_is_declared_but_not_the_key`.
//! - **Payout error swallowed.** A payment that fails is owed and claimed. Tests: pallet-jobs
//!   `a_blocked_worker_is_owed_and_claims_later`, `a_blocked_requester_is_owed_its_refund`.
//! - **Refund impossible after partial failure.** Each task is closed for itself. Test:
//!   `silence::at_any_step_leaves_nothing_behind`; pallet-jobs `refunds_follow_a_partial_failure`.
//! - **Slash arithmetic on an account that has left.** The bond stays until the slash is carried
//!   out. Test: `slashes::leaving_does_not_save_a_cheats_bond`; pallet-workers
//!   `slashing::carried_out::it_reaches_the_leaving_before_they_can_withdraw`.
//! - **Offline and online in the same block.** Duties and strikes stay. Test:
//!   `slashes::going_offline_and_back_in_the_same_block_escapes_nothing`; pallet-workers
//!   `health::a_missed_canary::is_not_forgotten_by_going_offline_and_back_in_the_same_block`.
//! - **Zero or overflowing price.** Checked arithmetic; there is a least bond. Test:
//!   `prices::neither_nothing_nor_too_much_makes_a_bond_cheap`.
//! - **Unbounded storage.** Everything open has a deadline, everything closed is gone. Tests:
//!   `silence::at_any_step_leaves_nothing_behind`,
//!   `tests::deadlines::nothing_is_left_when_all_jobs_have_ended`.
//! - **Constant weights, hooks that return weight zero.** Measured; hooks return what they did.
//!   Tests: `hooks::weigh_what_they_do_and_no_more_than_is_allowed`,
//!   `hooks::without_weight_nothing_is_done_and_nothing_lost`.
//! - **Requester withholds input.** `InputUnavailable`: no slash, the task is refunded. Test:
//!   `requesters::withholding_an_input_costs_no_worker_its_bond`.
//! - **Start time chosen by the user.** No call takes a time: deadlines are counted from the block
//!   of the event. Test: `tests::assignment::a_task_goes_to_a_worker_who_locks_its_bond`.
//! - **Lazy auditors who always say yes.** A seal is over leaves the auditor has not seen. Test:
//!   `copying::an_auditor_who_copies_anothers_seal_loses_its_bond`.
//! - **Failing extrinsics a check before inclusion would keep out.** `authorize` tells what
//!   dispatch will say. Tests: `spam::what_passes_the_check_never_fails_in_the_block`,
//!   `tests::reports_are_checked::only_reportable_reasons_are_taken`.
//! - **"burn" that only moves coins.** Total issuance falls by what is burned: the mock checks it
//!   after every test of this crate.
//! - **Slashing left undone.** Slashes are carried out, by anybody or by the sweep. Tests:
//!   `disputes::on_seals::a_worker_who_computes_garbage_loses_its_bond_and_the_task_is_redone`,
//!   `slashes::two_faults_in_one_block_in_two_roles_take_what_each_had_locked`.
//!
//! # The others
//!
//! - **Collusion of worker and auditor.** As above; whoever is paid of a slash, most of it is lost.
//!   Tests: `collusion::cheating_earns_less_than_honest_work`,
//!   `collusion::auditors_who_frame_an_honest_worker_pay_it`,
//!   `verdict::tests::a_coalition_of_all_who_are_paid_loses_most`,
//!   `disputes::on_seals::a_lying_worker_and_two_lying_auditors_of_three_still_fail_before_a_jury`.
//! - **Sybil workers of one owner in one job.** One task of a job, one part in a task, one bond for
//!   each. Tests: `sybils::one_account_has_one_part_in_a_task_and_one_task_of_a_job`,
//!   `sybils::a_bond_is_lost_for_each_of_them`.
//! - **Grinding by re-submission.** A commitment is final; auditors are drawn with later outputs; a
//!   job once begun cannot be taken back. Tests: `grinding::a_commitment_is_final`,
//!   `grinding::a_sample_does_not_depend_on_what_is_committed_to`,
//!   `grinding::a_seal_and_what_was_revealed_are_final`,
//!   `grinding::who_posts_again_and_again_never_takes_part_in_its_own_job`,
//!   `entropy::tests::the_author_of_the_committing_block_cannot_steer_its_sample`.
//! - **Replay on another task, attempt or chain, or as another report.** All of them are signed.
//!   Tests: `replay::a_commitment_counts_for_no_other_task`,
//!   `replay::a_commitment_counts_for_no_other_attempt`,
//!   `replay::a_commitment_counts_on_no_other_chain`, `replay::a_commitment_is_no_other_report`.
//! - **Replay in another round or on another fork.** The round is signed. Tests:
//!   `replay::a_seal_counts_in_no_other_round_of_its_audit`,
//!   `replay::what_a_juror_seals_and_reveals_counts_in_no_other_dispute`,
//!   `tests::reports_are_checked::a_seal_or_an_opening_of_another_forks_sample_is_refused`.
//! - **Leaving with a slash pending.** A locked bond is not withdrawn. Tests:
//!   `slashes::leaving_does_not_save_a_cheats_bond`,
//!   `tests::deadlines::a_worker_may_leave_only_after_its_tasks`.
//! - **Slash larger than the bond.** Only the locked bond is slashed. A worker with too little free
//!   bond is not drawn. Test: `slashes::nobody_has_more_at_stake_than_it_has`; pallet-workers
//!   `slashing::a_pending_slash::takes_no_more_than_is_locked`.
//! - **Two faults in one block.** Each takes what it had locked. Tests:
//!   `slashes::two_faults_in_one_block_in_two_roles_take_what_each_had_locked`,
//!   `tests::faults::two_faults_in_one_block_take_each_bond_once`.
//! - **Challenges that only hold up the payment.** Decided ones cost a bond, undecided ones do not
//!   prolong the window. Tests:
//!   `griefing::a_challenge_without_need_costs_its_bond_each_time_and_the_worker_is_paid`,
//!   `griefing::what_nobody_can_judge_does_not_hold_up_a_payment_for_ever`.
//! - **A vain challenge that shields a wrong tile from others.** After a lost challenge there is
//!   time for another. Test: `griefing::a_vain_challenge_does_not_shield_a_wrong_tile`.

mod collusion;
mod copying;
mod griefing;
mod grinding;
mod hooks;
mod prices;
mod replay;
mod requesters;
mod silence;
mod slashes;
mod spam;
mod sybils;

use super::*;
use dpin_primitives::{
    BLC, BlockNumber,
    executor::Commitment,
    seal::salted_seal,
    tile_tree::TileTree,
    worker::{Penalty, Role},
};
use polkadot_sdk::{
    frame_support::{
        hypothetically,
        traits::{
            Authorize, Hooks,
            fungible::{Inspect, InspectHold},
        },
        weights::Weight,
    },
    frame_system,
    sp_runtime::transaction_validity::TransactionSource,
};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn bad_proof() -> DispatchError {
    DispatchError::Other("bad proof")
}

fn stage(task: TaskId) -> Stage {
    Tasks::<Test>::get(task).unwrap().stage
}

fn post(spec: dpin_primitives::job::JobSpec) -> TaskId {
    task(submit(spec), 0)
}

fn assigned(task: TaskId) -> AccountId {
    let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else { unreachable!() };
    run.worker
}

/// All that somebody owns: free, held, and set aside for a slash that is pending.
fn wealth<'a>(owners: impl IntoIterator<Item = &'a AccountId>) -> Balance {
    owners.into_iter().map(<Balances as Inspect<AccountId>>::total_balance).sum()
}

/// The task's worker commits to a tree of its choice.
fn commit_to(task: TaskId, tree: &TileTree) -> AccountId {
    let who = assigned(task);
    let (attempt, commitment) = (attempt(task), Commitment { root: tree.root(), ..commitment(task, true) });
    let signature = sign(number(&who), Step::Commit, task, attempt, &commitment);
    assert_ok!(report(Call::commit { task, attempt, commitment, signature }));
    who
}

/// The task's worker opens what it is asked for: the sample, or a challenged tile.
fn open_from(task: TaskId, tree: &TileTree) {
    let who = stage(task).run().unwrap().worker.clone();
    let (leaves, proof) = tree.open(&ProofOfCompute::sample(task)).unwrap();
    let (attempt, leaves, proof) = (attempt(task), Leaves::truncate_from(leaves), Proof::truncate_from(proof));
    let signature = sign(number(&who), Step::Open, task, attempt, &(&leaves, &proof));
    assert_ok!(report(Call::open { task, attempt, leaves, proof, signature }));
}

fn challenge(who: &AccountId, task: TaskId, tile: u32) -> DispatchResult {
    ProofOfCompute::challenge(RuntimeOrigin::signed(who.clone()), task, tile)
}

/// A task with a challenge window of `window` blocks that auditors found right.
fn proven(window: BlockNumber, honest: bool) -> (TaskId, AccountId, Vec<AccountId>) {
    let mut careful = spec(1);
    careful.audit.challenge_blocks = window;
    let task = post(careful);
    let worker = commit(task, honest);
    let auditors = audit(task, &[honest; 2]);
    open(task, honest);
    (task, worker, auditors)
}

/// The first workers that are none of these.
fn bystanders(parties: &[&AccountId]) -> impl Iterator<Item = AccountId> + use<> {
    let parties: Vec<AccountId> = parties.iter().map(|who| (*who).clone()).collect();
    (0..50).map(worker).filter(move |who| !parties.contains(who))
}

/// Whether somebody tells the truth: as the task's worker (`None`), or about a result that is right
/// or wrong.
type Morals<'a> = &'a dyn Fn(&AccountId, Option<bool>) -> bool;

/// Carry tasks to their end, everybody in time and as it pleases. At no moment has anybody two
/// parts in a task, or two tasks of a job.
fn play(tasks: &[TaskId], morals: Morals<'_>) {
    for _ in 0..500 {
        nobody_has_two_parts();
        if tasks.iter().all(|task| !Tasks::<Test>::contains_key(task)) {
            return;
        }
        let moved = tasks.iter().filter(|task| act(**task, morals)).count();
        if moved == 0 {
            pass(1);
        }
    }
    panic!("the tasks never ended");
}

fn nobody_has_two_parts() {
    for (who, duties, _) in Workers::engagements() {
        for (at, one) in duties.iter().enumerate() {
            for other in duties.iter().skip(at + 1) {
                assert_ne!(one.task, other.task, "{who} has two parts in a task");
                let both_work = one.role == Role::Worker && other.role == Role::Worker;
                assert!(!both_work || one.task.job != other.task.job, "{who} has two tasks of a job");
            }
        }
    }
}

/// Do what the task waits for, if it waits for anybody.
fn act(task: TaskId, morals: Morals<'_>) -> bool {
    let Some(state) = Tasks::<Test>::get(task) else { return false };
    let right = state.stage.commitment().map(|given| given.root == tree(task, true).root());
    match state.stage {
        Stage::Assigned { run, .. } => {
            commit(task, morals(&run.worker, None));
        }
        Stage::Auditing { audit, .. } => {
            for (auditor, _) in &audit.auditors {
                assert_ok!(seal_as(task, auditor, morals(auditor, right)));
            }
        }
        Stage::Opening { .. } => open(task, right == Some(true)),
        Stage::Deliberating { jury, .. } => {
            for juror in &jury.jurors {
                assert_ok!(seal_as_juror(task, &juror.who, &found(task, morals(&juror.who, right))));
            }
        }
        Stage::Revealing { jury, .. } => {
            for juror in &jury.jurors {
                assert_ok!(reveal_as(task, &juror.who, &found(task, morals(&juror.who, right))));
            }
        }
        _ => return false,
    }
    true
}

/// Nobody is engaged, and nothing is held or owed.
fn nothing_is_left() {
    assert_eq!(Tasks::<Test>::iter().count() + live_deadlines(), 0);
    assert_eq!(Workers::engagements().len() + Regions::<Test>::iter().count(), 0);
    assert_eq!(Waiting::<Test>::iter().count() + Drawing::<Test>::iter().count(), 0);
    assert_eq!(pallet_jobs::Jobs::<Test>::iter().count(), 0);
    assert_eq!(escrow(), 0);
    assert!(pending().is_empty());
    for who in (0..20).map(worker).chain([REQUESTER]) {
        assert_eq!(locked(&who), 0, "{who} is engaged");
        assert_eq!(Balances::balance_on_hold(&HoldReason::Challenge.into(), &who), 0, "{who} has put up something");
    }
}
