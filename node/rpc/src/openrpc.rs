//! Descriptions of the methods: the OpenRPC document, and the page `docs/json-rpc.md`.

use crate::{
    api::{describe_blob, describe_compute, describe_economy, describe_rpc},
    error::SDK_ERRORS,
    schema::Described,
    ErrorCode,
};
use schemars::{
    generate::{SchemaGenerator, SchemaSettings},
    Schema,
};
use serde_json::{json, Map, Value};
use std::fmt::Write;

/// A type of a parameter or an answer.
pub(crate) struct Type {
    schema: Schema,
    /// Decodes a value as this type, and encodes it again.
    #[cfg(test)]
    reads: fn(&Value) -> serde_json::Result<Value>,
}

/// A parameter of a method.
pub(crate) struct Param {
    name: &'static str,
    required: bool,
    of: Type,
}

/// A method or a subscription.
pub(crate) struct Method {
    pub(crate) name: String,
    /// Other names of the method.
    pub(crate) aliases: &'static [&'static str],
    pub(crate) about: String,
    pub(crate) params: Vec<Param>,
    /// The type of the answer; for a subscription, the type of each item.
    pub(crate) answer: Type,
    pub(crate) is_unsafe: bool,
    /// Names of a subscription's notifications and of the method that ends it; `None` for a method.
    pub(crate) subscription: Option<(String, String)>,
    /// A JSON object: `params` by their names, and the `result`, for a subscription one of its
    /// items.
    pub(crate) example: &'static str,
}

impl Method {
    /// Returns the parameters of the example in their order, and its result.
    fn example(&self) -> (Vec<Value>, Value) {
        let mut example: Value = serde_json::from_str(self.example).unwrap_or_default();
        let params = self.params.iter().map(|param| example["params"][param.name].take()).collect();
        (params, example["result"].take())
    }
}

struct Namespace {
    name: &'static str,
    about: String,
    methods: Vec<Method>,
}

/// The descriptions of all declared methods and types.
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

    /// Begins a namespace. The methods added after it belong to it.
    pub(crate) fn namespace(&mut self, name: &'static str, about: &[&str]) {
        self.namespaces.push(Namespace { name, about: text(about), methods: Vec::new() });
    }

    /// Describes a parameter.
    pub(crate) fn param<T: Described>(&mut self, name: &'static str) -> Param {
        Param { name, required: !T::OPTIONAL, of: self.of_type::<T>() }
    }

    /// Describes a type.
    pub(crate) fn of_type<T: Described>(&mut self) -> Type {
        Type {
            schema: self.generator.subschema_for::<T::As>(),
            #[cfg(test)]
            reads: |value| serde_json::from_value::<T>(value.clone()).and_then(serde_json::to_value),
        }
    }

    /// Adds a method to the last namespace.
    pub(crate) fn method(&mut self, method: Method) {
        if let Some(namespace) = self.namespaces.last_mut() {
            namespace.methods.push(method);
        }
    }
}

/// Joins lines of documentation to one text.
pub(crate) fn text(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}

/// Returns the first paragraph on one line, and the rest.
fn summary(about: &str) -> (String, &str) {
    let (first, rest) = about.split_once("\n\n").unwrap_or((about, ""));
    (first.replace('\n', " "), rest)
}

/// The id of a subscription in examples.
const SUBSCRIPTION_ID: &str = "QSTX5qNnQm5D6HZe";

