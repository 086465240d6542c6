//! Amounts of money, read and written exactly: never through floating point.

use dpin_primitives::{AssetKind, BLC, BLC_ID, Balance};
use std::str::FromStr;

/// Decimals of DPN and of BLC.
const DECIMALS: usize = 12;

/// An amount as the user typed it: `1.5`, `1.5DPN`, `0.1 BLC`, `1000planck`, `1000units`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Money {
    /// The amount in smallest units.
    smallest: Balance,
    /// Whether the amount was typed in whole units, of 10^12 smallest units each.
    whole: bool,
    /// The asset that the typed unit names.
    asset: Option<Unit>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Unit {
    Dpn,
    Blc,
}

impl Unit {
    fn asset(self) -> AssetKind {
        match self {
            Self::Dpn => AssetKind::Native,
            Self::Blc => BLC,
        }
    }
}

impl FromStr for Money {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_')).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let number = number.replace('_', "");
        let (whole, asset) = match unit.trim().to_ascii_lowercase().as_str() {
            "" => (true, None),
            "dpn" => (true, Some(Unit::Dpn)),
            "blc" => (true, Some(Unit::Blc)),
            "planck" => (false, Some(Unit::Dpn)),
            "unit" | "units" => (false, None),
            other if other.starts_with(',') => return Err("write decimals after a point, as in 1.5DPN".into()),
            other if other.starts_with('-') && number.is_empty() => return Err("an amount cannot be negative".into()),
            other => return Err(format!("`{other}` is not a unit; use DPN, BLC, planck or units, as in 1.5DPN")),
        };
        let smallest = if whole { parse_whole(&number)? } else { parse_digits(&number)? };
        Ok(Self { smallest, whole, asset })
    }
}

fn parse_digits(digits: &str) -> Result<Balance, String> {
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return Err("not a number; write an amount as in 1.5DPN or 1000planck".into());
    }
    digits.parse().map_err(|_| "the amount is too large".into())
}

fn parse_whole(number: &str) -> Result<Balance, String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if fraction.len() > DECIMALS {
        return Err(format!("{} decimals; an amount has at most {DECIMALS}", fraction.len()));
    }
    let fraction = parse_digits(&format!("{fraction:0<DECIMALS$}")).and_then(|parsed| match fraction {
        "" => Err("a digit is missing after the point".into()),
        _ => Ok(parsed),
    })?;
    let whole = parse_digits(whole)?;
    whole
        .checked_mul(dpin_primitives::DPN)
        .and_then(|amount| amount.checked_add(fraction))
        .ok_or("the amount is too large".into())
}

impl Money {
    /// Returns the asset and the amount in its smallest unit. `asset` is the asset that an option
    /// names; the default is DPN.
    ///
    /// # Errors
    ///
    /// When the unit and `asset` contradict each other. When an asset with unknown decimals is not
    /// counted in `units`.
    pub(crate) fn resolve(&self, asset: Option<AssetKind>) -> Result<(AssetKind, Balance), String> {
        let asset = match (self.asset.map(Unit::asset), asset) {
            (Some(unit), Some(asset)) if unit != asset => {
                return Err(format!("the amount is in {}, but the asset is {}", name(&unit), name(&asset)));
            }
            (Some(asset), _) | (None, Some(asset)) => asset,
            (None, None) => AssetKind::Native,
        };
        if self.whole && !matches!(asset, AssetKind::Native | AssetKind::WithId(BLC_ID)) {
            return Err(format!(
                "the decimals of {} are unknown: give the amount in units, as in 1000units",
                name(&asset)
            ));
        }
        Ok((asset, self.smallest))
    }

    /// The amount in planck.
    ///
    /// # Errors
    ///
    /// When the amount is in another asset.
    pub(crate) fn planck(&self) -> Result<Balance, String> {
        self.resolve(Some(AssetKind::Native)).map(|(_, amount)| amount)
    }
}

/// The name of an asset: `DPN`, `BLC`, `asset 7`.
pub(crate) fn name(asset: &AssetKind) -> String {
    match asset {
        AssetKind::Native => "DPN".into(),
        AssetKind::WithId(BLC_ID) => "BLC".into(),
        AssetKind::WithId(id) => format!("asset {id}"),
    }
}

/// An amount as people read it: `1.5 DPN`, `12 units of asset 7`.
pub(crate) fn show(amount: Balance, asset: &AssetKind) -> String {
    match asset {
        AssetKind::Native | AssetKind::WithId(BLC_ID) => format!("{} {}", decimal(amount), name(asset)),
        AssetKind::WithId(_) => format!("{amount} units of {}", name(asset)),
    }
}

