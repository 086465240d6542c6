//! The methods described: as an OpenRPC document and as a page of the documentation.

use crate::{
    api::{describe_blob, describe_compute, describe_economy, describe_rpc},
    schema::Described,
    ErrorCode,
};
use schemars::{
    generate::{SchemaGenerator, SchemaSettings},
    Schema,
};
use serde_json::{json, Map, Value};
use std::fmt::Write;

/// A parameter of a method.
pub(crate) struct Param {
    name: &'static str,
    required: bool,
    schema: Schema,
}

struct Method {
    name: String,
    about: String,
    params: Vec<Param>,
    answer: Schema,
    is_unsafe: bool,
    /// Of a subscription: the name of its notifications and of the method that ends it.
    subscription: Option<(String, String)>,
}

struct Namespace {
    name: &'static str,
    about: String,
    methods: Vec<Method>,
}

/// What the declarations of the methods tell of themselves.
pub(crate) struct Description {
    generator: SchemaGenerator,
    namespaces: Vec<Namespace>,
}

impl Description {
    fn new() -> Self {
        let settings = SchemaSettings::draft07().for_serialize().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        let mut description = Self { generator: settings.into_generator(), namespaces: Vec::new() };
        describe_compute(&mut description);
        describe_blob(&mut description);
        describe_economy(&mut description);
        describe_rpc(&mut description);
        description
    }

    /// Begin with the methods of a namespace.
    pub(crate) fn namespace(&mut self, name: &'static str, about: &[&str]) {
        self.namespaces.push(Namespace { name, about: text(about), methods: Vec::new() });
    }

    /// A parameter.
    pub(crate) fn param<T: Described>(&mut self, name: &'static str) -> Param {
        Param { name, required: !T::OPTIONAL, schema: self.schema::<T>() }
    }

    /// The schema of a type.
    pub(crate) fn schema<T: Described>(&mut self) -> Schema {
        self.generator.subschema_for::<T::As>()
    }

    /// A method of the last namespace.
    pub(crate) fn method(
        &mut self,
        name: &'static str,
        about: &[&str],
        params: Vec<Param>,
        answer: Schema,
        is_unsafe: bool,
    ) {
        let method = Method { name: name.into(), about: text(about), params, answer, is_unsafe, subscription: None };
        self.push(method);
    }

    /// A subscription of the last namespace: the names of the method, its notifications and the method that ends it.
    pub(crate) fn subscription(
        &mut self,
        [name, notification, unsubscribe]: [String; 3],
        about: &[&str],
        params: Vec<Param>,
        item: Schema,
    ) {
        let subscription = Some((notification, unsubscribe));
        self.push(Method { name, about: text(about), params, answer: item, is_unsafe: false, subscription });
    }

    fn push(&mut self, method: Method) {
        if let Some(namespace) = self.namespaces.last_mut() {
            namespace.methods.push(method);
        }
    }
}

/// Lines of documentation as one text.
fn text(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// The first paragraph on one line, and the rest.
fn summary(about: &str) -> (String, &str) {
    let (first, rest) = about.split_once("\n\n").unwrap_or((about, ""));
    (first.replace('\n', " "), rest)
}

/// The methods as an OpenRPC 1.3 document.
pub fn document() -> Value {
    let mut description = Description::new();
    let errors: Vec<Value> =
        ErrorCode::ALL.iter().map(|(code, about)| json!({ "code": *code as i32, "message": about.trim() })).collect();
    let mut methods = Vec::new();
    for method in description.namespaces.iter().flat_map(|namespace| &namespace.methods) {
        let (summary, rest) = summary(&method.about);
        let params: Vec<Value> = method
            .params
            .iter()
            .map(|param| json!({ "name": param.name, "required": param.required, "schema": param.schema }))
            .collect();
        let result = match &method.subscription {
            None => json!({ "name": "answer", "schema": method.answer }),
            Some(_) => json!({ "name": "subscription", "schema": { "type": ["string", "integer"] } }),
        };
        let mut entry = json!({
            "name": method.name,
            "summary": summary,
            "paramStructure": "either",
            "params": params,
            "result": result,
        });
        if !rest.is_empty() {
            entry["description"] = rest.into();
        }
        if method.is_unsafe {
            entry["x-unsafe"] = true.into();
        }
        if let Some((notification, unsubscribe)) = &method.subscription {
            entry["x-subscription"] =
                json!({ "notification": notification, "unsubscribe": unsubscribe, "item": method.answer });
            methods.push(json!({
                "name": unsubscribe,
                "summary": format!("End a subscription of `{}`.", method.name),
                "paramStructure": "by-position",
                "params": [{ "name": "subscription", "required": true, "schema": { "type": ["string", "integer"] } }],
                "result": { "name": "ended", "schema": { "type": "boolean" } },
            }));
        }
        methods.push(entry);
    }
    json!({
        "openrpc": "1.3.2",
        "info": {
            "title": "DPIN",
            "description": "What a DPIN node answers beyond the SDK's own methods.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": env!("CARGO_PKG_LICENSE") },
        },
        "methods": methods,
        "components": { "schemas": description.generator.take_definitions(true) },
        "x-errors": errors,
    })
}

