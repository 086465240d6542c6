//! Agendas: queues of items by block, swept in the order of the blocks.
//!
//! An item is filed under a block. The sweep finds it once, when that block has come.
//!
//! Items are not removed before the sweep. The sweep also visits items that have become void, and
//! its caller decides whether an item still counts.
//!
//! # Storage
//!
//! The items of a block lie in pages of [`PAGE_ITEMS`], and the number of items is stored beside
//! them. A [`Watermark`] is the position of the first item that is not swept.
//!
//! Filing an item therefore costs the same however many items are filed, and the sweep reads each
//! page once or twice. The sweep never searches for the first key of a prefix. Such a search walks
//! over all keys removed earlier in the same block, so a loop of searches takes quadratic time.

use codec::{Decode, Encode, FullCodec, MaxEncodedLen};
use core::marker::PhantomData;
use dpin_primitives::BlockNumber;
use polkadot_sdk::{
    frame_support::{
        IterableStorageDoubleMap, IterableStorageMap, defensive,
        storage::{StorageDoubleMap, StorageMap, StorageValue, TryAppendDoubleMap},
        weights::{Weight, WeightMeter},
    },
    sp_core::ConstU32,
    sp_runtime::BoundedVec,
};
use scale_info::TypeInfo;

/// Number of items in a full page.
pub const PAGE_ITEMS: u32 = 64;

/// One page of the items of a block.
pub type Page<Item> = BoundedVec<Item, ConstU32<PAGE_ITEMS>>;

/// The progress of the sweep: the position of the first item that is not swept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, MaxEncodedLen, TypeInfo)]
// Clients know the type by its former crate.
#[scale_info(replace_segment("pallet_support", "dpin_primitives"))]
pub struct Watermark {
    /// The block of that item. Nothing filed under an earlier block is left.
    pub block: BlockNumber,
    /// The place of that item among the items of its block.
    pub position: u32,
    /// Number of items that are filed and not swept.
    pub filed: u64,
}

/// The cost of a sweep, without the cost of visiting the items.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Cost {
    /// Weight of moving on to a block, and to a page that was started before.
    pub block: Weight,
    /// Weight of looking at an item.
    pub item: Weight,
}

/// The result of visiting an item.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Visit {
    /// The item is done, or was void.
    Done,
    /// There is not enough weight left for the item. The next sweep visits it again.
    Stop,
}

/// An agenda in a pallet's storage: pages by block, number of items by block, and the watermark.
pub struct Agenda<Item, Pages, Lengths, Swept>(PhantomData<(Item, Pages, Lengths, Swept)>);

/// Return the page of a position, and the place within that page.
fn page_of(position: u32) -> (u32, usize) {
    let page = position.checked_div(PAGE_ITEMS).unwrap_or_default();
    (page, position.checked_rem(PAGE_ITEMS).unwrap_or_default() as usize)
}

