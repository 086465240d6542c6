//! Kernels: the manifest of a registered OpenCL program.
//!
//! A kernel's id is the hash of its whole manifest, so a kernel never changes.

use crate::{BlobHash, KernelId, blake2};
use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use polkadot_sdk::{sp_core::ConstU32, sp_runtime::BoundedVec};
use scale_info::TypeInfo;

/// Maximum length of a kernel's OpenCL C source, in bytes.
pub const MAX_SOURCE_BYTES: u32 = 64 * 1024;
/// Maximum length of an entry point's name, in bytes.
pub const MAX_ENTRY_BYTES: u32 = 64;
/// Maximum number of parameters of a kernel.
pub const MAX_PARAMS: u32 = 16;
/// Maximum number of work-items in a work-group. Every device can run this many.
pub const MAX_GROUP_ITEMS: u32 = 256;
/// Maximum size of all `__local` parameters together, in bytes. Every device has this much.
pub const MAX_LOCAL_BYTES: u32 = 16 * 1024;
/// Maximum size of one tile, in bytes.
pub const MAX_TILE_BYTES: u32 = 1024 * 1024;

/// One parameter of a kernel, in the order of the OpenCL function's parameters.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(tag = "kind", rename_all = "camelCase"), schemars(rename = "ParamView"))]
pub enum Param {
    /// A value passed by the job: 1, 2, 4 or 8 bytes, little endian.
    Scalar {
        /// Width in bytes.
        bytes: u8,
    },
    /// A read-only `__global` buffer with the bytes of the job's next input blob.
    Input,
    /// The `__global` buffer of the task's tiles. A kernel has exactly one.
    Output,
    /// A `__local` buffer.
    Local {
        /// Size in bytes.
        bytes: u32,
    },
}

/// How a task's output is cut into tiles.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
#[cfg_attr(feature = "json", derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema))]
#[cfg_attr(feature = "json", serde(tag = "kind", rename_all = "camelCase"), schemars(rename = "TilingView"))]
pub enum Tiling {
    /// Every work-group writes its own tile and nothing else (*owner writes*). One tile can
    /// therefore be recomputed alone.
    PerGroup {
        /// Bytes of one tile.
        bytes: u32,
    },
    /// The whole output of the task is one tile (reductions, atomics). An audit repeats the whole
    /// task.
    Whole {
        /// Bytes of a task's output.
        bytes: u32,
    },
}

/// Buffer size that every device can allocate, in bytes: 128 MiB.
const ALWAYS_ALLOCATED: u64 = 128 << 20;

/// The sizes of a job's inputs in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Encode, Decode, TypeInfo)]
pub struct InputBytes {
    /// Sum of the sizes of all inputs. An input that is named twice counts twice.
    pub total: u64,
    /// Size of the largest input.
    pub largest: u64,
}

impl InputBytes {
    /// Return the maximum of both, field by field.
    pub fn max(self, other: Self) -> Self {
        Self { total: self.total.max(other.total), largest: self.largest.max(other.largest) }
    }
}

impl FromIterator<u64> for InputBytes {
    fn from_iter<I: IntoIterator<Item = u64>>(sizes: I) -> Self {
        sizes.into_iter().fold(Self::default(), |sum, size| Self {
            total: sum.total.saturating_add(size),
            largest: sum.largest.max(size),
        })
    }
}

impl Tiling {
    /// Size of one tile in bytes.
    pub fn tile_bytes(&self) -> u32 {
        match self {
            Tiling::PerGroup { bytes } | Tiling::Whole { bytes } => *bytes,
        }
    }

    /// Return the bytes of device memory needed for the smallest part of a task with these inputs.
    ///
    /// The device must have room for all inputs and one tile. It must also be able to allocate the
    /// largest of these as one buffer.
    ///
    /// A device can allocate at least a quarter of its memory as one buffer, and at least 128 MiB
    /// (OpenCL 1.2, section 4.2, `CL_DEVICE_MAX_MEM_ALLOC_SIZE`).
    pub fn least_memory(&self, inputs: &InputBytes) -> u64 {
        let tile = self.tile_bytes().into();
        let buffer = inputs.largest.max(tile);
        let for_buffer = if buffer > ALWAYS_ALLOCATED { buffer.saturating_mul(4) } else { 0 };
        inputs.total.saturating_add(tile).max(for_buffer)
    }

    /// Return the number of tiles of a task of `groups` work-groups.
    pub fn tiles(&self, groups: u32) -> u32 {
        match self {
            Tiling::PerGroup { .. } => groups,
            Tiling::Whole { .. } => 1,
        }
    }

