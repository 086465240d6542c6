//! First come, first served: queues of items in pages.
//!
//! A page is one entry of the state, so that many items come and go with few of them being written.
//! Positions count items, not pages. The state keeps nothing of an empty queue but its position.

use alloc::vec::Vec;
use codec::FullCodec;
use core::marker::PhantomData;
use polkadot_sdk::{
    frame_support::{
        BoundedVec, IterableStorageMap, defensive, ensure,
        storage::{StorageMap, StorageValue, TryAppendMap},
        traits::ConstU32,
    },
    sp_runtime::Saturating,
};

/// Number of items in a full page.
pub const PAGE_ITEMS: u32 = 64;

/// A page of a queue.
pub type Page<Item> = BoundedVec<Item, ConstU32<PAGE_ITEMS>>;

/// The positions of a queue's first item and of the next free place.
pub type Ends = (u64, u64);

/// The outcome of the turn of the item at the head of a queue.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// It leaves the queue.
    Done,
    /// It goes to the end of the queue.
    Again,
    /// It stays where it is, and so do all behind it.
    Stop,
}

/// A queue in a pallet's storage: a map of pages, and the value with its [`Ends`].
pub struct Queue<Item, Pages, Range>(PhantomData<(Item, Pages, Range)>);

/// Return the page of a position.
fn page_of(position: u64) -> u64 {
    position.checked_div(PAGE_ITEMS.into()).unwrap_or_default()
}

/// Return the place of a position within its page.
fn place_of(position: u64) -> usize {
    position.checked_rem(PAGE_ITEMS.into()).unwrap_or_default() as usize
}

/// Return the first position of the page after that of `position`, or `position` itself if a page
/// begins there.
fn page_end(position: u64) -> u64 {
    position.div_ceil(PAGE_ITEMS.into()).saturating_mul(PAGE_ITEMS.into())
}

impl<Item, Pages, Range> Queue<Item, Pages, Range>
where
    Item: FullCodec + Copy,
    Pages: StorageMap<u64, Page<Item>, Query = Option<Page<Item>>> + TryAppendMap<u64, Page<Item>, Item>,
    Range: StorageValue<Ends, Query = Ends>,
{
    /// Put an item at the end.
    pub fn push(item: Item) {
        Range::mutate(|(_, next)| {
            if Pages::try_append(page_of(*next), item).is_err() {
                defensive!("a page has a place for each of its positions");
            }
            next.saturating_inc();
        });
    }

    /// Let at most `most` of the items that are there now have their turn.
    ///
    /// Returns how many left their places.
    pub fn serve(most: u32, mut turn: impl FnMut(Item) -> Turn) -> u32 {
        let (start, end) = Range::get();
        let end = end.min(start.saturating_add(most.into()));
        let (mut first, mut stopped) = (start, false);
        let mut again = Vec::new();
        while first < end && !stopped {
            let page = Pages::get(page_of(first)).unwrap_or_default();
            let before = first;
            let left = page_end(first.saturating_add(1)).min(end).saturating_sub(first);
            for item in page.into_iter().skip(place_of(first)).take(left as usize) {
                match turn(item) {
                    Turn::Done => {}
                    Turn::Again => again.push(item),
                    Turn::Stop => {
                        stopped = true;
                        break;
                    }
                }
                first.saturating_inc();
                if place_of(first) == 0 {
                    Pages::remove(page_of(first.saturating_sub(1)));
                }
            }
            if !stopped && first < before.saturating_add(left) {
                defensive!("a page is as long as its positions say");
                first = before.saturating_add(left);
                Pages::remove(page_of(before));
            }
        }
        Self::move_head(first);
        again.into_iter().for_each(Self::push);
        u32::try_from(first.saturating_sub(start)).unwrap_or(u32::MAX)
    }

    /// Move the head to `first`. An empty queue gives up its last page and goes on with a new one.
    fn move_head(first: u64) {
        Range::mutate(|(head, next)| {
            *head = first;
            if first >= *next && place_of(first) != 0 {
                Pages::remove(page_of(first));
                *head = page_end(first);
                *next = *head;
            }
        });
    }

    /// Return the number of items.
    pub fn len() -> u64 {
        let (first, next) = Range::get();
        next.saturating_sub(first)
    }

    /// Return whether there is no item.
    pub fn is_empty() -> bool {
        Self::len() == 0
    }

    /// Return all items, in order. Reads a page for each of them: for tests and checks only.
    pub fn items() -> Vec<Item> {
        let (first, next) = Range::get();
        let item = |at| Pages::get(page_of(at)).and_then(|page| page.get(place_of(at)).copied());
        (first..next).filter_map(item).collect()
    }
}

