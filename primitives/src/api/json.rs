//! The spelling of the records in JSON, as the JSON-RPC and `dpin --json` write them.
//!
//! Names are in camelCase. Bytes and hashes are hex with `0x`, accounts are SS58, shares are
//! numbers in billionths. Amounts are decimal strings, because a JavaScript number is exact up to
//! 2^53 only.
//!
//! Most fields of a record have the right spelling by themselves. Another spelling is named beside
//! the field: `#[serde(with = "As::<Amount>")]`. It gives the field's JSON and its JSON Schema.
//!
//! The feature `json` turns this on. The runtime is built without it.

use crate::{AssetKind, Balance, Hash};
use alloc::{
    borrow::Cow,
    format,
    string::{String, ToString},
    vec::Vec,
};
use core::marker::PhantomData;
use polkadot_sdk::{
    sp_core::Get,
    sp_runtime::{BoundedVec, FixedPointNumber, FixedU128},
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

/// Spells a field as a `Spelling`.
pub struct As<Spelling>(PhantomData<Spelling>);

impl<Spelling> As<Spelling> {
    /// Serialises a field.
    ///
    /// # Errors
    ///
    /// The serializer's.
    pub fn serialize<T, S>(field: &T, serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Clone,
        Spelling: From<T> + Serialize,
        S: Serializer,
    {
        Spelling::from(field.clone()).serialize(serializer)
    }

    /// Deserializes a field.
    ///
    /// # Errors
    ///
    /// If the input is not a `Spelling`.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: From<Spelling>,
        Spelling: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Spelling::deserialize(deserializer).map(T::from)
    }
}

/// Spells an optional field as a `Spelling` or `null`.
pub struct Maybe<Spelling>(PhantomData<Spelling>);

impl<Spelling> Maybe<Spelling> {
    /// Serialises a field.
    ///
    /// # Errors
    ///
    /// The serializer's.
    pub fn serialize<T, S>(field: &Option<T>, serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Clone,
        Spelling: From<T> + Serialize,
        S: Serializer,
    {
        field.clone().map(Spelling::from).serialize(serializer)
    }

    /// Deserializes a field.
    ///
    /// # Errors
    ///
    /// If the input is neither a `Spelling` nor `null`.
    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: From<Spelling>,
        Spelling: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        Ok(Option::<Spelling>::deserialize(deserializer)?.map(T::from))
    }
}

/// Spells a list as a list of `Spelling`s.
pub struct Each<Spelling>(PhantomData<Spelling>);

impl<Spelling> Each<Spelling> {
    /// Serialises a field.
    ///
    /// # Errors
    ///
    /// The serializer's.
    pub fn serialize<T, S>(field: &[T], serializer: S) -> Result<S::Ok, S::Error>
    where
        T: Clone,
        Spelling: From<T> + Serialize,
        S: Serializer,
    {
        serializer.collect_seq(field.iter().cloned().map(Spelling::from))
    }

    /// Deserializes a field.
    ///
    /// # Errors
    ///
    /// If the input is not a list of `Spelling`s, or the list is longer than the field may be.
    pub fn deserialize<'de, T, List, D>(deserializer: D) -> Result<List, D::Error>
    where
        T: From<Spelling>,
        List: TryFrom<Vec<T>> + IntoIterator<Item = T>,
        Spelling: Deserialize<'de>,
        D: Deserializer<'de>,
    {
        let list = Vec::<Spelling>::deserialize(deserializer)?;
        List::try_from(list.into_iter().map(T::from).collect()).map_err(|_| D::Error::custom("the list is too long"))
    }
}

/// Gives an adapter the JSON Schema of what it spells.
macro_rules! schema_of {
    ($($adapter:ident<$spelling:ident> => $as:ty;)*) => { $(
        impl<$spelling: JsonSchema> JsonSchema for $adapter<$spelling> {
            fn inline_schema() -> bool {
                <$as>::inline_schema()
            }

            fn schema_name() -> Cow<'static, str> {
                <$as>::schema_name()
            }

            fn schema_id() -> Cow<'static, str> {
                <$as>::schema_id()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                <$as>::json_schema(generator)
            }
        }
    )* };
}

schema_of! {
    As<Spelling> => Spelling;
    Maybe<Spelling> => Option<Spelling>;
    Each<Spelling> => Vec<Spelling>;
}

/// Describes types that are text in JSON: name, description and pattern.
macro_rules! text {
    ($($type:ident, $name:literal, $description:literal, $pattern:literal;)*) => { $(
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                $name.into()
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "description": $description, "type": "string", "pattern": $pattern })
            }
        }
    )* };
}

text! {
    HexHash, "Hash", "32 bytes in hex with `0x`.", "^0x[0-9a-f]{64}$";
    HexBytes, "Bytes", "Bytes in hex with `0x`.", "^0x([0-9a-f]{2})*$";
    Account, "Account", "An account as SS58.", "^[1-9A-HJ-NP-Za-km-z]{46,50}$";
    Amount, "Amount", "An amount in its asset's smallest unit, as a decimal string.", "^[0-9]+$";
    Fixed, "Fixed", "A number with up to 18 decimals, as a decimal string.", "^[0-9]+(\\.[0-9]{1,18})?$";
}

/// A hash, or a key of 32 bytes.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub struct HexHash(pub Hash);

