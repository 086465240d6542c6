//! The byte range of a download.

use crate::Failure;
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use std::ops::Range;

/// The part of some bytes that a request asks for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    range: Range<u64>,
    len: u64,
    /// Whether the request asked for a range.
    is_range: bool,
}

/// The request asks for a range that contains none of the `len` bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Beyond {
    len: u64,
}

impl Part {
    /// The part of `len` bytes that the headers of a request ask for.
    ///
    /// It is the whole if there is no `Range` header, or one that is not a single range of bytes.
    /// HTTP allows to ignore such a header.
    ///
    /// # Errors
    ///
    /// When no byte is in the range.
    pub fn requested(headers: &HeaderMap, len: u64) -> Result<Self, Beyond> {
        match headers.get(header::RANGE).and_then(|value| parse(value.to_str().ok()?, len)) {
            None => Ok(Self { range: 0..len, len, is_range: false }),
            Some(range) if range.is_empty() => Err(Beyond { len }),
            Some(range) => Ok(Self { range, len, is_range: true }),
        }
    }

    /// The bytes to send.
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// The response with these bytes.
    pub fn response(self, bytes: Body) -> Response {
        let Range { start, end } = self.range;
        let mut response = Response::new(bytes);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
        headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        headers.insert(header::CONTENT_LENGTH, end.saturating_sub(start).into());
        if self.is_range {
            let range = format!("{start}-{}", end.saturating_sub(1));
            headers.insert(header::CONTENT_RANGE, content_range(&range, self.len));
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
        }
        response
    }
}

impl Beyond {
    /// The error response, with this text.
    pub fn failure(self, text: impl Into<String>) -> Failure {
        let failure = Failure::new(StatusCode::RANGE_NOT_SATISFIABLE, text);
        failure.with(header::CONTENT_RANGE, content_range("*", self.len))
    }
}

fn content_range(range: &str, len: u64) -> HeaderValue {
    // Digits and `*` are valid in a header.
    HeaderValue::try_from(format!("bytes {range}/{len}")).unwrap_or(HeaderValue::from_static(""))
}

/// Parse a `Range` header for `len` bytes. Returns `None` if it is not a single range of bytes, and
/// an empty range if it lies beyond the bytes.
fn parse(text: &str, len: u64) -> Option<Range<u64>> {
    let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    Some(match (first, last) {
        ("", last) => len.saturating_sub(digits(last)?)..len,
        (first, "") => digits(first)?..len,
        (first, last) => {
            let (first, last) = (digits(first)?, digits(last)?);
            if first > last {
                return None;
            }
            first..last.saturating_add(1).min(len)
        }
    })
}

/// Parse a number of digits only: [`u64::from_str`](std::str::FromStr) accepts a sign.
fn digits(text: &str) -> Option<u64> {
    text.bytes().all(|digit| digit.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::response::IntoResponse;

    fn requested(range: &str, len: u64) -> Result<Part, Beyond> {
        Part::requested(&HeaderMap::from_iter([(header::RANGE, range.parse().unwrap())]), len)
    }

    #[test]
    fn ranges_are_read_as_http_means_them() {
        for (text, len, range) in [
            ("bytes=0-0", 10, 0..1),
            ("bytes=2-5", 10, 2..6),
            ("bytes=3-", 10, 3..10),
            ("bytes=3-99", 10, 3..10),
            ("bytes=-3", 10, 7..10),
            ("bytes=-30", 10, 0..10),
            (" bytes=2-5 ", 10, 2..6),
            ("bytes=5-18446744073709551615", 10, 5..10),
            ("bytes=4294967295-", 1 << 32, 4294967295..4294967296),
        ] {
            assert_eq!(requested(text, len), Ok(Part { range, len, is_range: true }), "{text}");
        }
    }

    #[test]
    fn a_range_beyond_the_end_is_refused() {
        for beyond in ["bytes=10-", "bytes=11-", "bytes=10-12", "bytes=12-13", "bytes=-0"] {
            assert_eq!(requested(beyond, 10), Err(Beyond { len: 10 }), "{beyond}");
        }
        for beyond in ["bytes=0-", "bytes=-1", "bytes=0-0"] {
            assert_eq!(requested(beyond, 0), Err(Beyond { len: 0 }), "{beyond}");
        }
    }

    #[test]
    fn a_header_that_is_not_one_range_of_bytes_is_ignored() {
        let whole = |len| Ok(Part { range: 0..len, len, is_range: false });
        for ignored in [
            "",
            "bytes",
            "bytes=",
            "bytes=-",
            "bytes=5-2",
            "bytes=a-",
            "bytes=a-b",
            "bytes=0-1,3-4",
            "bytes=+1-2",
            "bytes=1-+2",
            "bytes=-+2",
            "bytes=1 - 2",
            "bytes=18446744073709551616-",
            "lines=1-2",
            "Bytes=1-2",
        ] {
            assert_eq!(requested(ignored, 10), whole(10), "{ignored}");
        }
        assert_eq!(Part::requested(&HeaderMap::new(), 0), whole(0));
        let garbled = HeaderMap::from_iter([(header::RANGE, HeaderValue::from_bytes(b"bytes=\xff-2").unwrap())]);
        assert_eq!(Part::requested(&garbled, 10), whole(10));
    }

    #[test]
    fn a_response_tells_which_bytes_it_has() {
        let part = requested("bytes=2-5", 10).unwrap();
        assert_eq!(part.range(), 2..6);
        let partial = part.response(Body::empty());
        assert_eq!(partial.status(), StatusCode::PARTIAL_CONTENT);
        assert_eq!(partial.headers()[header::CONTENT_RANGE], "bytes 2-5/10");
        assert_eq!(partial.headers()[header::CONTENT_LENGTH], "4");
        let whole = Part::requested(&HeaderMap::new(), 10).unwrap().response(Body::empty());
        assert_eq!(whole.status(), StatusCode::OK);
        assert_eq!(whole.headers().get(header::CONTENT_RANGE), None);
        assert_eq!(whole.headers()[header::CONTENT_LENGTH], "10");
        assert_eq!(whole.headers()[header::ACCEPT_RANGES], "bytes");
        assert_eq!(whole.headers()[header::CONTENT_TYPE], "application/octet-stream");
        let refused = requested("bytes=10-", 10).unwrap_err().failure("too far").into_response();
        assert_eq!(refused.status(), StatusCode::RANGE_NOT_SATISFIABLE);
        assert_eq!(refused.headers()[header::CONTENT_RANGE], "bytes */10");
    }
}