impl<Item, Pages, Range> Queue<Item, Pages, Range>
where
    Item: FullCodec + Copy,
    Pages: IterableStorageMap<u64, Page<Item>, Query = Option<Page<Item>>> + TryAppendMap<u64, Page<Item>, Item>,
    Range: StorageValue<Ends, Query = Ends>,
{
    /// Check that pages and ends are consistent.
    ///
    /// # Errors
    ///
    /// The first inconsistency found.
    pub fn check() -> Result<(), &'static str> {
        let (first, next) = Range::get();
        ensure!(
            first <= next && Self::items().len() as u64 == Self::len(),
            "a queue's ends are not where its items are"
        );
        let expected =
            if first == next { 0..0 } else { page_of(first)..page_of(next.saturating_sub(1)).saturating_add(1) };
        let mut pages: u64 = 0;
        for (page, items) in Pages::iter() {
            ensure!(expected.contains(&page), "a queue's page lies outside of it");
            let full = page_of(next) > page || place_of(next) == items.len();
            ensure!(full, "a queue's last page is longer than its positions say");
            pages.saturating_inc();
        }
        ensure!(pages == expected.end.saturating_sub(expected.start), "a page that no position is in");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;
    use polkadot_sdk::{
        frame_support::{Twox64Concat, pallet_prelude::ValueQuery, storage_alias},
        sp_io::{TestExternalities, hashing, storage},
    };
    use proptest::prelude::*;
    use std::collections::VecDeque;

    #[storage_alias]
    type Pages = StorageMap<Test, Twox64Concat, u64, Page<u64>>;
    #[storage_alias]
    type Range = StorageValue<Test, Ends, ValueQuery>;

    type Numbers = Queue<u64, Pages, Range>;

    const MANY: u32 = 3 * PAGE_ITEMS;

    fn pages() -> usize {
        Pages::iter().count()
    }

    #[test]
    fn an_empty_queue_leaves_no_page_behind() {
        TestExternalities::default().execute_with(|| {
            for count in [1, PAGE_ITEMS - 1, PAGE_ITEMS, PAGE_ITEMS + 1, MANY] {
                (0..count).for_each(|number| Numbers::push(number.into()));
                assert_eq!(pages() as u32, count.div_ceil(PAGE_ITEMS));
                assert_eq!(Numbers::serve(u32::MAX, |_| Turn::Done), count);
                assert_eq!((pages(), Numbers::len()), (0, 0), "after {count} items");
            }
        });
    }

    #[test]
    fn an_item_that_goes_to_the_end_has_one_turn_only() {
        TestExternalities::default().execute_with(|| {
            (0..5).for_each(Numbers::push);
            assert_eq!(Numbers::serve(u32::MAX, |_| Turn::Again), 5);
            assert_eq!(Numbers::items(), [0, 1, 2, 3, 4]);
        });
    }

    #[test]
    fn a_page_that_is_missing_stops_nobody() {
        TestExternalities::default().execute_with(|| {
            Range::put((10, 10 + u64::from(PAGE_ITEMS)));
            let served = std::panic::catch_unwind(|| Numbers::serve(u32::MAX, |_| Turn::Done));
            assert!(served.is_err() || Numbers::is_empty(), "told where it is tested, and got over elsewhere");
        });
    }

    /// A page is a vector of its items under `twox64(number) ++ number`, and the ends are a pair.
    #[test]
    fn keys_and_encodings_are_fixed() {
        TestExternalities::default().execute_with(|| {
            (0..PAGE_ITEMS as u64 + 2).for_each(Numbers::push);
            Numbers::serve(3, |_| Turn::Done);
            let item = |name: &[u8]| [hashing::twox_128(b"Test"), hashing::twox_128(name)].concat();
            let page = |number: u64| {
                let number = number.encode();
                [item(b"Pages"), hashing::twox_64(&number).to_vec(), number].concat()
            };
            let stored = |key: Vec<u8>| storage::get(&key).map(|value| value.to_vec());
            assert_eq!(stored(item(b"Range")), Some((3u64, PAGE_ITEMS as u64 + 2).encode()));
            assert_eq!(stored(page(0)), Some((0..PAGE_ITEMS as u64).collect::<Vec<u64>>().encode()));
            assert_eq!(stored(page(1)), Some(vec![PAGE_ITEMS as u64, PAGE_ITEMS as u64 + 1].encode()));
            assert_eq!(stored(page(2)), None);
        });
    }

    #[test]
    fn damage_is_found() {
        let finds = |damage: fn()| {
            TestExternalities::default().execute_with(|| {
                (0..PAGE_ITEMS as u64 + 2).for_each(Numbers::push);
                Numbers::check().unwrap();
                damage();
                assert!(Numbers::check().is_err());
            })
        };
        finds(|| Pages::remove(0));
        finds(|| Pages::insert(7, Page::truncate_from(vec![1])));
        finds(|| Range::put((0, PAGE_ITEMS as u64 + 1)));
        finds(|| Range::put((0, PAGE_ITEMS as u64 + 3)));
        finds(|| Range::put((4, 3)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn behaves_as_a_queue(
            steps in prop::collection::vec((0u32..100, 0u32..120, prop::collection::vec(0u8..16, 1..8)), 1..20)
        ) {
            TestExternalities::default().execute_with(|| {
                let (mut model, mut next) = (VecDeque::new(), 0u64);
                for (pushed, most, turns) in steps {
                    for _ in 0..pushed {
                        Numbers::push(next);
                        model.push_back(next);
                        next += 1;
                    }
                    let turn = |at: usize| match turns[at % turns.len()] {
                        0 => Turn::Stop,
                        1..=4 => Turn::Again,
                        _ => Turn::Done,
                    };
                    let (mut seen, mut expected, mut again) = (Vec::new(), Vec::new(), Vec::new());
                    let served = Numbers::serve(most, |number| {
                        seen.push(number);
                        turn(seen.len() - 1)
                    });
                    let mut left = 0;
                    for _ in 0..model.len().min(most as usize) {
                        expected.push(model[0]);
                        match turn(expected.len() - 1) {
                            Turn::Stop => break,
                            Turn::Again => again.extend(model.pop_front()),
                            Turn::Done => { model.pop_front(); }
                        }
                        left += 1;
                    }
                    model.extend(again);
                    prop_assert_eq!((served, seen), (left, expected));
                    prop_assert_eq!(Numbers::items(), Vec::from(model.clone()));
                    prop_assert_eq!(Numbers::len(), model.len() as u64);
                    prop_assert!(pages() <= model.len().div_ceil(PAGE_ITEMS as usize) + 1);
                    prop_assert_eq!(Numbers::check(), Ok(()));
                }
                Ok(())
            })?;
        }
    }
}
