//! Tests of the pallet.

mod capacity;
mod demand;
mod eras;
mod genesis;
mod properties;
mod rewards;
mod schedule;
mod vesting;

use crate::{mock::*, vesting::*, *};
use dpin_primitives::{
    AccountId, BLC, Balance, BlockNumber, DPN,
    economy::{AllocationInfo, Category, EraIndex, EraInfo, Pot, RewardInfo, SUPPLY_CAP},
};
use polkadot_sdk::{
    frame_support::{assert_noop, assert_ok},
    sp_runtime::{Perbill, traits::Convert},
};
use proptest::prelude::*;

/// The parts of an era of 6 hours at the start of the emission.
fn first_era() -> EraInfo {
    let mut era = EraInfo { emission: FIRST_ERA, ..Default::default() };
    crate::rewards::cut(&mut era, &RULES, Perbill::one());
    era
}

/// The emission of the first 7,200 blocks, in planck.
const FIRST_ERA: Balance = 16_784_134_046_034_725;
