//! The entry point's use of addresses and of local memory.

use super::{
    Finding, Severity,
    accesses::{Entry, Use, accesses},
    tokens::{in_loop, statement_end},
};
use dpin_primitives::kernel::{KernelManifest, Param};

/// Find buffer addresses that become values.
pub(super) fn check_addresses(entry: &Entry<'_, '_>, manifest: &KernelManifest, found: &mut Vec<Finding>) {
    const INTEGERS: &[&str] =
        &["char", "uchar", "short", "ushort", "int", "uint", "long", "ulong", "size_t", "intptr_t"];
    let is_buffer = |param: &Param| !matches!(param, Param::Scalar { .. });
    let buffers: Vec<&str> = manifest
        .params
        .iter()
        .zip(&entry.parameters)
        .filter(|(param, _)| is_buffer(param))
        .map(|(_, name)| *name)
        .collect();
    let body = entry.body;
    let text = |at: usize| body.get(at).map_or("", |token| token.text);
    for (at, token) in body.iter().enumerate() {
        let bare = |at: usize| buffers.contains(&text(at)) && !matches!(text(at + 1), "[" | "." | "->");
        let integer = INTEGERS.contains(&text(at)) || matches!(text(at), "uintptr_t" | "ptrdiff_t");
        let operand = at + if text(at + 2) == "(" { 3 } else { 2 };
        let cast = integer && at > 0 && text(at - 1) == "(" && text(at + 1) == ")" && bare(operand);
        let compared = bare(at)
            && matches!(text(at + 1), "==" | "!=" | "<" | ">" | "<=" | ">=" | "-")
            && bare(at + 2)
            && !(at > 0 && matches!(text(at - 1), "*"));
        if cast || compared {
            found.push(Finding {
                severity: Severity::Warning,
                rule: "buffer-address",
                line: token.line,
                name: text(if cast { operand } else { at }).into(),
                message: "the address of a buffer is used as a value, and it differs in each run".into(),
                remedy: "use an index instead",
            });
            break;
        }
    }
}

/// Find local memory that is read before anything is written to it.
pub(super) fn check_locals(entry: &Entry<'_, '_>, found: &mut Vec<Finding>) {
    let body = entry.body;
    for (at, token) in body.iter().enumerate() {
        if !matches!(token.text, "__local" | "local") {
            continue;
        }
        let end = statement_end(body, at);
        // An array, not a pointer: its name stands before the first bracket.
        let declaration = &body[at..end];
        let Some(bracket) = declaration.iter().position(|token| token.text == "[") else { continue };
        if bracket == 0 || declaration[..bracket].iter().any(|token| matches!(token.text, "*" | "=")) {
            continue;
        }
        let name = declaration[bracket - 1].text;
        let uses = accesses(&body[end.min(body.len())..], name);
        // Read or changed before any store. An earlier iteration of a loop may have stored, if the
        // body stores at all.
        let Some(first) = uses.first().filter(|access| matches!(access.what, Use::Read | Use::Changed)) else {
            continue;
        };
        let untouched = uses.iter().all(|access| access.what == Use::Read);
        if !untouched && in_loop(body, end + first.at) {
            continue;
        }
        let when = if untouched { "but nothing writes to it" } else { "before anything is written to it" };
        found.push(Finding {
            severity: Severity::Warning,
            rule: "unset-local",
            line: body[end..][first.at].line,
            name: name.into(),
            message: format!("local memory `{name}` is read {when}"),
            remedy: "write to it first, with a barrier before the read",
        });
    }
}
