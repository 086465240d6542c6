//! Juries, challenges and outputs that are withheld.

use super::*;
use crate::verdict::QUORUM;

const HONEST: Option<bool> = Some(true);
const LYING: Option<bool> = Some(false);
const SILENT: Option<bool> = None;

fn fault(who: &AccountId, amount: Balance) -> (AccountId, ReasonCode, Balance) {
    (who.clone(), ReasonCode::WrongResult, amount)
}

/// A task whose worker computed garbage and whose auditors say so: disputed.
fn disputed(honest_worker: bool, auditors: &[bool]) -> (TaskId, AccountId, Vec<AccountId>) {
    let task = task(submit(spec(1)), 0);
    let worker = commit(task, honest_worker);
    let auditors = audit(task, auditors);
    open(task, honest_worker);
    (task, worker, auditors)
}

/// A task with a window of 30 blocks that was found right.
fn proven(honest_worker: bool) -> (TaskId, AccountId, Vec<AccountId>) {
    let mut careful = spec(1);
    careful.audit.challenge_blocks = 30;
    let task = task(submit(careful), 0);
    let worker = commit(task, honest_worker);
    let auditors = audit(task, &[honest_worker; 2]);
    open(task, honest_worker);
    assert!(matches!(stage(task), Stage::Verified { .. }));
    (task, worker, auditors)
}

fn stage(task: TaskId) -> Stage {
    Tasks::<Test>::get(task).unwrap().stage
}

fn put_up(who: &AccountId) -> Balance {
    use polkadot_sdk::frame_support::traits::fungible::InspectHold;
    Balances::balance_on_hold(&HoldReason::Challenge.into(), who)
}

mod on_seals {
    use super::*;

    #[test]
    fn a_worker_who_computes_garbage_loses_its_bond_and_the_task_is_redone() {
        TestExt::new(9).build_and_execute(|| {
            let (task, cheat, auditors) = disputed(false, &[true, true]);
            let bonded = bond(&cheat);
            let jurors = try_case(task, &[HONEST; 5]);
            let lost = STAKE;
            assert_eq!(pending(), [fault(&cheat, lost)]);
            assert_eq!(bond(&cheat), bonded, "the slash is pending");

            // The requester first, then the honest auditors and jurors.
            let each = RULES.shares.finders.mul_floor(lost) / 7;
            let mut expected = vec![(REQUESTER, RULES.shares.injured.mul_floor(lost))];
            expected.extend(auditors.iter().chain(&jurors).map(|who| (who.clone(), each)));
            assert_eq!(claims(&cheat), expected);

            let honest = commit(task, true);
            assert_ne!(honest, cheat, "who failed does not get the task again");
            audit(task, &[true, true]);
            open(task, true);
            assert!(failures().is_empty() && escrow() == 0);
            let before = Balances::free_balance(&jurors[0]);
            pass(SLASH_DELAY + 1);
            assert_eq!(bond(&cheat), bonded - lost);
            assert_eq!(Balances::free_balance(&jurors[0]), before + each);
        });
    }

    #[test]
    fn an_auditor_who_lies_loses_its_bond_and_the_worker_is_paid() {
        TestExt::new(9).build_and_execute(|| {
            let (task, worker, auditors) = disputed(true, &[true, false]);
            let before = Balances::free_balance(&worker);
            try_case(task, &[HONEST; 5]);
            assert_eq!(pending(), [fault(&auditors[1], STAKE)]);
            assert_eq!(claims(&auditors[1])[0].0, worker, "the worker was accused wrongly");
            assert!(Balances::free_balance(&worker) > before && escrow() == 0 && failures().is_empty());
        });
    }

    #[test]
    fn auditors_who_agree_with_a_wrong_worker_are_slashed_with_it() {
        TestExt::new(9).build_and_execute(|| {
            let (task, cheat, auditors) = disputed(false, &[false, true]);
            try_case(task, &[HONEST; 5]);
            assert_eq!(pending(), [fault(&auditors[0], STAKE), fault(&cheat, STAKE)]);
            assert!(claims(&cheat).iter().all(|(who, _)| *who != auditors[0]), "a liar is paid nothing");
        });
    }

