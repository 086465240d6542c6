//! Attempts to escape a slash, or to profit from one.

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
        // The free bond is too small for a second task of this size, and the locked bond cannot be
        // taken out.
        let second = post(spec(1));
        pass(10);
        assert!(matches!(stage(second), Stage::Queued { .. }));
        assert!(unbond(1).is_err());
        // A penalty beyond the bond takes only the bond.
        let penalty =
            Penalty { task, reason: ReasonCode::WrongResult, amount: Balance::MAX, claims: Default::default() };
        hypothetically!({
            Workers::slash(&who, penalty);
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
