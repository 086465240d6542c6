//! Every attack on this part that the design names, and the test that shows it to be a loss or
//! refused.
//!
//! Tests of this file are named from its modules on (`replay::…`), those of other files with the
//! file or crate before them. What takes a real device, a real network or thousands of workers is
//! measured by `make bench-detection`, `make sim-collusion` and `make test`.
//!
//! # Who can lose what
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
//!   `griefing::a_challenge_without_need_costs_its_bond_each_time_and_the_worker_is_paid_in_the_end`.
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
//! - **Payout error swallowed.** What cannot be paid is owed and claimed. Tests: pallet-jobs
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
//! - **Leaving with a slash pending.** What is locked is not withdrawn. Tests:
//!   `slashes::leaving_does_not_save_a_cheats_bond`,
//!   `tests::deadlines::a_worker_may_leave_only_after_its_tasks`.
//! - **Slash larger than the bond.** Only what is locked is slashed; who has too little free is not
//!   drawn. Test: `slashes::nobody_has_more_at_stake_than_it_has`; pallet-workers
//!   `slashing::a_pending_slash::takes_no_more_than_is_locked`.
//! - **Two faults in one block.** Each takes what it had locked. Tests:
//!   `slashes::two_faults_in_one_block_in_two_roles_take_what_each_had_locked`,
//!   `tests::faults::two_faults_in_one_block_take_each_bond_once`.
//! - **Challenges that only hold up the payment.** Decided ones cost a bond, undecided ones do not
//!   prolong the window. Tests:
//!   `griefing::a_challenge_without_need_costs_its_bond_each_time_and_the_worker_is_paid_in_the_end`,
//!   `griefing::what_nobody_can_judge_does_not_hold_up_a_payment_for_ever`.
//! - **A vain challenge that shields a wrong tile from others.** After a lost challenge there is
//!   time for another. Test: `griefing::a_vain_challenge_does_not_shield_a_wrong_tile`.

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
    for (who, duties) in Workers::all_duties() {
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

mod replay {
    use super::*;

    /// The check refuses the call for its signature alone.
    fn assert_not_signed(call: &Call<Test>) {
        assert_noop!(report(call.clone()), bad_proof());
    }

    /// The call would be taken.
    fn assert_taken(call: &Call<Test>) {
        hypothetically!({
            assert_ok!(report(call.clone()));
        });
    }

    #[test]
    fn a_commitment_counts_for_no_other_task() {
        // One worker alone: all tasks are its own.
        TestExt::new(1).build_and_execute(|| {
            let first = post(spec(1));
            assigned(first);
            let content = commitment(first, true);
            let signature = sign(0, Step::Commit, first, 0, &content);
            let belongs = Call::commit { task: first, attempt: 0, commitment: content, signature: signature.clone() };
            assert_ok!(report(belongs));
            let second = post(spec(1));
            assigned(second);
            let replayed = |signature| Call::commit { task: second, attempt: 0, commitment: content, signature };
            assert_not_signed(&replayed(signature));
            assert_taken(&replayed(sign(0, Step::Commit, second, 0, &content)));
        });
    }

    #[test]
    fn a_commitment_counts_for_no_other_attempt() {
        TestExt::new(1).build_and_execute(|| {
            let task = post(spec(1));
            assigned(task);
            let content = commitment(task, true);
            let signature = sign(0, Step::Commit, task, 0, &content);
            let call = |attempt| Call::commit { task, attempt, commitment: content, signature: signature.clone() };
            let second_attempt =
                |attempt| Tasks::<Test>::mutate(task, |state| state.as_mut().unwrap().attempt = attempt);
            second_attempt(1);
            assert_noop!(report(call(0)), stale());
            assert_not_signed(&call(1));
            second_attempt(0);
            assert_taken(&call(0));
        });
    }

    #[test]
    fn a_commitment_counts_on_no_other_chain() {
        TestExt::new(1).build_and_execute(|| {
            let task = post(spec(1));
            assigned(task);
            let (content, here) = (commitment(task, true), ProofOfCompute::genesis());
            let signature = sign(0, Step::Commit, task, 0, &content);
            let call = Call::commit { task, attempt: 0, commitment: content, signature };
            frame_system::BlockHash::<Test>::insert(0, Hash::repeat_byte(0xaa));
            assert_not_signed(&call);
            assert_ne!(tree(task, true).root(), content.root, "the leaves are others, too");
            frame_system::BlockHash::<Test>::insert(0, here);
            assert_taken(&call);
        });
    }

    #[test]
    fn a_commitment_is_no_other_report() {
        TestExt::new(1).build_and_execute(|| {
            let task = post(spec(1));
            assigned(task);
            let reason = ReasonCode::Declined;
            let call = |signature| Call::report_failure { task, attempt: 0, reason, signature };
            assert_not_signed(&call(sign(0, Step::Commit, task, 0, &reason)));
            assert_taken(&call(sign(0, Step::Failure, task, 0, &reason)));
        });
    }

    #[test]
    fn a_seal_counts_in_no_other_round_of_its_audit() {
        // The two that are not the worker audit every round.
        TestExt::new(3).build_and_execute(|| {
            let task = post(spec(1));
            commit(task, true);
            let Stage::Auditing { audit, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else {
                unreachable!()
            };
            let auditor = audit.auditors[0].0.clone();
            let first_round = sealed(task, &auditor);
            assert_taken(&first_round);
            pass(RULES.seal_blocks + 2);
            let Stage::Auditing { audit: again, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else {
                unreachable!()
            };
            assert!(again.auditors.iter().any(|(who, _)| *who == auditor) && again.seed != audit.seed);
            assert_not_signed(&first_round);
            assert_taken(&sealed(task, &auditor));
        });
    }

    fn sealed(task: TaskId, auditor: &AccountId) -> Call<Test> {
        let seal = seal(auditor, task, 0, &found(task, true));
        let signature = sign(number(auditor), Step::Seal, task, 0, &seal);
        Call::seal { task, attempt: 0, auditor: auditor.clone(), seal, signature }
    }

    #[test]
    fn what_a_juror_seals_and_reveals_counts_in_no_other_dispute() {
        // Worker, two auditors and the challenger: the five others are every jury. The same tile is
        // challenged twice, so that seal and leaves are the same.
        TestExt::new(9).build_and_execute(|| {
            let (task, worker_, auditors) = proven(100, true);
            let challenger = bystanders(&[&worker_, &auditors[0], &auditors[1]]).next().unwrap();
            let mut before: Option<[Call<Test>; 2]> = None;
            for _ in 0..2 {
                assert_ok!(challenge(&challenger, task, 3));
                let Stage::Deliberating { jury, .. } = pass_until(task, |s| matches!(s, Stage::Deliberating { .. }))
                else {
                    unreachable!()
                };
                let who = (0..9).map(worker).find(|who| jury.jurors.iter().any(|juror| juror.who == *who)).unwrap();
                let (leaves, salt) = (Leaves::truncate_from(found(task, true)), salt(&who));
                let seal = salted_seal(&who, task, 0, &leaves, &salt);
                let signature = sign(number(&who), Step::Seal, task, 0, &seal);
                let sealing = Call::seal { task, attempt: 0, auditor: who.clone(), seal, signature };
                let signature = sign(number(&who), Step::Reveal, task, 0, &(&leaves, salt));
                let revealing = Call::reveal { task, attempt: 0, juror: who, leaves, salt, signature };
                if let Some([sealed_before, _]) = &before {
                    assert_not_signed(sealed_before);
                }
                assert_taken(&sealing);
                let jurors = deliberate(task, &[Some(true); 5]);
                if let Some([_, revealed_before]) = &before {
                    assert_not_signed(revealed_before);
                }
                assert_taken(&revealing);
                open_from(task, &tree(task, true));
                reveal(task, &jurors, &[Some(true); 5]);
                before = Some([sealing, revealing]);
            }
        });
    }
}

mod copying {
    use super::*;

    #[test]
    fn a_commitment_taken_from_the_mempool_is_worth_nothing_to_the_taker() {
        TestExt::new(4).build_and_execute(|| {
            let task = post(spec(1));
            let who = assigned(task);
            let thief = bystanders(&[&who]).next().unwrap();
            let content = commitment(task, true);
            let call = |signature| Call::commit { task, attempt: 0, commitment: content, signature };
            assert_noop!(report(call(sign(number(&thief), Step::Commit, task, 0, &content))), bad_proof());
            // Whoever sends the original: it is the worker's.
            assert_ok!(report(call(sign(number(&who), Step::Commit, task, 0, &content))));
            assert_eq!(stage(task).run().unwrap().worker, who);
            let before = wealth([&thief]);
            play(&[task], &|_, _| true);
            assert!(wealth([&thief]) - before < REWARD / 2, "no more than an auditor's pay");
        });
    }

    #[test]
    fn the_result_of_another_task_is_garbage() {
        TestExt::new(9).build_and_execute(|| {
            let (original, copy) = (post(spec(1)), post(spec(1)));
            let published = tree(original, true);
            let copier = commit_to(copy, &published);
            audit(copy, &[true, true]);
            open_from(copy, &published);
            try_case(copy, &[Some(true); 5]);
            assert!(pending().contains(&(copier, ReasonCode::WrongResult, STAKE)));
        });
    }

    #[test]
    fn an_auditor_who_copies_anothers_seal_loses_its_bond() {
        TestExt::new(9).build_and_execute(|| {
            let task = post(spec(1));
            commit(task, true);
            let auditors = audit(task, &[true]);
            let Stage::Auditing { audit, .. } = stage(task) else { unreachable!() };
            let copied = audit.auditors[0].1.unwrap();
            let lazy = auditors[1].clone();
            let before = wealth([&lazy]);
            let signature = sign(number(&lazy), Step::Seal, task, 0, &copied);
            assert_ok!(report(Call::seal { task, attempt: 0, auditor: lazy.clone(), seal: copied, signature }));
            open(task, true);
            try_case(task, &[Some(true); 5]);
            pass(SLASH_DELAY + 1);
            assert_eq!(wealth([&lazy]), before - STAKE, "and is paid nothing");
        });
    }
}

mod grinding {
    use super::*;

    #[test]
    fn a_commitment_is_final() {
        TestExt::new(4).build_and_execute(|| {
            let task = post(spec(1));
            let who = commit(task, true);
            for other in [true, false] {
                let content = Commitment { kernel_ms: 6, ..commitment(task, other) };
                let signature = sign(number(&who), Step::Commit, task, 0, &content);
                assert_noop!(report(Call::commit { task, attempt: 0, commitment: content, signature }), stale());
            }
            let reason = ReasonCode::DeviceLost;
            let signature = sign(number(&who), Step::Failure, task, 0, &reason);
            assert_noop!(report(Call::report_failure { task, attempt: 0, reason, signature }), stale());
        });
    }

    #[test]
    fn a_sample_does_not_depend_on_what_is_committed_to() {
        let sample_of = |honest| {
            let mut drawn = (Vec::new(), Vec::new());
            TestExt::new(9).build_and_execute(|| {
                let task = post(spec(1));
                commit(task, honest);
                let Stage::Auditing { audit, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else {
                    unreachable!()
                };
                drawn = (ProofOfCompute::sample(task), audit.auditors.into_inner());
            });
            drawn
        };
        assert_eq!(sample_of(true), sample_of(false));
    }

    #[test]
    fn a_seal_and_what_was_revealed_are_final() {
        TestExt::new(9).build_and_execute(|| {
            let task = post(spec(1));
            commit(task, true);
            let auditors = audit(task, &[false]);
            assert_noop!(seal_as(task, &auditors[0], true), stale());
            assert_ok!(seal_as(task, &auditors[1], true));
            open(task, true);
            let jurors = deliberate(task, &[Some(true)]);
            assert_noop!(seal_as_juror(task, &jurors[0], &found(task, false)), stale());
        });
    }

    #[test]
    fn who_posts_again_and_again_never_takes_part_in_its_own_job() {
        TestExt::new(12).build_and_execute(|| {
            // The first auditor of every task lies, so that there is always a jury.
            let one_lies = |who: &AccountId, right: Option<bool>| {
                let lies = right.is_some()
                    && Tasks::<Test>::iter_values().any(
                        |state| matches!(&state.stage, Stage::Auditing { audit, .. } if audit.auditors[0].0 == *who),
                    );
                !lies
            };
            let parts_of_worker_0 = |jobs: core::ops::Range<u64>| {
                let mut parts = BTreeSet::new();
                for event in events() {
                    match event {
                        Event::TaskAssigned { task, worker: who, .. }
                            if jobs.contains(&task.job) && who == worker(0) =>
                        {
                            parts.insert("worker");
                        }
                        Event::AuditorsDrawn { task, auditors: drawn, .. }
                            if jobs.contains(&task.job) && drawn.contains(&worker(0)) =>
                        {
                            parts.insert("auditor");
                        }
                        Event::JuryDrawn { task, jurors: drawn, .. }
                            if jobs.contains(&task.job) && drawn.contains(&worker(0)) =>
                        {
                            parts.insert("juror");
                        }
                        _ => {}
                    }
                }
                parts
            };
            assert_ok!(Jobs::register_kernel(RuntimeOrigin::signed(REQUESTER), manifest()));
            for job in 0..48 {
                let requester = if job < 24 { worker(0) } else { REQUESTER };
                assert_ok!(Jobs::submit_job(RuntimeOrigin::signed(requester), spec(1)));
                play(&[task(job, 0)], &one_lies);
                // Nobody runs out of bond or reputation.
                pass(SLASH_DELAY + 1);
                for who in (0..12).map(worker) {
                    trust(&who);
                    assert_ok!(Workers::bond(RuntimeOrigin::signed(who), 2 * STAKE));
                }
            }
            assert!(parts_of_worker_0(0..24).is_empty());
            assert_eq!(parts_of_worker_0(24..48).len(), 3, "it takes every part in the jobs of others");
        });
    }
}

mod collusion {
    use super::*;

    #[test]
    fn both_auditors_are_friends_no_more_often_than_the_square_of_their_share() {
        TestExt::new(10).build_and_execute(|| {
            let is_friend = |who: &AccountId| number(who) < 5;
            let (mut tasks, mut unseen) = (0, 0);
            for _ in 0..300 {
                let task = post(spec(1));
                let cheat = commit(task, true);
                let Stage::Auditing { audit, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else {
                    unreachable!()
                };
                if is_friend(&cheat) {
                    tasks += 1;
                    unseen += u32::from(audit.auditors.iter().all(|(auditor, _)| is_friend(auditor)));
                }
                play(&[task], &|_, _| true);
            }
            // Half of all are friends: (1/2)² at most, and as the worker is one of them 4/9 · 3/8 =
            // 1/6.
            assert!(tasks > 100 && unseen > 0, "{unseen} of {tasks}");
            assert!(unseen * 4 < tasks, "{unseen} of {tasks}");
        });
    }

    #[test]
    fn cheating_earns_less_than_honest_work() {
        // A third of the workers do no work at all and cover each other.
        let friends: Vec<AccountId> = (0..4).map(worker).collect();
        let earned = |cheating: bool| {
            let mut earned = 0;
            TestExt::new(12).build_and_execute(|| {
                let before = wealth(&friends) as i128;
                for _ in 0..20 {
                    let task = post(spec(1));
                    play(&[task], &|who, right| !cheating || !friends.contains(who) || right == Some(true));
                }
                pass(SLASH_DELAY + 1);
                earned = wealth(&friends) as i128 - before;
            });
            earned
        };
        let (honest, cheats) = (earned(false), earned(true));
        assert!(honest > 0 && cheats < 0, "honest work earns {honest}, cheating {cheats}");
    }

    #[test]
    fn friends_who_pass_garbage_lose_to_one_challenger() {
        TestExt::new(9).build_and_execute(|| {
            TestRules::set(Rules { max_attempts: 1, ..RULES });
            let (task, cheat, auditors) = proven(30, false);
            let coalition = [&cheat, &auditors[0], &auditors[1]];
            let before = wealth(coalition);
            let hero = bystanders(&coalition).next().unwrap();
            let heros = wealth([&hero]);
            assert_ok!(challenge(&hero, task, 3));
            let jurors = deliberate(task, &[Some(true); 5]);
            open_from(task, &tree(task, false));
            reveal(task, &jurors, &[Some(true); 5]);
            pass(SLASH_DELAY + 1);
            let lost = STAKE;
            assert!(before - wealth(coalition) >= lost * 3 / 4, "{} of {lost}", before - wealth(coalition));
            assert_eq!(wealth([&hero]) - heros, RULES.shares.finders.mul_floor(lost) / 2);
            assert_eq!(failures(), [ReasonCode::WrongResult], "and the requester is refunded");
        });
    }

    #[test]
    fn auditors_who_frame_an_honest_worker_pay_it() {
        TestExt::new(9).build_and_execute(|| {
            let task = post(spec(1));
            let framed = commit(task, true);
            let before = wealth([&framed]);
            let auditors = audit(task, &[false, false]);
            let villains = wealth(&auditors);
            open(task, true);
            try_case(task, &[Some(true); 5]);
            pass(SLASH_DELAY + 1);
            let pay = REWARD - pallet_jobs::Pallet::<Test>::quote(&spec(1)).unwrap().per_task.worker_fee;
            let damages = RULES.shares.injured.mul_floor(STAKE);
            assert_eq!(wealth([&framed]) - before, pay + 2 * damages);
            assert_eq!(villains - wealth(&auditors), 2 * STAKE);
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(24) })]

        /// The requester owns three of twelve workers. They do the work or not, cover each other's
        /// garbage or not, and accuse honest workers or not; all but fees, slashes and the pay of
        /// others stays in the family.
        #[test]
        fn a_requester_with_workers_of_its_own_only_loses(
            start in 1u32..2_000, garbage: bool, covers: bool, frames: bool, auditors in 1u32..4,
        ) {
            TestExt::new(12).build_and_execute(|| {
                System::set_block_number(start);
                let family: Vec<AccountId> = (0..3).map(worker).chain([REQUESTER]).collect();
                let before = wealth(&family);
                let morals = |who: &AccountId, right: Option<bool>| {
                    let lies = match right {
                        None => garbage,
                        Some(true) => frames,
                        Some(false) => covers,
                    };
                    !(lies && family.contains(who))
                };
                for _ in 0..4 {
                    let mut job = spec(1);
                    job.audit.auditors = auditors;
                    play(&[post(job)], &morals);
                }
                pass(SLASH_DELAY + 1);
                assert!(wealth(&family) < before);
                nothing_is_left();
            });
        }
    }
}

mod sybils {
    use super::*;

    #[test]
    fn one_account_has_one_part_in_a_task_and_one_task_of_a_job() {
        // Garbage everywhere: workers, auditors and jurors of every task are drawn, three times
        // over. `play` looks after every step.
        TestExt::new(14).regions(&[b"u1", b"u1", b"dr"]).build_and_execute(|| {
            let job = submit(spec(3));
            play(&[0, 1, 2].map(|index| task(job, index)), &|_, right| right.is_some());
            let mut tried = BTreeSet::new();
            for event in events() {
                if let Event::TaskAssigned { task, worker, .. } = event {
                    assert!(tried.insert((task, worker)), "who failed does not get the task again");
                }
            }
            assert_eq!(tried.len() as u32, 3 * u32::from(RULES.max_attempts));
            pass(SLASH_DELAY + 1);
            nothing_is_left();
        });
    }

    #[test]
    fn a_bond_is_lost_for_each_of_them() {
        TestExt::new(12).build_and_execute(|| {
            let job = submit(spec(3));
            let tasks = [0, 1, 2].map(|index| task(job, index));
            pass(3);
            let sybils = tasks.map(assigned);
            let before = wealth(&sybils);
            let stake = STAKE;
            assert!(sybils.iter().all(|who| locked(who) == stake && bond(who) >= 20 * DPN));
            TestRules::set(Rules { max_attempts: 1, ..RULES });
            for task in tasks {
                commit(task, false);
            }
            play(&tasks, &|_, _| true);
            pass(SLASH_DELAY + 1);
            // As auditors and jurors of each other's tasks they were honest, and paid for it.
            let back = RULES.shares.finders.mul_floor(3 * stake);
            assert!(before - wealth(&sybils) >= 3 * stake - back);
            assert_eq!(failures().len(), 3);
        });
    }
}

/// Whoever is engaged, held or owed anything: nobody.
fn nothing_is_left() {
    assert_eq!(Tasks::<Test>::iter().count() + live_deadlines(), 0);
    assert_eq!(Workers::all_duties().len() + Regions::<Test>::iter().count(), 0);
    assert_eq!(Waiting::<Test>::iter().count() + Drawing::<Test>::iter().count(), 0);
    assert_eq!(pallet_jobs::Jobs::<Test>::iter().count(), 0);
    assert_eq!(escrow(), 0);
    assert!(pending().is_empty());
    for who in (0..20).map(worker).chain([REQUESTER]) {
        assert_eq!(locked(&who), 0, "{who} is engaged");
        assert_eq!(Balances::balance_on_hold(&HoldReason::Challenge.into(), &who), 0, "{who} has put up something");
    }
}

mod silence {
    use super::*;

    fn disputed() -> TaskId {
        let task = post(spec(1));
        commit(task, false);
        audit(task, &[true, true]);
        open(task, false);
        task
    }

    fn challenged() -> TaskId {
        let (task, worker, auditors) = proven(30, true);
        assert_ok!(challenge(&bystanders(&[&worker, &auditors[0], &auditors[1]]).next().unwrap(), task, 7));
        task
    }

    fn withheld() -> TaskId {
        let (task, ..) = proven(30, true);
        assert_ok!(ProofOfCompute::report_unavailable(RuntimeOrigin::signed(REQUESTER), task));
        task
    }

    /// From what is done here on nobody does anything: what becomes of it, and whether the
    /// requester is refunded.
    type Step = (&'static str, fn(), bool);

    const STEPS: [Step; 10] = [
        ("the worker does not commit", || _ = assigned(post(spec(1))), true),
        ("no auditor seals", || _ = commit(post(spec(1)), true), true),
        (
            "the worker does not open",
            || {
                let task = post(spec(1));
                commit(task, true);
                audit(task, &[true, true]);
            },
            true,
        ),
        (
            "no juror seals",
            || {
                disputed();
            },
            true,
        ),
        ("no juror reveals", || drop(deliberate(disputed(), &[Some(true); 5])), true),
        (
            "two jurors of five reveal",
            || {
                let task = disputed();
                let jurors = deliberate(task, &[Some(true); 5]);
                reveal(task, &jurors, &[Some(true); 2]);
            },
            true,
        ),
        (
            "nobody judges a challenge",
            || {
                challenged();
            },
            false,
        ),
        ("the challenged tile is not opened", || drop(deliberate(challenged(), &[Some(true); 5])), true),
        (
            "nobody fetches what is said to be withheld",
            || {
                withheld();
            },
            false,
        ),
        ("nobody tells whether it was there", || drop(deliberate(withheld(), &[Some(true); 5])), false),
    ];

    #[test]
    fn at_any_step_leaves_nothing_behind() {
        for (step, prepare, refunded) in STEPS {
            TestExt::new(12).regions(&[b"u1", b"u1", b"dr"]).build_and_execute(|| {
                submit(spec(1));
                play(&[task(0, 0)], &|_, _| true);
                let before = wealth([&REQUESTER]);
                prepare();
                pass(400);
                nothing_is_left();
                assert_eq!(failures().len(), usize::from(refunded), "{step}");
                assert_eq!(wealth([&REQUESTER]) >= before, refunded, "{step}");
            });
        }
    }

    #[test]
    fn of_one_worker_after_another_is_paid_by_them_and_not_by_the_requester() {
        TestExt::new(12).build_and_execute(|| {
            submit(spec(1));
            play(&[task(0, 0)], &|_, _| true);
            let (requester, bonds) = (wealth([&REQUESTER]), (0..12).map(|n| bond(&worker(n))).sum::<Balance>());
            post(spec(1));
            pass(400);
            assert_eq!(wealth([&REQUESTER]), requester);
            let price = SILENCE.mul_ceil(STAKE);
            let left = (0..12).map(|n| bond(&worker(n))).sum::<Balance>();
            assert_eq!(bonds - left, price * Balance::from(RULES.max_attempts));
        });
    }
}

mod requesters {
    use super::*;

    fn report_from(task: TaskId, reason: ReasonCode) -> AccountId {
        let (who, attempt) = (assigned(task), attempt(task));
        let signature = sign(number(&who), Step::Failure, task, attempt, &reason);
        assert_ok!(report(Call::report_failure { task, attempt, reason, signature }));
        who
    }

    #[test]
    fn an_endless_or_hostile_kernel_costs_the_reservation_fee_and_nobody_a_bond() {
        for reason in [ReasonCode::Timeout, ReasonCode::KernelFault { log: Hash::zero() }, ReasonCode::OutOfMemory] {
            TestExt::new(4).build_and_execute(|| {
                let task = post(spec(1));
                let before = wealth([&REQUESTER]);
                let workers: Vec<AccountId> = (0..4).map(worker).collect();
                let theirs = wealth(&workers);
                let found_by = [report_from(task, reason), report_from(task, reason)];
                assert_ne!(found_by[0], found_by[1]);
                assert_eq!(failures(), [reason]);
                let fee = pallet_jobs::Pallet::<Test>::quote(&spec(1)).unwrap().per_task.fee;
                assert!(fee > 0);
                assert_eq!((wealth([&REQUESTER]), wealth([&POT])), (before - fee, fee));
                assert_eq!(wealth(&workers), theirs);
                nothing_is_left();
            });
        }
    }

    #[test]
    fn withholding_an_input_costs_no_worker_its_bond() {
        TestExt::new(6).build_and_execute(|| {
            let task = post(spec(1));
            let before = wealth([&REQUESTER]);
            let reputation = |who: &AccountId| <Workers as WorkerRegistry>::reputation(who);
            let (at_first, bonded) = (reputation(&worker(0)), bond(&worker(0)));
            let reason = ReasonCode::InputUnavailable { blob: Hash::zero() };
            let tried: Vec<AccountId> = (0..RULES.max_attempts).map(|_| report_from(task, reason)).collect();
            assert_eq!(failures(), [reason]);
            assert_eq!(wealth([&REQUESTER]), before, "refunded in full: it may have been the network");
            assert!(tried.iter().all(|who| bond(who) == bonded && locked(who) == 0));
            // It may have been the worker, too: reporting it is not free, or who is offered little
            // work would do it.
            let lost = tried.iter().map(|who| at_first - reputation(who)).max().unwrap();
            assert!(lost > Perbill::zero() && lost < Perbill::from_percent(5), "{lost:?}");
            nothing_is_left();
        });
    }

    #[test]
    fn cannot_deny_a_good_result() {
        TestExt::new(4).build_and_execute(|| {
            let task = post(spec(1));
            let cost = pallet_jobs::Pallet::<Test>::quote(&spec(1)).unwrap().per_task;
            let who = commit(task, true);
            let before = Balances::free_balance(&who);
            let requester = RuntimeOrigin::signed(REQUESTER);
            assert_noop!(Jobs::cancel_job(requester.clone(), task.job), pallet_jobs::Error::<Test>::NothingToCancel);
            assert_noop!(ProofOfCompute::expire_task(requester.clone(), task), Error::<Test>::NotDue);
            // Neither the spending of all else nor silence changes anything.
            let rest = Balances::free_balance(REQUESTER) - ED;
            assert_ok!(Balances::transfer_keep_alive(requester, POT, rest));
            audit(task, &[true, true]);
            open(task, true);
            assert_eq!(Balances::free_balance(&who), before + cost.reward - cost.worker_fee);
        });
    }

    #[test]
    fn only_the_owner_stops_a_job_and_only_what_nobody_has_begun() {
        TestExt::new(1).build_and_execute(|| {
            let job = submit(spec(2));
            assigned(task(job, 0));
            let stop = |who| Jobs::cancel_job(RuntimeOrigin::signed(who), job);
            assert_noop!(stop(worker(0)), pallet_jobs::Error::<Test>::NotRequester);
            assert_ok!(stop(REQUESTER));
            assert!(Tasks::<Test>::contains_key(task(job, 0)) && !Tasks::<Test>::contains_key(task(job, 1)));
            assert_noop!(stop(REQUESTER), pallet_jobs::Error::<Test>::NothingToCancel);
        });
    }
}

mod slashes {
    use super::*;

    #[test]
    fn two_faults_in_one_block_in_two_roles_take_what_each_had_locked() {
        TestExt::new(9).build_and_execute(|| {
            TestRules::set(Rules { seal_blocks: 500, open_blocks: 500, ..RULES });
            let first = post(spec(1));
            let cheat = commit(first, false);
            audit(first, &[true, true]);
            // Until the cheat is drawn as an auditor, too.
            let second = loop {
                let task = post(spec(1));
                commit(task, true);
                let Stage::Auditing { audit, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else {
                    unreachable!()
                };
                if audit.auditors.iter().any(|(auditor, _)| *auditor == cheat) {
                    break task;
                }
                play(&[task], &|_, _| true);
            };
            let Stage::Auditing { audit, .. } = stage(second) else { unreachable!() };
            for (auditor, _) in &audit.auditors {
                assert_ok!(seal_as(second, auditor, *auditor != cheat));
            }
            open(second, true);
            let jurors = deliberate(second, &[Some(true); 5]);
            let (bonded, before) = (bond(&cheat), wealth([&cheat]));
            assert_eq!(locked(&cheat), STAKE + STAKE);

            reveal(second, &jurors, &[Some(true); 5]);
            open(first, true);
            let faults: Vec<_> = pending().into_iter().filter(|(who, ..)| *who == cheat).collect();
            let fault = |amount| (cheat.clone(), ReasonCode::WrongResult, amount);
            assert_eq!(faults, [fault(STAKE), fault(STAKE)]);
            assert_eq!(locked(&cheat), STAKE + STAKE, "both are set aside, nothing else");
            pass(SLASH_DELAY + 1);
            assert_eq!(bonded - bond(&cheat), STAKE + STAKE);
            assert_eq!(before - wealth([&cheat]), STAKE + STAKE);
            assert_eq!(locked(&cheat), 0);
        });
    }

    #[test]
    fn nobody_has_more_at_stake_than_it_has() {
        TestExt::new(1).build_and_execute(|| {
            let (who, unbond) = (worker(0), |amount| Workers::unbond(RuntimeOrigin::signed(worker(0)), amount));
            assert_ok!(unbond(bond(&who) - 20 * DPN));
            let task = post(spec(1));
            commit(task, true);
            assert_eq!((bond(&who), locked(&who)), (20 * DPN, STAKE));
            // What is left answers for no second task of this size, and what is locked cannot be
            // taken out.
            let second = post(spec(1));
            pass(10);
            assert!(matches!(stage(second), Stage::Queued { .. }));
            assert!(unbond(1).is_err());
            // Whatever a fault is said to cost.
            let penalty =
                Penalty { task, reason: ReasonCode::WrongResult, amount: Balance::MAX, claims: Default::default() };
            hypothetically!({
                <Workers as WorkerRegistry>::slash(&who, penalty);
                pass(SLASH_DELAY + 1);
                assert_eq!(bond(&who), 20 * DPN - STAKE);
            });
        });
    }

    #[test]
    fn leaving_does_not_save_a_cheats_bond() {
        TestExt::new(9).build_and_execute(|| {
            TestRules::set(Rules { max_attempts: 1, ..RULES });
            let task = post(spec(1));
            let cheat = commit(task, false);
            let before = wealth([&cheat]);
            assert_ok!(Workers::leave(RuntimeOrigin::signed(cheat.clone())));
            let mut refused = 0;
            let mut run_away = || {
                let done = Workers::withdraw(RuntimeOrigin::signed(cheat.clone()), cheat.clone());
                refused += u32::from(done.is_err());
            };
            while Tasks::<Test>::contains_key(task) {
                run_away();
                if !act(task, &|_, _| true) {
                    pass(1);
                }
            }
            assert_eq!(failures(), [ReasonCode::WrongResult]);
            for _ in 0..=SLASH_DELAY {
                run_away();
                pass(1);
            }
            run_away();
            assert!(refused as BlockNumber >= SLASH_DELAY);
            assert_eq!((bond(&cheat), Workers::info(&cheat)), (0, None), "it is gone at last");
            assert_eq!(before - wealth([&cheat]), STAKE);
        });
    }

    #[test]
    fn going_offline_and_back_in_the_same_block_escapes_nothing() {
        TestExt::new(1).build_and_execute(|| {
            let price = |task: TaskId, blink: bool| {
                let who = RuntimeOrigin::signed(assigned(task));
                let due = stage(task).due();
                if blink {
                    assert_ok!(Workers::pause(who.clone()));
                    assert_ok!(Workers::resume(who));
                }
                assert_eq!(stage(task).due(), due);
                pass(RUN_BLOCKS + 2);
                let price = pending()[0].2;
                pass(SLASH_DELAY + 1);
                price
            };
            let first = price(post(spec(1)), true);
            assert_eq!(first, SILENCE.mul_ceil(STAKE));
            assert_eq!(price(post(spec(1)), true), 2 * first, "the first silence is not forgotten");
        });
    }
}

mod griefing {
    use super::*;

    #[test]
    fn a_challenge_without_need_costs_its_bond_each_time_and_the_worker_is_paid_in_the_end() {
        TestExt::new(9).build_and_execute(|| {
            let (task, who, auditors) = proven(30, true);
            let villain = bystanders(&[&who, &auditors[0], &auditors[1]]).next().unwrap();
            let (before, workers) = (wealth([&villain]), wealth([&who]));
            const TIMES: Balance = 5;
            for _ in 0..TIMES {
                // Again and again in the very block of the verdict.
                assert_ok!(challenge(&villain, task, 0));
                let jurors = deliberate(task, &[Some(true); 5]);
                open_from(task, &tree(task, true));
                reveal(task, &jurors, &[Some(true); 5]);
            }
            assert_eq!(before - wealth([&villain]), TIMES * STAKE);
            pass(32);
            assert!(!Tasks::<Test>::contains_key(task) && failures().is_empty());
            let pay = REWARD - pallet_jobs::Pallet::<Test>::quote(&spec(1)).unwrap().per_task.worker_fee;
            let damages = RULES.shares.injured.mul_floor(STAKE);
            assert_eq!(wealth([&who]) - workers, pay + TIMES * damages);
        });
    }

    #[test]
    fn what_nobody_can_judge_does_not_hold_up_a_payment_for_ever() {
        // Too few for a jury: challenges come to nothing and cost nothing.
        TestExt::new(4).build_and_execute(|| {
            let (task, who, auditors) = proven(30, true);
            let villain = bystanders(&[&who, &auditors[0], &auditors[1]]).next().unwrap();
            let start = System::block_number();
            while Tasks::<Test>::contains_key(task) {
                assert!(System::block_number() - start < 100, "the worker waits for ever");
                let _ = ProofOfCompute::expire_task(RuntimeOrigin::signed(villain.clone()), task);
                let _ = challenge(&villain, task, 0);
                pass(1);
            }
            assert!(failures().is_empty());
        });
    }

    #[test]
    fn a_vain_challenge_does_not_shield_a_wrong_tile() {
        TestExt::new(12).build_and_execute(|| {
            let mut careful = spec(1);
            careful.audit.challenge_blocks = 12;
            let task = post(careful);
            // One tile is wrong.
            let leaves = (0..100).map(|tile| tree(task, tile != 99).open(&[tile]).unwrap().0[0]).collect();
            let wrong = TileTree::new(leaves);
            let cheat = commit_to(task, &wrong);
            let Stage::Auditing { audit, .. } = pass_until(task, |s| matches!(s, Stage::Auditing { .. })) else {
                unreachable!()
            };
            assert!(!ProofOfCompute::sample(task).contains(&99), "the sample misses it");
            let auditors: Vec<AccountId> = audit.auditors.iter().map(|(auditor, _)| auditor.clone()).collect();
            for auditor in &auditors {
                assert_ok!(seal_as(task, auditor, true));
            }
            open_from(task, &wrong);

            // A friend occupies the window with a tile that is right, and the worker takes its
            // time.
            let mut others = bystanders(&[&cheat, &auditors[0], &auditors[1]]);
            let (friend, hero) = (others.next().unwrap(), others.next().unwrap());
            assert_ok!(challenge(&friend, task, 0));
            let jurors = deliberate(task, &[Some(true); 5]);
            reveal(task, &jurors, &[Some(true); 5]);
            pass(RULES.open_blocks - 1);
            open_from(task, &wrong);
            pass(2);
            assert_ok!(challenge(&hero, task, 99));
            let jurors = deliberate(task, &[Some(true); 5]);
            open_from(task, &wrong);
            reveal(task, &jurors, &[Some(true); 5]);
            assert_eq!(pending(), [(cheat, ReasonCode::WrongResult, STAKE)]);
        });
    }
}

mod spam {
    use super::*;

    fn is_admitted(call: &Call<Test>) -> bool {
        RuntimeCall::from(call.clone()).authorize(TransactionSource::External).expect("a report").is_ok()
    }

    /// Every kind of report, by everybody, about this and the next attempt, true and untrue, each
    /// signed by its sender.
    fn all_reports(task: TaskId) -> Vec<(&'static str, AccountId, Call<Test>)> {
        let mut all = Vec::new();
        let sample = ProofOfCompute::sample(task);
        for (n, attempt, honest) in (0..9).flat_map(|n| [(n, 0, true), (n, 0, false), (n, 1, true)]) {
            let who = worker(n);
            let mut add = |kind, call| all.push((kind, who.clone(), call));
            for content in [commitment(task, honest), Commitment { output_len: 1, ..commitment(task, honest) }] {
                let signature = sign(n, Step::Commit, task, attempt, &content);
                add("commit", Call::commit { task, attempt, commitment: content, signature });
            }
            for reason in [ReasonCode::Timeout, ReasonCode::WrongResult, ReasonCode::NoVerdict] {
                let signature = sign(n, Step::Failure, task, attempt, &reason);
                add("failure", Call::report_failure { task, attempt, reason, signature });
            }
            let (leaves, proof) = tree(task, honest).open(&sample).unwrap_or_default();
            let (leaves, proof) = (Leaves::truncate_from(leaves), Proof::truncate_from(proof));
            for given in [seal(&who, task, attempt, &leaves), salted_seal(&who, task, attempt, &leaves, &salt(&who))] {
                let signature = sign(n, Step::Seal, task, attempt, &given);
                add("seal", Call::seal { task, attempt, auditor: who.clone(), seal: given, signature });
            }
            let signature = sign(n, Step::Reveal, task, attempt, &(&leaves, salt(&who)));
            let juror = who.clone();
            add("reveal", Call::reveal { task, attempt, juror, leaves: leaves.clone(), salt: salt(&who), signature });
            let signature = sign(n, Step::Open, task, attempt, &(&leaves, &proof));
            add("open", Call::open { task, attempt, leaves, proof, signature });
        }
        all
    }

    /// Who may report what now; that each such report succeeds.
    fn admitted(task: TaskId) -> BTreeSet<(&'static str, AccountId)> {
        let passing = all_reports(task).into_iter().filter(|(.., call)| is_admitted(call));
        passing
            .map(|(kind, who, call)| {
                hypothetically!({
                    assert_ok!(report(call));
                });
                (kind, who)
            })
            .collect()
    }

    #[test]
    fn what_passes_the_check_never_fails_in_the_block() {
        TestExt::new(9).build_and_execute(|| {
            let task = post(spec(1));
            let by = |kind: &'static str, whom: &[AccountId]| {
                whom.iter().map(|who| (kind, who.clone())).collect::<BTreeSet<_>>()
            };
            assert!(admitted(task).is_empty(), "queued");
            let cheat = assigned(task);
            let mut expected = by("commit", std::slice::from_ref(&cheat));
            expected.extend(by("failure", std::slice::from_ref(&cheat)));
            assert_eq!(admitted(task), expected);
            commit(task, false);
            assert!(admitted(task).is_empty(), "committed");
            pass_until(task, |s| matches!(s, Stage::Auditing { .. }));
            let Stage::Auditing { audit: drawn, .. } = stage(task) else { unreachable!() };
            let auditors: Vec<AccountId> = drawn.auditors.iter().map(|(auditor, _)| auditor.clone()).collect();
            assert_eq!(admitted(task), by("seal", &auditors));
            audit(task, &[true, true]);
            assert_eq!(admitted(task), by("open", &[cheat]));
            open(task, false);
            assert!(admitted(task).is_empty(), "disputed");
            let jurors = deliberate(task, &[Some(true), Some(true), Some(true)]);
            assert_eq!(admitted(task), by("seal", &jurors[3..]));
            pass(RULES.seal_blocks + 2);
            assert_eq!(admitted(task), by("reveal", &jurors[..3]), "only who has sealed");
        });
    }

    #[test]
    fn two_commitments_to_one_attempt_exclude_each_other_in_the_pool() {
        TestExt::new(4).build_and_execute(|| {
            let task = post(spec(1));
            let who = assigned(task);
            let provides = |honest| {
                let content = commitment(task, honest);
                let signature = sign(number(&who), Step::Commit, task, 0, &content);
                let call = RuntimeCall::from(Call::commit { task, attempt: 0, commitment: content, signature });
                call.authorize(TransactionSource::External).unwrap().unwrap().0.provides
            };
            assert_eq!(provides(true), provides(false));
        });
    }
}

mod prices {
    use super::*;
    use polkadot_sdk::sp_runtime::FixedU128;

    #[test]
    fn neither_nothing_nor_too_much_makes_a_bond_cheap() {
        let priced = |parts| Rules { asset_price: FixedU128::from_inner(parts), ..RULES };
        assert_eq!(priced(0).task_bond(&BLC, REWARD), Some(RULES.min_task_bond));
        assert_eq!(priced(u128::MAX).task_bond(&BLC, Balance::MAX), None, "and nobody is drawn");
        assert_eq!(RULES.task_bond(&BLC, Balance::MAX), None);
        assert!(Rules { bond_factor: FixedU128::from_rational(149, 100), ..RULES }.check().is_err());
    }
}

mod hooks {
    use super::*;

    #[test]
    fn weigh_what_they_do_and_no_more_than_is_allowed() {
        TestExt::new(0).build_and_execute(|| {
            let idle = ProofOfCompute::on_initialize(1);
            assert!(idle.all_gt(Weight::zero()));
            submit(spec(20));
            let busy = ProofOfCompute::on_initialize(2);
            assert_eq!(busy, idle + <() as WeightInfo>::assign_task() * 8, "eight of twenty");
            System::set_block_number(RULES.queue_blocks + 5);
            for limit in [Weight::zero(), <() as WeightInfo>::sweep_block() * 3, Weight::MAX] {
                assert!(ProofOfCompute::on_idle(System::block_number(), limit).all_lte(limit));
            }
            assert!(escrow() == 0);
        });
    }

    #[test]
    fn without_weight_nothing_is_done_and_nothing_lost() {
        TestExt::new(0).build_and_execute(|| {
            submit(spec(3));
            System::set_block_number(RULES.queue_blocks + 5);
            assert_eq!(ProofOfCompute::on_idle(System::block_number(), Weight::zero()), Weight::zero());
            assert_eq!((Tasks::<Test>::iter().count(), live_deadlines()), (3, 3));
            let done = ProofOfCompute::on_idle(System::block_number(), Weight::MAX);
            assert!(done.all_gt(Weight::zero()));
            pass(1);
            nothing_is_left();
        });
    }
}
