//! Checks the rules of tiles: a kernel writes only its own tile. The tile depends neither on the
//! earlier content of the output nor on its place in the launch.
//!
//! A few work-groups run again, alone and together, with another fill of the output, and their
//! tiles are compared. Bytes that the kernel does not write are zero by rule; here they show the
//! fill. Any other difference means that the kernel read the earlier content of the output. Every
//! task and sample of a job checks the same work-groups, so that a worker and those who check it
//! agree.

use crate::{
    device::{Device, Launch, Probe, Probed, fault::ChildFault},
    process::wire::{Finding, Rule},
};
use dpin_primitives::{
    executor::RunRequest,
    kernel::{Param, Tiling},
};
use std::{io, time::Duration};

/// Fill of the output for the test whether it is read. As a number of any type it is large, so that
/// a small number added to it is not lost in rounding.
const FILL: u8 = 0x7e;
/// The two fills of the bytes behind outputs.
const GUARDS: [u8; 2] = [0xa5, 0x5a];
/// Least number of bytes behind an output.
const GUARD_BYTES: usize = 64 * 1024;
/// Work-groups that are launched together: one with a neighbour on either side.
const TOGETHER: u64 = 3;
/// Most tiles that a check computes.
const TILES: u32 = 9;
/// Most bytes of a check's buffers, even if a run leaves fewer for outputs.
const MOST_BYTES: u64 = 32 * 1024 * 1024;
/// Longest time a check may take after a run: this time, or one part in `SHARE` of the run's time
/// if that is longer.
const SHORT: Duration = Duration::from_millis(100);
const SHARE: u32 = 16;

/// Whether a check is short compared with a run that took `run`, and fits into a quarter of the
/// time that is `left` of its limit. `groups` work-groups took `batch`.
pub(super) fn is_short(run: Duration, left: Duration, batch: Duration, groups: u32) -> bool {
    let expected = batch.saturating_mul(TILES.div_ceil(groups.max(1)));
    expected <= SHORT.max(run / SHARE) && expected <= left / 4
}

/// The rules that the loaded program of `request` is seen to break. `source` reads its source.
/// Returns none if the check's buffers need more than `room` bytes, or if the device has no room
/// for them.
pub(super) fn find(
    device: &mut dyn Device,
    request: &RunRequest,
    room: u64,
    source: impl FnOnce() -> io::Result<Vec<u8>>,
) -> Result<Vec<Finding>, ChildFault> {
    // A run reserves only as much as its own buffers take, but a check's buffers are few and small.
    let room = room.max(MOST_BYTES);
    let all = request.groups.iter().map(|groups| u64::from(*groups)).fold(1, u64::saturating_mul);
    let broken = match request.kernel.tiling {
        Tiling::PerGroup { bytes } => tiles(device, all, bytes as usize, room)?,
        // The work-groups share the tile, and may read the sums of other work-groups there.
        Tiling::Whole { bytes } => whole(device, all, bytes as usize, room)?,
    };
    if broken.is_empty() {
        return Ok(Vec::new());
    }
    let output = request.kernel.params.iter().position(|param| *param == Param::Output).unwrap_or_default();
    let name = name_of(&source()?, &request.kernel.entry, output);
    let parameter = name.clone().unwrap_or_else(|| output.to_string());
    let output = name.map_or_else(|| format!("output, parameter {output}"), |name| format!("output `{name}`"));
    let finding = |(rule, what): (Rule, String)| Finding {
        rule,
        message: what.replace("{output}", &output),
        parameter: parameter.clone(),
    };
    Ok(broken.into_iter().map(finding).collect())
}

/// The name of the parameter at `position` of the function `entry`, if it can be found without a
/// compiler. Used in messages only.
fn name_of(source: &[u8], entry: &[u8], position: usize) -> Option<String> {
    let source = without_comments(&String::from_utf8_lossy(source));
    let entry = std::str::from_utf8(entry).ok()?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut places = source.match_indices(entry).filter_map(|(place, _)| {
        let before = source.get(..place)?.chars().next_back();
        let after = source.get(place.checked_add(entry.len())?..)?.trim_start();
        after.strip_prefix('(').filter(|_| !before.is_some_and(is_name))
    });
    let (mut depth, mut list) = (0u32, vec![String::new()]);
    for c in places.next()?.chars() {
        match c {
            '(' | '[' => depth = depth.saturating_add(1),
            ')' if depth == 0 => break,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => list.push(String::new()),
            c if depth == 0 => list.last_mut()?.push(c),
            _ => (),
        }
    }
    let mut words = list.get(position)?.split(|c: char| !is_name(c));
    words.rfind(|word| !word.is_empty()).map(str::to_owned)
}

