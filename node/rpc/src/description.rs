//! Descriptions of methods and types, as the declarations in `api.rs` give them.

use crate::schema::Described;
use schemars::{
    Schema,
    generate::{SchemaGenerator, SchemaSettings},
};
use serde_json::{Map, Value};

/// A type of a parameter or an answer.
pub(crate) struct Type {
    pub(crate) schema: Schema,
    /// Decodes a value as this type, and encodes it again.
    #[cfg(test)]
    pub(crate) reads: fn(&Value) -> serde_json::Result<Value>,
}

/// A parameter of a method.
pub(crate) struct Param {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) of: Type,
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
    pub(crate) fn example(&self) -> (Vec<Value>, Value) {
        let mut example: Value = serde_json::from_str(self.example).unwrap_or_default();
        let params = self.params.iter().map(|param| example["params"][param.name].take()).collect();
        (params, example["result"].take())
    }
}

/// The methods of a namespace.
pub(crate) struct Namespace {
    pub(crate) name: &'static str,
    pub(crate) about: String,
    pub(crate) methods: Vec<Method>,
}

/// The descriptions of all declared methods and types.
pub(crate) struct Description {
    generator: SchemaGenerator,
    pub(crate) namespaces: Vec<Namespace>,
}

impl Description {
    /// Creates a description of nothing.
    pub(crate) fn new() -> Self {
        let settings = SchemaSettings::draft07().for_serialize().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self { generator: settings.into_generator(), namespaces: Vec::new() }
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

    /// Returns all methods, in the order of their declaration.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.namespaces.iter().flat_map(|namespace| &namespace.methods)
    }

    /// Returns the schemas of all types that methods name. Later calls return nothing.
    pub(crate) fn take_schemas(&mut self) -> Map<String, Value> {
        self.generator.take_definitions(true)
    }
}

/// Joins lines of documentation to one text.
pub(crate) fn text(lines: &[&str]) -> String {
    let lines: Vec<&str> = lines.iter().map(|line| line.strip_prefix(' ').unwrap_or(line)).collect();
    lines.join("\n")
}
