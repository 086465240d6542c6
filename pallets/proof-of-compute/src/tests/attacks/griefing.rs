//! Attempts to harm others at a price.

use super::*;

#[test]
fn a_challenge_without_need_costs_its_bond_each_time_and_the_worker_is_paid() {
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
