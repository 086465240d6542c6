//! Bearer tokens.

use crate::{Failure, HttpResult};
use axum::http::{HeaderMap, StatusCode, header};
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};
use subtle::ConstantTimeEq;

/// The token that requests must carry.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A server's token.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// Whether a request carries the token. The time of the check does not depend on where two
    /// tokens differ.
    pub fn is_in(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        given.is_some_and(|given| given.ct_eq(self.0.as_bytes()).into())
    }

    /// Refuse a request without the token.
    ///
    /// # Errors
    ///
    /// With status 401 when the token is missing or wrong.
    pub fn check(&self, headers: &HeaderMap) -> HttpResult<()> {
        let refusal = || Failure::new(StatusCode::UNAUTHORIZED, "the bearer token is missing or wrong");
        self.is_in(headers).then_some(()).ok_or_else(refusal)
    }
}

/// A new token: 32 random bytes of the operating system, in hex.
///
/// # Errors
///
/// When the operating system has no random bytes.
pub fn generate() -> io::Result<String> {
    let mut bytes = [0u8; 32];
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// Write a token to a new file that only its owner may read.
///
/// # Errors
///
/// When the file exists, or cannot be written.
pub fn create(file: &Path, token: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    file.write_all(token.as_bytes())?;
    file.sync_all()
}

/// As [`create`], in place of a file that may exist.
///
/// # Errors
///
/// When the file cannot be replaced.
pub fn replace(file: &Path, token: &str) -> io::Result<()> {
    // An existing file would keep its permissions.
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => create(file, token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn only_the_whole_token_is_accepted() {
        let token = Token::new("0123456789abcdef");
        let with = |value: &str| HeaderMap::from_iter([(header::AUTHORIZATION, value.parse().unwrap())]);
        assert!(token.is_in(&with("Bearer 0123456789abcdef")));
        assert_eq!(token.check(&with("Bearer 0123456789abcdef")), Ok(()));
        let refusal = Failure::new(StatusCode::UNAUTHORIZED, "the bearer token is missing or wrong");
        for wrong in [
            "",
            "Bearer",
            "Bearer ",
            "0123456789abcdef",
            "Basic 0123456789abcdef",
            "Bearer 123456789abcdef",
            "Bearer 0123456789abcdeg",
            "Bearer 0123456789abcdef0",
        ] {
            assert_eq!(token.check(&with(wrong)), Err(refusal.clone()), "{wrong}");
        }
        assert!(!token.is_in(&HeaderMap::new()));
    }

    #[test]
    fn a_token_is_written_for_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        let token = generate().unwrap();
        assert_eq!(token.len(), 64);
        assert_ne!(token, generate().unwrap());
        create(&file, &token).unwrap();
        assert_eq!(create(&file, "other").unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
        replace(&file, "other").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "other");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        replace(&folder.path().join("new"), "other").unwrap();
        assert!(replace(&folder.path().join("none/token"), "other").is_err());
    }
}
