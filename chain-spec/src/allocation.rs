//! Allocation tables: the distribution of the supply when a network starts.
//!
//! A table is text with three columns and the header `category,account,dpn`. The categories are
//! those of the white paper, accounts are addresses, and amounts are DPN with up to twelve
//! decimals. The text after a `#` is a comment; empty lines are ignored.
//!
//! The rows of a category add up to its allocation, and so all rows to 210,000,000 DPN:
//!
//! - `airdrop`: an advance on the end of the emission, for an account. One row has `emission` in
//!   place of the account, and the amount that the emission mints;
//! - `contributors` and `governance`: accounts with their vesting amounts;
//! - `superNodes`, `liquidity` and `bonds`: only the category's pot.
//!
//! The table is part of this program, like the runtime. The runtime's genesis checks the sums
//! again.

use dpin_primitives::{
    AccountId, Balance, DPN,
    economy::{Category, Pot},
};
use dpin_runtime::configs::{ExistentialDeposit, Pots};
use polkadot_sdk::{
    sp_core::crypto::{Ss58AddressFormat, Ss58Codec},
    sp_runtime::traits::Convert,
};
use serde_json::{Value, json};

/// The header of a table.
pub const HEADER: &str = "category,account,dpn";
/// The text in place of an account in the row of the emission.
pub const EMISSION: &str = "emission";

/// A parsed table, with amounts in planck.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Allocation {
    /// Vesting amounts: category, account and planck.
    pub vesting: Vec<(Category, AccountId, Balance)>,
    /// Advances on the emission: account and planck.
    pub advance: Vec<(AccountId, Balance)>,
    /// The amount that the emission mints, in planck.
    pub emission: Balance,
}

/// An error in a table.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TableError {
    /// A line cannot be read.
    #[error("line {line}: {problem}")]
    Line {
        /// Number of the line, from 1.
        line: usize,
        /// The problem with it.
        problem: LineProblem,
    },
    /// The table ends before its header.
    #[error("the header `{HEADER}` is missing")]
    NoHeader,
    /// The rows of a category do not add up to its allocation, so the total would not be
    /// 210,000,000 DPN.
    #[error("{} adds up to {} DPN, not to {} DPN", .category.name(), show(.sum), show(&.category.amount()))]
    Sum {
        /// The category.
        category: Category,
        /// The sum of its rows, in planck.
        sum: Balance,
    },
}

/// A problem with a line.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LineProblem {
    /// The first row is not the header.
    #[error("the first row must be the header `{HEADER}`")]
    NotTheHeader,
    /// The line does not have three columns.
    #[error("the row must have three columns")]
    NotThreeColumns,
    /// The category does not exist.
    #[error("`{0}` is not a category")]
    UnknownCategory(String),
    /// The text is not an address of this network.
    #[error("`{0}` is not an address of this network")]
    InvalidAccount(String),
    /// Only the airdrop is minted by the emission.
    #[error("only rows of `airdrop` may name the emission")]
    NotEmitted,
    /// The account is not the category's pot.
    #[error("the account must be the pot of the category, {0}")]
    NotThePot(AccountId),
    /// The text is not an amount of DPN: digits, and up to twelve more after a decimal point.
    #[error("`{0}` is not an amount of DPN with at most 12 decimals")]
    InvalidAmount(String),
    /// The amount is less than the existential deposit.
    #[error("the amount is below the existential deposit of {} DPN", show(&ExistentialDeposit::get()))]
    BelowMinimum,
    /// An earlier line has the same category and account.
    #[error("line {0} has the same category and account")]
    Duplicate(usize),
}

/// An amount in DPN, as tables write it.
fn show(amount: &Balance) -> String {
    let (whole, rest) = (amount / DPN, amount % DPN);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:012}").trim_end_matches('0').to_string() }
}

