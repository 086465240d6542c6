//! The signing key: from a key file, a secret in the environment, or a development account.
//!
//! Secrets are never arguments, which other users of the machine could read, and never part of a
//! message.

use crate::{
    error::{Error, Result},
    text::development,
};
use clap::Args;
use dpin_primitives::AccountId;
use std::{
    path::{Path, PathBuf},
    str::FromStr,
};
use subxt_signer::{SecretUri, sr25519::Keypair};

/// Environment variable with the path of a key file.
pub(crate) const KEY_FILE: &str = "DPIN_KEY_FILE";
/// Environment variable with the password of a keystore, or of a mnemonic.
pub(crate) const PASSWORD: &str = "DPIN_PASSWORD";
/// Environment variable with a secret URI: a mnemonic or seed, maybe with a derivation path.
pub(crate) const SURI: &str = "DPIN_SURI";
/// Environment variable with a mnemonic.
pub(crate) const MNEMONIC: &str = "DPIN_MNEMONIC";

/// The message of the error when no key is named.
pub(crate) const NO_KEY: &str = "a signature is needed, but no key is given";

const HEADING: &str =
    "Signing key (default: the first of DPIN_KEY_FILE, DPIN_SURI and DPIN_MNEMONIC in the environment)";

/// Options for the signing key. [`load`] decides that an option precedes the environment. clap
/// would treat a variable as an option and report a conflict with the other option.
#[derive(Args, Clone, Debug)]
pub(crate) struct SignerArgs {
    /// File with the signing key: a secret URI as `dpin key new` writes it, readable only by you
    /// (mode 600), or a JSON keystore exported by polkadot.js (password in DPIN_PASSWORD)
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "dev", help_heading = HEADING)]
    pub key_file: Option<PathBuf>,
    /// Development account that signs: alice, bob, charlie, dave, eve or ferdie
    #[arg(long, global = true, value_name = "NAME", help_heading = HEADING)]
    pub dev: Option<String>,
}

/// An sr25519 key that signs.
#[derive(Clone)]
pub(crate) struct Signer(Keypair);

impl Signer {
    /// The account of the key.
    pub(crate) fn account(&self) -> AccountId {
        self.0.public_key().0.into()
    }

    /// The public key.
    pub(crate) fn public(&self) -> [u8; 32] {
        self.0.public_key().0
    }

    /// Sign a message.
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).0
    }

    /// The key pair, for subxt.
    pub(crate) fn pair(&self) -> &Keypair {
        &self.0
    }
}

/// Looks up a variable of the environment by name.
pub(crate) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A variable of this process, unless it is empty.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// Load the key that the command line or the environment names.
///
/// # Errors
///
/// When no key is named, or it cannot be loaded.
pub(crate) fn load(args: &SignerArgs, environment: Environment<'_>) -> Result<Signer> {
    if let Some(path) = &args.key_file {
        return from_file(path, environment);
    }
    if let Some(name) = &args.dev {
        return development::key(name).map(Signer).ok_or_else(|| {
            Error::usage(format!(
                "--dev: not a development account; the accounts are {}",
                development::NAMES.join(", ")
            ))
        });
    }
    if let Some(path) = environment(KEY_FILE) {
        return from_file(Path::new(&path), environment);
    }
    if let Some(uri) = environment(SURI) {
        return from_uri(&uri, SURI);
    }
    if let Some(mnemonic) = environment(MNEMONIC) {
        return from_mnemonic(&mnemonic, environment(PASSWORD).as_deref());
    }
    Err(Error::usage(NO_KEY)
        .hint("give --key-file FILE (`dpin key new FILE` makes one), set DPIN_KEY_FILE, DPIN_SURI or DPIN_MNEMONIC, or use --dev alice on a development network"))
}

/// Parse a key from a secret URI. `from` names the source of the URI in errors.
///
/// # Errors
///
/// When the text is not a secret URI.
pub(crate) fn from_uri(uri: &str, from: &str) -> Result<Signer> {
    // The parser's own message may quote the secret.
    SecretUri::from_str(uri.trim()).ok().and_then(|uri| Keypair::from_uri(&uri).ok()).map(Signer).ok_or_else(|| {
        Error::usage(format!("{from} does not contain a secret URI")).hint(
            "a secret URI is a mnemonic of 12 to 24 words, or 0x and 64 hex digits, and optionally a path such as //worker",
        )
    })
}

