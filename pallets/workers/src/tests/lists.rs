//! Pages of workers.

use super::*;
use crate::{NextNumber, Numbers};
use dpin_primitives::api::{MAX_PAGE, MAX_PAGE_SCAN, Page};

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
