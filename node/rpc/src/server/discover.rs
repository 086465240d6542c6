//! `rpc_discover`.

use crate::{Error, RpcApiServer, openrpc::document};
use serde_json::Value;

/// Answers `rpc_discover`.
pub struct Discover {
    document: Value,
}

impl Discover {
    /// Creates the document, once for all calls.
    pub fn new() -> Self {
        Self { document: document() }
    }
}

impl Default for Discover {
    fn default() -> Self {
        Self::new()
    }
}

impl RpcApiServer for Discover {
    fn discover(&self) -> Result<Value, Error> {
        Ok(self.document.clone())
    }
}
