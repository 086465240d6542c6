//! The simulation's own books: the balances that follow from the chain's events.
//!
//! # Overview
//!
//! The books are opened with all balances at the start. From then on they only use the events: each
//! names accounts that have given or received an amount. An amount that is withdrawn and not
//! deposited in the same block is burned; so are amounts that events call burned. So the books have
//! totals of minted and burned amounts that are independent of the chain's counters. They are
//! compared with these counters, with the balances of all accounts and with the total issuance.
//!
//! BLC paid out of a hold have no event of their own. There the books rely on the payments that the
//! events of jobs report.

use codec::Encode;
use dpin_primitives::{AccountId, AssetKind, BLC, BLC_ID, Balance, JobId};
use dpin_runtime::{Assets, Balances, Runtime, RuntimeEvent, System};
use polkadot_sdk::{
    frame_support::{
        storage::{storage_prefix, unhashed},
        traits::{fungible, fungibles},
    },
    frame_system, pallet_assets, pallet_assets_holder, pallet_balances,
};
use std::collections::{BTreeMap, BTreeSet};

/// The books of one asset, in its smallest unit.
#[derive(Default)]
pub struct Book {
    accounts: BTreeMap<AccountId, i128>,
    touched: BTreeSet<AccountId>,
    minted: i128,
    burned: i128,
    transit: i128,
}

impl Book {
    /// Open the book with all balances; all of them count as minted.
    pub fn open(balances: impl IntoIterator<Item = (AccountId, Balance)>) -> Self {
        let mut book = Self::default();
        for (who, amount) in balances {
            book.mint(&who, amount);
        }
        book
    }

    fn change(&mut self, who: &AccountId, by: i128) {
        if !self.touched.contains(who) {
            self.touched.insert(who.clone());
        }
        match self.accounts.get_mut(who) {
            Some(balance) => *balance += by,
            None => {
                self.accounts.insert(who.clone(), by);
            }
        }
    }

    /// Move an amount from one account to another.
    pub fn pay(&mut self, from: &AccountId, to: &AccountId, amount: Balance) {
        self.change(from, -(amount as i128));
        self.change(to, amount as i128);
    }

    /// Mint an amount for an account.
    pub fn mint(&mut self, who: &AccountId, amount: Balance) {
        self.change(who, amount as i128);
        self.minted += amount as i128;
    }

    /// Burn an amount of an account.
    pub fn burn(&mut self, who: &AccountId, amount: Balance) {
        self.change(who, -(amount as i128));
        self.burned += amount as i128;
    }

    /// Withdraw an amount from an account, with no receiver yet.
    pub fn withdraw(&mut self, who: &AccountId, amount: Balance) {
        self.change(who, -(amount as i128));
        self.transit += amount as i128;
    }

    /// Deposit a withdrawn amount to an account.
    pub fn deposit(&mut self, who: &AccountId, amount: Balance) {
        self.change(who, amount as i128);
        self.transit -= amount as i128;
    }

    /// Mint an amount, with no receiver yet.
    pub fn issue(&mut self, amount: Balance) {
        self.minted += amount as i128;
        self.transit += amount as i128;
    }

    /// Close a block: undeposited amounts are burned. Returns the number of mistakes: 1 if more was
    /// deposited than withdrawn.
    pub fn close(&mut self) -> u32 {
        let mistakes = u32::from(self.transit < 0);
        self.burned += self.transit;
        self.transit = 0;
        mistakes
    }

    /// The total minted.
    pub fn minted(&self) -> i128 {
        self.minted
    }

    /// The total burned.
    pub fn burned(&self) -> i128 {
        self.burned
    }

    /// The expected issuance.
    pub fn issuance(&self) -> i128 {
        self.minted - self.burned
    }

    /// The expected balance of this account.
    pub fn balance(&self, who: &AccountId) -> i128 {
        self.accounts.get(who).copied().unwrap_or_default()
    }

    /// Compare the accounts touched since the last comparison, or all accounts, with their real
    /// balances. Returns the number of accounts that differ.
    pub fn compare(&mut self, all: bool, real: impl Fn(&AccountId) -> Balance) -> u32 {
        let touched = std::mem::take(&mut self.touched);
        let differs = |(who, balance): (&AccountId, &i128)| *balance != real(who) as i128;
        let wrong = if all {
            self.accounts.iter().filter(|entry| differs(*entry)).count()
        } else {
            touched.iter().filter(|who| differs((who, &self.balance(who)))).count()
        };
        wrong as u32
    }
}

