//! The emission's schedule: the amount released by each block. It depends only on the block, so
//! that neither burns nor the length of eras move it.

use dpin_primitives::{
    Balance, BlockNumber,
    economy::{Category, EMISSION_MONTHS, MONTH_BLOCKS},
};
use polkadot_sdk::{
    sp_core::U256,
    sp_runtime::{Rounding, helpers_128bit::multiply_by_rational_with_rounding},
};

/// Number of fractional bits of the powers below. Their products fit into 256 bits.
const FRACTION_BITS: usize = 120;
/// The release of a month, as a part of the month before, in ten-thousandths: 1.02 % less.
const MONTHLY: u32 = 9_898;
/// The unit of [`MONTHLY`].
const WHOLE: u32 = 10_000;

/// `a * b / c`, rounded down. 0 if `c` is 0 or the result cannot be represented.
pub(crate) fn mul_div(a: Balance, b: Balance, c: Balance) -> Balance {
    multiply_by_rational_with_rounding(a, b, c, Rounding::Down).unwrap_or_default()
}

/// Return the amount that the schedule has released to the Airdrop Program when block `block`
/// begins, in planck. It is 0 at genesis and the whole allocation after 240 months.
pub fn released(block: BlockNumber) -> Balance {
    let (month, blocks) = (block / MONTH_BLOCKS, block % MONTH_BLOCKS);
    let (before, after) = (by_month(month), by_month(month.saturating_add(1)));
    before.saturating_add(mul_div(after.saturating_sub(before), blocks.into(), MONTH_BLOCKS.into()))
}

/// Return the released amount of the Super Nodes when block `block` begins, in planck: the same
/// part as of the Airdrop Program.
pub fn super_nodes_released(block: BlockNumber) -> Balance {
    mul_div(Category::SuperNodes.amount(), released(block), Category::Airdrop.amount())
}

/// Return the amount released after `month` months, in planck.
#[expect(clippy::arithmetic_side_effects, reason = "1 with `FRACTION_BITS` binary places is far below 2^256")]
fn by_month(month: u32) -> Balance {
    let amount = Category::Airdrop.amount();
    if month >= EMISSION_MONTHS {
        return amount;
    }
    let one = U256::one() << FRACTION_BITS;
    let spent = |months| one.saturating_sub(power(months));
    // Each factor is far below 2^128, so neither the product nor the quotient overflows.
    let released = U256::from(amount).saturating_mul(spent(month)).checked_div(spent(EMISSION_MONTHS));
    released.and_then(|released| released.try_into().ok()).unwrap_or(amount)
}

/// Return a month's release as a part of the first month's, after `months` months, rounded down.
#[expect(clippy::arithmetic_side_effects, reason = "parts of 1 with `FRACTION_BITS` binary places are below 2^128")]
fn power(months: u32) -> U256 {
    let times = |a: U256, b: U256| a.saturating_mul(b) >> FRACTION_BITS;
    let mut square = (U256::from(MONTHLY) << FRACTION_BITS) / WHOLE;
    let mut power = U256::one() << FRACTION_BITS;
    let mut rest = months;
    while rest > 0 {
        if rest & 1 == 1 {
            power = times(power, square);
        }
        square = times(square, square);
        rest >>= 1;
    }
    power
}