/// Parse an amount in DPN as planck; `None` if it is invalid.
fn planck(text: &str) -> Option<Balance> {
    let (whole, decimals) = match text.split_once('.') {
        Some((whole, decimals)) if !decimals.is_empty() => (whole, decimals),
        Some(_) => return None,
        None => (text, ""),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || decimals.len() > 12 || !digits(whole) || !digits(decimals) {
        return None;
    }
    let whole: Balance = whole.parse().ok()?;
    let rest: Balance = format!("{decimals:0<12}").parse().ok()?;
    whole.checked_mul(DPN)?.checked_add(rest)
}

/// The pot to which a category is minted, if it has one.
fn pot(category: Category) -> Option<AccountId> {
    let pot = match category {
        Category::SuperNodes => Pot::SuperNodes,
        Category::Liquidity => Pot::Liquidity,
        Category::Bonds => Pot::Bonds,
        Category::Airdrop | Category::Contributors | Category::Governance => return None,
    };
    Some(Pots::convert(pot))
}

/// A row of a table. The account is `None` for the emission.
type Row = (Category, Option<AccountId>, Balance);

fn row(line: &str) -> Result<Row, LineProblem> {
    let columns: Vec<&str> = line.split(',').map(str::trim).collect();
    let [category, account, amount] = columns[..] else { return Err(LineProblem::NotThreeColumns) };
    let category: Category =
        serde_json::from_value(category.into()).map_err(|_| LineProblem::UnknownCategory(category.into()))?;
    let account = if account == EMISSION {
        None
    } else {
        let format = Ss58AddressFormat::custom(crate::SS58_FORMAT);
        match AccountId::from_ss58check_with_version(account) {
            Ok((account, version)) if version == format => Some(account),
            _ => return Err(LineProblem::InvalidAccount(account.into())),
        }
    };
    let amount = planck(amount).ok_or_else(|| LineProblem::InvalidAmount(amount.into()))?;

    if account.is_none() && category != Category::Airdrop {
        return Err(LineProblem::NotEmitted);
    }
    if let Some(pot) = pot(category).filter(|pot| account.as_ref() != Some(pot)) {
        return Err(LineProblem::NotThePot(pot));
    }
    if account.is_some() && amount < ExistentialDeposit::get() {
        return Err(LineProblem::BelowMinimum);
    }
    Ok((category, account, amount))
}

impl Allocation {
    /// Parse a table.
    ///
    /// # Errors
    ///
    /// The first line that cannot be parsed, or else the first category whose rows do not add up to
    /// its allocation.
    pub fn parse(table: &str) -> Result<Self, TableError> {
        let mut allocation = Self::default();
        let mut rows: Vec<(usize, Row)> = Vec::new();
        let mut header = false;
        for (number, line) in (1..).zip(table.lines()) {
            let at = |problem| TableError::Line { line: number, problem };
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            if !header {
                header = line == HEADER;
                if !header {
                    return Err(at(LineProblem::NotTheHeader));
                }
                continue;
            }
            let (category, account, amount) = row(line).map_err(at)?;
            let twin = rows.iter().find(|(_, (other, whose, _))| (*other, whose) == (category, &account));
            if let Some((first, _)) = twin {
                return Err(at(LineProblem::Duplicate(*first)));
            }
            rows.push((number, (category, account, amount)));
        }
        if !header {
            return Err(TableError::NoHeader);
        }

        for category in Category::ALL {
            let of_it = rows.iter().filter(|(_, (other, ..))| *other == category);
            let sum = of_it.fold(0, |sum: Balance, (_, (.., amount))| sum.saturating_add(*amount));
            if sum != category.amount() {
                return Err(TableError::Sum { category, sum });
            }
        }
        for (_, (category, account, amount)) in rows {
            match (category, account) {
                (Category::Airdrop, Some(account)) => allocation.advance.push((account, amount)),
                (Category::Airdrop, None) => allocation.emission = amount,
                (_, Some(account)) if category.vesting().is_some() => {
                    allocation.vesting.push((category, account, amount))
                }
                // The runtime's genesis mints to the pots by itself.
                _ => {}
            }
        }
        Ok(allocation)
    }

    /// The part of the runtime's genesis that the table determines, as a patch for a preset.
    pub fn genesis_patch(&self) -> Value {
        json!({ "issuance": { "vesting": self.vesting, "advance": self.advance } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polkadot_sdk::sp_keyring::Sr25519Keyring;

    /// The smallest table: every required row, and no advance.
    fn rows() -> Vec<String> {
        let pot = |pot| Pots::convert(pot);
        let alice = Sr25519Keyring::Alice.to_account_id();
        vec![
            HEADER.into(),
            "airdrop,emission,180600000".into(),
            format!("contributors,{alice},12600000"),
            format!("superNodes,{},4950000", pot(Pot::SuperNodes)),
            format!("liquidity,{},4200000", pot(Pot::Liquidity)),
            format!("bonds,{},4200000", pot(Pot::Bonds)),
            format!("governance,{alice},3450000"),
        ]
    }

    /// The error when these lines replace line `line`, counted from 1.
    fn problem(line: usize, instead: &[&str]) -> TableError {
        let mut rows = rows();
        rows.splice(line - 1..line, instead.iter().map(ToString::to_string));
        Allocation::parse(&rows.join("\n")).unwrap_err()
    }

    fn at(line: usize, problem: LineProblem) -> TableError {
        TableError::Line { line, problem }
    }

    #[test]
    fn a_table_says_who_gets_what() {
        let (alice, bob) = (Sr25519Keyring::Alice.to_account_id(), Sr25519Keyring::Bob.to_account_id());
        let mut rows = rows();
        rows[1] = format!(
            "# The airdrop.\n\n airdrop , {bob}, 0.5 # Bob\nairdrop,{alice},0.001\r\nairdrop,emission,180599999.499000000000"
        );
        let allocation = Allocation::parse(&rows.join("\n")).unwrap();
        assert_eq!(allocation.advance, [(bob, DPN / 2), (alice.clone(), DPN / 1_000)]);
        assert_eq!(allocation.emission, 180_600_000 * DPN - DPN / 2 - DPN / 1_000);
        assert_eq!(
            allocation.vesting,
            [
                (Category::Contributors, alice.clone(), 12_600_000 * DPN),
                (Category::Governance, alice.clone(), 3_450_000 * DPN),
            ]
        );
        let patch = allocation.genesis_patch();
        assert_eq!(patch["issuance"]["vesting"][1], json!(["governance", alice.to_ss58check(), 3_450_000 * DPN]));
    }

    #[test]
    fn an_amount_beyond_64_bits_stays_exact() {
        let alice = Sr25519Keyring::Alice.to_account_id();
        let mut rows = rows();
        rows[1] = format!("airdrop,{alice},180599999.999999999999\nairdrop,emission,0.000000000001");
        let allocation = Allocation::parse(&rows.join("\n")).unwrap();
        assert_eq!(allocation.emission, 1);
        let text = allocation.genesis_patch().to_string();
        assert!(text.contains("180599999999999999999"), "{text}");
    }

    #[test]
    fn a_line_that_is_no_row_is_told_by_its_number() {
        let alice = Sr25519Keyring::Alice.to_account_id();
        let polkadot = alice.to_ss58check_with_version(Ss58AddressFormat::custom(0));
        let with = |text: &str| text.replace("ALICE", &alice.to_string()).replace("POLKADOT", &polkadot);
        let cases = [
            ("contributors,ALICE", LineProblem::NotThreeColumns),
            ("contributors,ALICE,12,600,000", LineProblem::NotThreeColumns),
            ("founders,ALICE,1", LineProblem::UnknownCategory("founders".into())),
            ("Contributors,ALICE,1", LineProblem::UnknownCategory("Contributors".into())),
            ("contributors,Alice,1", LineProblem::InvalidAccount("Alice".into())),
            ("contributors,POLKADOT,1", LineProblem::InvalidAccount(polkadot.clone())),
            ("contributors,emission,1", LineProblem::NotEmitted),
            ("bonds,ALICE,4200000", LineProblem::NotThePot(Pots::convert(Pot::Bonds))),
            ("contributors,ALICE,0", LineProblem::BelowMinimum),
            ("contributors,ALICE,0.000999999999", LineProblem::BelowMinimum),
        ];
        for (row, expected) in cases {
            assert_eq!(problem(3, &["# a comment", &with(row)]), at(4, expected), "{row}");
        }
        for amount in ["", "-1", "+1", "1.", ".5", "1e6", "1_000", "0.0000000000001", "0x10", "1.5.5"] {
            let row = format!("contributors,{alice},{amount}");
            assert_eq!(problem(3, &[&row]), at(3, LineProblem::InvalidAmount(amount.into())), "{row}");
        }
        let huge = format!("contributors,{alice},{}", "9".repeat(60));
        assert_eq!(problem(3, &[&huge]), at(3, LineProblem::InvalidAmount("9".repeat(60))));
    }

    #[test]
    fn no_account_stands_twice_in_a_category() {
        let alice = Sr25519Keyring::Alice.to_account_id();
        let half = format!("contributors,{alice},6300000");
        assert_eq!(problem(3, &[&half, &half]), at(4, LineProblem::Duplicate(3)));
        let (some, rest) = ("airdrop,emission,180000000", "airdrop,emission,600000");
        assert_eq!(problem(2, &[some, rest]), at(3, LineProblem::Duplicate(2)));
    }

    #[test]
    fn a_table_begins_with_its_header() {
        assert_eq!(problem(1, &["# nothing"]), at(2, LineProblem::NotTheHeader));
        assert_eq!(Allocation::parse("# nothing\n"), Err(TableError::NoHeader));
    }

    #[test]
    fn a_category_that_does_not_add_up_is_told_with_its_sum() {
        for (line, category) in (2..).zip(Category::ALL) {
            assert_eq!(problem(line, &[]), TableError::Sum { category, sum: 0 });
        }
        assert_eq!(
            problem(2, &["airdrop,emission,180599999.9999"]).to_string(),
            "Airdrop Program adds up to 180599999.9999 DPN, not to 180600000 DPN"
        );
        let alice = Sr25519Keyring::Alice.to_account_id();
        let more = format!("airdrop,{alice},1");
        assert_eq!(
            problem(2, &["airdrop,emission,180600000", &more]),
            TableError::Sum { category: Category::Airdrop, sum: 180_600_001 * DPN }
        );
    }

    #[test]
    fn sums_beyond_all_bounds_are_no_sums() {
        let (alice, bob) = (Sr25519Keyring::Alice.to_account_id(), Sr25519Keyring::Bob.to_account_id());
        let most = Balance::MAX / DPN;
        let rows = [format!("contributors,{alice},{most}"), format!("contributors,{bob},{most}")];
        assert_eq!(
            problem(3, &rows.each_ref().map(String::as_str)),
            TableError::Sum { category: Category::Contributors, sum: Balance::MAX }
        );
    }
}
