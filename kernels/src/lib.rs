//! Ready-made kernels: OpenCL C sources with their manifests, and CPU references that OpenCL must
//! match bit for bit.
//!
//! Every kernel has a directory with its source (`<name>.cl`) and its description (`kernel.toml`).
//! The module of the same name in this crate builds jobs for it, computes their output on the CPU,
//! and decodes the output's tiles.
//!
//! ```
//! use dpin_kernels::mandelbrot::View;
//!
//! let view = View::whole_set(64, 64, 100);
//! let job = view.job()?;
//! assert_eq!(job.groups(), 16);
//! let output = job.reference(0..job.groups());
//! let counts = view.assemble(&output)?;
//! assert_eq!(counts.len(), 64 * 64);
//! # Ok::<(), dpin_kernels::JobError>(())
//! ```

pub mod conformance;
pub mod description;
pub mod mandelbrot;
pub mod matmul_int8;
pub mod mlp_digits;
pub mod throughput;

mod job;

pub use description::{DescriptionError, manifest_of};
pub use job::{Job, JobError};

use dpin_primitives::kernel::KernelManifest;

/// A kernel that comes with this crate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ReadyKernel {
    /// Its name, which is also the name of its entry point.
    pub name: &'static str,
    /// Its OpenCL C source.
    pub source: &'static str,
    /// Its description: the text of its `kernel.toml`.
    pub description: &'static str,
}

impl ReadyKernel {
    /// Its manifest, which names the blob with [`source`](Self::source).
    ///
    /// # Errors
    ///
    /// [`DescriptionError`], never for the kernels of this crate.
    pub fn manifest(&self) -> Result<KernelManifest, DescriptionError> {
        manifest_of(self.description, self.source.as_bytes())
    }
}

/// All kernels of this crate.
pub fn all() -> Vec<ReadyKernel> {
    vec![mandelbrot::KERNEL, matmul_int8::KERNEL, mlp_digits::KERNEL, conformance::KERNEL, throughput::KERNEL]
}

/// The kernel named `name`, if this crate has it.
pub fn by_name(name: &str) -> Option<ReadyKernel> {
    all().into_iter().find(|kernel| kernel.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_manifest_passes_its_check() {
        for kernel in all() {
            let manifest = kernel.manifest().unwrap();
            assert_eq!(manifest.check(), Ok(()), "{}", kernel.name);
            assert_eq!(manifest.source, dpin_primitives::blake2(kernel.source.as_bytes()));
            assert_eq!(manifest.entry.as_slice(), kernel.name.as_bytes());
        }
    }

    #[test]
    fn every_source_defines_its_entry_point() {
        for kernel in all() {
            assert!(kernel.source.contains(&format!("__kernel void {}(", kernel.name)), "{}", kernel.name);
        }
    }

    #[test]
    fn kernels_have_distinct_ids_and_are_found_by_name() {
        let ids: BTreeSet<_> = all().iter().map(|kernel| kernel.manifest().unwrap().id()).collect();
        assert_eq!(ids.len(), all().len());
        for kernel in all() {
            assert_eq!(by_name(kernel.name), Some(kernel));
        }
        assert_eq!(by_name("mandel"), None);
    }
}
