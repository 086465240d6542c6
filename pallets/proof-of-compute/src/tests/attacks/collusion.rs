//! Workers, auditors and jurors that work together.

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
