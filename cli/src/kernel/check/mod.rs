//! Heuristic checks of a kernel's source text.
//!
//! There is no parser of OpenCL C here, only its words. No macro is expanded, no function is
//! followed but the entry point, and uncertain cases pass. So the findings are heuristics.
//!
//! A [`Severity::Fault`] leaves no doubt: the kernel would be computed, and its output thrown away
//! or disputed. A [`Severity::Warning`] may be intended. The executor finds other faults by running
//! a few tiles.

mod accesses;
mod memory;
mod output;
mod tokens;
mod words;

use accesses::entry;
use dpin_primitives::kernel::KernelManifest;
use memory::{check_addresses, check_locals};
use output::check_output;
use serde_json::{Value, json};
use tokens::{Token, tokens};
use words::check_words;

/// Whether a finding leaves a doubt.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Severity {
    /// The kernel cannot be right.
    Fault,
    /// The code may be intended.
    Warning,
}

/// A rule that the text breaks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Finding {
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
    pub(crate) fn text(&self) -> String {
        format!("line {}: {} ({})", self.line, self.message, self.rule)
    }

    /// As JSON.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "rule": self.rule,
            "line": self.line,
            "parameter": self.name,
            "message": self.message,
            "remedy": self.remedy,
        })
    }
}

/// The findings in the text of a kernel, the faults first.
pub(crate) fn findings(source: &str, manifest: &KernelManifest) -> Vec<Finding> {
    let all = tokens(source);
    let mut found = Vec::new();
    check_words(&all, &mut found);
    let code: Vec<Token<'_>> = all.iter().filter(|token| !token.directive).copied().collect();
    let name = String::from_utf8_lossy(&manifest.entry);
    if let Some(entry) = entry(&code, &name) {
        check_output(&entry, &all, manifest, &mut found);
        check_addresses(&entry, manifest, &mut found);
        check_locals(&entry, &mut found);
    }
    found.sort_by_key(|finding| (finding.severity, finding.line));
    found
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
            (
                "size_t t = dpin_tile(), l = get_local_id(0);\nout[t * 64 + l] = (uchar)(t ? out[(t - 1) * 64 + l] + 1 : 1);",
                (Fault, "reads-output", 3),
            ),
            ("out[dpin_tile() * 64 + get_local_id(0)] += 1;", (Fault, "reads-output", 2)),
            ("out[dpin_tile() * 64 + get_local_id(0)] = (uchar)dpin_tile();", (Warning, "tile-position", 2)),
            ("out[dpin_tile() * 64 + get_local_id(0)] = (uchar)((ulong)out >> 12);", (Warning, "buffer-address", 2)),
            (
                "__local uchar s[64];\nout[dpin_tile() * 64 + get_local_id(0)] = s[63 - get_local_id(0)];",
                (Warning, "unset-local", 3),
            ),
            (
                "__local uchar s[64];\nuchar v = s[63 - get_local_id(0)];\ns[get_local_id(0)] = 1;\nout[dpin_tile() * 64 + get_local_id(0)] = v;",
                (Warning, "unset-local", 3),
            ),
            (
                "__local uchar s[64];\ns[get_local_id(0)] += 1;\nout[dpin_tile() * 64 + get_local_id(0)] = s[0];",
                (Warning, "unset-local", 3),
            ),
            (
                "__local uint n[1];\nif (get_local_id(0) == 0) n[0] = 0;\nbarrier(CLK_LOCAL_MEM_FENCE);\nif (atomic_add(n, 1u) < 7) out[dpin_tile() * 64 + get_local_id(0)] = 1;",
                (Warning, "order-of-items", 5),
            ),
            (
                "__local uint n;\nif (get_local_id(0) == 0) n = 0;\nbarrier(CLK_LOCAL_MEM_FENCE);\nuint k = atomic_inc(&n);\nout[dpin_tile() * 64 + get_local_id(0)] = (uchar)k;",
                (Warning, "order-of-items", 5),
            ),
            (
                "#if defined(__NV_CL_C_VERSION)\nuchar v = 1;\n#else\nuchar v = 3;\n#endif\nout[dpin_tile() * 64 + get_local_id(0)] = v;",
                (Warning, "vendor-macro", 2),
            ),
            ("#undef get_group_id\nout[dpin_tile() * 64] = (uchar)get_group_id(0);", (Fault, "launch-ids", 2)),
            ("out[dpin_tile() * 64] = (uchar)(get_group_id)(0);", (Fault, "launch-ids", 2)),
            ("out[dpin_tile() * 64] = (uchar)sin(2.0f);", (Warning, "inexact-function", 2)),
        ] {
            let found =
                check(&format!("__kernel void f(__global uchar *out) {{\n{body}\n}}"), "\"output\"", "per_group = 64");
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
            let source = format!(
                "#pragma OPENCL EXTENSION cl_nv_x : enable\n__kernel void f(__global float *x, __global float *y) {{ {body} }}"
            );
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
        let source = format!(
            "__kernel void {name}(__global ushort *out, int a, int b, int c, uint d) {{ for (;;) {{ out[0] = \"ä\\\"'; /* ü"
        );
        for end in (0..=source.len()).filter(|end| source.is_char_boundary(*end)) {
            let _ = findings(&source[..end], &manifest);
            let _ = findings(&source[end..], &manifest);
        }
    }
}