/// The books of DPN and BLC.
pub struct Ledger {
    /// DPN, in planck.
    pub native: Book,
    /// BLC, in its smallest unit.
    pub stable: Book,
    /// The requesters of jobs paid in BLC.
    requesters: BTreeMap<JobId, AccountId>,
}

impl Ledger {
    /// Open the books with all balances now.
    pub fn open() -> Self {
        Self { native: Book::open(natives()), stable: Book::open(stables()), requesters: BTreeMap::new() }
    }

    /// Enter that a job was posted whose payments are in this asset.
    pub fn posted(&mut self, job: JobId, requester: &AccountId, asset: &AssetKind) {
        if *asset == BLC {
            self.requesters.insert(job, requester.clone());
        }
    }

    /// Enter and remove all events of the chain, and close the block or the part of it. Returns the
    /// number of mistakes found. `then` receives every event.
    pub fn enter(&mut self, mut then: impl FnMut(&RuntimeEvent)) -> u32 {
        for record in System::read_events_no_consensus() {
            self.enter_one(&record.event);
            then(&record.event);
        }
        forget_events();
        self.native.close() + self.stable.close()
    }

    fn enter_one(&mut self, event: &RuntimeEvent) {
        match event {
            RuntimeEvent::Balances(event) => self.enter_native(event),
            RuntimeEvent::Assets(event) => self.enter_stable(event),
            RuntimeEvent::AssetsHolder(pallet_assets_holder::Event::Burned { who, asset_id, amount, .. })
                if *asset_id == BLC_ID =>
            {
                self.stable.burn(who, *amount)
            }
            RuntimeEvent::Jobs(event) => self.enter_job(event),
            _ => {}
        }
    }

    fn enter_native(&mut self, event: &pallet_balances::Event<Runtime>) {
        use pallet_balances::Event;
        let book = &mut self.native;
        match event {
            Event::Transfer { from, to, amount } | Event::ReserveRepatriated { from, to, amount, .. } => {
                book.pay(from, to, *amount)
            }
            Event::TransferOnHold { source, dest, amount, .. }
            | Event::TransferAndHold { source, dest, transferred: amount, .. } => book.pay(source, dest, *amount),
            Event::Minted { who, amount } | Event::Restored { who, amount } => book.mint(who, *amount),
            Event::Burned { who, amount }
            | Event::BurnedHeld { who, amount, .. }
            | Event::DustLost { account: who, amount }
            | Event::Suspended { who, amount } => book.burn(who, *amount),
            Event::Withdraw { who, amount } | Event::Slashed { who, amount } => book.withdraw(who, *amount),
            Event::Deposit { who, amount } => book.deposit(who, *amount),
            Event::Issued { amount } | Event::MintedCredit { amount } => book.issue(*amount),
            _ => {}
        }
    }

    fn enter_stable(&mut self, event: &pallet_assets::Event<Runtime>) {
        use pallet_assets::Event;
        let book = &mut self.stable;
        match event {
            Event::Transferred { asset_id: BLC_ID, from, to, amount }
            | Event::TransferredApproved { asset_id: BLC_ID, owner: from, destination: to, amount, .. } => {
                book.pay(from, to, *amount)
            }
            Event::Issued { asset_id: BLC_ID, owner, amount } => book.mint(owner, *amount),
            Event::Burned { asset_id: BLC_ID, owner, balance } => book.burn(owner, *balance),
            Event::Withdrawn { asset_id: BLC_ID, who, amount } => book.withdraw(who, *amount),
            Event::Deposited { asset_id: BLC_ID, who, amount } => book.deposit(who, *amount),
            Event::IssuedCredit { asset_id: BLC_ID, amount } => book.issue(*amount),
            _ => {}
        }
    }

    fn enter_job(&mut self, event: &pallet_jobs::Event<Runtime>) {
        use pallet_jobs::Event;
        match event {
            Event::TaskSettled { task, worker, paid, auditors, revenue, .. } => {
                let Some(requester) = self.requesters.get(&task.job) else { return };
                self.stable.pay(requester, worker, *paid);
                for (auditor, amount) in auditors {
                    self.stable.pay(requester, auditor, *amount);
                }
                self.stable.pay(requester, &super::pot(dpin_primitives::economy::Pot::Revenue), *revenue);
            }
            Event::TaskFailed { task, fee, .. } => {
                let Some(requester) = self.requesters.get(&task.job) else { return };
                self.stable.pay(requester, &super::pot(dpin_primitives::economy::Pot::Revenue), *fee);
            }
            // Its event comes before that of the payment that it reverses.
            Event::PaymentOwed { creditor, requester, asset, amount } if *asset == BLC => {
                self.stable.pay(creditor, requester, *amount)
            }
            Event::OwedPaid { creditor, requester, asset, amount } if *asset == BLC => {
                self.stable.pay(requester, creditor, *amount)
            }
            _ => {}
        }
    }

