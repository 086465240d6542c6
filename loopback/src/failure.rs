//! Errors as responses.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode},
    response::{AppendHeaders, IntoResponse, Response},
};

/// The result of a request: a response, or an error.
pub type HttpResult<T> = Result<T, Failure>;

/// An error response: a status code and one line of text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Failure {
    status: StatusCode,
    text: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Failure {
    /// An error with a status and a text. Control characters of the text become spaces.
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), headers: Vec::new() }
    }

    /// An error of the client.
    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// The error of a request whose work panicked.
    pub fn panicked(program: &str) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("the {program} panicked"))
    }

    /// Add a header.
    pub fn with(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let line: String = self.text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        (self.status, AppendHeaders(self.headers), line + "\n").into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::to_bytes, http::header};

    #[tokio::test]
    async fn an_error_is_a_status_headers_and_one_line() {
        let failure = Failure::bad_request("a\nb\x1bc").with(header::RETRY_AFTER, HeaderValue::from_static("3"));
        let response = failure.into_response();
        assert_eq!(response.status(), StatusCode::BAD_REQUEST);
        assert_eq!(response.headers()[header::RETRY_AFTER], "3");
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/plain; charset=utf-8");
        assert_eq!(to_bytes(response.into_body(), 100).await.unwrap(), "a b c\n");
    }

    #[test]
    fn a_panic_is_an_error_of_the_server() {
        let failure = Failure::panicked("node");
        assert_eq!((failure.status.as_u16(), failure.text.as_str()), (500, "the node panicked"));
    }
}