impl<Item, Pages, Lengths, Swept> Agenda<Item, Pages, Lengths, Swept>
where
    Item: FullCodec,
    Pages: StorageDoubleMap<BlockNumber, u32, Page<Item>, Query = Option<Page<Item>>>
        + TryAppendDoubleMap<BlockNumber, u32, Page<Item>, Item>,
    Lengths: StorageMap<BlockNumber, u32, Query = u32>,
    Swept: StorageValue<Watermark, Query = Watermark>,
{
    /// File an item under `block`, which is not before `now`, and return the block used.
    ///
    /// If `block` is already swept, the item is filed under the first block that is not.
    pub fn file(now: BlockNumber, block: BlockNumber, item: Item) -> BlockNumber {
        let block = Swept::mutate(|mark| {
            if mark.filed == 0 && mark.block < now {
                // Nothing is filed under any block that has passed.
                if mark.position > 0 {
                    Lengths::remove(mark.block);
                }
                (mark.block, mark.position) = (now, 0);
            }
            mark.filed = mark.filed.saturating_add(1);
            block.max(mark.block)
        });
        let position = Lengths::get(block);
        let (page, _) = page_of(position);
        if Pages::try_append(block, page, item).is_err() {
            defensive!("a page has a place for each of its positions");
        }
        Lengths::insert(block, position.saturating_add(1));
        block
    }

    /// Visit the items filed under the blocks up to `last`, in order. Stops after `most` items, or
    /// when the meter is used up.
    pub fn sweep(
        last: BlockNumber,
        most: u32,
        meter: &mut WeightMeter,
        cost: &Cost,
        mut visit: impl FnMut(BlockNumber, Item, &mut WeightMeter) -> Visit,
    ) {
        let mut left = most;
        loop {
            let Watermark { block, position, filed } = Swept::get();
            if block > last || meter.try_consume(cost.block).is_err() {
                return;
            }
            // If nothing is filed, the sweep can skip all blocks.
            let (end, all) = if filed == 0 {
                (position, true)
            } else {
                Self::sweep_block(block, position, &mut left, meter, cost, &mut visit)
            };
            if all && end > 0 {
                Lengths::remove(block);
            }
            let next = if filed == 0 { last } else { block }.checked_add(1);
            // Written before the next visit, so that items filed during that visit are found.
            Swept::mutate(|mark| {
                mark.filed = mark.filed.saturating_sub(end.saturating_sub(position).into());
                (mark.block, mark.position) = match next {
                    Some(next) if all => (next, 0),
                    _ => (block, end),
                };
            });
            if !all || next.is_none() {
                return;
            }
        }
    }

    /// Visit the items of one block from a position on.
    ///
    /// Returns the position of the first item that is left, and whether none is.
    fn sweep_block(
        block: BlockNumber,
        mut position: u32,
        left: &mut u32,
        meter: &mut WeightMeter,
        cost: &Cost,
        visit: &mut impl FnMut(BlockNumber, Item, &mut WeightMeter) -> Visit,
    ) -> (u32, bool) {
        loop {
            // Visiting an item may file another one under the same block.
            let length = Lengths::get(block);
            if position >= length {
                return (position, true);
            }
            let (number, place) = page_of(position);
            let page = Pages::get(block, number).unwrap_or_default();
            if page.len() <= place {
                defensive!("a page is as long as its positions say");
                Pages::remove(block, number);
                position = number.saturating_add(1).saturating_mul(PAGE_ITEMS).min(length);
                continue;
            }
            for item in page.into_iter().skip(place) {
                if *left == 0 || meter.try_consume(cost.item).is_err() || visit(block, item, meter) == Visit::Stop {
                    return (position, false);
                }
                *left = left.saturating_sub(1);
                position = position.saturating_add(1);
            }
            if page_of(position).1 == 0 || position >= Lengths::get(block) {
                Pages::remove(block, number);
            }
        }
    }

    /// Iterate over the items that are filed under a block and not swept, including void ones.
    pub fn items(block: BlockNumber) -> impl Iterator<Item = Item> {
        let Watermark { block: swept, position, .. } = Swept::get();
        let first = if block == swept { position } else { 0 };
        let pages = page_of(first).0..Lengths::get(block).div_ceil(PAGE_ITEMS);
        let items = pages.flat_map(move |page| Pages::get(block, page).unwrap_or_default());
        items.skip(page_of(first).1)
    }
}

