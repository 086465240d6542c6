//! Heuristic checks of a kernel's source text.
//!
//! There is no parser of OpenCL C here, only its words. No macro is expanded, no function is
//! followed but the entry point, and uncertain cases pass. So the findings are heuristics.
//!
//! A [`Severity::Fault`] leaves no doubt: the kernel would be computed, and its output thrown away
//! or disputed. A [`Severity::Warning`] may be intended. The executor finds other faults by running
//! a few tiles.

use dpin_primitives::kernel::{KernelManifest, Param, Tiling};
use serde_json::{json, Value};
use std::collections::BTreeSet;

/// Whether a finding leaves a doubt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    /// The kernel cannot be right.
    Fault,
    /// The code may be intended.
    Warning,
}

/// A rule that the text breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Whether it leaves a doubt.
    pub severity: Severity,
    /// The rule's name.
    pub rule: &'static str,
    /// Line number, from 1, in the original source.
    pub line: u32,
    /// The parameter, variable or word concerned.
    pub name: String,
    /// A description of the problem.
    pub message: String,
    /// Advice on how to fix it.
    pub remedy: &'static str,
}

impl Finding {
    /// The finding as one sentence, with its line.
    pub fn text(&self) -> String {
        format!("line {}: {} ({})", self.line, self.message, self.rule)
    }

    /// As JSON.
    pub fn to_json(&self) -> Value {
        json!({
            "rule": self.rule,
            "line": self.line,
            "parameter": self.name,
            "message": self.message,
            "remedy": self.remedy,
        })
    }
}

/// Names that the prelude redefines.
const PRELUDES: &[&str] = &[
    "get_group_id",
    "get_num_groups",
    "get_local_size",
    "get_global_id",
    "get_global_size",
    "get_global_offset",
    "get_work_dim",
];

/// Names of functions about the launch. They may not decide where an output goes unless `dpin_tile`
/// does.
const PLACES: &[&str] = &["get_group_id", "get_global_id", "get_num_groups", "get_global_size"];

/// Library functions whose last bits OpenCL leaves to the device.
const INEXACT: &[&str] = &[
    "acos",
    "acosh",
    "acospi",
    "asin",
    "asinh",
    "asinpi",
    "atan",
    "atan2",
    "atan2pi",
    "atanh",
    "atanpi",
    "cbrt",
    "cos",
    "cosh",
    "cospi",
    "distance",
    "erf",
    "erfc",
    "exp",
    "exp10",
    "exp2",
    "expm1",
    "hypot",
    "length",
    "lgamma",
    "log",
    "log10",
    "log1p",
    "log2",
    "mad",
    "normalize",
    "pow",
    "pown",
    "powr",
    "rootn",
    "rsqrt",
    "sin",
    "sincos",
    "sinh",
    "sinpi",
    "tan",
    "tgamma",
];

/// Words of one vendor's compiler, or words whose value depends on the device or the day.
const VENDORS: &[&str] = &[
    "__AMD__",
    "__APPLE__",
    "__BEIGNET__",
    "__CPU__",
    "__CUDA_ARCH__",
    "__DATE__",
    "__GNUC__",
    "__GPU__",
    "__NVPTX__",
    "__NV_CL_C_VERSION",
    "__OPENCL_VERSION__",
    "__POCL__",
    "__SPIR__",
    "__SPIRV__",
    "__TIME__",
    "__VERSION__",
    "__aarch64__",
    "__amdgcn__",
    "__clang__",
    "__i386__",
    "__x86_64__",
    "NVIDIA",
    "_WIN32",
    "__linux__",
];
/// Prefixes of further words of this kind.
const VENDOR_PREFIXES: &[&str] = &[
    "__AMDGCN_",
    "__INTEL_",
    "__NVIDIA",
    "__clang_",
    "__gfx",
    "POCL_",
    "cl_amd_",
    "cl_arm_",
    "cl_img_",
    "cl_intel_",
    "cl_nv_",
    "cl_pocl_",
    "cl_qcom_",
    "FP_FAST_FMA",
];

/// The kind of a token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Word,
    Number,
    Literal,
    Mark,
}

/// A token of the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Token<'a> {
    kind: Kind,
    text: &'a str,
    line: u32,
    /// Whether it is in a line for the preprocessor.
    directive: bool,
}

/// Operators of several characters, the longest first.
const MARKS: &[&str] = &[
    "<<=", ">>=", "...", "->", "++", "--", "<<", ">>", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=",
    "%=", "&=", "|=", "^=",
];

