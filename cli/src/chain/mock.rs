//! A mock connection for tests.

use futures::{StreamExt, future, stream};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use subxt::rpcs::{
    Error, UserError,
    client::{RawRpcFuture, RawRpcSubscription, RawValue, RpcClientT},
};

/// Computes a mock node's answer from the method and its parameters.
type Answer = dyn Fn(&str, &Value) -> Result<Value, Error> + Send + Sync;

/// Computes the items that a mock node sends to a subscription before it ends.
type Items = dyn Fn(&str, &Value) -> Result<Vec<Result<Value, Error>>, Error> + Send + Sync;

/// A mock node that gives the answers of a test, and records the requests.
pub(crate) struct Mock {
    answer: Box<Answer>,
    items: Box<Items>,
    hangs: Option<&'static str>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Mock {
    /// A node with these answers and without subscriptions.
    pub(crate) fn new(answer: impl Fn(&str, &Value) -> Result<Value, Error> + Send + Sync + 'static) -> Self {
        Self { answer: Box::new(answer), items: Box::new(|_, _| Err(unknown())), hangs: None, asked: Arc::default() }
    }

    /// Add items of subscriptions.
    pub(crate) fn sending(
        self,
        items: impl Fn(&str, &Value) -> Result<Vec<Result<Value, Error>>, Error> + Send + Sync + 'static,
    ) -> Self {
        Self { items: Box::new(items), ..self }
    }

    /// Never answer this method.
    pub(crate) fn hanging(self, method: &'static str) -> Self {
        Self { hangs: Some(method), ..self }
    }

    /// The methods that were requested.
    pub(crate) fn asked(&self) -> Arc<Mutex<Vec<String>>> {
        self.asked.clone()
    }

    fn note(&self, method: &str, params: Option<Box<RawValue>>) -> Value {
        self.asked.lock().unwrap().push(method.to_string());
        params.map_or_else(|| json!([]), |params| serde_json::from_str(params.get()).unwrap())
    }
}

impl RpcClientT for Mock {
    fn request_raw<'a>(&'a self, method: &'a str, params: Option<Box<RawValue>>) -> RawRpcFuture<'a, Box<RawValue>> {
        let params = self.note(method, params);
        if self.hangs == Some(method) {
            return Box::pin(future::pending());
        }
        Box::pin(async move {
            // As over a network, other tasks run between request and answer.
            tokio::task::yield_now().await;
            (self.answer)(method, &params).map(|answer| raw(&answer))
        })
    }

    fn subscribe_raw<'a>(
        &'a self,
        sub: &'a str,
        params: Option<Box<RawValue>>,
        _: &'a str,
    ) -> RawRpcFuture<'a, RawRpcSubscription> {
        let params = self.note(sub, params);
        Box::pin(async move {
            tokio::task::yield_now().await;
            let items = (self.items)(sub, &params)?;
            let stream = stream::iter(items).map(|item| item.map(|item| raw(&item))).boxed();
            Ok(RawRpcSubscription { stream, id: None })
        })
    }
}

fn raw(value: &Value) -> Box<RawValue> {
    RawValue::from_string(value.to_string()).unwrap()
}

/// The error of a broken connection.
pub(crate) fn broken() -> Error {
    Error::Client("the background task has closed".into())
}

/// The error of a node that lacks the method.
pub(crate) fn unknown() -> Error {
    Error::User(UserError::method_not_found())
}

/// An error that the node returns.
pub(crate) fn refusal(code: i32, message: &str, data: Option<&str>) -> Error {
    let data = data.map(|data| RawValue::from_string(json!(data).to_string()).unwrap());
    Error::User(UserError { code, message: message.into(), data })
}
