//! The entry point of a kernel, and its uses of buffers.

use super::tokens::{Kind, Token, closing, split};

/// The entry point: the names of its parameters in order, and its body.
pub(super) struct Entry<'t, 's> {
    pub(super) parameters: Vec<&'s str>,
    pub(super) body: &'t [Token<'s>],
}

pub(super) fn entry<'t, 's>(code: &'t [Token<'s>], name: &str) -> Option<Entry<'t, 's>> {
    for (at, token) in code.iter().enumerate() {
        if token.text != name || code.get(at + 1).map(|next| next.text) != Some("(") {
            continue;
        }
        let head = code[..at].iter().rev().take_while(|token| !matches!(token.text, ";" | "}"));
        if !head.into_iter().any(|token| matches!(token.text, "__kernel" | "kernel")) {
            continue;
        }
        let close = closing(code, at + 1)?;
        let open = close + 1;
        if code.get(open).map(|token| token.text) != Some("{") {
            // Only a declaration.
            continue;
        }
        let list = &code[at + 2..close];
        let parameters = split(list).into_iter().filter_map(|words| {
            // `__global float *restrict y`, `uint out[]`: the last name before a bracket.
            let end = words.iter().position(|token| token.text == "[").unwrap_or(words.len());
            words[..end].iter().rev().find(|token| token.kind == Kind::Word).map(|token| token.text)
        });
        return Some(Entry { parameters: parameters.collect(), body: &code[open + 1..closing(code, open)?] });
    }
    None
}

/// The kind of use of a buffer's element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Use {
    /// `b[i] = …`
    Stored,
    /// `b[i] += …`, `b[i]++`
    Changed,
    /// The value is read.
    Read,
    /// The buffer, or an address in it, is passed on. Its further use is not followed.
    Handed,
}

/// A use of a buffer's element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Access {
    /// Index of the buffer's token in the body.
    pub(super) at: usize,
    /// Range of its index expression, if it has one.
    pub(super) index: Option<(usize, usize)>,
    /// End of the element.
    pub(super) end: usize,
    pub(super) what: Use,
}

/// The uses of a buffer's elements in a body, in the order of its text.
pub(super) fn accesses(body: &[Token<'_>], name: &str) -> Vec<Access> {
    let text = |at: Option<usize>| at.and_then(|at| body.get(at)).map_or("", |token| token.text);
    let mut found = Vec::new();
    for at in 0..body.len() {
        let before = text(at.checked_sub(1));
        if body[at].text != name || body[at].kind != Kind::Word || matches!(before, "." | "->" | "sizeof") {
            continue;
        }
        if before == "(" && text(at.checked_sub(2)) == "sizeof" {
            continue;
        }
        let (mut end, mut index) = (at, None);
        if text(Some(at + 1)) == "[" {
            let Some(close) = closing(body, at + 1) else { break };
            (end, index) = (close, Some((at + 2, close)));
        }
        // Components: `.x`, `.s0`, and the contents of a further bracket.
        loop {
            match text(Some(end + 1)) {
                "." => end += 2,
                "[" if index.is_some() => match closing(body, end + 1) {
                    Some(close) => end = close,
                    None => break,
                },
                _ => break,
            }
        }
        // `&` takes an address if no value stands before it. After a parenthesis it counts as
        // taking an address: the parenthesis may be a cast.
        let value_before = at
            .checked_sub(2)
            .and_then(|at| body.get(at))
            .is_some_and(|token| token.kind != Kind::Mark && token.text != "return" || token.text == "]");
        let what = match (index, text(Some(end + 1))) {
            (None, _) => Use::Handed,
            _ if before == "&" && !value_before => Use::Handed,
            (_, "=") => Use::Stored,
            (_, "+=" | "-=" | "*=" | "/=" | "%=" | "&=" | "|=" | "^=" | "<<=" | ">>=" | "++" | "--") => Use::Changed,
            _ if matches!(before, "++" | "--") => Use::Changed,
            _ => Use::Read,
        };
        found.push(Access { at, index, end, what });
    }
    found
}