    #[test]
    fn a_lying_worker_and_two_lying_auditors_of_three_still_fail_before_a_jury() {
        // The majority of those involved lies: without a jury drawn afresh they would win.
        TestExt::new(10).build_and_execute(|| {
            let mut three = spec(1);
            three.audit.auditors = 3;
            let task = task(submit(three), 0);
            let cheat = commit(task, false);
            let auditors = audit(task, &[false, true, false]);
            open(task, false);
            try_case(task, &[HONEST; 5]);
            let expected = [fault(&auditors[0], STAKE), fault(&auditors[2], STAKE), fault(&cheat, STAKE)];
            assert_eq!(pending(), expected);
        });
    }

    #[test]
    fn jurors_against_the_majority_lose_their_bonds() {
        TestExt::new(9).build_and_execute(|| {
            let (task, cheat, _) = disputed(false, &[true, true]);
            let jurors = try_case(task, &[HONEST, LYING, HONEST, LYING, HONEST]);
            let expected = [fault(&jurors[1], STAKE), fault(&jurors[3], STAKE), fault(&cheat, STAKE)];
            assert_eq!(pending(), expected);
        });
    }

    #[test]
    fn without_a_majority_nobody_is_slashed_and_the_requester_is_refunded() {
        TestExt::new(9).build_and_execute(|| {
            let free = Balances::free_balance(REQUESTER);
            let held = pallet_jobs::Kernels::<Test>::iter_values().map(|kernel| kernel.deposit).sum::<Balance>();
            let (task, worker, _) = disputed(false, &[true, true]);
            let jurors = deliberate(task, &[HONEST, HONEST, LYING, LYING, SILENT]);
            pass_until(task, |s| matches!(s, Stage::Revealing { .. }));
            reveal(task, &jurors, &[HONEST, HONEST, LYING, LYING]);
            assert_eq!(failures(), [ReasonCode::NoVerdict]);
            let price = SILENCE.mul_ceil(STAKE);
            assert_eq!(pending(), [(jurors[4].clone(), ReasonCode::WorkerSilent, price)]);
            assert_eq!(locked(&worker), 0);
            let deposit = pallet_jobs::Kernels::<Test>::iter_values().map(|kernel| kernel.deposit).sum::<Balance>();
            assert_eq!(Balances::free_balance(REQUESTER), free + held - deposit);
        });
    }

    #[test]
    fn fewer_than_three_answers_are_no_verdict() {
        TestExt::new(9).build_and_execute(|| {
            let (task, cheat, _) = disputed(false, &[true, true]);
            let jurors = deliberate(task, &[HONEST, HONEST]);
            pass(RULES.seal_blocks + 2);
            assert_eq!(failures(), [ReasonCode::NoVerdict]);
            assert_eq!(pending().len(), 3, "three jurors were silent: {:?}", pending());
            assert!(pending().iter().all(|(who, ..)| *who != cheat && !jurors[..2].contains(who)));
        });
    }

    #[test]
    fn three_answers_are_enough_when_the_others_are_silent() {
        TestExt::new(9).build_and_execute(|| {
            let (task, cheat, _) = disputed(false, &[true, true]);
            let jurors = deliberate(task, &[HONEST, HONEST, HONEST, HONEST]);
            reveal(task, &jurors, &[HONEST, HONEST, HONEST]);
            pass(RULES.open_blocks + 2);
            let reasons: Vec<_> = pending().into_iter().map(|(who, reason, _)| (who, reason)).collect();
            assert!(reasons.contains(&(cheat, ReasonCode::WrongResult)));
            assert!(reasons.contains(&(jurors[3].clone(), ReasonCode::WorkerSilent)), "sealed but not revealed");
            assert!(reasons.contains(&(jurors[4].clone(), ReasonCode::WorkerSilent)), "never sealed");
        });
    }

    #[test]
    fn where_no_jury_can_be_had_the_requester_is_refunded_and_nobody_waits_for_ever() {
        TestExt::new(4).build_and_execute(|| {
            let (task, cheat, _) = disputed(false, &[true, true]);
            assert!(matches!(stage(task), Stage::Summoning { .. }));
            pass(RULES.draw_blocks + 2);
            assert_eq!(failures(), [ReasonCode::NoVerdict]);
            assert!(pending().is_empty() && escrow() == 0 && locked(&cheat) == 0);
        });
    }

    #[test]
    fn a_quorum_is_enough_when_no_more_jurors_are_found_in_time() {
        TestExt::new(3 + QUORUM as u8).build_and_execute(|| {
            let (task, cheat, _) = disputed(false, &[true, true]);
            let jurors = try_case(task, &[HONEST; 5]);
            assert_eq!(jurors.len() as u32, QUORUM);
            assert_eq!(pending(), [fault(&cheat, STAKE)]);
        });
    }