fn without_comments(source: &str) -> String {
    let mut kept = String::new();
    let mut rest = source;
    while let Some((before, after)) = rest.split_once('/') {
        kept.push_str(before);
        rest = match after.chars().next() {
            Some('/') => after.find('\n').and_then(|end| after.get(end..)).unwrap_or_default(),
            Some('*') => after.split_once("*/").map_or("", |(_, after)| after),
            _ => {
                kept.push('/');
                after
            }
        };
    }
    kept + rest
}

/// Broken rules, each with a description.
type Broken = Vec<(Rule, String)>;

fn tiles(device: &mut dyn Device, all: u64, tile: usize, room: u64) -> Result<Broken, ChildFault> {
    // If there are several, the work-group in the middle: its place in the launch differs from its
    // place in the job.
    let (alone, together) = (u64::from(all > 1), all.min(TOGETHER));
    let guard_bytes = guard_bytes(tile);
    let launch = |first_group, groups: u64| Launch {
        first_group,
        groups: u32::try_from(groups).unwrap_or(u32::MAX),
        bytes: usize::try_from(groups).unwrap_or(usize::MAX).saturating_mul(tile),
    };
    let probe = |launch, fill, guard| Probe { launch, fill, guard, guard_bytes };
    let [one, other] = GUARDS;
    let probes = [
        probe(launch(alone, 1), 0, one),
        probe(launch(alone, 1), 0, other),
        probe(launch(alone, 1), FILL, other),
        probe(launch(0, together), 0, one),
        probe(launch(0, together), FILL, other),
    ];
    let Some(probed) = try_probes(device, &probes, room)? else { return Ok(Vec::new()) };
    let probed: &[Probed; 5] = probed.as_slice().try_into().map_err(|_| incomplete())?;
    Ok(broken_by_tiles(probed, usize::try_from(alone).unwrap_or_default(), tile))
}

/// The rules that the results of [`tiles`] break. The tile that was computed alone is at the place
/// `alone` of those that were computed together.
fn broken_by_tiles(probed: &[Probed; 5], alone: usize, tile: usize) -> Broken {
    let [zeroed, again, filled, all_zeroed, all_filled] = probed;
    if let Some(place) = first_difference(&zeroed.output, &again.output) {
        let text = format!(
            "the kernel is not reproducible: byte {place} of a tile of the {{output}} is another one the second time. What it writes may \
             depend neither on addresses, nor on memory that nobody has written, nor on the order of work-items"
        );
        return vec![(Rule::NotReproducible, text)];
    }
    let mut broken = Vec::new();
    let read = [(zeroed, filled), (all_zeroed, all_filled)];
    if let Some(place) = read.into_iter().find_map(|(zeroed, filled)| first_read(&zeroed.output, &filled.output)) {
        let text = format!(
            "the kernel reads its {{output}} before it has written there: byte {place} depends on what was there before. Outputs are not \
             inputs: pass the data as an input of its own, and write before reading"
        );
        broken.push((Rule::ReadsOutput, text));
    }
    if probed.iter().any(|probed| !probed.guarded) {
        let text = format!(
            "the kernel stores outside of its tile: it wrote behind the {{output}} that its work-groups own; work-group n of a launch owns \
             the {tile} bytes from dpin_tile() * {tile} on"
        );
        broken.push((Rule::StoresOutsideTile, text));
    }
    let among_others = all_zeroed.output.get(alone.saturating_mul(tile)..).unwrap_or_default();
    if let Some(place) = first_difference(&zeroed.output, among_others).filter(|_| broken.is_empty()) {
        let text = format!(
            "the kernel is not reproducible: byte {place} of a tile of the {{output}} is another one if its work-group is launched alone. \
             What it writes may depend on get_global_id and get_group_id, and not on dpin_tile, addresses or other work-groups"
        );
        broken.push((Rule::NotReproducible, text));
    }
    broken
}

