//! The development accounts, which have names.

use std::str::FromStr;
use subxt_signer::{SecretUri, sr25519::Keypair};

/// Names of the development accounts, whose secrets are public.
pub(crate) const NAMES: [&str; 8] = ["alice", "bob", "charlie", "dave", "eve", "ferdie", "one", "two"];

/// The key of the development account with this name.
pub(crate) fn key(name: &str) -> Option<Keypair> {
    let name = name.to_ascii_lowercase();
    let known = NAMES.into_iter().find(|known| *known == name)?;
    let (first, rest) = known.split_at(1);
    let uri = SecretUri::from_str(&format!("//{}{rest}", first.to_ascii_uppercase())).ok()?;
    Keypair::from_uri(&uri).ok()
}
