//! The page `docs/json-rpc.md`: the methods in Markdown.

use crate::{
    ErrorCode,
    description::{Description, Method},
    error::SDK_ERRORS,
    openrpc::described,
};
use serde_json::{Map, Value};
use std::fmt::Write;

/// Returns the methods as a page of the documentation, in Markdown.
pub fn markdown() -> String {
    let mut description = described();
    let schemas = description.take_schemas();
    page(&description, &schemas).unwrap_or_default()
}

const INTRODUCTION: &str = "# JSON-RPC

The methods that a node has beyond the SDK's own. This page is made from the code; `rpc_discover` returns the same as an
[OpenRPC](https://spec.open-rpc.org) document. How to use them: [dapp.md](dapp.md).

JSON is camelCase. Bytes and hashes are hex with `0x`, accounts SS58, amounts decimal strings in the asset's smallest unit, shares
numbers in billionths, blocks and sizes numbers. Parameters go by position or by name; what may be `null` at the end may be left out.
State is that of the best block: act on money only when the block is finalised.

Every method has an example, taken from a development network: a request, and the `result` of its answer, in which long texts are cut short
(`…`). Send a request over WebSocket or HTTP as it stands; with jobs, accounts and hashes of your own where it names some:

<!-- first-use: not run: docs/dapp.md has it -->
```sh
curl -sf http://127.0.0.1:9944 -H 'content-type: application/json' \\
    -d '{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"compute_network\", \"params\": []}'
```

Limits: 100 entries in a page, 1 MiB of output, 1,024 subscriptions to jobs and workers on a node. A subscriber that is 64 blocks
behind, or takes nothing for 30 seconds, is dropped: the last notification then has an `error` (code and message) instead of a
`result`. Methods marked *unsafe* are answered only where the node's operator allows it (`--rpc-methods`).
";

fn page(description: &Description, schemas: &Map<String, Value>) -> Result<String, std::fmt::Error> {
    let mut page = String::from(INTRODUCTION);
    for namespace in &description.namespaces {
        writeln!(page, "\n## `{}`\n\n{}", namespace.name, namespace.about)?;
        for method in &namespace.methods {
            method_section(&mut page, method)?;
        }
    }
    writeln!(page, "\n## Types")?;
    for (name, schema) in schemas {
        type_section(&mut page, name, schema)?;
    }
    writeln!(page, "\n## Errors\n\nThe numbers never change.\n\n| code | name | |\n|---|---|---|")?;
    for (code, about) in ErrorCode::ALL {
        writeln!(page, "| {} | `{code:?}` | {} |", *code as i32, about.trim())?;
    }
    writeln!(page, "\nErrors of the SDK that any method may answer with, or a transaction that is submitted:\n")?;
    writeln!(page, "| code | name | |\n|---|---|---|")?;
    for (code, name, about) in SDK_ERRORS {
        writeln!(page, "| {code} | {name} | {about} |")?;
    }
    Ok(page)
}

fn method_section(page: &mut String, method: &Method) -> std::fmt::Result {
    let params: Vec<&str> = method.params.iter().map(|param| param.name).collect();
    writeln!(page, "\n### `{}({})`\n\n{}\n", method.name, params.join(", "), method.about)?;
    if method.is_unsafe {
        writeln!(page, "*Unsafe.*\n")?;
    }
    for alias in method.aliases {
        writeln!(page, "Also called `{alias}`.\n")?;
    }
    for param in &method.params {
        writeln!(page, "- `{}`: {}", param.name, type_name(param.of.schema.as_value()))?;
    }
    let answer = type_name(method.answer.schema.as_value());
    match &method.subscription {
        None => writeln!(page, "- answer: {answer}")?,
        Some((notification, unsubscribe)) => {
            writeln!(page, "- items: {answer}, as `{notification}`\n- ends with `{unsubscribe}(subscription)`")?
        }
    }
    let (params, result) = method.example();
    writeln!(
        page,
        "\n```json\n{{\"jsonrpc\": \"2.0\", \"id\": 1, \"method\": \"{}\", \"params\": {}}}\n```\n",
        method.name,
        on_one_line(&params.into(), usize::MAX)
    )?;
    if let Some((notification, _)) = &method.subscription {
        writeln!(page, "The `result` in the `params` of a notification `{notification}`:\n")?;
    }
    writeln!(page, "```json\n{}\n```", on_lines(&result, 0))
}

/// Most characters of a line of an example's answer, and of a text in it.
const LINE: usize = 110;
const TEXT: usize = 90;

/// Formats JSON on one line. Texts of more than `longest` characters are cut short.
fn on_one_line(value: &Value, longest: usize) -> String {
    match value {
        Value::String(long) if long.chars().count() > longest => {
            Value::String(long.chars().take(longest / 2).chain(['…']).collect()).to_string()
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(|value| on_one_line(value, longest)).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(fields) if !fields.is_empty() => {
            let fields = sorted(fields).map(|(key, value)| format!("\"{key}\": {}", on_one_line(value, longest)));
            format!("{{ {} }}", fields.collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}

/// Formats JSON on as many lines as needed, with long texts cut short.
fn on_lines(value: &Value, indent: usize) -> String {
    let line = on_one_line(value, TEXT);
    if indent + line.chars().count() <= LINE {
        return line;
    }
    let (open, close, items): (_, _, Vec<String>) = match value {
        Value::Array(values) => ('[', ']', values.iter().map(|value| on_lines(value, indent + 2)).collect()),
        Value::Object(fields) => {
            let fields = sorted(fields).map(|(key, value)| format!("\"{key}\": {}", on_lines(value, indent + 2)));
            ('{', '}', fields.collect())
        }
        _ => return line,
    };
    let (inner, outer) = (" ".repeat(indent + 2), " ".repeat(indent));
    format!("{open}\n{inner}{}\n{outer}{close}", items.join(&format!(",\n{inner}")))
}

/// Returns fields sorted by name, whatever the order of the map is.
fn sorted(fields: &Map<String, Value>) -> impl Iterator<Item = (&String, &Value)> {
    fields.iter().collect::<std::collections::BTreeMap<_, _>>().into_iter()
}

fn type_section(page: &mut String, name: &str, schema: &Value) -> std::fmt::Result {
    writeln!(page, "\n### {name}\n\n{}", about(schema))?;
    if schema["properties"].is_object() {
        writeln!(page, "\n| field | type | |\n|---|---|---|")?;
        return fields(page, schema, "");
    }
    let Some(variants) = schema["oneOf"].as_array() else { return Ok(()) };
    writeln!(page, "\n| value | type | |\n|---|---|---|")?;
    for variant in variants {
        if let Some(value) = variant["const"].as_str() {
            writeln!(page, "| `\"{value}\"` | | {} |", about(variant))?;
            continue;
        }
        // A tagged variant: the constant is its name, the other fields are its own.
        let properties = variant["properties"].as_object();
        let tag = properties.into_iter().flatten().find_map(|(key, value)| Some((key, value["const"].as_str()?)));
        match tag {
            Some((key, value)) => {
                writeln!(page, "| `{{\"{key}\": \"{value}\"}}` | | {} |", about(variant))?;
                fields(page, variant, "with ")?;
            }
            None => {
                for (key, value) in properties.into_iter().flatten() {
                    writeln!(page, "| `{{\"{key}\": …}}` | {} | {} |", type_name(value), about(variant))?;
                }
            }
        }
    }
    Ok(())
}

fn fields(page: &mut String, schema: &Value, prefix: &str) -> std::fmt::Result {
    for (key, value) in schema["properties"].as_object().into_iter().flatten() {
        if value["const"].is_null() {
            writeln!(page, "| {prefix}`{key}` | {} | {} |", type_name(value), about(value))?;
        }
    }
    Ok(())
}

fn about(schema: &Value) -> String {
    schema["description"].as_str().unwrap_or_default().replace('\n', " ")
}

/// Returns a short name of a schema's type.
fn type_name(schema: &Value) -> String {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or(reference);
        return format!("[{name}](#{})", name.to_lowercase());
    }
    if let Some([only]) = schema["allOf"].as_array().map(Vec::as_slice) {
        return type_name(only);
    }
    if let Some(options) = schema["anyOf"].as_array() {
        return options.iter().map(type_name).collect::<Vec<_>>().join(" or ");
    }
    let simple = |name: &str| match name {
        "integer" => "number".into(),
        "array" => match &schema["items"] {
            Value::Array(items) => format!("array of {} × {}", items.len(), items.first().map_or("".into(), type_name)),
            item => match schema["minItems"].as_u64() {
                Some(count) => format!("array of {count} × {}", type_name(item)),
                None => format!("array of {}", type_name(item)),
            },
        },
        other => other.to_owned(),
    };
    match &schema["type"] {
        Value::String(name) => simple(name),
        Value::Array(names) => names.iter().filter_map(Value::as_str).map(simple).collect::<Vec<_>>().join(" or "),
        _ => "any".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The generated page. The test writes it if `DPIN_WRITE_DOCS=1` is in the environment.
    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/json-rpc.md");

    #[test]
    fn the_page_in_the_documentation_is_what_the_code_tells() {
        if std::env::var_os("DPIN_WRITE_DOCS").is_some() {
            std::fs::write(PAGE, markdown()).unwrap();
        }
        let page = std::fs::read_to_string(PAGE).unwrap_or_default();
        assert!(page == markdown(), "docs/json-rpc.md is stale: run this test with DPIN_WRITE_DOCS=1");
    }

    #[test]
    fn long_texts_of_an_example_are_cut_short_in_the_page() {
        let value = json!({ "a": "x".repeat(91), "b": [1, { "c": "y".repeat(90) }] });
        let page = on_lines(&value, 0);
        assert!(page.starts_with(&format!("{{\n  \"a\": \"{}…\",\n  \"b\": [", "x".repeat(45))), "{page}");
        assert!(page.contains(&"y".repeat(90)), "{page}");
        let again: Value = serde_json::from_str(&page).unwrap();
        assert_eq!(again["b"], value["b"], "what is shown is JSON");
    }
}