/// An amount of DPN as people read it.
pub(crate) fn dpn(amount: Balance) -> String {
    show(amount, &AssetKind::Native)
}

fn decimal(amount: Balance) -> String {
    let digits = format!("{amount:0>width$}", width = DECIMALS + 1);
    let (whole, fraction) = digits.split_at(digits.len() - DECIMALS);
    match fraction.trim_end_matches('0') {
        "" => whole.to_string(),
        fraction => format!("{whole}.{fraction}"),
    }
}

/// Parse the name of an asset: `DPN`, `BLC` or a number.
///
/// # Errors
///
/// When the text is none of these.
pub(crate) fn parse_asset(text: &str) -> Result<AssetKind, String> {
    match text.to_ascii_lowercase().as_str() {
        "dpn" => Ok(AssetKind::Native),
        "blc" => Ok(BLC),
        id => {
            id.parse().map(AssetKind::WithId).map_err(|_| "not an asset; use DPN, BLC or the number of an asset".into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_primitives::DPN;
    use proptest::prelude::*;

    fn planck(text: &str) -> Result<Balance, String> {
        text.parse::<Money>()?.planck()
    }

    #[test]
    fn amounts_are_exact_to_the_planck() {
        for (text, amount) in [
            ("1", DPN),
            ("1.5", DPN * 3 / 2),
            ("1.5 DPN", DPN * 3 / 2),
            ("1.5dpn", DPN * 3 / 2),
            ("0.000000000001DPN", 1),
            ("0.1", DPN / 10),
            ("210_000_000 DPN", 210_000_000 * DPN),
            ("123456789.123456789123", 123_456_789_123_456_789_123),
            ("7planck", 7),
            ("7 units", 7),
        ] {
            assert_eq!(planck(text), Ok(amount), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in
            ["", "DPN", ".5", "1.", "1..5", "1.5.5", "-1", "1e3", "1.0000000000001", "1.5planck", "1 ETH", "1,5", "0x1"]
        {
            assert!(planck(text).is_err(), "{text}");
        }
        assert!(planck("1,5DPN").unwrap_err().contains("a point") && planck("-1DPN").unwrap_err().contains("negative"));
        assert!(planck(&format!("{}planck", u128::MAX)).is_ok());
        assert!(planck("340282366920938463463374607431768211456planck").is_err());
        assert!(planck("340282366920938463463374608").is_err());
    }

    #[test]
    fn unit_and_asset_must_agree() {
        let money: Money = "2BLC".parse().unwrap();
        assert_eq!(money.resolve(None), Ok((BLC, 2 * DPN)));
        assert_eq!(money.resolve(Some(BLC)), Ok((BLC, 2 * DPN)));
        assert!(money.resolve(Some(AssetKind::Native)).is_err() && money.planck().is_err());
        let money: Money = "2".parse().unwrap();
        assert_eq!(money.resolve(Some(BLC)), Ok((BLC, 2 * DPN)));
    }

    #[test]
    fn other_assets_are_counted_in_units() {
        let other = Some(AssetKind::WithId(7));
        assert_eq!("2units".parse::<Money>().unwrap().resolve(other.clone()), Ok((AssetKind::WithId(7), 2)));
        assert!("2".parse::<Money>().unwrap().resolve(other).is_err());
    }

    #[test]
    fn amounts_are_shown_with_their_asset() {
        assert_eq!(dpn(DPN), "1 DPN");
        assert_eq!(dpn(1), "0.000000000001 DPN");
        assert_eq!(show(DPN * 5 / 2, &BLC), "2.5 BLC");
        assert_eq!(show(9, &AssetKind::WithId(7)), "9 units of asset 7");
    }

    #[test]
    fn assets_are_named_or_numbered() {
        assert_eq!(parse_asset("dpn"), Ok(AssetKind::Native));
        assert_eq!(parse_asset("BLC"), Ok(BLC));
        assert_eq!(parse_asset("1"), Ok(BLC));
        assert!(parse_asset("gold").is_err());
    }

    proptest! {
        #[test]
        fn what_is_shown_reads_as_the_same_amount(amount in 0u128..u128::MAX / DPN) {
            prop_assert_eq!(planck(&dpn(amount)), Ok(amount));
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = text.parse::<Money>().map(|money| money.planck());
        }
    }
}
