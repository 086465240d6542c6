//! Vesting: in equal steps after a cliff, or in a straight line.

use crate::schedule::mul_div;
use codec::{Decode, Encode, MaxEncodedLen};
use dpin_primitives::{
    Balance, BlockNumber,
    economy::{Category, DAY_BLOCKS, MONTH_BLOCKS, VestingInfo},
};
use polkadot_sdk::frame_support::{BoundedVec, traits::ConstU32};
use scale_info::TypeInfo;

/// Blocks over which the part of a reward vests that is not paid at once: 150 days.
pub const STREAM_BLOCKS: BlockNumber = 150 * DAY_BLOCKS;
/// Streams begin at multiples of this number of blocks, so that an account has few: 5 days.
pub const STREAM_STEP: BlockNumber = 5 * DAY_BLOCKS;
/// Most streams of one account.
pub const MAX_STREAMS: u32 = 32;

// Running streams begin at different multiples of a step, from one length ago to the next multiple.
// All streams that have ended are joined into one.
const _: () = assert!(STREAM_BLOCKS / STREAM_STEP + 2 <= MAX_STREAMS);

/// An allocation that vests in equal parts, amounts in planck.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Steps {
    /// The first block.
    pub start: BlockNumber,
    /// Number of blocks after [`Self::start`] in which nothing vests.
    pub cliff: BlockNumber,
    /// Number of blocks from one part to the next. The first part vests one period after the cliff.
    pub period: BlockNumber,
    /// Number of parts.
    pub parts: u32,
    /// The whole amount. The remainder of the division comes with the last part.
    pub amount: Balance,
    /// The amount paid out so far.
    pub released: Balance,
}

impl Steps {
    /// Return the vesting of `amount` from genesis on, by the terms of a category; `None` if the
    /// category does not vest.
    pub fn of(category: Category, amount: Balance) -> Option<Self> {
        let (cliff, parts) = category.vesting()?;
        let cliff = cliff.saturating_mul(MONTH_BLOCKS);
        Some(Self { start: 0, cliff, period: MONTH_BLOCKS, parts, amount, released: 0 })
    }

    /// Return the amount that has vested when block `now` begins.
    pub fn vested(&self, now: BlockNumber) -> Balance {
        let since = now.saturating_sub(self.start.saturating_add(self.cliff));
        let parts = since.checked_div(self.period).unwrap_or(self.parts);
        if parts >= self.parts {
            return self.amount;
        }
        let part = self.amount.checked_div(self.parts.into()).unwrap_or_default();
        part.saturating_mul(parts.into())
    }

    /// Return the amount that can be paid out when block `now` begins.
    pub fn claimable(&self, now: BlockNumber) -> Balance {
        self.vested(now).saturating_sub(self.released)
    }

    /// The block in which the last part vests.
    pub fn end(&self) -> BlockNumber {
        self.start.saturating_add(self.cliff).saturating_add(self.period.saturating_mul(self.parts))
    }

    /// The vesting as the runtime API returns it.
    pub fn info(&self, category: Category, now: BlockNumber) -> VestingInfo {
        VestingInfo {
            category,
            amount: self.amount,
            released: self.released,
            claimable: self.claimable(now),
            start: self.start,
            end: self.end(),
        }
    }
}

/// A part of a reward that vests in a straight line over [`STREAM_BLOCKS`], amounts in planck.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, MaxEncodedLen, TypeInfo)]
pub struct Stream {
    /// The first block.
    pub start: BlockNumber,
    /// The whole amount.
    pub amount: Balance,
    /// The amount paid out so far.
    pub released: Balance,
}

/// The streams of an account, ordered by their first blocks.
pub type StreamsOf = BoundedVec<Stream, ConstU32<MAX_STREAMS>>;

impl Stream {
    /// Return the first block of a stream whose reward is claimed in block `now`: the next multiple
    /// of [`STREAM_STEP`].
    pub fn next_start(now: BlockNumber) -> BlockNumber {
        now.div_ceil(STREAM_STEP).saturating_mul(STREAM_STEP)
    }

    /// Return the amount that has vested when block `now` begins, rounded down.
    pub fn vested(&self, now: BlockNumber) -> Balance {
        let since = now.saturating_sub(self.start).min(STREAM_BLOCKS);
        mul_div(self.amount, since.into(), STREAM_BLOCKS.into())
    }

    /// Return the amount that can be paid out when block `now` begins.
    pub fn claimable(&self, now: BlockNumber) -> Balance {
        self.vested(now).saturating_sub(self.released)
    }

    /// The block in which the whole amount has vested.
    pub fn end(&self) -> BlockNumber {
        self.start.saturating_add(STREAM_BLOCKS)
    }

    /// The stream as the runtime API returns it.
    pub fn info(&self, now: BlockNumber) -> VestingInfo {
        VestingInfo {
            category: Category::Airdrop,
            amount: self.amount,
            released: self.released,
            claimable: self.claimable(now),
            start: self.start,
            end: self.end(),
        }
    }

    fn join(&mut self, other: Self) {
        self.amount = self.amount.saturating_add(other.amount);
        self.released = self.released.saturating_add(other.released);
    }
}

/// Add an amount earned in block `now` to an account's streams. Returns `false` if there are too
/// many, which is impossible.
///
/// Streams that begin together are joined, and so are streams that have ended: the amounts that can
/// be paid out stay the same.
#[must_use]
pub fn add_stream(streams: &mut StreamsOf, now: BlockNumber, amount: Balance) -> bool {
    let ended = streams.iter().take_while(|stream| stream.end() <= now).count();
    if let Some(last) = ended.checked_sub(1) {
        let earlier: alloc::vec::Vec<Stream> = streams.drain(..last).collect();
        if let Some(kept) = streams.get_mut(0) {
            earlier.into_iter().for_each(|stream| kept.join(stream));
        }
    }
    let added = Stream { start: Stream::next_start(now), amount, released: 0 };
    match streams.last_mut() {
        Some(last) if last.start == added.start => {
            last.join(added);
            true
        }
        _ => streams.try_push(added).is_ok(),
    }
}

/// Take the vested amount out of an account's streams, and drop the streams that are paid out.
/// Returns the amount.
pub fn take_vested(streams: &mut StreamsOf, now: BlockNumber) -> Balance {
    let mut taken: Balance = 0;
    for stream in streams.iter_mut() {
        let claimable = stream.claimable(now);
        stream.released = stream.released.saturating_add(claimable);
        taken = taken.saturating_add(claimable);
    }
    streams.retain(|stream| stream.released < stream.amount);
    taken
}
