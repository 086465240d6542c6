//! The expenses of a job, as they are shown before the first transaction.

use crate::{
    job::quote::Quoted,
    text::{amount, output::count},
};
use dpin_primitives::{Balance, DPN, Hash};
use serde_json::{Value, json};

/// An amount held for something stored on chain, until that is removed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Deposit {
    /// The purpose: `input`, `source` or `kernel`.
    pub what: &'static str,
    /// The id of the input, source or kernel.
    pub id: Hash,
    /// The amount in planck.
    pub amount: Balance,
}

impl Deposit {
    /// Convert to JSON.
    pub(crate) fn to_json(&self) -> Value {
        json!({ "for": self.what, "id": self.id, "amount": self.amount.to_string() })
    }
}

/// The expenses of a job beyond its escrow.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Plan {
    /// The quote of the job itself.
    pub quoted: Quoted,
    /// Deposits for the blobs and the kernel that must be stored first.
    pub deposits: Vec<Deposit>,
    /// The fees of all transactions in planck, if the chain reports them.
    pub fees: Option<Balance>,
    /// The number of transactions.
    pub transactions: u32,
}

impl Plan {
    /// The sum of the deposits, in planck.
    pub(crate) fn deposit(&self) -> Balance {
        self.deposits.iter().fold(0, |sum, deposit| sum.saturating_add(deposit.amount))
    }

    /// The lines on deposits and fees, as people read them.
    pub(crate) fn lines(&self) -> Vec<(&'static str, String)> {
        let fees = self.fees.map(rough).unwrap_or_else(|| "unknown".into());
        let deposits = self.deposit_text().unwrap_or_default();
        let transactions = count(self.transactions, "transaction");
        vec![("deposits", deposits), ("fees", format!("about {fees} for {transactions}"))]
    }

    fn deposit_text(&self) -> Option<String> {
        let parts: Vec<String> = self
            .deposits
            .iter()
            .map(|deposit| format!("{} for the {}", amount::dpn(deposit.amount), deposit.what))
            .collect();
        (!parts.is_empty()).then(|| format!("{} ({})", amount::dpn(self.deposit()), parts.join(", ")))
    }

    /// The payments and holds, shown before the first transaction.
    pub(crate) fn text(&self) -> String {
        let mut text = self.quoted.sentence();
        if let Some(deposits) = self.deposit_text() {
            text.push_str(&format!(
                "\ndeposits: {deposits}; they are returned when a blob has expired or is removed (`dpin blob remove`), and when the \
                 kernel is unregistered (`dpin kernel unregister`)"
            ));
        }
        if let Some(fees) = self.fees {
            let transactions = count(self.transactions, "transaction");
            text.push_str(&format!("\nfees: about {} for {transactions}", rough(fees)));
        }
        text
    }
}

/// An estimated amount of DPN, rounded up to four decimals.
fn rough(amount: Balance) -> String {
    const STEP: Balance = DPN / 10_000;
    amount::dpn(amount.div_ceil(STEP).saturating_mul(STEP))
}