/// Run `probes`. `None` if their buffers need more than `room` bytes, or if the device has no room
/// for them.
fn try_probes(device: &mut dyn Device, probes: &[Probe], room: u64) -> Result<Option<Vec<Probed>>, ChildFault> {
    let bytes = probes.iter().map(|probe| probe.launch.bytes.saturating_add(probe.guard_bytes) as u64);
    if bytes.fold(0, u64::saturating_add) > room {
        return Ok(None);
    }
    Ok(Some(device.probe(probes)?).filter(|probed| !probed.is_empty()))
}

fn incomplete() -> ChildFault {
    ChildFault::Executor("not all probes came back".into())
}

/// Bytes behind an output whose tiles have `tile` bytes.
fn guard_bytes(tile: usize) -> usize {
    tile.saturating_mul(2).max(GUARD_BYTES)
}

fn whole(device: &mut dyn Device, all: u64, tile: usize, room: u64) -> Result<Broken, ChildFault> {
    let launch = Launch { first_group: 0, groups: u32::try_from(all).unwrap_or(u32::MAX), bytes: tile };
    let guard_bytes = guard_bytes(tile);
    let probes = GUARDS.map(|guard| Probe { launch, fill: 0, guard, guard_bytes });
    let Some(probed) = try_probes(device, &probes, room)? else { return Ok(Vec::new()) };
    let [one, other] = probed.as_slice() else { return Err(incomplete()) };
    let mut broken = Vec::new();
    if probed.iter().any(|probed| !probed.guarded) {
        let text = format!("the kernel stores outside of its tile: it wrote behind the {tile} bytes of the {{output}}");
        broken.push((Rule::StoresOutsideTile, text));
    }
    if let Some(place) = first_difference(&one.output, &other.output) {
        let text = format!(
            "the kernel is not reproducible: byte {place} of the {{output}} of the same work-groups is another one the second time"
        );
        broken.push((Rule::NotReproducible, text));
    }
    Ok(broken)
}

/// The position of the first byte that differs.
fn first_difference(one: &[u8], other: &[u8]) -> Option<usize> {
    one.iter().zip(other).position(|(one, other)| one != other)
}

/// The position of the first byte that depends on the earlier content: [`FILL`] in `filled`, zero
/// in `zeroed`. Bytes that were not written do not count.
fn first_read(zeroed: &[u8], filled: &[u8]) -> Option<usize> {
    zeroed.iter().zip(filled).position(|(zeroed, filled)| zeroed != filled && (*zeroed, *filled) != (0, FILL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_left_are_not_read() {
        assert_eq!(first_read(&[1, 0, 2], &[1, FILL, 2]), None);
        assert_eq!(first_read(&[1, 0, 2], &[1, 1, 2]), Some(1));
        assert_eq!(first_read(&[FILL], &[0]), Some(0));
    }

    #[test]
    fn parameters_are_named_as_in_the_source() {
        let source = b"// f(a)
float f2(float f, float g) { return g / f; }
__kernel /* f(b */ void
f (__global const float *restrict x, __local float (*pairs)[2], __global float *y, uint n[4]) { f2(1, 2); }";
        let name = |position| name_of(source, b"f", position);
        assert_eq!([0, 2, 3, 4].map(name), [Some("x".into()), Some("y".into()), Some("n".into()), None]);
        assert_eq!(name_of(source, b"g", 0), None);
        assert_eq!(name_of(b"f", b"f", 0), None);
    }

    #[test]
    fn a_check_takes_little_of_a_run() {
        let (ms, minute) = (Duration::from_millis, Duration::from_secs(60));
        assert!(is_short(ms(1), minute, ms(1), 1));
        assert!(is_short(ms(2_000), minute, ms(120), 1_000));
        // A tile that takes as long as the whole run is not computed nine more times.
        assert!(!is_short(ms(2_000), minute, ms(2_000), 1));
        assert!(!is_short(ms(10_000), minute, ms(1_000), 4));
        // Nothing is computed again if the limit is near.
        assert!(!is_short(ms(10), ms(20), ms(10), 64));
    }
}
