//! Kernels in files: a source in OpenCL C and its description.

use crate::{
    error::{Error, Result},
    kernel::check::{Finding, Severity, findings},
};
use dpin_kernels::manifest_of;
use dpin_primitives::kernel::{KernelManifest, Param, Tiling};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// A kernel read from files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct KernelFile {
    /// The source, in OpenCL C.
    pub source: Vec<u8>,
    /// The manifest, which has passed its check.
    pub manifest: KernelManifest,
}

/// Find the description of a source if none is named: it lies beside the source, under its name or
/// as `kernel.toml`.
fn description_of(source: &Path) -> Result<PathBuf> {
    let candidates = [source.with_extension("toml"), source.with_file_name("kernel.toml")];
    candidates.iter().find(|path| path.is_file()).cloned().ok_or_else(|| {
        let [own, common] = &candidates;
        Error::usage(format!(
            "{} has no description: neither {} nor {} exists",
            source.display(),
            own.display(),
            common.display()
        ))
        .hint("name the description with --manifest FILE; kernels/README.md lists its fields")
    })
}

impl KernelFile {
    /// Read a source and its description, and check everything that needs no compiler.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or the kernel certainly breaks a rule.
    pub(crate) fn read(source: &Path, description: Option<&Path>) -> Result<Self> {
        let kernel = Self::load(source, description)?;
        let fault = kernel.findings().into_iter().find(|finding| finding.severity == Severity::Fault);
        match fault {
            Some(fault) => Err(Error::usage(format!("{}: {}", source.display(), fault.text())).hint(fault.remedy)),
            None => Ok(kernel),
        }
    }

    /// The rules that the source's text breaks.
    pub(crate) fn findings(&self) -> Vec<Finding> {
        findings(&String::from_utf8_lossy(&self.source), &self.manifest)
    }

    /// Read a source and its description, and check that they match.
    ///
    /// # Errors
    ///
    /// When a file cannot be read, or source and description do not match.
    pub(crate) fn load(source: &Path, description: Option<&Path>) -> Result<Self> {
        let bytes = read(source).map_err(|error| match source.extension() {
            Some(_) => error,
            None => error.hint("give a file with OpenCL C, or 0x and the 64 hex digits of its id (`dpin kernel list`)"),
        })?;
        let path = description.map(Path::to_path_buf).map_or_else(|| description_of(source), Ok)?;
        let text = String::from_utf8(read(&path)?)
            .map_err(|_| Error::usage(format!("{} is not a text in UTF-8", path.display())))?;
        let manifest = manifest_of(&text, &bytes).map_err(|error| {
            Error::usage(format!("{}: {error}", path.display()))
                .hint("kernels/README.md lists the fields and their rules")
        })?;
        let found = Self { source: bytes, manifest };
        found.check_source().map_err(|problem| {
            Error::usage(format!("{}: {problem}", source.display()))
                .hint("the source must define the function of the description, with the same parameters")
        })?;
        Ok(found)
    }

    /// Check the text of the source against the manifest.
    fn check_source(&self) -> std::result::Result<(), String> {
        let text = std::str::from_utf8(&self.source).map_err(|_| "the source is not a text in UTF-8".to_string())?;
        if text.contains('\0') {
            return Err("the source contains a zero byte".into());
        }
        let code = without_comments(text);
        let entry = String::from_utf8_lossy(&self.manifest.entry).into_owned();
        let parameters = parameters(&code, &entry).ok_or_else(|| {
            format!("it does not define `__kernel void {entry}(…)`, the entry point of the description")
        })?;
        let (found, expected) = (parameters, self.manifest.params.len());
        if found != expected {
            return Err(format!("`{entry}` has {found} parameters, but the description has {expected}"));
        }
        Ok(())
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|error| Error::usage(format!("{} cannot be read: {error}", path.display())))
}

/// The code, with each comment replaced by a blank.
fn without_comments(text: &str) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("/*").into_iter().chain(rest.find("//")).min() {
        let (before, comment) = rest.split_at(start);
        code.push_str(before);
        code.push(' ');
        rest = match comment.strip_prefix("/*") {
            Some(inner) => inner.find("*/").map_or("", |end| &inner[end + 2..]),
            None => comment.find('\n').map_or("", |end| &comment[end..]),
        };
    }
    code + rest
}

/// The number of parameters of the kernel function with that name; `None` if there is no such
/// function.
fn parameters(code: &str, entry: &str) -> Option<usize> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (at, _) in code.match_indices(entry) {
        let (before, after) = (&code[..at], &code[at + entry.len()..]);
        let whole = !before.ends_with(is_name) && !after.starts_with(is_name);
        let after = after.trim_start();
        let Some(list) = after.strip_prefix('(').filter(|_| whole) else { continue };
        // The text between the last statement and the name: `__kernel`, attributes, `void`.
        let head = before.rsplit([';', '}']).next().unwrap_or_default();
        if !head.split(|c: char| !is_name(c)).any(|word| matches!(word, "__kernel" | "kernel")) {
            continue;
        }
        return Some(count_parameters(list));
    }
    None
}

/// Count the parameters up to the closing parenthesis.
fn count_parameters(list: &str) -> usize {
    let (mut depth, mut commas, mut anything) = (0usize, 0usize, false);
    let mut words = String::new();
    for c in list.chars() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => break,
            ')' => depth -= 1,
            ',' if depth == 0 => commas += 1,
            _ => {}
        }
        anything |= !c.is_whitespace();
        words.push(c);
    }
    if !anything || words.trim() == "void" {
        return 0;
    }
    commas + 1
}

