//! Computes the tiles of a run in launches that keep the device busy.

use crate::device::{Device, Launch, MAX_LAUNCH_BYTES, fault::ChildFault};
use dpin_primitives::{
    executor::{RunRequest, Work},
    kernel::Tiling,
};
use std::{
    collections::VecDeque,
    io::Write,
    time::{Duration, Instant},
};

/// Work-groups of the first launch. Later launches are sized by the time that earlier ones took.
const FIRST_LAUNCH_GROUPS: u32 = 64;
/// Target time of one batch, so that a busy device responds soon.
const LAUNCH_TIME: Duration = Duration::from_millis(200);
/// Batches in flight: the device computes the next one while the output of the last one is written.
const IN_FLIGHT: u64 = 2;
/// Most launches of a batch.
const MAX_LAUNCHES: usize = 32;

/// Compute the tiles of `request`, and write them to `output` one after the other. The batches in
/// flight may take `room` bytes. Returns the work-groups and the time of the fastest batch; `None`
/// if there are no batches.
pub(super) fn compute(
    device: &mut dyn Device,
    request: &RunRequest,
    room: u64,
    output: &mut impl Write,
    progress: &mut dyn FnMut(u64) -> Result<(), ChildFault>,
) -> Result<Option<(u32, Duration)>, ChildFault> {
    let tile_bytes = match request.kernel.tiling {
        Tiling::PerGroup { bytes } => bytes,
        Tiling::Whole { bytes } => {
            // The work-groups share the tile and must see each other's writes, so this is one
            // launch.
            let all = Launch { first_group: request.first_group, groups: request.group_count, bytes: bytes as usize };
            device.start(&[all])?;
            device.finish(output)?;
            progress(request.group_count.into())?;
            return Ok(None);
        }
    };
    let room = room.min(MAX_LAUNCH_BYTES);
    let depth = if room / IN_FLIGHT >= u64::from(tile_bytes) { IN_FLIGHT } else { 1 };
    let most = u32::try_from(room / depth / u64::from(tile_bytes)).unwrap_or(u32::MAX).max(1);
    let (width, widest) = (device.width(), device.widest());
    let mut pace = FIRST_LAUNCH_GROUPS.max(width);
    let mut spans: VecDeque<(u32, u32)> = spans(request).into();
    let mut in_flight: VecDeque<(u32, Instant)> = VecDeque::new();
    let mut finished = Instant::now();
    let mut done = 0u64;
    let mut shortest: Option<(u32, Duration)> = None;
    loop {
        while (in_flight.len() as u64) < depth {
            let batch = next_batch(&mut spans, pace.min(most), widest, request.first_group, tile_bytes);
            if batch.is_empty() {
                break;
            }
            in_flight.push_back((batch.iter().map(|launch| launch.groups).sum(), Instant::now()));
            device.start(&batch)?;
        }
        let Some((groups, started)) = in_flight.pop_front() else { return Ok(shortest) };
        device.finish(output)?;
        let now = Instant::now();
        // Until `finished`, the batch waited for the one before it.
        let took = now.duration_since(started.max(finished));
        pace = next_pace(pace, groups, took, width);
        shortest = Some(shortest.map_or((groups, took), |least| if took < least.1 { (groups, took) } else { least }));
        finished = now;
        done = done.saturating_add(u64::from(groups));
        progress(done)?;
    }
}

/// Cut launches from the front of `spans`: together at most `groups` work-groups, and at most
/// `widest` each.
fn next_batch(
    spans: &mut VecDeque<(u32, u32)>,
    groups: u32,
    widest: u32,
    first_group: u64,
    tile_bytes: u32,
) -> Vec<Launch> {
    let mut batch = Vec::new();
    let mut left = groups;
    while let Some((first, count)) = spans.front_mut().filter(|_| left > 0 && batch.len() < MAX_LAUNCHES) {
        let groups = left.min(*count).min(widest);
        let bytes = groups as usize * tile_bytes as usize;
        batch.push(Launch { first_group: first_group.saturating_add(u64::from(*first)), groups, bytes });
        *first = first.saturating_add(groups);
        *count -= groups;
        left -= groups;
        if *count == 0 {
            spans.pop_front();
        }
    }
    batch
}