/// Returns the methods as an OpenRPC 1.3 document.
pub fn document() -> Value {
    let mut description = Description::new();
    let own = ErrorCode::ALL.iter().map(|(code, about)| (*code as i32, *about));
    let errors = own.chain(SDK_ERRORS.iter().map(|(code, _, about)| (*code, *about)));
    let errors: Vec<Value> = errors.map(|(code, about)| json!({ "code": code, "message": about.trim() })).collect();
    let mut methods = Vec::new();
    for method in description.namespaces.iter().flat_map(|namespace| &namespace.methods) {
        let (summary, rest) = summary(&method.about);
        let params: Vec<Value> = method
            .params
            .iter()
            .map(|param| json!({ "name": param.name, "required": param.required, "schema": param.of.schema }))
            .collect();
        let (example_params, example_result) = method.example();
        let example_params: Vec<Value> = method
            .params
            .iter()
            .zip(example_params)
            .map(|(param, value)| json!({ "name": param.name, "value": value }))
            .collect();
        let subscription = json!({ "type": ["string", "integer"] });
        let (result, example_answer) = match &method.subscription {
            None => (
                json!({ "name": "answer", "schema": method.answer.schema }),
                json!({ "name": "answer", "value": example_result }),
            ),
            Some(_) => (
                json!({ "name": "subscription", "schema": subscription }),
                json!({ "name": "subscription", "value": SUBSCRIPTION_ID }),
            ),
        };
        let mut entry = json!({
            "name": method.name,
            "summary": summary,
            "paramStructure": "either",
            "params": params,
            "result": result,
            "examples": [{ "name": method.name, "params": example_params, "result": example_answer }],
        });
        if !rest.is_empty() {
            entry["description"] = rest.into();
        }
        if method.is_unsafe {
            entry["x-unsafe"] = true.into();
        }
        if !method.aliases.is_empty() {
            entry["x-aliases"] = method.aliases.into();
        }
        if let Some((notification, unsubscribe)) = &method.subscription {
            entry["x-subscription"] = json!({
                "notification": notification,
                "unsubscribe": unsubscribe,
                "item": method.answer.schema,
                "example": example_result,
            });
            methods.push(json!({
                "name": unsubscribe,
                "summary": format!("End a subscription of `{}`.", method.name),
                "paramStructure": "by-position",
                "params": [{ "name": "subscription", "required": true, "schema": subscription }],
                "result": { "name": "ended", "schema": { "type": "boolean" } },
                "examples": [{
                    "name": unsubscribe,
                    "params": [{ "name": "subscription", "value": SUBSCRIPTION_ID }],
                    "result": { "name": "ended", "value": true },
                }],
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

/// Returns the methods as a page of the documentation, in Markdown.
pub fn markdown() -> String {
    let mut description = Description::new();
    let schemas = description.generator.take_definitions(true);
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
    use codec::DecodeAll;
    use dpin_primitives::job::JobSpec;
    use polkadot_sdk::sp_core::Bytes;

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

    /// The document without its prose. The test writes it as [`PAGE`].
    const OUTLINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/outline.json");

    /// Removes the prose: texts under the keys of descriptions. A field of that name is an object.
    fn without_prose(value: Value) -> Value {
        match value {
            Value::Object(fields) => {
                let prose = |key: &str| ["description", "summary", "title", "message"].contains(&key);
                let fields = fields.into_iter().filter(|(key, value)| !(prose(key) && value.is_string()));
                fields.map(|(key, value)| (key, without_prose(value))).collect()
            }
            Value::Array(values) => values.into_iter().map(without_prose).collect(),
            other => other,
        }
    }

    #[test]
    fn methods_types_and_fields_are_those_that_clients_know() {
        let mut document = document();
        document.as_object_mut().unwrap().remove("info");
        let outline = serde_json::to_string_pretty(&without_prose(document)).unwrap() + "\n";
        if std::env::var_os("DPIN_WRITE_DOCS").is_some() {
            std::fs::write(OUTLINE, &outline).unwrap();
        }
        let known: Value = serde_json::from_str(&std::fs::read_to_string(OUTLINE).unwrap()).unwrap();
        assert_eq!(
            serde_json::from_str::<Value>(&outline).unwrap(),
            known,
            "clients see this change: if it is meant, run this test with DPIN_WRITE_DOCS=1"
        );
    }

    fn methods(description: &Description) -> impl Iterator<Item = &Method> {
        description.namespaces.iter().flat_map(|namespace| &namespace.methods)
    }

    #[test]
    fn every_example_reads_as_the_parameters_and_the_answer_of_its_method() {
        fn check(name: &str, of: &Type, value: &Value) {
            // The example must stay the same when it is decoded and encoded again. Otherwise a
            // field is missing, unknown or misspelled.
            let again = (of.reads)(value).unwrap_or_else(|error| panic!("{name}: {error}: {value}"));
            assert_eq!(again, *value, "{name}");
        }
        for method in methods(&Description::new()) {
            let example: Value = serde_json::from_str(method.example).expect(&method.name);
            let fields: Vec<&String> = example.as_object().unwrap().keys().collect();
            assert_eq!(fields, ["params", "result"], "{}", method.name);
            let mut names: Vec<&str> = example["params"].as_object().unwrap().keys().map(String::as_str).collect();
            let mut expected: Vec<&str> = method.params.iter().map(|param| param.name).collect();
            names.sort_unstable();
            expected.sort_unstable();
            assert_eq!(names, expected, "{}", method.name);
            for param in &method.params {
                check(&format!("{}({})", method.name, param.name), &param.of, &example["params"][param.name]);
            }
            check(&method.name, &method.answer, &example["result"]);
        }
    }

    #[test]
    fn the_example_of_a_quote_is_an_encoded_job() {
        let document = document();
        let method = |name: &str| {
            let all = document["methods"].as_array().unwrap();
            all.iter().find(|method| method["name"] == name).unwrap()["examples"][0].clone()
        };
        let bytes: Bytes = serde_json::from_value(method("compute_quote")["params"][0]["value"].clone()).unwrap();
        let spec = JobSpec::decode_all(&mut &bytes[..]).unwrap();
        let job = &method("compute_job")["result"]["value"];
        assert_eq!(serde_json::to_value(spec.kernel).unwrap(), job["kernel"]);
        assert_eq!(json!(spec.global_size), job["globalSize"]);
        let request =
            format!("\"method\": \"compute_quote\", \"params\": [{}, ", serde_json::to_string(&bytes).unwrap());
        assert!(markdown().contains(&request), "a request in the page is whole");
    }

    #[test]
    fn rpc_discover_has_an_example_of_every_method() {
        let document = document();
        for method in document["methods"].as_array().unwrap() {
            let [example] = method["examples"].as_array().unwrap().as_slice() else { panic!("{method}") };
            assert_eq!(example["params"].as_array().unwrap().len(), method["params"].as_array().unwrap().len());
            assert!(example["result"].as_object().unwrap().contains_key("value"), "{method}");
        }
        for method in methods(&Description::new()).filter(|method| method.subscription.is_some()) {
            let all = document["methods"].as_array().unwrap();
            let described = all.iter().find(|described| described["name"] == method.name).unwrap();
            assert!(described["x-subscription"]["example"].is_object(), "{}", method.name);
        }
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
