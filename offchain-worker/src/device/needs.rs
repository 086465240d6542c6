//! The device memory that a run needs, and whether a device has it.

use super::{MAX_LAUNCH_BYTES, entry::DeviceEntry};
use dpin_primitives::{executor::RunRequest, kernel::Param};

/// The memory of a device that a run needs, in bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Needs {
    /// All inputs whose sizes are known, in bytes.
    inputs: u64,
    /// The largest of these inputs, in bytes.
    largest: u64,
    /// One tile, in bytes.
    tile: u64,
    /// Local memory of a work-group, in bytes.
    local: u64,
    /// All tiles of the work, in bytes.
    output: u64,
}

impl Needs {
    /// The needs of `request`. `input_bytes` are the sizes of its inputs, if known.
    pub(crate) fn of(request: &RunRequest, input_bytes: impl Iterator<Item = Option<u64>>) -> Self {
        let local = request.kernel.params.iter().map(|param| match param {
            Param::Local { bytes } => u64::from(*bytes),
            _ => 0,
        });
        let (mut inputs, mut largest) = (0u64, 0);
        for bytes in input_bytes.flatten() {
            inputs = inputs.saturating_add(bytes);
            largest = bytes.max(largest);
        }
        let tile = request.kernel.tiling.tile_bytes().into();
        let output = request.output_bytes();
        Self { inputs, largest, tile, local: local.fold(0, u64::saturating_add), output }
    }

    /// Device memory to reserve for a run, in bytes: inputs, and two batches of output in flight.
    /// At most `memory`, the device's bytes for runs.
    pub(crate) fn reserved(&self, memory: u64) -> u64 {
        let output = self.output.saturating_mul(2).min(MAX_LAUNCH_BYTES).max(self.tile);
        self.inputs.saturating_add(output).min(memory)
    }

    /// Why the run does not fit a device, if it does not.
    pub(crate) fn misfit(&self, entry: &DeviceEntry) -> Option<Misfit> {
        let Self { inputs, largest, tile, local, .. } = self;
        let (bytes, total, taken) = (inputs.saturating_add(*tile), entry.total_memory, entry.device.memory);
        let what = || format!("inputs of {inputs} bytes and a tile of {tile}");
        if bytes > total {
            return Some(Misfit { of_the_device: true, why: format!("{} exceed the device's {total}", what()) });
        }
        let most = entry.max_buffer;
        if largest.max(tile) > &most {
            let why = format!("a buffer of {} bytes exceeds the device's largest of {most}", largest.max(tile));
            return Some(Misfit { of_the_device: true, why });
        }
        let most = entry.local_memory;
        if local > &most {
            let why = format!("{local} bytes of local memory exceed the device's {most}");
            return Some(Misfit { of_the_device: true, why });
        }
        (bytes > taken).then(|| Misfit {
            of_the_device: false,
            why: format!("{} exceed the {taken} bytes that this executor leaves to runs", what()),
        })
    }
}

/// Why a run does not fit a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Misfit {
    /// Whether the device itself is too small for the run. Otherwise its memory for runs is too
    /// small, which is a limit of this executor.
    pub of_the_device: bool,
    /// The sizes and the limit.
    pub why: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::entry::tests::entry;
    use dpin_primitives::worker::DeviceClass;

    #[test]
    fn what_does_not_fit_is_told_with_its_numbers() {
        let mut device = entry(DeviceClass::Gpu, "g", 0);
        (device.total_memory, device.device.memory, device.max_buffer, device.local_memory) = (1200, 1000, 500, 100);
        let needs = |inputs, largest, tile, local| Needs { inputs, largest, tile, local, output: tile };
        assert_eq!(needs(900, 500, 100, 100).misfit(&device), None);
        for (needs, number, of_the_device) in [
            (needs(901, 500, 100, 0), "901", false),
            (needs(1100, 500, 100, 0), "1000", false),
            (needs(1101, 500, 100, 0), "1101", true),
            (needs(900, 501, 100, 0), "501", true),
            (needs(0, 0, 501, 0), "501", true),
            (needs(0, 0, 1, 101), "101", true),
            (needs(u64::MAX, u64::MAX, 1, 0), "18446744073709551615", true),
        ] {
            let misfit = needs.misfit(&device).unwrap_or_else(|| panic!("{needs:?}"));
            assert!(misfit.why.contains(number) && misfit.of_the_device == of_the_device, "{misfit:?}");
        }
    }

    #[test]
    fn a_run_reserves_its_inputs_and_its_output_on_the_way() {
        let needs = |inputs, tile, output| Needs { inputs, largest: 0, tile, local: 0, output };
        assert_eq!(needs(1000, 8, 80).reserved(u64::MAX), 1160);
        assert_eq!(needs(1000, 8, MAX_LAUNCH_BYTES).reserved(u64::MAX), 1000 + MAX_LAUNCH_BYTES);
        let large = MAX_LAUNCH_BYTES + 1;
        assert_eq!(needs(1000, large, large).reserved(u64::MAX), 1000 + large);
        assert_eq!(needs(1000, 8, 80).reserved(1010), 1010, "a small device is its own");
    }
}