/// Work-groups of the next batch, if `groups` took `elapsed`. The pace grows at most 8 times and
/// shrinks at most to an eighth. It never falls below the device's `width`, because fewer
/// work-groups would take as long.
fn next_pace(pace: u32, groups: u32, elapsed: Duration, width: u32) -> u32 {
    let ideal = u128::from(groups) * LAUNCH_TIME.as_micros() / elapsed.as_micros().max(1);
    let ideal = u32::try_from(ideal).unwrap_or(u32::MAX);
    // A batch cut short by the end of the work says little about the speed of a full one.
    let least = if groups < pace && elapsed < LAUNCH_TIME { pace } else { (pace / 8).max(1) };
    ideal.clamp(least, pace.saturating_mul(8).max(least)).max(width)
}

/// The contiguous ranges of tiles to compute, as first tile and number of tiles.
fn spans(request: &RunRequest) -> Vec<(u32, u32)> {
    let Work::Sample(tiles) = &request.work else { return vec![(0, request.group_count)] };
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for tile in tiles {
        match spans.last_mut() {
            Some((first, count)) if first.checked_add(*count) == Some(*tile) => *count += 1,
            _ => spans.push((*tile, 1)),
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        device::{DeviceTimes, Probe, Probed, Program},
        process::child::tests::request,
    };

    /// A device whose tiles hold the number and the place of the work-group that wrote them.
    #[derive(Default)]
    struct Fake {
        width: u32,
        /// 0 for no limit.
        widest: u32,
        batches: Vec<Vec<(u64, u32)>>,
        in_flight: VecDeque<Vec<Launch>>,
        most_in_flight: usize,
    }

    impl Device for Fake {
        fn prepare(&mut self) {}

        fn load(&mut self, _: Program<'_>) -> Result<(), ChildFault> {
            Ok(())
        }

        fn messages(&self) -> String {
            String::new()
        }

        fn width(&self) -> u32 {
            self.width
        }

        fn widest(&self) -> u32 {
            if self.widest == 0 { u32::MAX } else { self.widest }
        }

        fn binary(&self) -> Option<Vec<u8>> {
            None
        }

        fn start(&mut self, batch: &[Launch]) -> Result<(), ChildFault> {
            assert!(batch.iter().all(|launch| launch.groups > 0));
            self.batches.push(batch.iter().map(|launch| (launch.first_group, launch.groups)).collect());
            self.in_flight.push_back(batch.to_vec());
            self.most_in_flight = self.most_in_flight.max(self.in_flight.len());
            Ok(())
        }

        fn finish(&mut self, output: &mut dyn Write) -> Result<(), ChildFault> {
            for launch in self.in_flight.pop_front().unwrap() {
                for group in (launch.first_group..).take(launch.bytes / 8) {
                    output.write_all(&group.to_le_bytes())?;
                }
            }
            Ok(())
        }

        fn probe(&mut self, _: &[Probe]) -> Result<Vec<Probed>, ChildFault> {
            Ok(Vec::new())
        }

        fn type_of(&self, _: u32) -> Option<String> {
            None
        }

        fn times(&self) -> DeviceTimes {
            DeviceTimes::default()
        }

        fn check_inputs(&mut self) -> Result<(), ChildFault> {
            Ok(())
        }
    }

    fn computed(request: &RunRequest, room: u64) -> (Vec<u8>, Fake, u64) {
        let mut fake = Fake { width: 1, ..Fake::default() };
        let mut output = Vec::new();
        let mut progress = 0;
        compute(&mut fake, request, room, &mut output, &mut |done| {
            progress = done;
            Ok(())
        })
        .unwrap();
        assert!(fake.in_flight.is_empty());
        (output, fake, progress)
    }

    fn tiles(groups: impl Iterator<Item = u64>) -> Vec<u8> {
        groups.flat_map(u64::to_le_bytes).collect()
    }

    #[test]
    fn a_task_in_several_launches_is_position_exact() {
        let (output, fake, progress) = computed(&request(Work::Task, Tiling::PerGroup { bytes: 8 }), 8 * 100);
        assert!(fake.batches.len() >= 60, "room for 100 tiles in flight was not kept: {:?}", fake.batches);
        assert_eq!(fake.most_in_flight, 2);
        assert_eq!(output, tiles(500..3_500));
        assert_eq!(progress, 3_000);
    }

    #[test]
    fn where_two_tiles_have_no_room_one_is_in_flight() {
        let mut request = request(Work::Task, Tiling::PerGroup { bytes: 8 });
        request.group_count = 20;
        let (output, fake, _) = computed(&request, 15);
        assert_eq!((fake.most_in_flight, fake.batches.len()), (1, 20));
        assert_eq!(output, tiles(500..520));
    }

    #[test]
    fn samples_run_together_and_neighbours_share_a_launch() {
        let sample = Work::Sample(vec![0, 1, 2, 7, 9, 10]);
        let (output, fake, _) = computed(&request(sample, Tiling::PerGroup { bytes: 8 }), 1 << 20);
        assert_eq!(fake.batches, [vec![(500, 3), (507, 1), (509, 2)]]);
        assert_eq!(output, tiles([500, 501, 502, 507, 509, 510].into_iter()));
    }

    #[test]
    fn launches_are_cut_where_the_device_takes_no_wider_ones() {
        let mut fake = Fake { width: 1, widest: 40, ..Fake::default() };
        let mut output = Vec::new();
        let request = request(Work::Task, Tiling::PerGroup { bytes: 8 });
        compute(&mut fake, &request, 1 << 20, &mut output, &mut |_| Ok(())).unwrap();
        assert!(fake.batches.iter().flatten().all(|(_, groups)| *groups <= 40));
        assert_eq!(output, tiles(500..3_500));
    }

    #[test]
    fn a_batch_has_a_bounded_number_of_launches() {
        let (output, fake, _) =
            computed(&request(Work::Sample((0..100).map(|i| i * 2).collect()), Tiling::PerGroup { bytes: 8 }), 1 << 20);
        assert!(fake.batches.iter().all(|batch| batch.len() <= MAX_LAUNCHES));
        assert_eq!(output, tiles((0..100).map(|i| 500 + i * 2)));
    }

    #[test]
    fn a_shared_tile_is_computed_in_one_launch() {
        let (output, fake, _) = computed(&request(Work::Sample(vec![0]), Tiling::Whole { bytes: 8 }), 8);
        assert_eq!(fake.batches, [[(500, 3_000)]]);
        assert_eq!(output, tiles([500].into_iter()));
    }

    #[test]
    fn the_pace_follows_the_clock_within_bounds() {
        let pace = |pace, groups, elapsed| next_pace(pace, groups, elapsed, 1);
        assert_eq!(pace(64, 64, Duration::ZERO), 512);
        assert_eq!(pace(64, 64, LAUNCH_TIME), 64);
        assert_eq!(pace(64, 64, LAUNCH_TIME * 2), 32);
        assert_eq!(pace(64, 64, LAUNCH_TIME * 1000), 8);
        assert_eq!(pace(1, 1, LAUNCH_TIME * 1000), 1);
        assert_eq!(pace(64, 1, Duration::from_millis(100)), 64);
        assert_eq!(pace(u32::MAX, u32::MAX, Duration::ZERO), u32::MAX);
    }

    #[test]
    fn a_slow_kernel_still_fills_the_device() {
        assert_eq!(next_pace(64, 64, LAUNCH_TIME * 5, 2_112), 2_112);
        assert_eq!(next_pace(2_112, 2_112, LAUNCH_TIME * 5, 2_112), 2_112);
    }
}
