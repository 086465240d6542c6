//! The `Range` header of a download.

use axum::http::{HeaderMap, HeaderValue, header::RANGE};
use dpin_loopback::Part;

fn requested(range: &[u8], len: u64) -> Option<Result<Part, dpin_loopback::range::Beyond>> {
    let mut headers = HeaderMap::new();
    headers.insert(RANGE, HeaderValue::from_bytes(range).ok()?);
    Some(Part::requested(&headers, len))
}

/// Read the first 8 bytes as the length of a blob, and the others as the header. The part lies
/// within the blob, and the same part is sent for a header that names it plainly.
pub(crate) fn header(data: &[u8]) {
    let Some((len, text)) = data.split_first_chunk() else { return };
    let len = u64::from_le_bytes(*len);
    let Some(Ok(part)) = requested(text, len) else { return };
    let range = part.range();
    assert!(range.start <= range.end && range.end <= len, "{range:?} of {len} bytes");
    let whole = Part::requested(&HeaderMap::new(), len).expect("no header asks for the whole");
    if part == whole {
        return;
    }
    assert!(!range.is_empty(), "an empty range of {len} bytes is no error");
    let plain = format!("bytes={}-{}", range.start, range.end - 1);
    assert_eq!(requested(plain.as_bytes(), len), Some(Ok(part)), "{plain} of {len} bytes");
}
