//! Random steps keep the invariants, and every job ends.

use super::*;
use proptest::prelude::*;

/// A random step of the chain.
#[derive(Clone, Debug)]
enum Step {
    Submit { asset: usize, tasks: u32, auditors: u32, reward: Balance },
    Settle { pick: usize, worker: usize, auditors: usize },
    Fail { pick: usize, reason: usize },
    Cancel { pick: usize },
    Block { id: u32, who: usize },
    Unblock { id: u32, who: usize },
    Claim { pick: usize },
    Leave { who: usize },
    Freeze { id: u32 },
    Thaw { id: u32 },
}

fn step() -> impl Strategy<Value = Step> {
    let pick = 0usize..64;
    prop_oneof![
        3 => (0usize..3, 1u32..5, 0u32..4, MIN_REWARD..400_000)
            .prop_map(|(asset, tasks, auditors, reward)| Step::Submit { asset, tasks, auditors, reward }),
        6 => (pick.clone(), 0usize..4, 0usize..4)
            .prop_map(|(pick, worker, auditors)| Step::Settle { pick, worker, auditors }),
        3 => (pick.clone(), 0usize..3).prop_map(|(pick, reason)| Step::Fail { pick, reason }),
        1 => pick.clone().prop_map(|pick| Step::Cancel { pick }),
        1 => (1u32..3, 0usize..5).prop_map(|(id, who)| Step::Block { id, who }),
        1 => (1u32..3, 0usize..5).prop_map(|(id, who)| Step::Unblock { id, who }),
        2 => pick.prop_map(|pick| Step::Claim { pick }),
        1 => (0usize..4).prop_map(|who| Step::Leave { who }),
        1 => (1u32..3).prop_map(|id| Step::Freeze { id }),
        2 => (1u32..3).prop_map(|id| Step::Thaw { id }),
    ]
}

fn picked<V: Clone>(values: Vec<V>, pick: usize) -> Option<V> {
    pick.checked_rem(values.len()).and_then(|index| values.get(index).cloned())
}

fn open_tasks() -> Vec<TaskId> {
    let mut tasks: Vec<TaskId> = crate::Jobs::<Test>::iter()
        .flat_map(|(job, record)| (0..record.shape.tasks).map(move |index| task(job, index)))
        .filter(|task| Jobs::task_end(*task).is_none())
        .collect();
    tasks.sort();
    tasks
}

fn take(step: Step) {
    match step {
        Step::Submit { asset, tasks, auditors, reward } => {
            let mut spec = spec([NATIVE, BLC, INSUFFICIENT][asset].clone(), tasks);
            spec.audit.auditors = auditors;
            spec.reward.per_task = reward;
            // The cost may be more than ALICE has left.
            let _ = Jobs::submit_job(signed(ALICE), spec);
        }
        Step::Settle { pick, worker, auditors } => {
            if let Some(task) = picked(open_tasks(), pick) {
                FakeQueue::withdraw(task);
                <Jobs as JobLedger>::settle(task, &ACCOUNTS[1 + worker], commitment(), &ACCOUNTS[1..1 + auditors]);
            }
        }
        Step::Fail { pick, reason } => {
            if let Some(task) = picked(open_tasks(), pick) {
                FakeQueue::withdraw(task);
                let reasons = [ReasonCode::Timeout, ReasonCode::NoWorker, ReasonCode::NoVerdict];
                <Jobs as JobLedger>::fail(task, reasons[reason]);
            }
        }
        Step::Cancel { pick } => {
            if let Some(task) = picked(open_tasks(), pick) {
                let _ = Jobs::cancel_job(signed(ALICE), task.job);
            }
        }
        Step::Block { id, who } => {
            let _ = Assets::block(signed(ADMIN), id, ACCOUNTS[who].clone());
        }
        Step::Unblock { id, who } => {
            let _ = Assets::thaw(signed(ADMIN), id, ACCOUNTS[who].clone());
        }
        Step::Claim { pick } => {
            let mut debts: Vec<_> = Owed::<Test>::iter().collect();
            debts.sort();
            if let Some((creditor, (requester, asset), _)) = picked(debts, pick) {
                let _ = Jobs::claim_owed(signed(ADMIN), creditor, requester, asset);
            }
        }
        Step::Freeze { id } => {
            let _ = Assets::freeze_asset(signed(ADMIN), id);
        }
        Step::Thaw { id } => {
            let _ = Assets::thaw_asset(signed(ADMIN), id);
        }
        Step::Leave { who } => {
            for id in [1, 2] {
                let _ = Assets::transfer_all(signed(ACCOUNTS[who].clone()), id, ADMIN, false);
            }
            let _ = Balances::transfer_all(signed(ACCOUNTS[who].clone()), ADMIN, false);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn whatever_happens_money_is_conserved_and_everything_ends(steps in prop::collection::vec(step(), 1..60)) {
        TestExt::new().build().execute_with(|| {
            assert_ok!(Jobs::register_kernel(signed(ADMIN), manifest()));
            for step in steps {
                take(step);
                check_invariants();
            }
            for task in open_tasks() {
                FakeQueue::withdraw(task);
                <Jobs as JobLedger>::fail(task, ReasonCode::NoWorker);
            }
            check_invariants();
            assert_eq!(crate::Jobs::<Test>::iter().count(), 0);
            assert_eq!(Ends::<Test>::iter().count(), 0);
            assert_eq!(FakeBlobs::pins(input()), 0);
            assert_ok!(Jobs::unregister_kernel(signed(ADMIN), manifest().id()));

            // Every debt can be claimed once its creditor can take it.
            for id in [1, 2] {
                let _ = Assets::thaw_asset(signed(ADMIN), id);
                for who in ACCOUNTS {
                    let _ = Assets::thaw(signed(ADMIN), id, who);
                }
            }
            for who in ACCOUNTS {
                for id in [1, 2] {
                    let _ = Balances::transfer_allow_death(signed(ADMIN), who.clone(), ED);
                    let _ = Assets::transfer(signed(ADMIN), id, who.clone(), ED);
                }
            }
            for (creditor, (requester, asset), _) in Owed::<Test>::iter().collect::<Vec<_>>() {
                assert_ok!(Jobs::claim_owed(signed(ADMIN), creditor, requester, asset));
            }
            for asset in [NATIVE, BLC, INSUFFICIENT] {
                assert_eq!(escrow(asset, &ALICE), 0);
            }
            check_invariants();
        });
    }
}