fn from_mnemonic(mnemonic: &str, password: Option<&str>) -> Result<Signer> {
    let words = mnemonic.split_whitespace().count();
    if !matches!(words, 12 | 15 | 18 | 21 | 24) || mnemonic.contains('/') {
        return Err(Error::usage(format!(
            "{MNEMONIC} does not contain a mnemonic, which has 12, 15, 18, 21 or 24 words"
        ))
        .hint(format!("put a secret with a derivation path into {SURI}")));
    }
    let uri = match password {
        Some(password) => format!("{}///{password}", mnemonic.trim()),
        None => mnemonic.trim().to_string(),
    };
    from_uri(&uri, MNEMONIC)
}

/// Read a key from a file: a JSON keystore, or a secret URI.
///
/// # Errors
///
/// When the file cannot be read, others can read a secret in it, or it holds no key.
pub(crate) fn from_file(path: &Path, environment: Environment<'_>) -> Result<Signer> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::usage(format!("the key file {shown} cannot be read: {error}")))?;
    if let Some(uri) = generated(&text) {
        check_mode(path)?;
        return from_uri(&uri, &shown.to_string());
    }
    if text.trim_start().starts_with('{') {
        let password = environment(PASSWORD).ok_or_else(|| {
            Error::usage(format!("the keystore {shown} is locked with a password"))
                .hint(format!("set {PASSWORD} in the environment"))
        })?;
        return subxt_signer::polkadot_js_compat::decrypt_json(&text, &password).map(Signer).map_err(|error| {
            use subxt_signer::polkadot_js_compat::Error::{
                Secretbox, UnsupportedEncoding, UnsupportedScryptParameters,
            };
            match error {
                Secretbox(_) => Error::usage(format!("the password in {PASSWORD} does not open {shown}")),
                UnsupportedEncoding | UnsupportedScryptParameters { .. } => {
                    Error::usage(format!("{shown} is not a keystore of version 3 with an sr25519 key"))
                        .hint("export the account from polkadot.js as JSON again, or use a file with its secret URI")
                }
                _ => Error::usage(format!("{shown} is not a keystore of polkadot.js")),
            }
        });
    }
    check_mode(path)?;
    from_uri(&text, &shown.to_string())
}

/// The secret in the output of `dpin-node key generate --output-type json`. The seed is in it even
/// if the phrase has a password.
fn generated(text: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    let secret =
        |name: &str| json.get(name)?.as_str().filter(|secret| secret.starts_with("0x") || secret.contains(' '));
    secret("secretSeed").or_else(|| secret("secretPhrase")).map(str::to_string)
}

#[cfg(unix)]
fn check_mode(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let shown = path.display();
    let metadata = std::fs::metadata(path)
        .map_err(|error| Error::usage(format!("the key file {shown} cannot be read: {error}")))?;
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(Error::usage(format!("other users can read the secret in {shown} (mode {mode:03o})"))
            .hint(format!("chmod 600 {shown}")));
    }
    Ok(())
}

