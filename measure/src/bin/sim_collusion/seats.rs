//! The participants in a task: auditors and jurors, of the coalition or honest.

use dpin_primitives::{AccountId, Hash};
use pallet_proof_of_compute::verdict::JURY;

/// A jury, of which `own` belong to the coalition, which all lie or all tell the truth.
pub(crate) fn jury(own: usize, lie: bool) -> Vec<Seat> {
    (0..JURY as usize).map(|at| Seat { who: account(3, at), own: at < own, lies: at < own && lie }).collect()
}

/// The account of a participant in a task.
pub(crate) fn account(part: u8, at: usize) -> AccountId {
    let mut id = [part; 32];
    id[0] = at as u8;
    AccountId::new(id)
}

/// The finding of a liar or of an honest member. All lies are the same, so that they agree.
pub(crate) fn finding(lies: bool) -> Hash {
    Hash::repeat_byte(if lies { 1 } else { 2 })
}

/// An auditor or juror.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub who: AccountId,
    /// Whether it belongs to the coalition.
    pub own: bool,
    /// Whether it tells the coalition's lie instead of the truth.
    pub lies: bool,
}

impl Seat {
    /// The finding that it tells.
    pub(crate) fn finding(&self) -> Hash {
        finding(self.lies)
    }
}
