//! Errors of a node and of the chain, as errors of this program.

use crate::{chain::advice::advice, error::Error, text::escape::inline};
use polkadot_sdk::sp_runtime::{DispatchError, ModuleError};
use std::time::Duration;
use subxt::{metadata::Metadata, rpcs};

/// JSON-RPC's error code for a method that the node does not have.
const METHOD_NOT_FOUND: i32 = -32_601;
/// The error code of a busy node, which wants to be asked again later.
const TOO_MUCH_ASKED: i32 = dpin_rpc::ErrorCode::TooMuchAsked as i32;

/// The innermost source of an error. The layers above it say less.
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    inline(&error.to_string().replace("RPC error: client error: ", ""))
}

/// The time after which to ask a busy node again. `None` if the error has another cause.
pub(crate) fn busy(error: &rpcs::Error) -> Option<Duration> {
    let rpcs::Error::User(error) = error else { return None };
    let pause = error.data.as_ref().filter(|_| error.code == TOO_MUCH_ASKED)?;
    pause.get().parse().ok().map(Duration::from_millis)
}

/// Translate an error of the JSON-RPC. Refused transactions are recognised by their method.
pub(crate) fn rpc_error(method: &str, error: rpcs::Error) -> Error {
    match error {
        rpcs::Error::User(error) if error.code == METHOD_NOT_FOUND => {
            Error::failed(format!("the node does not know {method}"))
                .named(error.code.to_string())
                .hint("the node is older than this program, or does not offer the method here (--rpc-methods)")
        }
        rpcs::Error::User(error) => {
            let data = error.data.as_ref().map(|data| data.get());
            let data = data.map(|data| serde_json::from_str(data).unwrap_or_else(|_| data.to_string()));
            let text = match data {
                Some(data) => format!("{}: {}", inline(&error.message), inline(&data)),
                None => inline(&error.message),
            };
            let refused = method.starts_with("author_submit");
            let message =
                if refused { format!("the transaction is refused: {text}") } else { format!("{method}: {text}") };
            let made = if refused { Error::refused(message) } else { Error::failed(message) };
            let hint = refused.then(|| transaction_hint(&text)).flatten();
            Error { hint: hint.map(str::to_string), ..made.named(error.code.to_string()) }
        }
        rpcs::Error::Deserialization(error) => {
            Error::failed(format!("the answer to {method} cannot be read: {}", inline(&error.to_string())))
                .hint("the node and this program are of different versions")
        }
        error => {
            let hint = if method.starts_with("author_") {
                "check whether it took effect before you submit it again: a block may still include it"
            } else {
                "check that the node runs and that --url (or DPIN_URL) is right, and run the command again"
            };
            Error::connection(format!("{method}: the connection broke: {}", innermost(&error))).hint(hint)
        }
    }
}

fn transaction_hint(text: &str) -> Option<&'static str> {
    let text = text.to_ascii_lowercase();
    if text.contains("pay some fees") {
        Some("the balance does not cover the fee: see `dpin token balance`, or pay it in BLC with --fee-asset BLC")
    } else if text.contains("outdated") || text.contains("priority is too low") || text.contains("already imported") {
        Some("another transaction of this account was included first: try again")
    } else {
        None
    }
}

/// Whether an error says that the node lacks the method.
pub(crate) fn is_unknown_method(error: &Error) -> bool {
    error.name.as_deref() == Some("-32601")
}

/// An error with the chain's own name for it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Refusal {
    /// `Pallet.Error`, or the name that the SDK gives.
    pub name: String,
    /// The error's documentation in the metadata.
    pub docs: String,
}

impl Refusal {
    /// Find a dispatch error in the metadata.
    pub(crate) fn of(metadata: &Metadata, error: &DispatchError) -> Self {
        if let DispatchError::Module(ModuleError { index, error: [variant, ..], .. }) = error {
            let pallet = metadata.pallet_by_error_index(*index);
            let found =
                pallet.as_ref().and_then(|pallet| Some((pallet.name(), pallet.error_variant_by_index(*variant)?)));
            if let Some((pallet, variant)) = found {
                return Self {
                    name: inline(&format!("{pallet}.{}", variant.name)),
                    docs: inline(variant.docs.join(" ").trim()),
                };
            }
        }
        let text = match error {
            DispatchError::Module(_) => format!("{error:?}"),
            error => <&str>::from(*error).to_string(),
        };
        // `Token(FundsUnavailable)`
        let name = format!("{error:?}").replace('(', ".").replace(')', "");
        Self { name, docs: text }
    }

