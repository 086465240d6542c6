//! Parsers for values on the command line, except money.

use crate::text::development;
use dpin_primitives::{
    AccountId, Hash,
    job::{Samples, TaskCount},
    worker::{DeviceClass, Region, is_geohash},
};
use polkadot_sdk::sp_runtime::Perbill;
use std::path::PathBuf;

/// Parse sizes in work-items: `1024`, `1024x1024`, `64x64x4`. Missing dimensions are 1.
///
/// # Errors
///
/// When the text is not such a size, or a dimension is 0.
pub(crate) fn grid(text: &str) -> Result<[u32; 3], String> {
    let mut sizes = [1; 3];
    let parts: Vec<&str> = text.split(['x', 'X', ',']).map(str::trim).collect();
    if parts.len() > sizes.len() {
        return Err("more than three dimensions; write sizes as in 64x64x4".into());
    }
    for (size, part) in sizes.iter_mut().zip(parts) {
        let digits = !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit());
        *size = Some(part)
            .filter(|_| digits)
            .and_then(|part| part.parse().ok())
            .filter(|size| *size > 0)
            .ok_or_else(|| format!("`{part}` is not a size above 0; write sizes as in 1024x1024"))?;
    }
    Ok(sizes)
}

/// A scalar argument as the user typed it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Scalar {
    /// Its bytes, little-endian.
    Bytes(Vec<u8>),
    /// An integer that takes its width from the kernel's parameter.
    Integer(i128),
}

/// Parse a scalar: `1.5f32`, `-3i16`, `7u64`, `0x0000c03f` (bytes in memory order), or an integer
/// without a type.
///
/// # Errors
///
/// When the text is not a scalar, or its value does not fit its type.
pub(crate) fn scalar(text: &str) -> Result<Scalar, String> {
    if let Some(digits) = text.strip_prefix("0x") {
        let bytes = hex::decode(digits).map_err(|error| format!("not bytes in hex: {error}"))?;
        return match bytes.len() {
            1 | 2 | 4 | 8 => Ok(Scalar::Bytes(bytes)),
            length => Err(format!("{length} bytes; a scalar has 1, 2, 4 or 8")),
        };
    }
    macro_rules! suffixed {
        ($($number:ty)*) => {
            $(if let Some(value) = text.strip_suffix(stringify!($number)) {
                let value: $number = value.parse().map_err(|_| format!(concat!("`{}` is not of type ", stringify!($number)), value))?;
                return Ok(Scalar::Bytes(value.to_le_bytes().to_vec()));
            })*
        };
    }
    suffixed!(u8 i8 u16 i16 u32 i32 u64 i64 f32 f64);
    text.parse().map(Scalar::Integer).map_err(|_| {
        format!(
            "`{text}` is not an integer; give other scalars a type, as in 1.5f32: u8 i8 u16 i16 u32 i32 u64 i64 f32 f64"
        )
    })
}

impl Scalar {
    /// Its bytes for a parameter of `width` bytes, little-endian.
    ///
    /// # Errors
    ///
    /// When the value does not fit.
    pub(crate) fn bytes(&self, width: u8) -> Result<Vec<u8>, String> {
        match self {
            Self::Bytes(bytes) if bytes.len() == usize::from(width) => Ok(bytes.clone()),
            Self::Bytes(bytes) => Err(format!("it has {} bytes, but the kernel's parameter has {width}", bytes.len())),
            Self::Integer(value) => {
                let bits = u32::from(width) * 8;
                let fits = (-(1i128 << (bits - 1))..1i128 << bits).contains(value);
                let bytes = value.to_le_bytes();
                bytes
                    .get(..usize::from(width))
                    .filter(|_| fits)
                    .map(<[u8]>::to_vec)
                    .ok_or_else(|| format!("{value} does not fit into the {width} bytes of the kernel's parameter"))
            }
        }
    }
}

/// Parse a number of bytes: `4096`, `512MiB`, `4GiB`, `16GB`, `1TB`.
///
/// # Errors
///
/// When the text is not such a number.
pub(crate) fn size(text: &str) -> Result<u64, String> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "tb" => 1_000_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        "tib" => 1 << 40,
        other if other.starts_with(['.', ',']) => {
            return Err("not a whole number of bytes; write it as in 1536MiB".into());
        }
        other => return Err(format!("`{other}` is not a unit of bytes; use KiB, MiB, GiB, TiB, kB, MB, GB or TB")),
    };
    let number: u64 = number.parse().map_err(|_| "not a whole number of bytes; write it as in 4GiB".to_string())?;
    number.checked_mul(factor).ok_or_else(|| "more than 2^64 bytes".into())
}

