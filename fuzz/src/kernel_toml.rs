//! The description of a kernel, `kernel.toml`.

use codec::{DecodeAll, Encode, MaxEncodedLen};
use dpin_kernels::manifest_of;
use dpin_primitives::kernel::KernelManifest;

/// The source of each kernel. Its text does not matter here.
const SOURCE: &[u8] = b"__kernel void f(__global uint *out) {}";

/// Read `data` as a description. The manifest, if there is one, passes its check and fits into the
/// chain's state.
pub(crate) fn description(data: &[u8]) {
    let Ok(text) = core::str::from_utf8(data) else { return };
    let manifest = match manifest_of(text, SOURCE) {
        Ok(manifest) => manifest,
        Err(error) => {
            assert!(!error.to_string().is_empty(), "an error without a text: {error:?}");
            return;
        }
    };
    assert_eq!(manifest.check(), Ok(()), "{manifest:?}");
    let encoded = manifest.encode();
    assert!(encoded.len() <= KernelManifest::max_encoded_len(), "a manifest of {} bytes", encoded.len());
    let again = KernelManifest::decode_all(&mut encoded.as_slice()).expect("an encoded manifest decodes");
    assert_eq!(again, manifest, "a manifest is changed by its encoding");
    assert_eq!(manifest_of(text, SOURCE).ok(), Some(manifest), "one description gives two manifests");
}
