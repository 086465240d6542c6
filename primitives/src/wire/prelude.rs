//! The prelude: OpenCL C put in front of every kernel, so that the kernel does not see how a job is
//! split.
//!
//! A task is a contiguous range of the job's work-groups in row-major order (x fastest). The
//! executor launches it as `[groups · local_size.x, local_size.y, local_size.z]` work-items. The
//! global offset is `[first · local_size.x, 0, 0]`. The prelude turns the device's ids into those
//! of the job.
//!
//! The program therefore depends only on the job's grid. The same binary runs any task and any
//! sample of the job, and an audit needs no new build.
//!
//! The output buffer holds only the tiles of the launch. `dpin_tile()` is the position of the
//! work-group's tile in it. A kernel finds *what* to compute with `get_global_id` and
//! `get_group_id`, and *where* to write with `dpin_tile`.

use crate::kernel::KernelManifest;
use alloc::{format, string::String};

/// Version of the prelude and of the build options. It is a part of every
/// [`Program`](crate::content::Program), and rises whenever a result could change with them.
pub const PRELUDE_VERSION: u32 = 1;

/// Build options of every program on every device. An option that lets a compiler change results is
/// never added.
pub const BUILD_OPTIONS: &str = "-cl-std=CL1.2";

/// Additional option for devices that can round single-precision division and square root
/// correctly.
///
/// With the option they must do so. Without it they may be off by 2.5 and 3 ulp (OpenCL 1.2,
/// §5.6.4.2 and §7.4). Other devices do not know the option and would refuse to build.
pub const ROUNDED_DIVISION_OPTION: &str = "-cl-fp32-correctly-rounded-divide-sqrt";

/// Return the build options of a kernel: [`BUILD_OPTIONS`] and those of its manifest.
pub fn build_options(manifest: &KernelManifest) -> String {
    manifest.options.iter().fold(String::from(BUILD_OPTIONS), |all, option| all + " " + option.flag())
}

/// Return the prelude for a job with `groups` work-groups of `local` work-items in each dimension.
pub fn prelude(groups: [u32; 3], local: [u32; 3]) -> String {
    let [gx, gy, gz] = groups;
    let [lx, ly, lz] = local;
    format!(
        r#"#pragma OPENCL FP_CONTRACT OFF
#define DPIN 1
ulong dpin_linear_group(void) {{ return (ulong)get_global_id(0) / {lx}ul; }}
size_t dpin_tile(void) {{ return get_group_id(0); }}
size_t dpin_group_id(uint d) {{
    ulong g = dpin_linear_group();
    return d == 0 ? (size_t)(g % {gx}ul) : d == 1 ? (size_t)(g / {gx}ul % {gy}ul) : d == 2 ? (size_t)(g / {gx}ul / {gy}ul) : 0;
}}
size_t dpin_num_groups(uint d) {{ return d == 0 ? {gx} : d == 1 ? {gy} : d == 2 ? {gz} : 1; }}
size_t dpin_local_size(uint d) {{ return d == 0 ? {lx} : d == 1 ? {ly} : d == 2 ? {lz} : 1; }}
size_t dpin_global_id(uint d) {{ return dpin_group_id(d) * dpin_local_size(d) + get_local_id(d); }}
size_t dpin_global_size(uint d) {{ return dpin_num_groups(d) * dpin_local_size(d); }}
#define get_group_id(d) dpin_group_id(d)
#define get_num_groups(d) dpin_num_groups(d)
#define get_local_size(d) dpin_local_size(d)
#define get_global_id(d) dpin_global_id(d)
#define get_global_size(d) dpin_global_size(d)
#define get_global_offset(d) ((size_t)0)
#define get_work_dim() 3u
#line 1
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prelude_depends_on_the_grid_alone() {
        let text = prelude([128, 64, 1], [16, 8, 1]);
        assert!(text.contains("#pragma OPENCL FP_CONTRACT OFF"));
        assert!(text.contains("g % 128ul") && text.contains("% 64ul") && text.contains("/ 16ul"));
        assert_eq!(text, prelude([128, 64, 1], [16, 8, 1]));
    }

    #[test]
    fn no_option_may_relax_the_arithmetic() {
        for forbidden in ["mad-enable", "unsafe-math", "fast-relaxed", "finite-math", "denorms"] {
            assert!(!BUILD_OPTIONS.contains(forbidden));
        }
    }
}
