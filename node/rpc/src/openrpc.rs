//! The OpenRPC document that `rpc_discover` returns.

use crate::{
    ErrorCode,
    api::{describe_blob, describe_compute, describe_economy, describe_rpc},
    description::{Description, Method},
    error::SDK_ERRORS,
};
use serde_json::{Value, json};

/// The id of a subscription in examples.
const SUBSCRIPTION_ID: &str = "QSTX5qNnQm5D6HZe";

/// Describes all methods.
pub(crate) fn described() -> Description {
    let mut description = Description::new();
    describe_compute(&mut description);
    describe_blob(&mut description);
    describe_economy(&mut description);
    describe_rpc(&mut description);
    description
}

/// Returns the methods as an OpenRPC 1.3 document.
pub fn document() -> Value {
    let mut description = described();
    let methods: Vec<Value> = description.methods().flat_map(entries).collect();
    json!({
        "openrpc": "1.3.2",
        "info": {
            "title": "DPIN",
            "description": "What a DPIN node answers beyond the SDK's own methods.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": env!("CARGO_PKG_LICENSE") },
        },
        "methods": methods,
        "components": { "schemas": description.take_schemas() },
        "x-errors": errors(),
    })
}

/// Returns the entries of a method. A subscription has two: the method that ends it comes first.
fn entries(method: &Method) -> Vec<Value> {
    let Some((notification, unsubscribe)) = &method.subscription else {
        let (_, result) = method.example();
        return vec![entry(method, json!({ "name": "answer", "schema": method.answer.schema }), result)];
    };
    let (_, item) = method.example();
    let mut subscribe =
        entry(method, json!({ "name": "subscription", "schema": subscription_id() }), SUBSCRIPTION_ID.into());
    subscribe["x-subscription"] = json!({
        "notification": notification,
        "unsubscribe": unsubscribe,
        "item": method.answer.schema,
        "example": item,
    });
    vec![unsubscribe_entry(&method.name, unsubscribe), subscribe]
}

/// Returns the entry of a method with this result, and the result of its example.
fn entry(method: &Method, result: Value, example: Value) -> Value {
    let (summary, rest) = summary(&method.about);
    let params: Vec<Value> = method
        .params
        .iter()
        .map(|param| json!({ "name": param.name, "required": param.required, "schema": param.of.schema }))
        .collect();
    let (values, _) = method.example();
    let values = method.params.iter().zip(values);
    let example_params: Vec<Value> =
        values.map(|(param, value)| json!({ "name": param.name, "value": value })).collect();
    let example = json!({ "name": result["name"], "value": example });
    let mut entry = json!({
        "name": method.name,
        "summary": summary,
        "paramStructure": "either",
        "params": params,
        "result": result,
        "examples": [{ "name": method.name, "params": example_params, "result": example }],
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
    entry
}

/// Returns the entry of the method that ends a subscription.
fn unsubscribe_entry(subscribe: &str, unsubscribe: &str) -> Value {
    json!({
        "name": unsubscribe,
        "summary": format!("End a subscription of `{subscribe}`."),
        "paramStructure": "by-position",
        "params": [{ "name": "subscription", "required": true, "schema": subscription_id() }],
        "result": { "name": "ended", "schema": { "type": "boolean" } },
        "examples": [{
            "name": unsubscribe,
            "params": [{ "name": "subscription", "value": SUBSCRIPTION_ID }],
            "result": { "name": "ended", "value": true },
        }],
    })
}

/// Returns the schema of a subscription's id.
fn subscription_id() -> Value {
    json!({ "type": ["string", "integer"] })
}

/// Returns the errors of the methods, and those of the SDK that any method may answer with.
fn errors() -> Vec<Value> {
    let own = ErrorCode::ALL.iter().map(|(code, about)| (*code as i32, *about));
    let all = own.chain(SDK_ERRORS.iter().map(|(code, _, about)| (*code, *about)));
    all.map(|(code, about)| json!({ "code": code, "message": about.trim() })).collect()
}

/// Returns the first paragraph of a text on one line, and the rest.
fn summary(about: &str) -> (String, &str) {
    let (first, rest) = about.split_once("\n\n").unwrap_or((about, ""));
    (first.replace('\n', " "), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{description::Type, markdown};
    use codec::DecodeAll;
    use dpin_primitives::job::JobSpec;
    use polkadot_sdk::sp_core::Bytes;

    /// The document without its prose. The test writes it if `DPIN_WRITE_DOCS=1` is set.
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

    #[test]
    fn every_example_reads_as_the_parameters_and_the_answer_of_its_method() {
        fn check(name: &str, of: &Type, value: &Value) {
            // The example must stay the same when it is decoded and encoded again. Otherwise a
            // field is missing, unknown or misspelled.
            let again = (of.reads)(value).unwrap_or_else(|error| panic!("{name}: {error}: {value}"));
            assert_eq!(again, *value, "{name}");
        }
        for method in described().methods() {
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
        for method in described().methods().filter(|method| method.subscription.is_some()) {
            let all = document["methods"].as_array().unwrap();
            let described = all.iter().find(|described| described["name"] == method.name).unwrap();
            assert!(described["x-subscription"]["example"].is_object(), "{}", method.name);
        }
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
        let is_explained = |schema: &Value| schema["description"].as_str().is_some_and(|text| !text.is_empty());
        let document = document();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            assert!(is_explained(schema) || name == "AnyValue", "{name}");
            for (field, schema) in schema["properties"].as_object().into_iter().flatten() {
                assert!(is_explained(schema), "{name}.{field}");
            }
        }
    }
}