    #[test]
    fn no_party_is_a_juror() {
        TestExt::new(9).build_and_execute(|| {
            for _ in 0..10 {
                let (task, worker, auditors) = disputed(true, &[true, false]);
                let jurors = deliberate(task, &[HONEST; 5]);
                assert!(!jurors.contains(&worker) && auditors.iter().all(|auditor| !jurors.contains(auditor)));
                reveal(task, &jurors, &[HONEST; 5]);
                // Nobody runs out of bond.
                pass(SLASH_DELAY + 1);
                auditors.iter().for_each(trust);
            }
        });
    }

    #[test]
    fn the_jury_is_drawn_with_outputs_that_came_after_the_opening() {
        TestExt::new(9).build_and_execute(|| {
            let (task, ..) = disputed(false, &[true, true]);
            let opened_in = System::block_number();
            pass_until(task, |s| matches!(s, Stage::Deliberating { .. }));
            assert_eq!(System::block_number(), opened_in + RULES.fresh_outputs + 1);
        });
    }
}

mod reveals {
    use super::*;

    #[test]
    fn only_what_was_sealed_can_be_revealed_and_only_once() {
        TestExt::new(9).build_and_execute(|| {
            let (task, worker, _) = disputed(false, &[true, true]);
            let jurors = deliberate(task, &[HONEST, HONEST, HONEST, HONEST, HONEST]);
            let invalid = DispatchError::Other("invalid");
            assert_noop!(reveal_as(task, &jurors[0], &found(task, false)), invalid);
            assert_noop!(reveal_as(task, &worker, &found(task, true)), invalid);
            assert_ok!(reveal_as(task, &jurors[0], &found(task, true)));
            assert_noop!(reveal_as(task, &jurors[0], &found(task, true)), stale());
        });
    }

    #[test]
    fn nobody_reveals_before_all_have_sealed_or_time_is_up() {
        TestExt::new(9).build_and_execute(|| {
            let (task, ..) = disputed(false, &[true, true]);
            let jurors = deliberate(task, &[HONEST, HONEST, HONEST, HONEST]);
            assert_noop!(reveal_as(task, &jurors[0], &found(task, true)), stale());
            pass(RULES.seal_blocks + 2);
            assert_ok!(reveal_as(task, &jurors[0], &found(task, true)));
            let sealing = seal_as_juror(task, &jurors[4], &found(task, true));
            assert_noop!(sealing, stale());
        });
    }

    #[test]
    fn a_copied_seal_cannot_be_revealed() {
        TestExt::new(9).build_and_execute(|| {
            let (task, ..) = disputed(false, &[true, true]);
            let jurors = deliberate(task, &[HONEST, HONEST, HONEST, HONEST]);
            let Stage::Deliberating { jury, .. } = stage(task) else { unreachable!() };
            let copied = jury.jurors[0].seal.unwrap();
            let signature = sign(number(&jurors[4]), Step::Seal, task, 0, &copied);
            assert_ok!(report(Call::seal { task, attempt: 0, auditor: jurors[4].clone(), seal: copied, signature }));
            // Even with the other's leaves and salt, which are public once it has revealed.
            reveal(task, &jurors, &[HONEST, HONEST, HONEST, HONEST]);
            assert_noop!(reveal_as(task, &jurors[4], &found(task, true)), DispatchError::Other("invalid"));
            pass(RULES.open_blocks + 2);
            assert!(pending().iter().any(|(who, reason, _)| *who == jurors[4] && *reason == ReasonCode::WorkerSilent));
        });
    }

    #[test]
    fn a_seal_does_not_tell_what_was_found() {
        TestExt::new(9).build_and_execute(|| {
            let (task, ..) = disputed(false, &[true, true]);
            deliberate(task, &[HONEST]);
            let Stage::Deliberating { jury, .. } = stage(task) else { unreachable!() };
            let juror = &jury.jurors[0];
            let guesses = [found(task, true), found(task, false)];
            assert!(guesses.iter().all(|leaves| juror.seal != Some(seal(&juror.who, task, 0, leaves))));
        });
    }
}

mod challenges {
    use super::*;

    /// Worker `n` challenges a tile.
    fn challenge(n: u8, task: TaskId, tile: u32) {
        assert_ok!(ProofOfCompute::challenge(RuntimeOrigin::signed(worker(n)), task, tile));
    }

    /// Somebody who is neither the worker nor an auditor.
    fn bystander(parties: &[&AccountId]) -> u8 {
        (0..20).find(|n| !parties.contains(&&worker(*n))).unwrap()
    }

