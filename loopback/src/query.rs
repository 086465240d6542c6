//! Parameters of a query.

use crate::{Failure, HttpResult};
use axum::{extract::FromRequestParts, http::request::Parts};
use std::convert::Infallible;

/// The query of a request, such as `a=1&b=2`. Nothing in it is percent-decoded.
#[derive(Clone, Default, Debug)]
pub struct Query(String);

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self(parts.uri.query().unwrap_or_default().into()))
    }
}

impl Query {
    /// The value of the first parameter with this name.
    pub fn value(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// The number that a parameter has.
    ///
    /// # Errors
    ///
    /// When its value is no whole number.
    pub fn number(&self, name: &str) -> HttpResult<Option<u64>> {
        let number = self.value(name).map(str::parse).transpose();
        number.map_err(|_| Failure::bad_request(format!("{name} is not a whole number")))
    }

    /// The comma-separated numbers that a parameter has; empty if it is absent.
    ///
    /// # Errors
    ///
    /// When one of them is no whole number.
    pub fn numbers(&self, name: &str) -> HttpResult<Vec<u64>> {
        let numbers = self.value(name).into_iter().flat_map(|value| value.split(',')).map(str::parse);
        let numbers: Result<_, _> = numbers.collect();
        numbers.map_err(|_| Failure::bad_request(format!("{name} are not whole numbers")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_by_their_whole_name() {
        let query = Query("wait=5&wait_ms=7&flag&empty=&wait=6".into());
        assert_eq!(query.value("wait"), Some("5"));
        assert_eq!(query.value("wait_ms"), Some("7"));
        assert_eq!(query.value("empty"), Some(""));
        for absent in ["flag", "ait", "none", ""] {
            assert_eq!(query.value(absent), None, "{absent}");
        }
        assert_eq!(Query::default().value("wait"), None);
    }

    #[test]
    fn numbers_are_numbers_or_an_error() {
        let query = Query("a=5&list=1,2,3&word=soon&half=1,x&empty=&negative=-1".into());
        assert_eq!(query.number("a"), Ok(Some(5)));
        assert_eq!(query.number("none"), Ok(None));
        assert_eq!(query.numbers("list"), Ok(vec![1, 2, 3]));
        assert_eq!(query.numbers("none"), Ok(vec![]));
        for name in ["word", "empty", "negative", "list"] {
            assert_eq!(query.number(name), Err(Failure::bad_request(format!("{name} is not a whole number"))));
        }
        for name in ["word", "empty", "negative", "half"] {
            assert_eq!(query.numbers(name), Err(Failure::bad_request(format!("{name} are not whole numbers"))));
        }
    }
}
