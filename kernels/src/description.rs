//! A kernel's description: the `kernel.toml` next to its source, from which its manifest is built.

use dpin_primitives::{
    blake2,
    kernel::{
        BuildOption, KernelClass, KernelManifest, MAX_GROUP_ITEMS, MAX_LOCAL_BYTES, MAX_SOURCE_BYTES, MAX_TILE_BYTES,
        ManifestError, Param, Tiling,
    },
};
use serde::Deserialize;

/// The reasons why no manifest can be built from a description and a source.
#[derive(Debug, thiserror::Error)]
pub enum DescriptionError {
    /// The text is not valid TOML, or a field is unknown, missing or of the wrong type.
    #[error("the description cannot be read: {0}")]
    Unreadable(#[from] toml::de::Error),
    /// The source has more than [`MAX_SOURCE_BYTES`] bytes.
    #[error("the source has {found} bytes; a source has at most {MAX_SOURCE_BYTES}")]
    SourceTooLong {
        /// Bytes of the source.
        found: usize,
    },
    /// A field has more elements than a manifest can hold.
    #[error("`{field}` has more elements than a manifest can hold")]
    TooManyElements {
        /// The field's name.
        field: &'static str,
    },
    /// The manifest breaks one of its rules.
    #[error("the manifest breaks a rule ({0:?}): {rule}", rule = rule(.0))]
    RuleBroken(ManifestError),
}

/// The rule in the terms that authors of descriptions use.
fn rule(broken: &ManifestError) -> String {
    match broken {
        ManifestError::InvalidEntry => "`entry` must be the name of a function: letters, digits and _".into(),
        ManifestError::InvalidScalarWidth => "a scalar has 1, 2, 4 or 8 bytes".into(),
        ManifestError::NotOneOutput => "`params` must have exactly one \"output\"".into(),
        ManifestError::InvalidLocalSize => {
            format!(
                "the sizes in `local_size` are at least 1, and their product is at most {MAX_GROUP_ITEMS} work-items"
            )
        }
        ManifestError::InvalidTileSize => format!("a tile in `tiling` has 1 to {MAX_TILE_BYTES} bytes"),
        ManifestError::InvalidLocalMemory => {
            format!("a local parameter has at least 1 byte, and all of them together have at most {MAX_LOCAL_BYTES}")
        }
        ManifestError::RepeatedOption => "`options` must name each option only once".into(),
        ManifestError::NotDeterministic => "`class` must be \"raw\": other classes are not accepted yet".into(),
    }
}

/// Build the manifest from `description` (the text of a `kernel.toml`) and `source` (OpenCL C).
///
/// The returned manifest has passed [`KernelManifest::check`].
///
/// # Errors
///
/// [`DescriptionError`] with the reason and, for syntax errors, the place.
pub fn manifest_of(description: &str, source: &[u8]) -> Result<KernelManifest, DescriptionError> {
    let Description { entry, params, local_size, tiling, options, class } = toml::from_str(description)?;
    if source.len() > MAX_SOURCE_BYTES as usize {
        return Err(DescriptionError::SourceTooLong { found: source.len() });
    }
    let params: Vec<Param> = params.into_iter().map(Into::into).collect();
    let options: Vec<BuildOption> = options.into_iter().map(Into::into).collect();
    let manifest = KernelManifest {
        source: blake2(source),
        entry: entry.into_bytes().try_into().map_err(|_| DescriptionError::TooManyElements { field: "entry" })?,
        params: params.try_into().map_err(|_| DescriptionError::TooManyElements { field: "params" })?,
        local_size,
        tiling: match tiling {
            TilingField::PerGroup(bytes) => Tiling::PerGroup { bytes },
            TilingField::Whole(bytes) => Tiling::Whole { bytes },
        },
        options: options.try_into().map_err(|_| DescriptionError::TooManyElements { field: "options" })?,
        class: match class {
            ClassField::Raw => KernelClass::Raw,
            ClassField::Deterministic => KernelClass::Deterministic,
        },
    };
    manifest.check().map_err(DescriptionError::RuleBroken)?;
    Ok(manifest)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Description {
    entry: String,
    params: Vec<ParamField>,
    local_size: [u32; 3],
    tiling: TilingField,
    #[serde(default)]
    options: Vec<OptionField>,
    #[serde(default)]
    class: ClassField,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum ParamField {
    Scalar(u8),
    Input,
    Output,
    Local(u32),
}

impl From<ParamField> for Param {
    fn from(field: ParamField) -> Self {
        match field {
            ParamField::Scalar(bytes) => Param::Scalar { bytes },
            ParamField::Input => Param::Input,
            ParamField::Output => Param::Output,
            ParamField::Local(bytes) => Param::Local { bytes },
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TilingField {
    PerGroup(u32),
    Whole(u32),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum OptionField {
    OptDisable,
    SinglePrecisionConstant,
}

impl From<OptionField> for BuildOption {
    fn from(field: OptionField) -> Self {
        match field {
            OptionField::OptDisable => BuildOption::OptDisable,
            OptionField::SinglePrecisionConstant => BuildOption::SinglePrecisionConstant,
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClassField {
    #[default]
    Raw,
    Deterministic,
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = r#"
        entry = "f"
        class = "raw"
        local_size = [8, 4, 2]
        tiling = { whole = 4096 }
        options = ["opt_disable", "single_precision_constant"]
        params = [{ scalar = 8 }, "input", "output", { local = 64 }]
    "#;

    #[test]
    fn every_field_reaches_the_manifest() {
        let manifest = manifest_of(FULL, b"source").unwrap();
        assert_eq!(manifest.source, blake2(b"source"));
        assert_eq!(manifest.entry.as_slice(), b"f");
        assert_eq!(manifest.class, KernelClass::Raw);
        assert_eq!(manifest.local_size, [8, 4, 2]);
        assert_eq!(manifest.tiling, Tiling::Whole { bytes: 4096 });
        assert_eq!(manifest.options.as_slice(), [BuildOption::OptDisable, BuildOption::SinglePrecisionConstant]);
        assert_eq!(
            manifest.params.as_slice(),
            [Param::Scalar { bytes: 8 }, Param::Input, Param::Output, Param::Local { bytes: 64 }]
        );
    }

    #[test]
    fn options_and_class_have_defaults() {
        let text = "entry = \"f\"\nlocal_size = [1, 1, 1]\ntiling = { per_group = 4 }\nparams = [\"output\"]";
        let manifest = manifest_of(text, b"").unwrap();
        assert!(manifest.options.is_empty());
        assert_eq!(manifest.class, KernelClass::Raw);
        assert_eq!(manifest.tiling, Tiling::PerGroup { bytes: 4 });
    }

    #[test]
    fn text_that_is_no_description_is_unreadable() {
        for text in [
            "",
            "entry",
            &FULL.replace("entry = \"f\"", ""),
            &FULL.replace("entry", "entri"),
            &FULL.replace("\"opt_disable\"", "\"-cl-fast-relaxed-math\""),
            &FULL.replace("[8, 4, 2]", "[8, 4]"),
            &FULL.replace("\"input\"", "\"image\""),
            &FULL.replace("scalar = 8", "scalar = -8"),
            &FULL.replace("\"raw\"", "\"fast\""),
        ] {
            assert!(matches!(manifest_of(text, b""), Err(DescriptionError::Unreadable(_))), "{text}");
        }
    }

    #[test]
    fn an_unreadable_description_names_the_line() {
        let message = manifest_of("entry = \"f\"\nsize = 4", b"").unwrap_err().to_string();
        assert!(message.contains("line 2") && message.contains("size"), "{message}");
    }

    #[test]
    fn limits_are_enforced() {
        let source = vec![b' '; MAX_SOURCE_BYTES as usize + 1];
        assert!(matches!(manifest_of(FULL, &source), Err(DescriptionError::SourceTooLong { found: 65_537 })));
        assert!(manifest_of(FULL, &source[1..]).is_ok());

        let field = |text: String| match manifest_of(&text, b"").unwrap_err() {
            DescriptionError::TooManyElements { field } => field,
            other => panic!("{other}"),
        };
        assert_eq!(field(FULL.replace("\"f\"", &format!("\"{}\"", "f".repeat(65)))), "entry");
        assert_eq!(field(FULL.replace("\"input\", ", &"\"input\", ".repeat(14))), "params");
        assert_eq!(field(FULL.replace("[\"opt_disable\"", "[\"opt_disable\", \"opt_disable\"")), "options");
    }

    #[test]
    fn a_broken_rule_is_named() {
        let rule = |text: String| match manifest_of(&text, b"").unwrap_err() {
            DescriptionError::RuleBroken(rule) => rule,
            other => panic!("{other}"),
        };
        assert_eq!(rule(FULL.replace("\"f\"", "\"no name\"")), ManifestError::InvalidEntry);
        assert_eq!(rule(FULL.replace("scalar = 8", "scalar = 3")), ManifestError::InvalidScalarWidth);
        assert_eq!(rule(FULL.replace("\"output\"", "\"input\"")), ManifestError::NotOneOutput);
        assert_eq!(rule(FULL.replace("[8, 4, 2]", "[8, 4, 16]")), ManifestError::InvalidLocalSize);
        let error = manifest_of(&FULL.replace("[8, 4, 2]", "[8, 4, 16]"), b"").unwrap_err();
        assert!(error.to_string().contains("at most 256 work-items"), "{error}");
    }
}