    #[test]
    fn a_wrong_tile_that_the_sample_missed_costs_the_worker_its_bond_and_pays_the_challenger() {
        TestExt::new(9).build_and_execute(|| {
            // All who were drawn are the worker's friends: the audit says nothing.
            let (task, cheat, auditors) = proven(false);
            let hero = bystander(&[&cheat, &auditors[0], &auditors[1]]);
            challenge(hero, task, 3);
            assert_eq!(put_up(&worker(hero)), STAKE);
            assert_eq!(ProofOfCompute::sample(task), [3]);
            let jurors = deliberate(task, &[HONEST; 5]);
            assert!(!jurors.contains(&worker(hero)), "who accuses does not judge");
            open_tile(task, false);
            reveal(task, &jurors, &[HONEST; 5]);
            let lost = STAKE;
            assert_eq!(pending(), [fault(&cheat, lost)]);
            assert_eq!(put_up(&worker(hero)), 0);
            let paid = claims(&cheat);
            assert_eq!(paid[1], (worker(hero), RULES.shares.finders.mul_floor(lost) / 2), "{paid:?}");
            assert_eq!(attempt(task), 1, "the task is redone");
        });
    }

    /// The worker opens the challenged tile.
    fn open_tile(task: TaskId, honest: bool) {
        let Stage::Revealing { case, .. } = pass_until(task, |s| matches!(s, Stage::Revealing { .. })) else {
            panic!()
        };
        let (leaves, proof) = tree(task, honest).open(&ProofOfCompute::sample(task)).unwrap();
        let (leaves, proof) = (Leaves::truncate_from(leaves), Proof::truncate_from(proof));
        let attempt = attempt(task);
        let signature = sign(number(&case.run().worker), Step::Open, task, attempt, &(&leaves, &proof));
        assert_ok!(report(Call::open { task, attempt, leaves, proof, signature }));
    }

    #[test]
    fn a_challenge_without_need_pays_the_jury_and_the_worker() {
        TestExt::new(9).build_and_execute(|| {
            let (task, worker_, auditors) = proven(true);
            let villain = bystander(&[&worker_, &auditors[0], &auditors[1]]);
            challenge(villain, task, 0);
            let jurors = deliberate(task, &[HONEST; 5]);
            open_tile(task, true);
            let before = Balances::free_balance(&worker_);
            reveal(task, &jurors, &[HONEST; 5]);
            assert_eq!(put_up(&worker(villain)), 0);
            assert_eq!(Balances::free_balance(&worker_), before + RULES.shares.injured.mul_floor(STAKE));
            assert!(pending().is_empty());
            assert!(matches!(stage(task), Stage::Verified { .. }), "the window goes on");
            pass(40);
            assert!(failures().is_empty() && escrow() == 0);
        });
    }

    #[test]
    fn a_challenge_nobody_can_judge_changes_nothing() {
        TestExt::new(4).build_and_execute(|| {
            let (task, worker_, auditors) = proven(true);
            let somebody = bystander(&[&worker_, &auditors[0], &auditors[1]]);
            let free = Balances::free_balance(worker(somebody));
            challenge(somebody, task, 0);
            pass(RULES.draw_blocks + 2);
            assert_eq!(Balances::free_balance(worker(somebody)), free);
            pass(40);
            assert_eq!((failures(), escrow(), pending()), (vec![], 0, vec![]));
        });
    }

    #[test]
    fn a_worker_that_does_not_open_the_challenged_tile_is_wrong() {
        for wrong_opening in [false, true] {
            TestExt::new(9).build_and_execute(|| {
                let (task, cheat, auditors) = proven(true);
                challenge(bystander(&[&cheat, &auditors[0], &auditors[1]]), task, 7);
                let jurors = deliberate(task, &[HONEST; 5]);
                if wrong_opening {
                    open_tile(task, false);
                }
                reveal(task, &jurors, &[HONEST; 5]);
                pass(RULES.open_blocks + 2);
                assert_eq!(pending(), [(cheat, ReasonCode::OpeningMissing, STAKE)]);
            });
        }
    }