/// Parse a share: `50%`, `97.5%`.
///
/// # Errors
///
/// When the text is not a share, or it is above 100 %.
pub(crate) fn percent(text: &str) -> Result<Perbill, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{fraction:0<7}");
    let parts = Some(digits)
        .filter(|digits| fraction.len() <= 7 && !whole.is_empty() && digits.bytes().all(|c| c.is_ascii_digit()))
        .and_then(|digits| digits.parse::<u32>().ok())
        .filter(|parts| *parts <= 1_000_000_000);
    parts.map(Perbill::from_parts).ok_or_else(|| "not a share from 0% to 100% with at most 7 decimals".into())
}

/// Parse a hash: `0x` and 64 hex digits.
///
/// # Errors
///
/// When the text is not a hash.
pub(crate) fn hash(text: &str) -> Result<Hash, String> {
    let digits = text.strip_prefix("0x").ok_or("a hash begins with 0x")?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(digits, &mut bytes).map_err(|_| "a hash has 64 hex digits after 0x".to_string())?;
    Ok(bytes.into())
}

/// Parse an account: its address, its public key in hex, or the name of a development account.
///
/// # Errors
///
/// When the text is none of these.
pub(crate) fn account(text: &str) -> Result<AccountId, String> {
    if let Some(pair) = development::key(text) {
        return Ok(pair.public_key().0.into());
    }
    let address = (46..=50).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric());
    text.parse().map_err(|_| match address {
        true => "the checksum of the address is wrong: a character is wrong or missing".into(),
        false => {
            "not an account; give an address, 0x and 64 hex digits, or the name of a development account such as alice"
                .into()
        }
    })
}

/// Parse the number of tasks: `auto` or a number.
///
/// # Errors
///
/// When the text is neither.
pub(crate) fn tasks(text: &str) -> Result<TaskCount, String> {
    match text {
        "auto" => Ok(TaskCount::Auto),
        number => number.parse().map(TaskCount::Exactly).map_err(|_| "use `auto` or a number of tasks".into()),
    }
}

/// Parse the number of samples: `all` or a number.
///
/// # Errors
///
/// When the text is neither.
pub(crate) fn samples(text: &str) -> Result<Samples, String> {
    match text {
        "all" => Ok(Samples::All),
        number => number.parse().map(Samples::Count).map_err(|_| "use `all` or a number of tiles".into()),
    }
}

/// Parse a region: the first characters of a geohash.
///
/// # Errors
///
/// When the text is not a geohash, or too long.
pub(crate) fn region(text: &str) -> Result<Region, String> {
    if !is_geohash(text.as_bytes()) {
        return Err("not the beginning of a geohash: lower-case letters and digits, without a, i, l and o".into());
    }
    text.as_bytes().to_vec().try_into().map_err(|_| "a region has at most 8 characters".into())
}

/// The name of a class of devices, as [`class`] parses it.
pub(crate) fn class_name(class: DeviceClass) -> String {
    format!("{class:?}").to_lowercase()
}

/// Parse a class of devices.
///
/// # Errors
///
/// When the text names no class.
pub(crate) fn class(text: &str) -> Result<DeviceClass, String> {
    match text.to_ascii_lowercase().as_str() {
        "gpu" => Ok(DeviceClass::Gpu),
        "cpu" => Ok(DeviceClass::Cpu),
        "accelerator" => Ok(DeviceClass::Accelerator),
        _ => Err("not a class of devices; use gpu, cpu or accelerator".into()),
    }
}

/// The source of bytes: the chain or a file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum FileOrHash {
    /// The hash of a stored blob, or the id of a registered kernel.
    Hash(Hash),
    /// A file.
    File(PathBuf),
}