/// Describes bytes whose own spelling is hex.
pub enum HexBytes {}

/// Describes an account, whose own spelling is SS58.
pub enum Account {}

/// An amount in its asset's smallest unit: a decimal string.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Amount(pub Balance);

impl From<Balance> for Amount {
    fn from(amount: Balance) -> Self {
        Self(amount)
    }
}

impl From<Amount> for Balance {
    fn from(Amount(amount): Amount) -> Self {
        amount
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(D::Error::custom)
    }
}

/// A number with 18 decimals: a decimal string without trailing zeros, such as `"1.5"`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fixed(pub FixedU128);

impl From<FixedU128> for Fixed {
    fn from(number: FixedU128) -> Self {
        Self(number)
    }
}

impl From<Fixed> for FixedU128 {
    fn from(Fixed(number): Fixed) -> Self {
        number
    }
}

impl Serialize for Fixed {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (whole, decimals) = (self.0.into_inner() / FixedU128::DIV, self.0.into_inner() % FixedU128::DIV);
        if decimals == 0 {
            return serializer.collect_str(&whole);
        }
        let decimals = format!("{decimals:018}");
        serializer.collect_str(&format_args!("{whole}.{}", decimals.trim_end_matches('0')))
    }
}

impl<'de> Deserialize<'de> for Fixed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, "0"));
        let number = |digits: &str| digits.parse::<u128>().map_err(D::Error::custom);
        if decimals.len() > 18 {
            return Err(D::Error::custom("more than 18 decimals"));
        }
        let parts = number(&format!("{decimals:0<18}"))?;
        let inner = number(whole)?.checked_mul(FixedU128::DIV).and_then(|whole| whole.checked_add(parts));
        inner.map(|inner| Self(FixedU128::from_inner(inner))).ok_or_else(|| D::Error::custom("the number is too large"))
    }
}

/// Text of the chain, whose bytes need not be UTF-8.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub struct Text(String);

impl<Limit: Get<u32>> From<BoundedVec<u8, Limit>> for Text {
    fn from(bytes: BoundedVec<u8, Limit>) -> Self {
        Self(String::from_utf8_lossy(&bytes).to_string())
    }
}

/// Cuts off text that is too long, at the end of a character. The chain's own text is too long if
/// its bytes were not UTF-8.
impl<Limit: Get<u32>> From<Text> for BoundedVec<u8, Limit> {
    fn from(Text(mut text): Text) -> Self {
        let mut end = text.len().min(Limit::get() as usize);
        while !text.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        text.truncate(end);
        Self::truncate_from(text.into_bytes())
    }
}

/// An asset: `"dpn"` or `{"asset": id}`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "AssetView")]
pub enum Asset {
    /// The native DPN.
    Dpn,
    /// An asset of pallet-assets; BLC is 1.
    Asset(u32),
}

impl From<AssetKind> for Asset {
    fn from(asset: AssetKind) -> Self {
        match asset {
            AssetKind::Native => Self::Dpn,
            AssetKind::WithId(id) => Self::Asset(id),
        }
    }
}

impl From<Asset> for AssetKind {
    fn from(asset: Asset) -> Self {
        match asset {
            Asset::Dpn => Self::Native,
            Asset::Asset(id) => Self::WithId(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::worker::Region;
    use serde_json::json;

    #[test]
    fn an_amount_is_a_string_and_nothing_else() {
        assert_eq!(serde_json::to_value(Amount(u128::MAX)).unwrap(), json!(u128::MAX.to_string()));
        assert!(serde_json::from_value::<Amount>(json!(12)).is_err());
        assert!(serde_json::from_value::<Amount>(json!("-1")).is_err());
    }

    #[test]
    fn a_fixed_number_reads_as_it_is_written() {
        for (inner, text) in
            [(0, "0"), (1_500_000_000_000_000_000, "1.5"), (1, "0.000000000000000001"), (7 * FixedU128::DIV, "7")]
        {
            let number = Fixed(FixedU128::from_inner(inner));
            assert_eq!(serde_json::to_value(number).unwrap(), json!(text));
            assert_eq!(serde_json::from_value::<Fixed>(json!(text)).unwrap(), number);
        }
        assert!(serde_json::from_value::<Fixed>(json!("0.0000000000000000001")).is_err());
        assert!(serde_json::from_value::<Fixed>(json!("340282366920938463464")).is_err());
    }

    #[test]
    fn text_that_is_not_utf_8_still_has_its_bound() {
        #[derive(PartialEq, Debug, Serialize, Deserialize)]
        struct Place(#[serde(with = "As::<Text>")] Region);
        let read = |json| serde_json::from_value::<Place>(json).unwrap();
        let place = Place(b"u4pr".to_vec().try_into().unwrap());
        assert_eq!(serde_json::to_value(&place).unwrap(), json!("u4pr"));
        assert_eq!(read(json!("u4pr")), place);

        let json = serde_json::to_value(Place(alloc::vec![0xff; 8].try_into().unwrap())).unwrap();
        assert_eq!(json, json!("\u{fffd}".repeat(8)));
        let short = read(json);
        assert_eq!(&short.0[..], "\u{fffd}".repeat(2).as_bytes(), "two of three bytes each fit into eight");
        assert_eq!(read(serde_json::to_value(&short).unwrap()), short);
    }
}
