//! The words of a source in OpenCL C, without its comments and its grammar.

/// The kind of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// A name or keyword.
    Word,
    Number,
    /// A string or a character.
    Literal,
    /// An operator or a bracket.
    Mark,
}

/// A token of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    pub(super) line: u32,
    /// Whether it is in a line for the preprocessor.
    pub(super) directive: bool,
}

/// Operators of several characters, the longest first.
const MARKS: &[&str] = &[
    "<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=",
    "%=", "&=", "|=", "^=",
];

/// The tokens of a source, without its comments.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let (mut found, mut line, mut at) = (Vec::new(), 1u32, 0);
    let (mut directive, mut fresh) = (false, true);
    while let Some(c) = source.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = &source[at..];
        let (kind, length) = if let Some(inner) = rest.strip_prefix("/*") {
            let length = inner.find("*/").map_or(rest.len(), |end| end + 4);
            line += lines(&rest[..length]);
            at += length;
            continue;
        } else if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
            continue;
        } else if rest.starts_with("\\\n") || rest.starts_with("\\\r\n") {
            // A continued line.
            at += rest.find('\n').map_or(rest.len(), |end| end + 1);
            line += 1;
            continue;
        } else if c.is_whitespace() {
            if c == '\n' {
                (line, directive, fresh) = (line + 1, false, true);
            }
            at += c.len_utf8();
            continue;
        } else if c == '"' || c == '\'' {
            (Kind::Literal, literal(rest, c))
        } else if c.is_ascii_digit() || c == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit()) {
            (Kind::Number, rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len()))
        } else if is_name(c) {
            (Kind::Word, rest.find(|c: char| !is_name(c)).unwrap_or(rest.len()))
        } else {
            let mark = MARKS.iter().find(|mark| rest.starts_with(**mark));
            (Kind::Mark, mark.map_or(c.len_utf8(), |mark| mark.len()))
        };
        directive |= fresh && c == '#';
        fresh = false;
        let text = &rest[..length];
        found.push(Token { kind, text, line, directive });
        line += lines(text);
        at += length;
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

fn lines(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}

/// The length of a literal with its quotes. An unterminated literal ends with its line.
fn literal(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '\n' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => (),
        }
    }
    rest.len()
}

/// The index of the bracket that closes the one at `open`.
pub(super) fn closing(code: &[Token<'_>], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, token) in code.iter().enumerate().skip(open) {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => (),
        }
    }
    None
}

/// Split a list at its top-level commas.
pub(super) fn split<'t, 's>(list: &'t [Token<'s>]) -> Vec<&'t [Token<'s>]> {
    let mut depth = 0i32;
    let parts = list.split(|token| {
        match token.text {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => (),
        }
        depth == 0 && token.text == ","
    });
    parts.collect()
}

/// The end of the statement that contains the token at `from`.
pub(super) fn statement_end(body: &[Token<'_>], from: usize) -> usize {
    body.iter().skip(from).position(|token| token.text == ";").map_or(body.len(), |length| from + length)
}

/// Whether the token at `place` is in a loop.
pub(super) fn in_loop(body: &[Token<'_>], place: usize) -> bool {
    body.iter().enumerate().take(place).any(|(at, token)| {
        if !matches!(token.text, "for" | "while" | "do") {
            return false;
        }
        let head = if token.text == "do" { Some(at) } else { closing(body, at + 1) };
        let Some(head) = head else { return true };
        let end = match body.get(head + 1).map(|token| token.text) {
            Some("{") => closing(body, head + 1).unwrap_or(body.len()),
            _ => statement_end(body, head + 1),
        };
        (at..=end).contains(&place)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_the_lines_of_the_source() {
        let source = "/* a\n * b */ x // y\n#define z \\\n  1\n'\\'' \"a\\\"b//\" .5f a<<=1;\r\n";
        let told: Vec<_> = tokens(source).iter().map(|token| (token.text, token.line, token.directive)).collect();
        let expected = [
            ("x", 2, false),
            ("#", 3, true),
            ("define", 3, true),
            ("z", 3, true),
            ("1", 4, true),
            ("'\\''", 5, false),
            ("\"a\\\"b//\"", 5, false),
            (".5f", 5, false),
            ("a", 5, false),
            ("<<=", 5, false),
            ("1", 5, false),
            (";", 5, false),
        ];
        assert_eq!(told, expected);
    }
}