/// Parse a hash, or else the path of a file.
///
/// # Errors
///
/// When the text begins with `0x` but is not a hash.
pub(crate) fn source(text: &str) -> Result<FileOrHash, String> {
    if text.starts_with("0x") {
        return hash(text).map(FileOrHash::Hash);
    }
    Ok(FileOrHash::File(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn sizes_have_up_to_three_dimensions() {
        assert_eq!(grid("1024"), Ok([1024, 1, 1]));
        assert_eq!(grid("1024x512"), Ok([1024, 512, 1]));
        assert_eq!(grid("64X32x4"), Ok([64, 32, 4]));
        assert_eq!(grid("64, 32"), Ok([64, 32, 1]));
        for text in ["", "x", "0", "16x0", "1x2x3x4", "-1", "+1", "1.5x2", "4294967296", "16y16"] {
            assert!(grid(text).is_err(), "{text}");
        }
    }

    #[test]
    fn scalars_are_little_endian_and_of_their_type() {
        let bytes = |text: &str| match scalar(text) {
            Ok(Scalar::Bytes(bytes)) => bytes,
            other => panic!("{text}: {other:?}"),
        };
        assert_eq!(bytes("1.5f32"), 1.5f32.to_le_bytes());
        assert_eq!(bytes("-2.25f64"), (-2.25f64).to_le_bytes());
        assert_eq!(bytes("-3i16"), [0xfd, 0xff]);
        assert_eq!(bytes("255u8"), [255]);
        assert_eq!(bytes("1u64"), [1, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes("0x0000c03f"), 1.5f32.to_le_bytes());
        for text in ["256u8", "-1u32", "1.5", "1.5i32", "f32", "", "0x", "0x123456", "0xzz", "one"] {
            assert!(scalar(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_without_a_type_takes_the_parameters_width() {
        let number = scalar("-1").unwrap();
        assert_eq!(number.bytes(1), Ok(vec![255]));
        assert_eq!(number.bytes(8), Ok(vec![255; 8]));
        assert_eq!(scalar("4294967295").unwrap().bytes(4), Ok(vec![255; 4]));
        assert!(scalar("4294967296").unwrap().bytes(4).is_err());
        assert!(scalar("-129").unwrap().bytes(1).is_err());
        assert!(scalar("18446744073709551615").unwrap().bytes(8).is_ok());
        assert!(scalar("1u8").unwrap().bytes(4).is_err());
    }

    #[test]
    fn bytes_are_counted_with_units() {
        assert_eq!(size("4096"), Ok(4096));
        assert_eq!(size("4GiB"), Ok(4 << 30));
        assert_eq!(size("16 GB"), Ok(16_000_000_000));
        assert_eq!(
            (size("1TB"), size("2TiB"), size("1tb")),
            (Ok(1_000_000_000_000), Ok(2 << 40), Ok(1_000_000_000_000))
        );
        for text in ["", "GiB", "1.5GiB", "1XB", "99999999999GiB"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert!(size("1.5GiB").unwrap_err().contains("whole number"));
    }

    #[test]
    fn shares_are_exact() {
        assert_eq!(percent("50%"), Ok(Perbill::from_percent(50)));
        assert_eq!(percent("97.5"), Ok(Perbill::from_parts(975_000_000)));
        assert_eq!(percent("0.0000001%"), Ok(Perbill::from_parts(1)));
        for text in ["", "%", "101%", "-1%", "0.00000001%", "1e2", "100.0000001"] {
            assert!(percent(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_account_is_an_address_a_key_or_a_name() {
        let alice = account("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY").unwrap();
        assert_eq!(account("alice"), Ok(alice.clone()));
        assert_eq!(account(&format!("0x{}", hex::encode(<[u8; 32]>::from(alice.clone())))), Ok(alice));
        assert!(account("5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQZ").unwrap_err().contains("checksum"));
        for text in ["", "alicia", "0x12", "5Grw"] {
            let problem = account(text).unwrap_err();
            assert!(problem.starts_with("not an account; give an address"), "{problem}");
        }
    }

    #[test]
    fn a_hash_is_no_file() {
        let text = format!("0x{}", "ab".repeat(32));
        assert_eq!(source(&text), Ok(FileOrHash::Hash(Hash::repeat_byte(0xab))));
        assert_eq!(source("a.bin"), Ok(FileOrHash::File("a.bin".into())));
        assert!(source("0xab").is_err());
    }

    #[test]
    fn counts_may_be_words() {
        assert_eq!((tasks("auto"), tasks("3")), (Ok(TaskCount::Auto), Ok(TaskCount::Exactly(3))));
        assert_eq!((samples("all"), samples("32")), (Ok(Samples::All), Ok(Samples::Count(32))));
        assert!(tasks("few").is_err() && samples("-1").is_err());
        assert!(region("u4pr").is_ok() && region("A").is_err() && region("u4pruydqq").is_err());
        assert!(class("GPU").is_ok() && class("tpu").is_err());
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = (grid(&text), size(&text), percent(&text), account(&text), source(&text));
            if let Ok(scalar) = scalar(&text) {
                for width in [1, 2, 4, 8] {
                    let _ = scalar.bytes(width);
                }
            }
        }
    }
}