    /// Return the size of the output of a task of `groups` work-groups, in bytes.
    pub fn output_bytes(&self, groups: u32) -> u64 {
        u64::from(self.tiles(groups)).saturating_mul(self.tile_bytes().into())
    }
}

/// A build option that a kernel may ask for. There is no free text: everything that could change a
/// result is fixed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum BuildOption {
    /// `-cl-opt-disable`.
    OptDisable,
    /// `-cl-single-precision-constant`.
    SinglePrecisionConstant,
}

impl BuildOption {
    /// Return the option as the OpenCL compiler takes it.
    pub fn flag(&self) -> &'static str {
        match self {
            BuildOption::OptDisable => "-cl-opt-disable",
            BuildOption::SinglePrecisionConstant => "-cl-single-precision-constant",
        }
    }
}

/// The reproducibility class of a kernel.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub enum KernelClass {
    /// Any OpenCL C. Nothing is known of its reproducibility.
    Raw,
    /// OpenCL C that the checker of the deterministic subset has accepted.
    Deterministic,
}

/// A kernel's manifest: everything that fixes the computation.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct KernelManifest {
    /// The blob with the OpenCL C source.
    pub source: BlobHash,
    /// Name of the `__kernel` function.
    pub entry: BoundedVec<u8, ConstU32<MAX_ENTRY_BYTES>>,
    /// The function's parameters.
    pub params: BoundedVec<Param, ConstU32<MAX_PARAMS>>,
    /// Work-items of a work-group in each dimension.
    pub local_size: [u32; 3],
    /// How the output is cut into tiles.
    pub tiling: Tiling,
    /// Build options.
    pub options: BoundedVec<BuildOption, ConstU32<2>>,
    /// The reproducibility class.
    pub class: KernelClass,
}

/// An error in a manifest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ManifestError {
    /// The entry point is not an OpenCL C identifier.
    InvalidEntry,
    /// A scalar is not 1, 2, 4 or 8 bytes wide.
    InvalidScalarWidth,
    /// The number of output parameters is not one.
    NotOneOutput,
    /// A dimension of the work-group is 0, or it has more than [`MAX_GROUP_ITEMS`] work-items.
    InvalidLocalSize,
    /// A tile is empty or larger than [`MAX_TILE_BYTES`].
    InvalidTileSize,
    /// A `__local` parameter is empty, or all of them together exceed [`MAX_LOCAL_BYTES`].
    InvalidLocalMemory,
    /// A build option is named twice.
    RepeatedOption,
    /// The kernel claims to be deterministic, but the checker of the deterministic subset has not
    /// accepted it.
    NotDeterministic,
}

impl KernelManifest {
    /// Compute the kernel's id: the hash of the encoded manifest.
    pub fn id(&self) -> KernelId {
        blake2(&self.encode())
    }

    /// Return the number of input blobs of a job of this kernel.
    pub fn input_count(&self) -> usize {
        self.params.iter().filter(|p| matches!(p, Param::Input)).count()
    }

