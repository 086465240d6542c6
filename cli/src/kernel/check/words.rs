//! Words that are wrong in any place of a source.

use super::{
    Finding, Severity,
    tokens::{Kind, Token, closing},
};
use std::collections::BTreeSet;

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

/// Find words that are wrong in any place.
pub(super) fn check_words(all: &[Token<'_>], found: &mut Vec<Finding>) {
    let own = defined_functions(all);
    let mut vendors = BTreeSet::new();
    for at in 0..all.len() {
        let word = Word { all, at };
        match word.token().kind {
            Kind::Literal => found.extend(word.printed_address()),
            Kind::Word => {
                found.extend(word.launch_function());
                found.extend(word.vendor_word(&mut vendors));
                if word.is_call() && !own.contains(word.token().text) {
                    found.extend(word.inexact_function());
                    found.extend(word.order_of_items());
                }
            }
            Kind::Number | Kind::Mark => (),
        }
    }
}

/// The names of the functions that the source defines. They may be names of library functions.
fn defined_functions<'s>(all: &[Token<'s>]) -> BTreeSet<&'s str> {
    let is_keyword = |text: &str| matches!(text, "if" | "for" | "while" | "switch");
    let text = |at: usize| all.get(at).map_or("", |token| token.text);
    let is_defined = |at: usize, token: &Token<'_>| {
        token.kind == Kind::Word
            && !is_keyword(token.text)
            && text(at + 1) == "("
            && closing(all, at + 1).is_some_and(|close| text(close + 1) == "{")
    };
    all.iter().enumerate().filter(|(at, token)| is_defined(*at, token)).map(|(_, token)| token.text).collect()
}

/// A word of the source, with the tokens around it.
struct Word<'t, 's> {
    all: &'t [Token<'s>],
    at: usize,
}

impl<'s> Word<'_, 's> {
    fn token(&self) -> Token<'s> {
        self.all[self.at]
    }

    /// The text of the token that is `count` places before this one; empty if there is none.
    fn before(&self, count: usize) -> &'s str {
        self.at.checked_sub(count).and_then(|at| self.all.get(at)).map_or("", |token| token.text)
    }

    fn after(&self) -> &'s str {
        self.all.get(self.at + 1).map_or("", |token| token.text)
    }

    fn is_call(&self) -> bool {
        self.after() == "(" && !self.token().directive && !matches!(self.before(1), "." | "->")
    }

    fn finding(&self, severity: Severity, rule: &'static str, message: String, remedy: &'static str) -> Finding {
        let Token { text, line, .. } = self.token();
        Finding { severity, rule, line, name: text.into(), message, remedy }
    }

    fn printed_address(&self) -> Option<Finding> {
        let message = "an address is printed, and it differs in each run";
        let found = || self.finding(Severity::Warning, "buffer-address", message.into(), "print an index instead");
        self.token().text.contains("%p").then(found)
    }

    /// A function about the launch that the prelude does not redefine.
    fn launch_function(&self) -> Option<Finding> {
        let token = self.token();
        let is_redefined = token.directive && matches!(self.before(1), "undef" | "define");
        if !PRELUDES.contains(&token.text) || !(is_redefined || self.before(1) == "(" && self.after() == ")") {
            return None;
        }
        let message = format!("`{}` is taken from the device, where it describes the launch, not the job", token.text);
        let remedy = "call it by its plain name: the prelude makes it describe the whole job, in every launch";
        Some(self.finding(Severity::Fault, "launch-ids", message, remedy))
    }

    /// A word of one vendor. Each is found once.
    fn vendor_word(&self, known: &mut BTreeSet<&'s str>) -> Option<Finding> {
        let token = self.token();
        // `#pragma OPENCL EXTENSION cl_…` only requests an extension; it decides nothing.
        let decides = !(token.directive && self.before(2) == "OPENCL");
        let is_vendors =
            VENDORS.contains(&token.text) || VENDOR_PREFIXES.iter().any(|prefix| token.text.starts_with(prefix));
        if !(is_vendors && decides && known.insert(token.text)) {
            return None;
        }
        let message = format!("the value of `{}` depends on the device", token.text);
        let remedy = "compute the same on every device: an auditor's device may be of another vendor";
        Some(self.finding(Severity::Warning, "vendor-macro", message, remedy))
    }

    fn inexact_function(&self) -> Option<Finding> {
        let name = self.token().text;
        if !INEXACT.contains(&name) && !["native_", "half_"].iter().any(|prefix| name.starts_with(prefix)) {
            return None;
        }
        let message = format!("OpenCL leaves the last bits of `{name}` to the device");
        let remedy = "use integers, or +, -, * and fma of floats: auditors compare every bit";
        Some(self.finding(Severity::Warning, "inexact-function", message, remedy))
    }

    /// An atomic function whose result is used.
    fn order_of_items(&self) -> Option<Finding> {
        let name = self.token().text;
        let is_atomic = name.starts_with("atomic_") || name.starts_with("atom_");
        if !is_atomic || matches!(self.before(1), ";" | "{" | "}" | ")" | ":" | "else") {
            return None;
        }
        let message = format!("the old value that `{name}` returns depends on the order in which work-items run");
        let remedy = "number the work-items with get_local_id and get_global_id";
        Some(self.finding(Severity::Warning, "order-of-items", message, remedy))
    }
}