#[cfg(not(unix))]
fn check_mode(_path: &Path) -> Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;
    use std::os::unix::fs::PermissionsExt;

    const PHRASE: &str = "bottom drive obey lake curtain smoke basket hold race lonely fit walk";
    const ALICE: &str = "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY";
    /// Alice's key, exported by polkadot.js with the password `whoisalice`.
    const KEYSTORE: &str = r#"{
        "encoded": "DumgApKCTqoCty1OZW/8WS+sgo6RdpHhCwAkA2IoDBMAgAAAAQAAAAgAAAB6IG/q24EeVf0JqWqcBd5m2tKq5BlyY84IQ8oamLn9DZe9Ouhgunr7i36J1XxUnTI801axqL/ym1gil0U8440Qvj0lFVKwGuxq38zuifgoj0B3Yru0CI6QKEvQPU5xxj4MpyxdSxP+2PnTzYao0HDH0fulaGvlAYXfqtU89xrx2/z9z7IjSwS3oDFPXRQ9kAdDebtyCVreZ9Otw9v3",
        "encoding": { "content": ["pkcs8", "sr25519"], "type": ["scrypt", "xsalsa20-poly1305"], "version": "3" },
        "address": "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY",
        "meta": {}
    }"#;

    fn file(text: &str, mode: u32) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).unwrap();
        file
    }

    fn nothing(_: &str) -> Option<String> {
        None
    }

    fn error(result: Result<Signer>) -> Error {
        match result {
            Ok(_) => panic!("a key came out"),
            Err(error) => error,
        }
    }

    fn none() -> SignerArgs {
        SignerArgs { key_file: None, dev: None }
    }

    #[test]
    fn a_secret_uri_in_a_private_file_signs() {
        let file = file(&format!("{PHRASE}//Alice\n"), 0o600);
        assert_eq!(from_file(file.path(), &nothing).unwrap().account().to_string(), ALICE);
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        for mode in [0o644, 0o640, 0o604, 0o620] {
            let file = file(&format!("{PHRASE}//Alice"), mode);
            let error = error(from_file(file.path(), &nothing));
            assert_eq!(error.exit, Exit::Usage);
            assert!(error.hint.unwrap().starts_with("chmod 600"), "{mode:o}");
        }
    }

    #[test]
    fn a_keystore_opens_with_its_password_only() {
        let file = file(KEYSTORE, 0o644);
        let with = |password: &'static str| {
            from_file(file.path(), &move |name: &str| (name == PASSWORD).then(|| password.to_string()))
        };
        assert_eq!(with("whoisalice").unwrap().account().to_string(), ALICE);
        assert!(error(with("whoisbob")).message.contains("does not open"));
        assert!(error(from_file(file.path(), &nothing)).hint.unwrap().contains(PASSWORD));
    }

    #[test]
    fn what_the_node_generates_as_json_signs() {
        let seed = format!("0x{}", hex::encode(development::key("alice").unwrap().public_key().0));
        for (text, uri) in [
            (format!(r#"{{"secretPhrase": "{PHRASE}", "secretSeed": "{seed}", "ss58Address": "x"}}"#), seed.as_str()),
            (format!(r#"{{"secretPhrase": "{PHRASE}", "secretSeed": "n/a"}}"#), PHRASE),
        ] {
            let expected = from_uri(uri, "").unwrap().account();
            assert_eq!(from_file(file(&text, 0o600).path(), &nothing).unwrap().account(), expected);
            assert!(error(from_file(file(&text, 0o644).path(), &nothing)).hint.unwrap().starts_with("chmod 600"));
        }
    }

    #[test]
    fn the_environment_names_a_key() {
        let uri = |name: &str| (name == SURI).then(|| format!("{PHRASE}//Alice"));
        assert_eq!(load(&none(), &uri).unwrap().account().to_string(), ALICE);
        let mnemonic = |name: &str| (name == MNEMONIC).then(|| PHRASE.to_string());
        let plain = load(&none(), &mnemonic).unwrap();
        let locked = |name: &str| match name {
            MNEMONIC => Some(PHRASE.to_string()),
            PASSWORD => Some("password".to_string()),
            _ => None,
        };
        assert_ne!(load(&none(), &locked).unwrap().account(), plain.account());
    }

    #[test]
    fn the_command_line_goes_before_the_environment() {
        let uri = |name: &str| (name == SURI).then(|| format!("{PHRASE}//Bob"));
        let args = SignerArgs { dev: Some("Alice".into()), ..none() };
        assert_eq!(load(&args, &uri).unwrap().account().to_string(), ALICE);

        // This also holds if the environment names a file, as an operator's does.
        let (alice, bob) = (file(&format!("{PHRASE}//Alice"), 0o600), file(&format!("{PHRASE}//Bob"), 0o600));
        let path = bob.path().to_str().unwrap().to_string();
        let named = move |name: &str| match name {
            KEY_FILE => Some(path.clone()),
            SURI => Some(format!("{PHRASE}//Charlie")),
            _ => None,
        };
        assert_eq!(load(&args, &named).unwrap().account().to_string(), ALICE);
        let args = SignerArgs { key_file: Some(alice.path().into()), ..none() };
        assert_eq!(load(&args, &named).unwrap().account().to_string(), ALICE);
        assert_eq!(load(&none(), &named).unwrap().account(), development::key("bob").unwrap().public_key().0.into());
    }

    #[test]
    fn without_a_key_the_error_says_where_to_put_one() {
        let error = error(load(&none(), &nothing));
        assert_eq!(error.exit, Exit::Usage);
        assert!(error.hint.unwrap().contains("--key-file"));
    }

    #[test]
    fn no_error_quotes_a_secret() {
        let secret = "correct horse battery staple";
        let keystore = KEYSTORE.replace("DumgApKC", "correct horse");
        let texts = [
            error(from_uri(secret, "DPIN_SURI")),
            error(from_mnemonic(secret, Some("horse"))),
            error(from_mnemonic(&[secret, secret, secret].join(" "), Some("horse"))),
            error(from_file(file(secret, 0o600).path(), &nothing)),
            error(from_file(file(secret, 0o644).path(), &nothing)),
            error(from_file(file(&keystore, 0o600).path(), &|_: &str| Some("horse".into()))),
            error(from_file(file(r#"{"secretPhrase": "correct horse battery"}"#, 0o600).path(), &nothing)),
        ];
        for text in texts {
            assert!(!format!("{text:?} {text}").contains("horse"), "{text}");
        }
    }
}
