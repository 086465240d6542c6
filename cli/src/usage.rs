//! Errors of the command line, as errors of this program.

use crate::error::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Turn an error of clap into an error of this program.
pub(crate) fn usage_error(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    let mut parts = text.trim().split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    let first = parts.next().unwrap_or("the command line is invalid");
    let message = match error.kind() {
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand | ErrorKind::MissingSubcommand => "a command is missing",
        _ => first.strip_prefix("error: ").unwrap_or(first),
    };
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let tip = parts.find_map(|part| part.strip_prefix("tip: ")).map(one_line);
    Error::usage(one_line(message))
        .hint(tip.unwrap_or_else(|| "add --help to the command for its arguments and options".into()))
}

/// Explain a number with a minus sign where no negative number is allowed: clap takes it for an
/// option. `None` if the error has another cause.
pub(crate) fn negative_number(error: &clap::Error, arguments: &[String]) -> Option<Error> {
    let Some(ContextValue::String(option)) = error.get(ContextKind::InvalidArg) else { return None };
    let number =
        option.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit() || c == '.'));
    let typed = arguments.iter().find(|argument| argument.starts_with(option.as_str()))?;
    (error.kind() == ErrorKind::UnknownArgument && number).then(|| {
        Error::usage(format!("`{typed}` is negative; amounts, sizes and counts are 0 or more"))
            .hint("only scalars may be negative, as in --scalar -1")
    })
}