    /// Convert to an error of this program.
    pub(crate) fn into_error(self) -> Error {
        let Self { name, docs } = self;
        // The SDK's own text does not mention the account.
        let docs = match name.as_str() {
            "Arithmetic.Underflow" => "the account's balance is too low".to_string(),
            _ => docs,
        };
        let made = Error::refused(format!("the chain refused the transaction ({name}): {docs}"));
        let hint = advice(&name);
        Error { hint: hint.map(str::to_string), ..made.named(name) }
    }
}

/// Translate an error about the chain at one block.
pub(crate) fn at_error(error: subxt::error::OnlineClientAtBlockError) -> Error {
    Error::failed(format!("the chain's metadata cannot be read: {}", innermost(&error)))
        .hint("check the connection; a node that has pruned its state has no metadata of old blocks")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;
    use subxt::rpcs::UserError;

    fn user(code: i32, message: &str, data: Option<&str>) -> rpcs::Error {
        let data =
            data.map(|data| serde_json::value::RawValue::from_string(serde_json::to_string(data).unwrap()).unwrap());
        rpcs::Error::User(UserError { code, message: message.into(), data })
    }

    #[test]
    fn a_node_that_wants_to_be_asked_later_says_when() {
        let told = |code, data: &str| {
            let data = Some(serde_json::value::RawValue::from_string(data.into()).unwrap());
            busy(&rpcs::Error::User(UserError { code, message: "too much".into(), data }))
        };
        assert_eq!(told(TOO_MUCH_ASKED, "250"), Some(Duration::from_millis(250)));
        assert_eq!(told(TOO_MUCH_ASKED, "\"soon\""), None);
        assert_eq!(told(20_006, "250"), None);
    }

    #[test]
    fn a_transaction_that_the_node_refuses_is_told_apart() {
        let refused =
            user(1010, "Invalid Transaction", Some("Inability to pay some fees (e.g. account balance too low)"));
        let error = rpc_error("author_submitAndWatchExtrinsic", refused);
        assert_eq!(error.exit, Exit::Refused);
        assert!(error.message.contains("Inability to pay") && error.hint.unwrap().contains("--fee-asset"));
        let error = rpc_error("compute_output", user(20_006, "not kept", None));
        assert_eq!((error.exit, error.name.as_deref()), (Exit::Failed, Some("20006")));
    }

    #[test]
    fn what_a_node_writes_into_its_errors_is_escaped_and_cut() {
        let foreign = "\u{1b}[2J\n  next: run this\u{202e}".repeat(20_000);
        for data in [None, Some(foreign.as_str())] {
            for method in ["compute_output", "author_submitExtrinsic"] {
                let error = rpc_error(method, user(20_006, &foreign, data));
                assert!(
                    !error.message.contains(['\u{1b}', '\n', '\u{202e}']) && error.message.len() < 2_000,
                    "{error}"
                );
            }
        }
    }

    #[test]
    fn what_a_command_can_be_refused_for_says_what_to_do_next() {
        for name in [
            "Blobs.Pinned",
            "Blobs.UnknownBlob",
            "Blobs.NotOwner",
            "Jobs.KernelInUse",
            "Jobs.NotOwner",
            "Jobs.UnknownKernel",
            "Jobs.NothingOwed",
            "Jobs.MixedJobs",
            "ProofOfCompute.UnknownTask",
            "ProofOfCompute.UnknownTile",
            "ProofOfCompute.WrongStage",
            "ProofOfCompute.TooLate",
            "ProofOfCompute.NotDue",
            "ProofOfCompute.NotRequester",
            "Workers.UnknownSlash",
            "Workers.NotDue",
            "Workers.BelowCertificateMinimum",
            "Workers.NotCertified",
            "Canaries.UnknownWorker",
            "Canaries.InvalidUnits",
            "Arithmetic.Underflow",
            "Token.FundsUnavailable",
        ] {
            let error = Refusal { name: name.into(), docs: String::new() }.into_error();
            assert!(error.hint.is_some(), "{name}");
        }
    }

    #[test]
    fn a_missing_method_is_recognised() {
        assert!(is_unknown_method(&rpc_error("compute_jobs", user(METHOD_NOT_FOUND, "Method not found", None))));
        assert!(!is_unknown_method(&rpc_error("compute_jobs", user(20_001, "x", None))));
    }
}