/// The tokens of a source, without its comments.
fn tokens(source: &str) -> Vec<Token<'_>> {
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
fn closing(code: &[Token], open: usize) -> Option<usize> {
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

/// The entry point: the names of its parameters in order, and its body.
struct Entry<'t, 's> {
    parameters: Vec<&'s str>,
    body: &'t [Token<'s>],
}

fn entry<'t, 's>(code: &'t [Token<'s>], name: &str) -> Option<Entry<'t, 's>> {
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

/// Split a list at its top-level commas.
fn split<'t, 's>(list: &'t [Token<'s>]) -> Vec<&'t [Token<'s>]> {
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

/// The kind of use of a buffer's element.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Use {
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
struct Access {
    /// Index of the buffer's token in the body.
    at: usize,
    /// Range of its index expression, if it has one.
    index: Option<(usize, usize)>,
    /// End of the element.
    end: usize,
    what: Use,
}

/// The uses of a buffer's elements in a body, in the order of its text.
fn accesses(body: &[Token], name: &str) -> Vec<Access> {
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

/// The end of the statement that contains the token at `from`.
fn statement_end(body: &[Token], from: usize) -> usize {
    body.iter().skip(from).position(|token| token.text == ";").map_or(body.len(), |length| from + length)
}

/// Whether the token at `place` is in a loop.
fn in_loop(body: &[Token], place: usize) -> bool {
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

/// The findings in the text of a kernel, the faults first.
pub fn findings(source: &str, manifest: &KernelManifest) -> Vec<Finding> {
    let all = tokens(source);
    let mut found = Vec::new();
    words(&all, &mut found);
    let code: Vec<Token> = all.iter().filter(|token| !token.directive).copied().collect();
    let name = String::from_utf8_lossy(&manifest.entry);
    if let Some(entry) = entry(&code, &name) {
        output(&entry, &all, manifest, &mut found);
        addresses(&entry, manifest, &mut found);
        locals(&entry, &mut found);
    }
    found.sort_by_key(|finding| (finding.severity, finding.line));
    found
}

/// Check for words that are wrong in any place.
fn words(all: &[Token], found: &mut Vec<Finding>) {
    let text = |at: Option<usize>| at.and_then(|at| all.get(at)).map_or("", |token| token.text);
    let keyword = |text: &str| matches!(text, "if" | "for" | "while" | "switch");
    let defined = |at: usize, token: &Token| {
        token.kind == Kind::Word
            && !keyword(token.text)
            && text(Some(at + 1)) == "("
            && closing(all, at + 1).is_some_and(|close| text(Some(close + 1)) == "{")
    };
    // The source's own functions may have the names of library functions.
    let own: BTreeSet<&str> =
        all.iter().enumerate().filter(|(at, token)| defined(*at, token)).map(|(_, token)| token.text).collect();
    let mut vendors = BTreeSet::new();
    for (at, token) in all.iter().enumerate() {
        let (before, after) = (text(at.checked_sub(1)), text(Some(at + 1)));
        let mut add = |severity, rule, message, remedy| {
            found.push(Finding { severity, rule, line: token.line, name: token.text.into(), message, remedy });
        };
        if token.kind == Kind::Literal && token.text.contains("%p") {
            add(
                Severity::Warning,
                "buffer-address",
                "an address is printed, and it is another one in each run".into(),
                "print an index instead",
            );
        }
        if token.kind != Kind::Word {
            continue;
        }
        if PRELUDES.contains(&token.text) {
            let redefined = token.directive && matches!(before, "undef" | "define");
            if redefined || before == "(" && after == ")" {
                let message =
                    format!("`{}` is taken from the device, and there it is the launch's, not the job's", token.text);
                let remedy = "use it as it is: in front of the source it stands for the whole job, in every launch";
                add(Severity::Fault, "launch-ids", message, remedy);
            }
        }
        // `#pragma OPENCL EXTENSION cl_…` only requests an extension; it decides nothing.
        let decides = !(token.directive && text(at.checked_sub(2)) == "OPENCL");
        let vendor =
            VENDORS.contains(&token.text) || VENDOR_PREFIXES.iter().any(|prefix| token.text.starts_with(prefix));
        if vendor && decides && vendors.insert(token.text) {
            let message = format!("`{}` has another value on another device", token.text);
            let remedy = "compute the same on every device: an auditor's may be of another vendor";
            add(Severity::Warning, "vendor-macro", message, remedy);
        }
        if after == "(" && !token.directive && !matches!(before, "." | "->") && !own.contains(token.text) {
            let inexact = INEXACT.contains(&token.text)
                || ["native_", "half_"].iter().any(|prefix| token.text.starts_with(prefix));
            if inexact {
                let message = format!("OpenCL leaves the last bits of `{}` to the device", token.text);
                let remedy = "use integers, or +, -, * and fma of floats: auditors compare every bit";
                add(Severity::Warning, "inexact-function", message, remedy);
            }
            let atomic = token.text.starts_with("atomic_") || token.text.starts_with("atom_");
            if atomic && !matches!(before, ";" | "{" | "}" | ")" | ":" | "else") {
                let message =
                    format!("the old value that `{}` returns depends on the order in which work-items run", token.text);
                let remedy = "let work-items take their numbers from get_local_id and get_global_id";
                add(Severity::Warning, "order-of-items", message, remedy);
            }
        }
    }
}

/// Check the entry point's use of its output.
fn output(entry: &Entry, all: &[Token], manifest: &KernelManifest, found: &mut Vec<Finding>) {
    let place = manifest.params.iter().position(|param| matches!(param, Param::Output));
    let Some(name) = place.and_then(|place| entry.parameters.get(place)).copied() else { return };
    let body = entry.body;
    let uses = accesses(body, name);

    // Reads before anything can have been written. Once the buffer is passed on or something is
    // stored, nothing is certain.
    let first = uses.iter().find_map(|access| match access.what {
        Use::Stored => Some(statement_end(body, access.end)),
        Use::Handed => Some(access.at),
        Use::Changed | Use::Read => None,
    });
    let early = |access: &&Access| first.is_none_or(|first| access.at < first);
    let read = uses.iter().filter(early).find(|access| matches!(access.what, Use::Read | Use::Changed));
    if let Some(access) = read {
        // An earlier iteration of a loop, or a macro, may have written.
        let hidden = in_loop(body, access.at) || all.iter().any(|token| token.directive && token.text == name);
        let severity = if hidden { Severity::Warning } else { Severity::Fault };
        found.push(Finding {
            severity,
            rule: "reads-output",
            line: body[access.at].line,
            name: name.into(),
            message: format!("the kernel reads its output `{name}`, in which nothing is that it has not written"),
            remedy: "pass what is to be read as an input of its own, and write the output only",
        });
    }

    let per_group = matches!(manifest.tiling, Tiling::PerGroup { .. });
    let knows_tiles = all.iter().any(|token| token.text == "dpin_tile");
    for access in uses.iter().filter(|access| matches!(access.what, Use::Stored | Use::Changed)) {
        let Some((from, to)) = access.index else { continue };
        let says = |word: &str| body[from..to].iter().any(|token| token.text == word);
        let of_the_job = PLACES.iter().find(|word| says(word));
        // `out[get_global_id(0)]`, or an index computed from it in a source that never calls
        // `dpin_tile`.
        let elsewhere = !says("dpin_tile") && of_the_job.is_some();
        let unaware = !knows_tiles && body.iter().any(|token| PLACES.contains(&token.text));
        if per_group && (elsewhere || unaware) {
            found.push(Finding {
                severity: Severity::Warning,
                rule: "stores-outside-tile",
                line: body[access.at].line,
                name: name.into(),
                message: format!("`{name}` is written at a place of the whole job, and a launch has the tiles of its own work-groups only"),
                remedy: "take what to compute from get_global_id, and where to write from dpin_tile(): out[dpin_tile() * items + local id]",
            });
            break;
        }
    }

    for access in uses.iter().filter(|access| access.what == Use::Stored) {
        let (from, end) = (access.end + 2, statement_end(body, access.end));
        let inside =
            |at: usize| uses.iter().any(|other| other.index.is_some_and(|(from, to)| (from..to).contains(&at)));
        if let Some(at) = (from..end).find(|at| body[*at].text == "dpin_tile" && !inside(*at)) {
            found.push(Finding {
                severity: Severity::Warning,
                rule: "tile-position",
                line: body[at].line,
                name: name.into(),
                message: "what is written depends on dpin_tile(), which is the position in a launch: an auditor's launch has others"
                    .into(),
                remedy: "compute from get_group_id and get_global_id; dpin_tile() only says where to write",
            });
            break;
        }
    }
}

/// Check for buffer addresses that become values.
fn addresses(entry: &Entry, manifest: &KernelManifest, found: &mut Vec<Finding>) {
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
    for at in 0..body.len() {
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
                line: body[at].line,
                name: text(if cast { operand } else { at }).into(),
                message: "the address of a buffer is taken for a value, and it is another one in each run".into(),
                remedy: "use an index instead",
            });
            break;
        }
    }
}