    /// Return the widths in bytes of the scalars of a job of this kernel, in order.
    pub fn scalar_widths(&self) -> impl Iterator<Item = u8> + '_ {
        self.params.iter().filter_map(|p| match p {
            Param::Scalar { bytes } => Some(*bytes),
            _ => None,
        })
    }

    /// Check everything that can be checked without the source.
    ///
    /// # Errors
    ///
    /// The first rule of [`ManifestError`] that the manifest breaks.
    pub fn check(&self) -> Result<(), ManifestError> {
        let identifier = self.entry.first().is_some_and(|c| c.is_ascii_alphabetic() || *c == b'_')
            && self.entry.iter().all(|c| c.is_ascii_alphanumeric() || *c == b'_');
        if !identifier {
            return Err(ManifestError::InvalidEntry);
        }
        if !self.scalar_widths().all(|w| matches!(w, 1 | 2 | 4 | 8)) {
            return Err(ManifestError::InvalidScalarWidth);
        }
        if self.params.iter().filter(|p| matches!(p, Param::Output)).count() != 1 {
            return Err(ManifestError::NotOneOutput);
        }
        let items = self.local_size.iter().try_fold(1u32, |items, size| items.checked_mul(*size));
        if !items.is_some_and(|items| (1..=MAX_GROUP_ITEMS).contains(&items)) {
            return Err(ManifestError::InvalidLocalSize);
        }
        if !(1..=MAX_TILE_BYTES).contains(&self.tiling.tile_bytes()) {
            return Err(ManifestError::InvalidTileSize);
        }
        let mut local: u32 = 0;
        for param in &self.params {
            if let Param::Local { bytes } = param {
                local = local.saturating_add(*bytes);
                if *bytes == 0 || local > MAX_LOCAL_BYTES {
                    return Err(ManifestError::InvalidLocalMemory);
                }
            }
        }
        if self
            .options
            .iter()
            .enumerate()
            .any(|(i, option)| self.options.iter().skip(i.saturating_add(1)).any(|o| o == option))
        {
            return Err(ManifestError::RepeatedOption);
        }
        if self.class == KernelClass::Deterministic {
            return Err(ManifestError::NotDeterministic);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn manifest() -> KernelManifest {
        KernelManifest {
            source: BlobHash::zero(),
            entry: b"main_1".to_vec().try_into().unwrap(),
            params: vec![Param::Input, Param::Output, Param::Scalar { bytes: 4 }].try_into().unwrap(),
            local_size: [16, 16, 1],
            tiling: Tiling::PerGroup { bytes: 1024 },
            options: Default::default(),
            class: KernelClass::Raw,
        }
    }

    #[test]
    fn a_plain_manifest_passes() {
        assert_eq!(manifest().check(), Ok(()));
    }

    #[test]
    fn a_device_must_hold_all_inputs_and_allocate_the_largest() {
        let tiling = Tiling::PerGroup { bytes: 64 };
        let least = |sizes: &[u64]| tiling.least_memory(&sizes.iter().copied().collect());
        const MIB: u64 = 1 << 20;
        assert_eq!(least(&[]), 64);
        assert_eq!(least(&[1_000, 1_000]), 2_064);
        assert_eq!(least(&[128 * MIB]), 128 * MIB + 64, "every device has such a buffer");
        assert_eq!(least(&[128 * MIB + 1]), 4 * (128 * MIB + 1), "a quarter of the memory is one for certain");
        assert_eq!(least(&[200 * MIB; 8]), 1_600 * MIB + 64);
        assert_eq!(least(&[u64::MAX, 1]), u64::MAX);
        let whole = Tiling::Whole { bytes: 1 << 30 };
        assert_eq!(whole.least_memory(&InputBytes::default()), 4 << 30, "a tile is a buffer too");
    }

    #[test]
    fn the_id_covers_every_field() {
        let mut other = manifest();
        other.local_size = [256, 1, 1];
        assert_ne!(manifest().id(), other.id());
    }

    #[test]
    fn each_broken_rule_is_named() {
        let broken = |change: fn(&mut KernelManifest)| {
            let mut m = manifest();
            change(&mut m);
            m.check().unwrap_err()
        };
        assert_eq!(broken(|m| m.entry = Default::default()), ManifestError::InvalidEntry);
        assert_eq!(broken(|m| m.entry = b"1a".to_vec().try_into().unwrap()), ManifestError::InvalidEntry);
        assert_eq!(broken(|m| m.entry = b"a-b".to_vec().try_into().unwrap()), ManifestError::InvalidEntry);
        assert_eq!(broken(|m| m.params[2] = Param::Scalar { bytes: 3 }), ManifestError::InvalidScalarWidth);
        assert_eq!(broken(|m| m.params[1] = Param::Input), ManifestError::NotOneOutput);
        assert_eq!(broken(|m| m.params[0] = Param::Output), ManifestError::NotOneOutput);
        assert_eq!(broken(|m| m.local_size = [0, 1, 1]), ManifestError::InvalidLocalSize);
        assert_eq!(broken(|m| m.local_size = [257, 1, 1]), ManifestError::InvalidLocalSize);
        assert_eq!(broken(|m| m.local_size = [u32::MAX, u32::MAX, 2]), ManifestError::InvalidLocalSize);
        assert_eq!(broken(|m| m.tiling = Tiling::PerGroup { bytes: 0 }), ManifestError::InvalidTileSize);
        assert_eq!(broken(|m| m.tiling = Tiling::Whole { bytes: MAX_TILE_BYTES + 1 }), ManifestError::InvalidTileSize);
        assert_eq!(broken(|m| m.params[0] = Param::Local { bytes: 0 }), ManifestError::InvalidLocalMemory);
        assert_eq!(broken(|m| m.params[0] = Param::Local { bytes: u32::MAX }), ManifestError::InvalidLocalMemory);
        assert_eq!(
            broken(|m| m.options = vec![BuildOption::OptDisable; 2].try_into().unwrap()),
            ManifestError::RepeatedOption
        );
        assert_eq!(broken(|m| m.class = KernelClass::Deterministic), ManifestError::NotDeterministic);
    }
}