    #[test]
    fn each_refusal_has_its_reason_and_holds_nothing() {
        TestExt::new(9).build_and_execute(|| {
            let call = |who, task, tile| ProofOfCompute::challenge(RuntimeOrigin::signed(who), task, tile);
            let (task, ..) = proven(true);
            assert_noop!(call(worker(0), super::super::task(99, 0), 0), Error::<Test>::UnknownTask);
            assert_noop!(call(worker(0), task, 100), Error::<Test>::UnknownTile);
            let poor = AccountId::new([77; 32]);
            assert!(call(poor.clone(), task, 0).is_err());
            assert_eq!(put_up(&poor), 0);
            assert_ok!(call(REQUESTER, task, 0));
            assert_noop!(call(worker(0), task, 1), Error::<Test>::WrongStage);
            assert_noop!(ProofOfCompute::challenge(RuntimeOrigin::root(), task, 0), DispatchError::BadOrigin);
        });
    }

    #[test]
    fn the_window_closes() {
        TestExt::new(9).build_and_execute(|| {
            let (task, ..) = proven(true);
            System::set_block_number(stage(task).due() + 1);
            assert_noop!(ProofOfCompute::challenge(RuntimeOrigin::signed(worker(0)), task, 0), Error::<Test>::TooLate);
        });
    }
}

mod withheld_outputs {
    use super::*;

    fn report_unavailable(who: AccountId, task: TaskId) -> DispatchResult {
        ProofOfCompute::report_unavailable(RuntimeOrigin::signed(who), task)
    }

    /// The jurors fetch the tiles, or cannot.
    fn fetched(task: TaskId, found_by: &[bool]) {
        let Stage::Deliberating { jury, .. } = pass_until(task, |s| matches!(s, Stage::Deliberating { .. })) else {
            panic!()
        };
        let leaves = |there: bool| if there { found(task, true) } else { Vec::new() };
        for (juror, there) in jury.jurors.iter().zip(found_by) {
            assert_ok!(seal_as_juror(task, &juror.who, &leaves(*there)));
        }
        for (juror, there) in jury.jurors.iter().zip(found_by) {
            assert_ok!(reveal_as(task, &juror.who, &leaves(*there)));
        }
    }

    #[test]
    fn a_confirmed_report_is_a_slash_and_a_refund() {
        TestExt::new(9).build_and_execute(|| {
            let (task, worker, _) = proven(true);
            let held = escrow();
            let free = Balances::free_balance(REQUESTER);
            assert_ok!(report_unavailable(REQUESTER, task));
            fetched(task, &[false, false, true, false, false]);
            assert_eq!(failures(), [ReasonCode::OutputWithheld]);
            assert_eq!(Balances::free_balance(REQUESTER), free + held);
            let reasons: Vec<_> = pending().into_iter().map(|(who, reason, _)| (who, reason)).collect();
            assert!(reasons.contains(&(worker, ReasonCode::OutputWithheld)), "{reasons:?}");
        });
    }

    #[test]
    fn a_report_of_an_output_that_is_there_costs_the_bond() {
        TestExt::new(9).build_and_execute(|| {
            let (task, worker, _) = proven(true);
            let before = Balances::free_balance(&worker);
            assert_ok!(report_unavailable(REQUESTER, task));
            assert_eq!(put_up(&REQUESTER), STAKE);
            fetched(task, &[true; 5]);
            assert_eq!(put_up(&REQUESTER), 0);
            assert!(Balances::free_balance(&worker) > before);
            assert!(pending().is_empty());
            pass(40);
            assert!(failures().is_empty() && escrow() == 0);
        });
    }

    #[test]
    fn the_tiles_are_not_known_before_the_jury_is_drawn() {
        TestExt::new(9).build_and_execute(|| {
            let (task, ..) = proven(true);
            assert_ok!(report_unavailable(REQUESTER, task));
            assert!(ProofOfCompute::sample(task).is_empty());
            pass_until(task, |s| matches!(s, Stage::Deliberating { .. }));
            assert_eq!(ProofOfCompute::sample(task).len() as u32, RULES.fetched_tiles);
        });
    }

    #[test]
    fn only_the_requester_reports() {
        TestExt::new(9).build_and_execute(|| {
            let (task, worker, _) = proven(true);
            assert_noop!(report_unavailable(worker, task), Error::<Test>::NotRequester);
        });
    }
}

mod reputation {
    use super::*;
    use dpin_primitives::traits::WorkerRegistry;

    fn reputation(who: &AccountId) -> Perbill {
        Workers::reputation(who)
    }

