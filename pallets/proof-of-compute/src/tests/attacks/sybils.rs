//! Many accounts of one owner.

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