    /// Compare the books with the chain. Returns the number of mistakes: total issuances and
    /// accounts that differ. Accounts are those touched since the last comparison, or all on either
    /// side.
    pub fn compare(&mut self, all: bool) -> u32 {
        let mut mistakes = u32::from(self.native.issuance() != native_issuance() as i128);
        mistakes += u32::from(self.stable.issuance() != stable_issuance() as i128);
        mistakes += self.native.compare(all, native_of);
        mistakes += self.stable.compare(all, stable_of);
        if all {
            let (native, stable) = (natives(), stables());
            let sum = |accounts: &[(AccountId, Balance)]| accounts.iter().map(|(_, amount)| amount).sum::<Balance>();
            mistakes += u32::from(sum(&native) != native_issuance());
            mistakes += u32::from(sum(&stable) != stable_issuance());
        }
        mistakes
    }
}

/// Remove the events of the block. Unlike `System::reset_events`, this does not clear the topics,
/// of which there are none: that would iterate over all changed storage.
fn forget_events() {
    for name in [&b"Events"[..], b"EventCount"] {
        unhashed::kill(&storage_prefix(b"System", name));
    }
}

/// All accounts' DPN, free or held, in planck.
fn natives() -> Vec<(AccountId, Balance)> {
    frame_system::Account::<Runtime>::iter().map(|(who, info)| (who, info.data.free + info.data.reserved)).collect()
}

/// All accounts' BLC, free or held, in its smallest unit.
fn stables() -> Vec<(AccountId, Balance)> {
    // An account with BLC on hold also has an account of the asset.
    pallet_assets::Account::<Runtime>::iter_key_prefix(BLC_ID)
        .map(|who| {
            let amount = stable_of(&who);
            (who, amount)
        })
        .collect()
}

/// An account's DPN, free or held, in planck.
pub fn native_of(who: &AccountId) -> Balance {
    <Balances as fungible::Inspect<_>>::total_balance(who)
}

/// An account's BLC, free or held, in its smallest unit.
pub fn stable_of(who: &AccountId) -> Balance {
    <Assets as fungibles::Inspect<_>>::total_balance(BLC_ID, who)
}

/// The issuance of DPN, in planck.
pub fn native_issuance() -> Balance {
    <Balances as fungible::Inspect<AccountId>>::total_issuance()
}

/// The issuance of BLC, in its smallest unit.
pub fn stable_issuance() -> Balance {
    <Assets as fungibles::Inspect<AccountId>>::total_issuance(BLC_ID)
}

/// An account whose key nobody has.
pub fn account(name: &impl Encode) -> AccountId {
    AccountId::new(dpin_primitives::blake2(&(b"dpin/sim-economy/account", name).encode()).0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(number: u8) -> AccountId {
        AccountId::new([number; 32])
    }

    #[test]
    fn what_is_withdrawn_and_given_to_nobody_is_burned() {
        let mut book = Book::open([(who(1), 100)]);
        book.withdraw(&who(1), 30);
        book.deposit(&who(2), 20);
        assert_eq!(book.close(), 0);
        assert_eq!((book.minted(), book.burned(), book.issuance()), (100, 10, 90));
        assert_eq!((book.balance(&who(1)), book.balance(&who(2))), (70, 20));
    }

    #[test]
    fn what_is_given_and_was_neither_withdrawn_nor_issued_is_a_mistake() {
        let mut book = Book::open([(who(1), 100)]);
        book.deposit(&who(1), 1);
        assert_eq!(book.close(), 1);
        book.issue(5);
        book.deposit(&who(1), 5);
        assert_eq!(book.close(), 0);
    }

    #[test]
    fn an_account_that_differs_is_found_once_it_is_touched_or_all_are_compared() {
        let mut book = Book::open([(who(1), 100), (who(2), 50)]);
        let real = |account: &AccountId| if *account == who(1) { 100 } else { 49 };
        assert_eq!(book.compare(true, real), 1);
        assert_eq!(book.compare(false, real), 0);
        book.pay(&who(1), &who(2), 0);
        assert_eq!(book.compare(false, real), 1);
    }
}