/// A manifest as JSON.
pub(crate) fn manifest_json(manifest: &KernelManifest) -> Value {
    let params: Vec<Value> = manifest
        .params
        .iter()
        .map(|param| match param {
            Param::Scalar { bytes } => json!({ "scalar": bytes }),
            Param::Input => json!("input"),
            Param::Output => json!("output"),
            Param::Local { bytes } => json!({ "local": bytes }),
        })
        .collect();
    json!({
        "id": manifest.id(),
        "source": manifest.source,
        "entry": String::from_utf8_lossy(&manifest.entry),
        "params": params,
        "localSize": manifest.local_size,
        "tiling": match manifest.tiling {
            Tiling::PerGroup { bytes } => json!({ "perGroup": bytes }),
            Tiling::Whole { bytes } => json!({ "whole": bytes }),
        },
        "options": manifest.options.iter().map(|option| option.flag()).collect::<Vec<_>>(),
        "class": format!("{:?}", manifest.class).to_lowercase(),
    })
}

/// A manifest's names and values, as people read them.
pub(crate) fn manifest_fields(manifest: &KernelManifest) -> Vec<(&'static str, String)> {
    let params: Vec<String> = manifest
        .params
        .iter()
        .map(|param| match param {
            Param::Scalar { bytes } => format!("scalar of {bytes} bytes"),
            Param::Input => "input".into(),
            Param::Output => "output".into(),
            Param::Local { bytes } => format!("{bytes} bytes of local memory"),
        })
        .collect();
    let [x, y, z] = manifest.local_size;
    let tile = match manifest.tiling {
        Tiling::PerGroup { bytes } => format!("{bytes} bytes for each work-group"),
        Tiling::Whole { bytes } => format!("{bytes} bytes for the whole task"),
    };
    vec![
        ("id", format!("{:?}", manifest.id())),
        ("entry", String::from_utf8_lossy(&manifest.entry).into_owned()),
        ("source", format!("{:?}", manifest.source)),
        ("parameters", params.join(", ")),
        ("work-group", format!("{x} x {y} x {z} work-items")),
        ("output", tile),
        ("options", manifest.options.iter().map(|option| option.flag()).collect::<Vec<_>>().join(" ")),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESCRIPTION: &str =
        "entry = \"f\"\nlocal_size = [8, 1, 1]\ntiling = { per_group = 32 }\nparams = [\"output\", { scalar = 4 }]";

    fn kernel(source: &str, name: &str) -> Result<KernelFile> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.cl");
        std::fs::write(&path, source).unwrap();
        std::fs::write(folder.path().join(name), DESCRIPTION).unwrap();
        KernelFile::read(&path, None)
    }

    #[test]
    fn the_description_lies_beside_the_source() {
        let source = "__kernel void f(__global uint *out, uint n) { }";
        for name in ["f.toml", "kernel.toml"] {
            let read = kernel(source, name).unwrap();
            assert_eq!(read.manifest.source, dpin_primitives::blake2(source.as_bytes()));
        }
        assert!(kernel(source, "other.toml").unwrap_err().hint.unwrap().contains("--manifest"));
    }

    #[test]
    fn the_entry_point_must_be_there_with_its_parameters() {
        for source in [
            "kernel void f(global uint *out, uint n) {}",
            "/* f(x) */ __kernel\n__attribute__((reqd_work_group_size(8, 1, 1)))\nvoid f (__global uint *o, // the, output\n uint n) {}",
            "uint f2(uint a) { return a; }\n__kernel void f(__global uint *out, uint n) { f2(n); }",
        ] {
            assert!(kernel(source, "f.toml").is_ok(), "{source}");
        }
        for source in [
            "",
            "void f(__global uint *out, uint n) {}",
            "// __kernel void f(__global uint *out, uint n) {}",
            "__kernel void g(__global uint *out, uint n) { f(n); }",
            "__kernel void f(__global uint *out) {}",
            "__kernel void f(void) {}",
            "__kernel void f(__global uint *out, uint n, uint m) {}",
            "\0",
        ] {
            assert!(kernel(source, "f.toml").is_err(), "{source}");
        }
    }

    #[test]
    fn a_kernel_that_reads_its_output_is_refused_and_named() {
        let source = "__kernel void f(__global uint *out, uint n)\n{\n    out[dpin_tile()] += n;\n}";
        let error = kernel(source, "f.toml").unwrap_err();
        assert!(error.message.contains("line 3") && error.message.contains("`out`"), "{error}");
        assert!(error.hint.unwrap().contains("an input of its own"));
    }

    #[test]
    fn a_broken_rule_of_the_description_is_told_with_its_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f.cl");
        std::fs::write(&path, "__kernel void f(__global uint *out, uint n) { }").unwrap();
        std::fs::write(folder.path().join("f.toml"), DESCRIPTION.replace("[8, 1, 1]", "[8, 4, 16]")).unwrap();
        let error = KernelFile::read(&path, None).unwrap_err();
        assert!(error.message.contains("InvalidLocalSize") && error.message.contains("at most 256"), "{error}");
    }

    #[test]
    fn a_name_that_is_neither_a_file_nor_an_id_says_so() {
        let error = KernelFile::read(Path::new("mandelbrot-that-is-no-file"), None).unwrap_err();
        assert!(error.hint.unwrap().contains("0x and the 64 hex digits of its id"));
    }

    #[test]
    fn every_ready_kernel_passes() {
        for ready in dpin_kernels::all() {
            let file = KernelFile { source: ready.source.as_bytes().to_vec(), manifest: ready.manifest().unwrap() };
            assert_eq!(file.check_source(), Ok(()), "{}", ready.name);
        }
    }
}