    #[test]
    fn falls_with_faults_and_silence_and_rises_with_work() {
        TestExt::new(9).build_and_execute(|| {
            let before: Vec<Perbill> = (0..9).map(|n| reputation(&worker(n))).collect();
            let (task, cheat, _) = disputed(false, &[true, true]);
            let jurors = try_case(task, &[HONEST, HONEST, HONEST, HONEST, LYING]);
            assert!(reputation(&cheat) < before[usize::from(number(&cheat))]);
            assert!(reputation(&jurors[4]) < before[usize::from(number(&jurors[4]))]);
            assert!(reputation(&jurors[0]) >= before[usize::from(number(&jurors[0]))]);
        });
    }

    #[test]
    fn an_untrusted_worker_is_audited_more_and_a_trusted_one_never_less_than_asked_for() {
        let samples = |trusted: bool| {
            let mut drawn = 0;
            TestExt::new(9).build_and_execute(|| {
                let task = task(submit(spec(1)), 0);
                let who = commit(task, true);
                if !trusted {
                    for _ in 0..10 {
                        <Workers as WorkerRegistry>::note(&who, dpin_primitives::worker::Outcome::Wrong, REWARD);
                    }
                }
                pass_until(task, |s| matches!(s, Stage::Auditing { .. }));
                drawn = ProofOfCompute::sample(task).len();
            });
            drawn
        };
        assert_eq!(samples(true), 8);
        assert!(samples(false) > 16);
    }

    #[test]
    fn draws_follow_it() {
        TestExt::new(2).build_and_execute(|| {
            // Worker 1 has half of worker 0's.
            for _ in 0..2 {
                <Workers as WorkerRegistry>::note(&worker(1), dpin_primitives::worker::Outcome::Wrong, 0);
            }
            let weights = [reputation(&worker(0)), reputation(&worker(1))].map(|r| f64::from(r.deconstruct()));
            let mut drawn = [0u32; 2];
            for round in 0..400 {
                let job = submit(spec(1));
                let task = task(job, 0);
                let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else {
                    panic!("round {round}")
                };
                drawn[usize::from(number(&run.worker))] += 1;
                let reason = ReasonCode::Timeout;
                let signature = sign(number(&run.worker), Step::Failure, task, 0, &reason);
                assert_ok!(report(Call::report_failure { task, attempt: 0, reason, signature }));
                // The other reports the same, so the task ends.
                pass_until(task, |s| matches!(s, Stage::Assigned { .. }));
                let other = 1 - number(&run.worker);
                let signature = sign(other, Step::Failure, task, 1, &reason);
                assert_ok!(report(Call::report_failure { task, attempt: 1, reason, signature }));
            }
            let expected = 400.0 * weights[0] / (weights[0] + weights[1]);
            // Four deviations of a binomial of 400.
            assert!((f64::from(drawn[0]) - expected).abs() < 40.0, "{drawn:?}, expected {expected}");
        });
    }

    #[test]
    fn a_worker_that_blames_a_kernel_others_can_run_loses_some() {
        TestExt::new(5).build_and_execute(|| {
            let task = task(submit(spec(1)), 0);
            let Stage::Assigned { run, .. } = pass_until(task, |s| matches!(s, Stage::Assigned { .. })) else {
                panic!()
            };
            let before = reputation(&run.worker);
            let reason = ReasonCode::Timeout;
            let signature = sign(number(&run.worker), Step::Failure, task, 0, &reason);
            assert_ok!(report(Call::report_failure { task, attempt: 0, reason, signature }));
            assert_eq!(reputation(&run.worker), before, "it may be right");
            commit(task, true);
            audit(task, &[true, true]);
            open(task, true);
            assert!(reputation(&run.worker) < before);
        });
    }

    #[test]
    fn a_requester_may_ask_for_it() {
        TestExt::new(3).build_and_execute(|| {
            let mut picky = spec(1);
            picky.requires.reputation = Perbill::from_percent(99);
            let task = task(submit(picky), 0);
            pass(20);
            assert!(matches!(stage(task), Stage::Queued { .. }));
        });
    }

    #[test]
    fn silence_costs_twice_as_much_each_time() {
        TestExt::new(1).build_and_execute(|| {
            let amounts: Vec<Balance> = (0..3)
                .map(|_| {
                    let task = task(submit(spec(1)), 0);
                    pass_until(task, |s| matches!(s, Stage::Assigned { .. }));
                    pass(RUN_BLOCKS + 2);
                    let amount = pending().last().unwrap().2;
                    pass(SLASH_DELAY + 1);
                    amount
                })
                .collect();
            assert_eq!(amounts, [amounts[0], 2 * amounts[0], 4 * amounts[0]]);
        });
    }
}
