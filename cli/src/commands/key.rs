//! `dpin key`: keys that sign.

use crate::{
    chain::signer::{self, Signer},
    context::Context,
    error::{Error, Result},
    text::output::fields,
};
use clap::Subcommand;
use polkadot_sdk::sp_core::{Pair, sr25519};
use serde_json::json;
use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Make a signing key, or show the account of a key
#[derive(Subcommand, Debug)]
pub(crate) enum KeyCommand {
    /// Make a key: a file with a new phrase of 12 words, readable only by you. Anybody who has the
    /// phrase controls the account, and a lost phrase cannot be recovered: keep a copy
    #[command(after_help = "Examples:
  dpin key new me.key && dpin --key-file me.key token balance
  dpin key new worker.key      # put it into the node with `dpin-node key insert`: docs/operator.md")]
    New {
        /// File to create, which must not exist yet
        file: PathBuf,
    },
    /// Show the account and the public key of a key, but not the secret
    #[command(after_help = "Examples:\n  dpin key show me.key\n  dpin --dev bob key show")]
    Show {
        /// File with the key [default: the signing key]
        file: Option<PathBuf>,
    },
}

/// Run the command.
///
/// # Errors
///
/// When the command fails.
pub(crate) fn run(command: KeyCommand, context: &Context) -> Result<()> {
    match command {
        KeyCommand::New { file } => {
            let signer = make(&file)?;
            show(&signer, Some(&file), context);
            context.output.note(format!("the phrase is in {}: keep a copy in a safe place", file.display()));
        }
        KeyCommand::Show { file: Some(file) } => {
            let signer = signer::from_file(&file, &signer::variable)?;
            show(&signer, Some(&file), context);
        }
        KeyCommand::Show { file: None } => show(&context.signer()?, None, context),
    }
    Ok(())
}

fn show(signer: &Signer, file: Option<&Path>, context: &Context) {
    let public = format!("0x{}", hex::encode(signer.public()));
    let json = json!({ "account": signer.account(), "publicKey": public, "file": file });
    context
        .output
        .result(&json, || fields(&[("account", signer.account().to_string()), ("public key", public.clone())]));
}

/// Create a key in a new file.
fn make(file: &Path) -> Result<Signer> {
    let broken = |error: std::io::Error| {
        let made = Error::usage(format!("{} cannot be written: {error}", file.display()));
        match error.kind() {
            std::io::ErrorKind::AlreadyExists => made.hint("a key file is never replaced: choose another file"),
            _ => made,
        }
    };
    let (_, phrase, _) = sr25519::Pair::generate_with_phrase(None);
    let mut made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file).map_err(broken)?;
    made.write_all(format!("{phrase}\n").as_bytes()).and_then(|()| made.sync_all()).map_err(broken)?;
    signer::from_file(file, &|_: &str| None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_new_key_lies_in_a_file_that_only_its_owner_can_read() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (folder.path().join("one"), folder.path().join("two"));
        let (first, second) = (make(&one).unwrap(), make(&two).unwrap());
        assert_ne!(first.account(), second.account());
        assert_eq!(std::fs::metadata(&one).unwrap().permissions().mode() & 0o777, 0o600);
        let phrase = std::fs::read_to_string(&one).unwrap();
        assert_eq!(phrase.split_whitespace().count(), 12);
        assert_eq!(signer::from_uri(&phrase, "").unwrap().account(), first.account());
    }

    #[test]
    fn a_key_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        let first = make(&file).unwrap().account();
        let error = make(&file).err().unwrap();
        assert!(error.hint.unwrap().contains("another file"));
        assert_eq!(signer::from_file(&file, &|_: &str| None).unwrap().account(), first);
        assert!(make(&folder.path().join("no/folder")).is_err());
    }
}