impl<Item, Pages, Lengths, Swept> Agenda<Item, Pages, Lengths, Swept>
where
    Item: FullCodec,
    Pages: IterableStorageDoubleMap<BlockNumber, u32, Page<Item>, Query = Option<Page<Item>>>,
    Lengths: IterableStorageMap<BlockNumber, u32, Query = u32>,
    Swept: StorageValue<Watermark, Query = Watermark>,
{
    /// Check that pages, numbers of items and watermark are consistent.
    ///
    /// # Errors
    ///
    /// The first inconsistency found.
    pub fn check() -> Result<(), &'static str> {
        let at = Swept::get();
        let (mut pages, mut expected, mut filed) = (0u64, 0u64, 0u64);
        for (block, length) in Lengths::iter() {
            if block < at.block || length == 0 || (block == at.block && length < at.position) {
                return Err("a number of items of a block that is swept");
            }
            let first = if block == at.block { page_of(at.position).0 } else { 0 };
            filed = filed.saturating_add(length.into()).saturating_sub(if block == at.block {
                at.position.into()
            } else {
                0
            });
            expected = expected.saturating_add(length.div_ceil(PAGE_ITEMS).saturating_sub(first).into());
        }
        for (block, number, page) in Pages::iter() {
            let length = Lengths::get(block).saturating_sub(number.saturating_mul(PAGE_ITEMS)).min(PAGE_ITEMS);
            if page.is_empty() || page.len() as u32 != length {
                return Err("a page is not as long as its positions say");
            }
            pages = pages.saturating_add(1);
        }
        if filed != at.filed {
            return Err("the items that are not swept are not counted");
        }
        if pages == expected { Ok(()) } else { Err("a page is missing, or left behind") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{collections::BTreeMap, vec, vec::Vec};
    use polkadot_sdk::{
        frame_support::{Twox64Concat, storage_alias},
        sp_io::{TestExternalities, hashing, storage},
    };
    use proptest::prelude::*;

    #[storage_alias]
    type Pages = StorageDoubleMap<Test, Twox64Concat, BlockNumber, Twox64Concat, u32, Page<u64>>;
    #[storage_alias]
    type Lengths =
        StorageMap<Test, Twox64Concat, BlockNumber, u32, polkadot_sdk::frame_support::pallet_prelude::ValueQuery>;
    #[storage_alias]
    type Swept = StorageValue<Test, Watermark, polkadot_sdk::frame_support::pallet_prelude::ValueQuery>;

    type Numbers = Agenda<u64, Pages, Lengths, Swept>;

    const COST: Cost = Cost { block: Weight::from_parts(10, 0), item: Weight::from_parts(1, 0) };
    const PAGE: u64 = PAGE_ITEMS as u64;

    fn sweep(last: BlockNumber, most: u32, meter: &mut WeightMeter) -> Vec<(BlockNumber, u64)> {
        let mut seen = Vec::new();
        Numbers::sweep(last, most, meter, &COST, |block, number, _| {
            seen.push((block, number));
            Visit::Done
        });
        Numbers::check().unwrap();
        seen
    }

    fn file(block: BlockNumber, number: u64) {
        assert_eq!(Numbers::file(0, block, number), block);
    }

    fn is_empty() -> bool {
        Pages::iter().next().is_none() && Lengths::iter().next().is_none()
    }

    /// A page is a vector of its items under the hashed block and page. Lengths are numbers under
    /// the hashed block, and the watermark is a block, a position and a count.
    #[test]
    fn keys_and_encodings_are_fixed() {
        TestExternalities::default().execute_with(|| {
            (0..PAGE + 2).for_each(|number| file(7, number));
            assert_eq!(sweep(7, 3, &mut WeightMeter::new()).len(), 3);
            let item = |name: &[u8]| [hashing::twox_128(b"Test"), hashing::twox_128(name)].concat();
            let hashed = |number: u32| [&hashing::twox_64(&number.encode())[..], &number.encode()].concat();
            let page = |number| [item(b"Pages"), hashed(7), hashed(number)].concat();
            let stored = |key: Vec<u8>| storage::get(&key).map(|value| value.to_vec());
            assert_eq!(stored(page(0)), Some((0..PAGE).collect::<Vec<u64>>().encode()));
            assert_eq!(stored(page(1)), Some(vec![PAGE, PAGE + 1].encode()));
            assert_eq!(stored([item(b"Lengths"), hashed(7)].concat()), Some((PAGE as u32 + 2).encode()));
            assert_eq!(stored(item(b"Swept")), Some((7u32, 3u32, PAGE - 1).encode()));
        });
    }

    #[test]
    fn nothing_is_left_of_what_is_swept() {
        for count in [0, 1, PAGE - 1, PAGE, PAGE + 1, 5 * PAGE + 3] {
            TestExternalities::default().execute_with(|| {
                (0..count).for_each(|number| assert_eq!(Numbers::file(0, 7, number), 7));
                assert_eq!(Numbers::items(7).count() as u64, count);
                assert_eq!(sweep(6, u32::MAX, &mut WeightMeter::new()), []);
                let seen = sweep(7, u32::MAX, &mut WeightMeter::new());
                assert_eq!(seen, (0..count).map(|number| (7, number)).collect::<Vec<_>>());
                assert!(is_empty());
                assert_eq!(Swept::get(), Watermark { block: 8, position: 0, filed: 0 });
            });
        }
    }

    #[test]
    fn a_sweep_ends_at_its_cap_and_goes_on_there() {
        TestExternalities::default().execute_with(|| {
            (0..3 * PAGE).for_each(|number| file(3, number));
            let mut seen = Vec::new();
            for most in [1, PAGE_ITEMS - 1, PAGE_ITEMS + 1, 0, 1_000] {
                let part = sweep(9, most, &mut WeightMeter::new());
                assert!(part.len() <= most as usize);
                assert_eq!(Numbers::items(3).count() as u64, 3 * PAGE - (seen.len() + part.len()) as u64);
                seen.extend(part);
            }
            assert_eq!(seen, (0..3 * PAGE).map(|number| (3, number)).collect::<Vec<_>>());
            assert!(is_empty());
        });
    }

    #[test]
    fn a_sweep_uses_no_more_than_the_meter_has_and_pays_for_each_item() {
        TestExternalities::default().execute_with(|| {
            (0..100).for_each(|number| file(0, number));
            let mut meter = WeightMeter::with_limit(Weight::from_parts(10 + 70, 0));
            assert_eq!(sweep(0, u32::MAX, &mut meter).len(), 70);
            assert_eq!(meter.consumed().ref_time(), 80);
            let mut meter = WeightMeter::with_limit(Weight::from_parts(9, 0));
            assert_eq!(sweep(0, u32::MAX, &mut meter).len(), 0);
            assert_eq!(meter.consumed(), Weight::zero());
            assert_eq!(sweep(0, u32::MAX, &mut WeightMeter::new()).len(), 30);
        });
    }

    #[test]
    fn what_is_visited_in_vain_is_visited_again() {
        TestExternalities::default().execute_with(|| {
            (0..3).for_each(|number| file(1, number));
            let mut seen = Vec::new();
            Numbers::sweep(5, u32::MAX, &mut WeightMeter::new(), &COST, |_, number, _| {
                seen.push(number);
                if number == 1 { Visit::Stop } else { Visit::Done }
            });
            assert_eq!(seen, [0, 1]);
            assert_eq!(sweep(5, u32::MAX, &mut WeightMeter::new()), [(1, 1), (1, 2)]);
        });
    }

    #[test]
    fn what_comes_too_late_is_filed_where_it_is_found() {
        TestExternalities::default().execute_with(|| {
            sweep(10, u32::MAX, &mut WeightMeter::new());
            assert_eq!(Numbers::file(0, 4, 1), 11);
            // The same sweep visits items that a visit files under the swept block or an earlier
            // one.
            Numbers::file(0, 12, 2);
            let mut seen = Vec::new();
            Numbers::sweep(12, u32::MAX, &mut WeightMeter::new(), &COST, |block, number, _| {
                seen.push((block, number));
                if number == 2 {
                    Numbers::file(0, 11, 3);
                }
                Visit::Done
            });
            assert_eq!(seen, [(11, 1), (12, 2), (12, 3)]);
            assert!(is_empty());
        });
    }

    #[test]
    fn blocks_under_which_nothing_is_filed_cost_nothing_when_nothing_is_filed_at_all() {
        TestExternalities::default().execute_with(|| {
            let mut meter = WeightMeter::new();
            assert_eq!(sweep(1_000_000, u32::MAX, &mut meter), []);
            assert_eq!(meter.consumed(), COST.block);
            file(1_000_003, 1);
            let mut meter = WeightMeter::new();
            assert_eq!(sweep(1_000_005, u32::MAX, &mut meter), [(1_000_003, 1)]);
            assert_eq!(meter.consumed(), COST.block * 4 + COST.item);
            // A sweep can end with the last item of a block, before it moves on to the next block.
            file(1_000_006, 2);
            assert_eq!(sweep(1_000_006, 1, &mut WeightMeter::with_limit(COST.block + COST.item)).len(), 1);
            assert_eq!(sweep(2_000_000, u32::MAX, &mut WeightMeter::new()), []);
            assert!(is_empty());
            // Empty blocks are skipped as well if an item is filed before the sweep has passed
            // them.
            assert_eq!(Numbers::file(3_000_000, 3_000_002, 3), 3_000_002);
            assert_eq!(Numbers::file(3_000_000, 3_000_001, 4), 3_000_001);
            let mut meter = WeightMeter::new();
            assert_eq!(sweep(3_000_002, u32::MAX, &mut meter), [(3_000_001, 4), (3_000_002, 3)]);
            assert_eq!(meter.consumed(), COST.block * 3 + COST.item * 2);
        });
    }

    #[test]
    fn a_page_that_is_missing_stops_nobody() {
        TestExternalities::default().execute_with(|| {
            (0..2 * PAGE).for_each(|number| file(2, number));
            Numbers::file(0, 3, 9);
            Pages::remove(2, 0);
            assert!(Numbers::check().is_err());
            let swept = std::panic::catch_unwind(|| {
                let mut seen = Vec::new();
                Numbers::sweep(3, u32::MAX, &mut WeightMeter::new(), &COST, |block, number, _| {
                    seen.push((block, number));
                    Visit::Done
                });
                seen
            });
            let rest = (PAGE..2 * PAGE).map(|number| (2, number)).chain([(3, 9)]).collect::<Vec<_>>();
            assert!(swept.is_err() || swept.is_ok_and(|seen| seen == rest), "told where it is tested");
        });
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Each item is visited once, in order, under the block it was filed under, and not before
        /// that block.
        #[test]
        fn nothing_is_lost_and_nothing_is_visited_twice(
            steps in prop::collection::vec((prop::collection::vec(0u32..6, 0..150), 0u32..3, 0u32..200, 0u64..300), 1..12)
        ) {
            TestExternalities::default().execute_with(|| {
                let (mut now, mut next) = (0u32, 0u64);
                let mut model: BTreeMap<BlockNumber, Vec<u64>> = BTreeMap::new();
                let mut blocks = vec![];
                for (filed, passed, most, weight) in steps {
                    for ahead in filed {
                        let block = Numbers::file(now, now + ahead, next);
                        prop_assert!(block >= now + ahead);
                        model.entry(block).or_default().push(next);
                        next += 1;
                    }
                    now += passed;
                    let mut meter = WeightMeter::with_limit(Weight::from_parts(weight, 0));
                    let seen = sweep(now, most, &mut meter);
                    prop_assert!(seen.len() <= most as usize && meter.consumed().ref_time() <= weight);
                    for (block, number) in seen {
                        prop_assert!(block <= now);
                        let first = model.get_mut(&block).map(|items| items.remove(0));
                        prop_assert_eq!(first, Some(number));
                        blocks.push(block);
                    }
                    model.retain(|_, items| !items.is_empty());
                    for (block, items) in &model {
                        prop_assert_eq!(&Numbers::items(*block).collect::<Vec<_>>(), items);
                    }
                }
                prop_assert!(blocks.is_sorted());
                let rest: usize = model.values().map(Vec::len).sum();
                prop_assert_eq!(sweep(now + 10, u32::MAX, &mut WeightMeter::new()).len(), rest);
                prop_assert!(is_empty());
                Ok(())
            })?;
        }
    }
}