/// The methods as a page of the documentation, in Markdown.
pub fn markdown() -> String {
    let mut description = Description::new();
    let schemas = description.generator.take_definitions(true);
    page(&description, &schemas).unwrap_or_default()
}

const INTRODUCTION: &str = "# JSON-RPC

What a node answers beyond the SDK's own methods. This page is made from the code; a node tells the same with `rpc_discover`, as an
[OpenRPC](https://spec.open-rpc.org) document. How to use it: [dapp.md](dapp.md).

JSON is camelCase. Bytes and hashes are hex with `0x`, accounts SS58, amounts decimal strings in the asset's smallest unit, shares
numbers in billionths, blocks and sizes numbers. Parameters go by position or by name; what may be `null` at the end may be left out.
State is that of the best block: act on money only when the block is finalised.

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
    Ok(page)
}

fn method_section(page: &mut String, method: &Method) -> std::fmt::Result {
    let params: Vec<&str> = method.params.iter().map(|param| param.name).collect();
    writeln!(page, "\n### `{}({})`\n\n{}\n", method.name, params.join(", "), method.about)?;
    if method.is_unsafe {
        writeln!(page, "*Unsafe.*\n")?;
    }
    for param in &method.params {
        writeln!(page, "- `{}`: {}", param.name, type_name(param.schema.as_value()))?;
    }
    let answer = type_name(method.answer.as_value());
    match &method.subscription {
        None => writeln!(page, "- answer: {answer}"),
        Some((notification, unsubscribe)) => {
            writeln!(page, "- items: {answer}, as `{notification}`\n- ends with `{unsubscribe}(subscription)`")
        }
    }
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
        // Tagged: the constant names the variant, the other fields are its own.
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

/// A schema's type in a few words.
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

    /// Where the page lies. `DPIN_WRITE_DOCS=1` in the environment of the test writes it.
    const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/json-rpc.md");

    #[test]
    fn the_page_in_the_documentation_is_what_the_code_tells() {
        if std::env::var_os("DPIN_WRITE_DOCS").is_some() {
            std::fs::write(PAGE, markdown()).unwrap();
        }
        let page = std::fs::read_to_string(PAGE).unwrap_or_default();
        assert!(page == markdown(), "docs/json-rpc.md is stale: run this test with DPIN_WRITE_DOCS=1");
    }

    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(object) => {
                found.extend(object.get("$ref").and_then(Value::as_str).map(Into::into));
                object.values().for_each(|value| references(value, found));
            }
            Value::Array(values) => values.iter().for_each(|value| references(value, found)),
            _ => (),
        }
    }

    #[test]
    fn every_reference_leads_to_a_schema() {
        let document = document();
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(!found.is_empty());
        for reference in found {
            let path = reference.strip_prefix('#').expect("a reference within the document");
            assert!(document.pointer(path).is_some(), "{reference}");
        }
    }

    #[test]
    fn every_type_and_field_is_explained() {
        let document = document();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            assert!(!about(schema).is_empty() || name == "AnyValue", "{name}");
            for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
                assert!(!about(schema).is_empty(), "{name}.{field}");
            }
        }
    }
}