/// Check for local memory that is read before anything is written to it.
fn locals(entry: &Entry, found: &mut Vec<Finding>) {
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
        let when = if untouched { "and nothing writes to it" } else { "before anything is written to it" };
        found.push(Finding {
            severity: Severity::Warning,
            rule: "unset-local",
            line: body[end..][first.at].line,
            name: name.into(),
            message: format!("local memory `{name}` is read, {when}"),
            remedy: "write to it first, with a barrier between",
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dpin_kernels::manifest_of;

    fn check(source: &str, params: &str, tiling: &str) -> Vec<(Severity, &'static str, u32)> {
        let description =
            format!("entry = \"f\"\nparams = [{params}]\nlocal_size = [64, 1, 1]\ntiling = {{ {tiling} }}");
        let manifest = manifest_of(&description, source.as_bytes()).unwrap();
        findings(source, &manifest).iter().map(|finding| (finding.severity, finding.rule, finding.line)).collect()
    }

    fn tiles(source: &str) -> Vec<(Severity, &'static str, u32)> {
        check(source, "\"input\", \"output\"", "per_group = 256")
    }

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

    #[test]
    fn the_cases_of_kernels_that_other_devices_contradict_are_found() {
        use Severity::{Fault, Warning};
        // In place: the most common form of real kernels.
        let source = "// y = a*x + y\n__kernel void f(__global const float *x, __global float *y, float a) {\n    size_t i = get_global_id(0);\n    y[i] = a * x[i] + y[i];\n}";
        let found = check(source, "\"input\", \"output\", { scalar = 4 }", "per_group = 256");
        assert_eq!(found, [(Fault, "reads-output", 4), (Warning, "stores-outside-tile", 4)]);
        // A plain index.
        let source = "__kernel void f(__global uint *out, uint seed) {\n    size_t i = get_global_id(0);\n    out[i] = (uint)i * 2654435761u + seed;\n}";
        let found = check(source, "\"output\", { scalar = 4 }", "per_group = 256");
        assert_eq!(found, [(Warning, "stores-outside-tile", 3)]);
        for (body, expected) in [
            ("size_t t = dpin_tile(), l = get_local_id(0);\nout[t * 64 + l] = (uchar)(t ? out[(t - 1) * 64 + l] + 1 : 1);", (Fault, "reads-output", 3)),
            ("out[dpin_tile() * 64 + get_local_id(0)] += 1;", (Fault, "reads-output", 2)),
            ("out[dpin_tile() * 64 + get_local_id(0)] = (uchar)dpin_tile();", (Warning, "tile-position", 2)),
            ("out[dpin_tile() * 64 + get_local_id(0)] = (uchar)((ulong)out >> 12);", (Warning, "buffer-address", 2)),
            ("__local uchar s[64];\nout[dpin_tile() * 64 + get_local_id(0)] = s[63 - get_local_id(0)];", (Warning, "unset-local", 3)),
            ("__local uchar s[64];\nuchar v = s[63 - get_local_id(0)];\ns[get_local_id(0)] = 1;\nout[dpin_tile() * 64 + get_local_id(0)] = v;", (Warning, "unset-local", 3)),
            ("__local uchar s[64];\ns[get_local_id(0)] += 1;\nout[dpin_tile() * 64 + get_local_id(0)] = s[0];", (Warning, "unset-local", 3)),
            ("__local uint n[1];\nif (get_local_id(0) == 0) n[0] = 0;\nbarrier(CLK_LOCAL_MEM_FENCE);\nif (atomic_add(n, 1u) < 7) out[dpin_tile() * 64 + get_local_id(0)] = 1;", (Warning, "order-of-items", 5)),
            ("__local uint n;\nif (get_local_id(0) == 0) n = 0;\nbarrier(CLK_LOCAL_MEM_FENCE);\nuint k = atomic_inc(&n);\nout[dpin_tile() * 64 + get_local_id(0)] = (uchar)k;", (Warning, "order-of-items", 5)),
            ("#if defined(__NV_CL_C_VERSION)\nuchar v = 1;\n#else\nuchar v = 3;\n#endif\nout[dpin_tile() * 64 + get_local_id(0)] = v;", (Warning, "vendor-macro", 2)),
            ("#undef get_group_id\nout[dpin_tile() * 64] = (uchar)get_group_id(0);", (Fault, "launch-ids", 2)),
            ("out[dpin_tile() * 64] = (uchar)(get_group_id)(0);", (Fault, "launch-ids", 2)),
            ("out[dpin_tile() * 64] = (uchar)sin(2.0f);", (Warning, "inexact-function", 2)),
        ] {
            let found = check(&format!("__kernel void f(__global uchar *out) {{\n{body}\n}}"), "\"output\"", "per_group = 64");
            assert_eq!(found, [expected], "{body}");
        }
    }

    #[test]
    fn what_may_be_meant_so_is_let_pass() {
        for body in [
            // Stored before it is read, or passed to a function that may store.
            "y[dpin_tile() * 64] = 1; y[dpin_tile() * 64 + 1] = y[dpin_tile() * 64];",
            "fill(y); y[dpin_tile() * 64] = y[dpin_tile() * 64 + 1];",
            "__global float *t = y + dpin_tile() * 64; t[0] = t[1];",
            "vstore4(v, 0, &y[dpin_tile() * 64]);",
            "y[dpin_tile() * 64].x = x[get_global_id(0)];",
            // A value is not an address, and a member of a structure is not a buffer.
            "y[dpin_tile() * 64] = (uint)x[3] + (uint)(x[1] * 2) + s.y[2];",
            "__local float s[64]; s[get_local_id(0)] = x[0]; y[dpin_tile() * 64] = s[1];",
            "__local float s[64]; fill(s); y[dpin_tile() * 64] = s[1];",
            "__local float s[64]; for (int k = 0; k < 9; k++) { if (k) y[dpin_tile() * 64] = s[k]; s[k] = 1; }",
            "atomic_inc(&n); y[dpin_tile() * 64] = 1;",
            "printf(\"y[0] + sin(1) /* \\\" */ __POCL__\"); // y[0] += sin(1.0f)\n",
            "y[dpin_tile() * 64] = sizeof(y[0]) + sizeof y[0];",
            "vstore4(v, 0, (__global float *)&y[dpin_tile() * 64]); y[dpin_tile() * 64] += 1;",
        ] {
            let source = format!("#pragma OPENCL EXTENSION cl_nv_x : enable\n__kernel void f(__global float *x, __global float *y) {{ {body} }}");
            assert_eq!(tiles(&source), [], "{body}");
        }
        // An earlier iteration of a loop may have written.
        let body = "for (int i = 0; i < 4; i++) { acc += y[dpin_tile() * 4 + i]; y[dpin_tile() * 4 + i] = acc; }";
        let source = format!("__kernel void f(__global float *x, __global float *y) {{ {body} }}");
        assert_eq!(tiles(&source), [(Severity::Warning, "reads-output", 1)]);
        let source = "#define PUT(v) y[dpin_tile() * 4] = v\n__kernel void f(__global float *x, __global float *y) { PUT(1); PUT(y[dpin_tile() * 4] + 1); }";
        assert_eq!(tiles(source), [(Severity::Warning, "reads-output", 2)]);
        // A function that the source defines.
        let source = "float mad(float a) { return a; }\n__kernel void f(__global float *x, __global float *y) { y[dpin_tile()] = mad(1.0f); }";
        assert_eq!(tiles(source), []);
        // A reduction may write anywhere.
        let source = "__kernel void f(__global uint *y) { y[get_group_id(0)] = 1; }";
        assert_eq!(check(source, "\"output\"", "whole = 64"), []);
    }

    #[test]
    fn nothing_is_found_in_a_ready_kernel() {
        for ready in dpin_kernels::all() {
            assert_eq!(findings(ready.source, &ready.manifest().unwrap()), [], "{}", ready.name);
        }
    }

    #[test]
    fn no_text_makes_it_panic() {
        let manifest = dpin_kernels::all()[0].manifest().unwrap();
        let name = String::from_utf8_lossy(&manifest.entry).into_owned();
        let source = format!("__kernel void {name}(__global ushort *out, int a, int b, int c, uint d) {{ for (;;) {{ out[0] = \"ä\\\"'; /* ü");
        for end in (0..=source.len()).filter(|end| source.is_char_boundary(*end)) {
            let _ = findings(&source[..end], &manifest);
            let _ = findings(&source[end..], &manifest);
        }
    }
}
