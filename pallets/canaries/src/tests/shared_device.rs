//! Two workers with one device, which computes a limited number of tiles in a window.

use super::*;

/// Number of tiles that the device computes in a block.
const PER_BLOCK: u32 = 24;
/// Number of tiles that it computes in a window.
const CAPACITY: u32 = PER_BLOCK * WINDOW;

/// The order in which the device works for the two workers.
#[derive(Clone, Copy, Debug)]
enum Order {
    /// All tiles of this worker, then all of the other.
    First(u32),
    /// A block for each worker in turn.
    Turns(u32),
    /// Half of each block for each worker.
    Halves,
}

const ORDERS: [Order; 5] = [Order::First(0), Order::First(1), Order::Turns(0), Order::Turns(1), Order::Halves];

/// Compute through a window and commit to the finished canaries. Returns the workers that
/// committed. Everything favours the two workers: no block is missed, no answer is lost on the
/// way, and the conformance canaries cost nothing.
fn race(order: Order) -> Vec<u32> {
    let round = next_round();
    let tasks: Vec<RunRequest> =
        (0..2).map(|number| request(canary(Kind::Throughput, number)).expect("it is called")).collect();
    assert_ne!(tasks[0].scalars, tasks[1].scalars, "the work of the one is of no use to the other");
    let mut left = [tasks[0].group_count, tasks[1].group_count];
    let mut committed = Vec::new();
    for number in 0..2 {
        assert!(commit(Kind::Conformance, number));
        settle(Kind::Conformance, number);
    }
    for block in round.opened + 1..=round.due + 2 * WINDOW {
        run_to(block);
        let mut tiles = PER_BLOCK;
        let mut work = |number: u32, most: u32| {
            let done = left[number as usize].min(tiles).min(most);
            left[number as usize] -= done;
            tiles -= done;
        };
        match order {
            Order::First(number) => {
                work(number, u32::MAX);
                work(1 - number, u32::MAX);
            }
            Order::Turns(number) => {
                let turn = (number + block) % 2;
                work(turn, u32::MAX);
                work(1 - turn, u32::MAX);
            }
            Order::Halves => {
                work(0, PER_BLOCK / 2);
                work(1, PER_BLOCK / 2);
                work(0, u32::MAX);
                work(1, u32::MAX);
            }
        }
        for number in 0..2 {
            if left[number as usize] == 0 && !committed.contains(&number) && commit(Kind::Throughput, number) {
                committed.push(number);
            }
        }
    }
    // The round is not closed before the audits have ended.
    committed.iter().for_each(|number| settle(Kind::Throughput, *number));
    committed
}

/// The two workers reported as proved and as missed in a round.
fn proved_and_missed() -> (Vec<AccountId>, Vec<AccountId>) {
    let told = FakeWorkers::told();
    let proved = told.iter().filter_map(|told| match told {
        Told::Prove(worker) => Some(worker.clone()),
        _ => None,
    });
    let missed = told.iter().filter_map(|told| match told {
        Told::Miss(worker, _) => Some(worker.clone()),
        _ => None,
    });
    (proved.collect(), missed.collect())
}

fn two_claiming(units: u32, test: impl FnOnce()) {
    TestExt::with(2).build_and_execute(|| {
        next_round();
        run_to(System::block_number() + 1);
        for number in 0..2 {
            claim(number, units);
        }
        pass_window();
        FakeWorkers::told();
        test();
    });
}

#[test]
fn two_workers_sharing_one_device_cannot_both_pass_at_the_size_each_claims() {
    two_claiming(CAPACITY, || {
        for order in ORDERS.into_iter().cycle().take(3 * ORDERS.len()) {
            let committed = race(order);
            let (proved, missed) = proved_and_missed();
            assert!(committed.len() <= 1, "{order:?}");
            assert_eq!(proved.len(), committed.len(), "{order:?}");
            assert_eq!(missed.len(), 2 - committed.len(), "{order:?}: who did not commit is missed");
        }
    });
}

#[test]
fn one_of_them_passes_if_the_device_works_for_it_alone() {
    two_claiming(CAPACITY, || {
        for number in [0, 1, 1, 0] {
            assert_eq!(race(Order::First(number)), [number]);
            assert_eq!(proved_and_missed(), (vec![worker(number)], vec![worker(1 - number)]));
            assert_eq!(passport(number).unwrap().score, CAPACITY);
        }
    });
}

#[test]
fn both_pass_if_they_claim_together_what_the_device_does() {
    two_claiming(CAPACITY / 2, || {
        for order in ORDERS {
            let mut committed = race(order);
            committed.sort_unstable();
            assert_eq!(committed, [0, 1], "{order:?}");
            assert_eq!(proved_and_missed().1, [], "{order:?}");
            let scores: u32 = (0..2).map(|number| passport(number).unwrap().score).sum();
            assert_eq!(scores, CAPACITY);
        }
    });
}

#[test]
fn a_tile_more_than_the_device_does_is_too_much() {
    TestExt::with(2).build_and_execute(|| {
        next_round();
        run_to(System::block_number() + 1);
        claim(0, CAPACITY / 2);
        claim(1, CAPACITY / 2 + 1);
        pass_window();
        for order in ORDERS {
            assert!(race(order).len() <= 1, "{order:?}");
        }
    });
}
