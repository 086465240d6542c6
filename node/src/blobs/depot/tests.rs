//! Tests of the depot, and blobs for other tests.

use super::*;
use dpin_primitives::blob_tree::{Hasher, MAX_BLOB_BYTES};
use std::{collections::HashSet, io::Read, sync::atomic::Ordering, time::Duration};

/// Returns id, leaves and bytes of a pseudo-random blob of `len` bytes.
pub(crate) fn blob(len: usize, seed: u8) -> (BlobHash, Vec<Hash>, Vec<u8>) {
    let mut state = u64::from(seed) + 1;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    })
    .take(len)
    .collect();
    let mut hasher = Hasher::new();
    hasher.update(&bytes);
    let (id, leaves) = hasher.finish_tree();
    (id, leaves, bytes)
}

/// Opens a depot for which every blob is announced.
pub(crate) fn depot(dir: &Path, quota: u64) -> Arc<Depot> {
    Arc::new(Depot::open(dir, quota, Box::new(|_| Worth::Announced)).unwrap())
}

fn judged(dir: &Path, quota: u64, needed: &[BlobHash], announced: &[BlobHash]) -> Arc<Depot> {
    let sets = [needed, announced].map(|ids| ids.iter().copied().collect::<HashSet<_>>());
    let judge = move |id| match &sets {
        [needed, _] if needed.contains(&id) => Worth::Needed,
        [_, announced] if announced.contains(&id) => Worth::Announced,
        _ => Worth::Unknown,
    };
    Arc::new(Depot::open(dir, quota, Box::new(judge)).unwrap())
}

pub(crate) fn upload(depot: &Arc<Depot>, id: BlobHash, bytes: &[u8]) -> Result<(), DepotError> {
    let mut upload = depot.upload(bytes.len() as u64)?;
    bytes.chunks(100_000).try_for_each(|piece| upload.write(piece))?;
    upload.finish(id)
}

fn fetch(depot: &Depot, len: usize, seed: u8) -> BlobHash {
    let (id, leaves, bytes) = blob(len, seed);
    let count = leaves.len() as u32;
    let part = depot.begin(id, len as u64, leaves).unwrap().unwrap();
    part.put(0..count, &bytes).unwrap();
    depot.finish(&part);
    id
}

pub(crate) fn read(depot: &Depot, id: BlobHash) -> Option<Vec<u8>> {
    let (mut file, len) = depot.read(&id).unwrap()?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).unwrap();
    assert_eq!(bytes.len() as u64, len);
    Some(bytes)
}

const MIB: u64 = 1024 * 1024;

#[test]
fn what_is_uploaded_can_be_read_whole_and_by_chunks_also_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let (id, leaves, bytes) = blob(3 * CHUNK_BYTES + 5, 1);
    for _ in 0..2 {
        let depot = depot(dir.path(), 4 * MIB);
        depot.check_all();
        upload(&depot, id, &bytes).unwrap();
        assert_eq!(read(&depot, id).unwrap(), bytes);
        assert_eq!(depot.leaves(&id).unwrap().unwrap(), leaves);
        let some = depot.chunks(&id, 2..4).unwrap().unwrap();
        assert_eq!(some, bytes[2 * CHUNK_BYTES..]);
        assert_eq!(depot.chunks(&id, 3..5).unwrap(), None);
        assert_eq!(depot.chunks(&id, 3..3).unwrap(), None);
        assert_eq!(depot.present(&id), Some((bytes.len() as u64, Bitmap::all(4))));
        assert_eq!(depot.whole(), [id]);
    }
}

#[test]
fn an_upload_of_other_bytes_or_another_length_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let depot = depot(dir.path(), MIB);
    let (id, _, bytes) = blob(1_000, 1);
    assert!(matches!(upload(&depot, BlobHash::zero(), &bytes), Err(DepotError::WrongBytes)));
    let mut short = depot.upload(1_000).unwrap();
    short.write(&bytes[..999]).unwrap();
    assert!(matches!(short.finish(id), Err(DepotError::WrongBytes)));
    let mut long = depot.upload(999).unwrap();
    assert!(matches!(long.write(&bytes), Err(DepotError::WrongBytes)));
    drop(long);
    assert_eq!(depot.status(&id), None);
    assert_eq!(lock(&depot.state).used(), 0);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn lengths_have_limits() {
    let dir = tempfile::tempdir().unwrap();
    let depot = depot(dir.path(), u64::MAX);
    assert!(matches!(depot.upload(0), Err(DepotError::Length)));
    assert!(matches!(depot.upload(MAX_BLOB_BYTES + 1), Err(DepotError::Length)));
    assert!(matches!(depot.begin(BlobHash::zero(), 0, Vec::new()), Err(DepotError::Length)));
    assert!(matches!(depot.begin(BlobHash::zero(), u64::MAX, Vec::new()), Err(DepotError::Length)));
}

#[test]
fn a_part_takes_right_chunks_in_any_order_and_no_others() {
    let dir = tempfile::tempdir().unwrap();
    let depot = depot(dir.path(), 4 * MIB);
    let (id, leaves, bytes) = blob(2 * CHUNK_BYTES + 9, 1);
    let len = bytes.len() as u64;
    assert!(matches!(depot.begin(id, len, leaves[..2].to_vec()), Err(DepotError::WrongBytes)));
    let part = depot.begin(id, len, leaves.clone()).unwrap().unwrap();
    assert_eq!(depot.status(&id), Some(Status { len, present: 0 }));

    part.put(2..3, &bytes[2 * CHUNK_BYTES..]).unwrap();
    assert_eq!(depot.status(&id), Some(Status { len, present: 9 }));
    assert_eq!(depot.chunks(&id, 2..3).unwrap().unwrap(), bytes[2 * CHUNK_BYTES..]);
    assert_eq!(depot.chunks(&id, 1..3).unwrap(), None);

    let head = &bytes[..2 * CHUNK_BYTES];
    let mut forged = head.to_vec();
    forged[CHUNK_BYTES + 3] ^= 1;
    let wrong = [(0..2, &forged[..]), (0..2, &head[..head.len() - 1]), (0..1, head), (1..3, head), (0..4, &bytes)];
    for (chunks, bytes) in wrong {
        assert!(matches!(part.put(chunks, bytes), Err(DepotError::WrongBytes)));
    }
    assert_eq!(depot.status(&id), Some(Status { len, present: 9 }));

    part.put(0..2, head).unwrap();
    assert!(part.present().is_full());
    depot.finish(&part);
    assert_eq!(read(&depot, id).unwrap(), bytes);
    assert!(depot.begin(id, len, leaves).unwrap().is_none());
}

#[test]
fn a_restart_finds_the_chunks_that_are_right_and_only_those() {
    let dir = tempfile::tempdir().unwrap();
    let (id, leaves, bytes) = blob(4 * CHUNK_BYTES, 1);
    let chunk = |i: usize| &bytes[i * CHUNK_BYTES..(i + 1) * CHUNK_BYTES];
    {
        let depot = depot(dir.path(), 4 * MIB);
        let part = depot.begin(id, bytes.len() as u64, leaves.clone()).unwrap().unwrap();
        [0, 1, 3].into_iter().for_each(|i| part.put(i as u32..i as u32 + 1, chunk(i)).unwrap());
        // A power cut may leave wrong bytes like these.
        part.file.write_all_at(&[0xff; 10], CHUNK_BYTES as u64 + 7).unwrap();
    }
    let depot = depot(dir.path(), 4 * MIB);
    assert_eq!(depot.status(&id).unwrap().present, 0);
    depot.check_all();
    assert_eq!(depot.status(&id).unwrap().present, 2 * CHUNK_BYTES as u64);
    let part = depot.begin(id, bytes.len() as u64, leaves).unwrap().unwrap();
    let missing = part.present().missing(8);
    assert_eq!((missing.len(), missing[0].clone()), (1, 1..3));
    part.put(1..3, &bytes[CHUNK_BYTES..3 * CHUNK_BYTES]).unwrap();
    depot.finish(&part);
    assert_eq!(read(&depot, id).unwrap(), bytes);
}

#[test]
fn files_that_mean_nothing_are_removed_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let (id, ..) = blob(10, 1);
    let name = hex::encode(id);
    for file in [format!("{name}.part"), "7.upload".into(), format!("{name}.new")] {
        fs::write(dir.path().join(file), b"x").unwrap();
    }
    let other = hex::encode(BlobHash::zero());
    fs::write(dir.path().join(&other).with_extension("tree"), b"no tree").unwrap();
    fs::write(dir.path().join(&other).with_extension("blob"), b"x").unwrap();
    let depot = depot(dir.path(), MIB);
    assert_eq!((depot.status(&id), depot.status(&BlobHash::zero())), (None, None));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn a_full_depot_refuses_and_gives_way_by_worth_and_age() {
    let dir = tempfile::tempdir().unwrap();
    let (unknown, fetched, needed, brought) = (blob(100_000, 1), blob(100_000, 2), blob(100_000, 3), blob(100_000, 4));
    let depot = judged(dir.path(), 450_000, &[needed.0], &[fetched.0, brought.0]);
    fetch(&depot, 100_000, 3);
    upload(&depot, brought.0, &brought.2).unwrap();
    fetch(&depot, 100_000, 2);
    upload(&depot, unknown.0, &unknown.2).unwrap();
    let there = |depot: &Depot| [unknown.0, fetched.0, needed.0, brought.0].map(|id| depot.status(&id).is_some());

    let first = depot.upload(100_000).unwrap();
    assert_eq!(there(&depot), [false, true, true, true]);
    let second = depot.upload(100_000).unwrap();
    assert_eq!(there(&depot), [false, false, true, true]);
    assert!(matches!(depot.upload(100_000), Err(DepotError::Full(_))));
    let (id, leaves, _) = blob(100_000, 9);
    assert!(matches!(depot.begin(id, 100_000, leaves), Err(DepotError::Full(_))));
    assert_eq!(there(&depot), [false, false, true, true]);
    drop((first, second));
    depot.upload(100_000).unwrap();
}

/// A disk with this many bytes above its reserve, however much is written.
fn disk(bytes: u64) -> (Gauge, Arc<AtomicU64>) {
    let room = Arc::new(AtomicU64::new(bytes));
    let told = room.clone();
    (Arc::new(move || told.load(Ordering::Relaxed)), room)
}

#[test]
fn the_reserve_of_the_disk_is_not_touched_before_and_during_a_fetch() {
    let dir = tempfile::tempdir().unwrap();
    let (gauge, room) = disk(3 * MIB);
    let depot = Depot::open(dir.path(), u64::MAX, Box::new(|_| Worth::Needed)).unwrap().on_disk(gauge);
    let (id, leaves, bytes) = blob(8 * CHUNK_BYTES, 1);
    let part = depot.begin(id, bytes.len() as u64, leaves).unwrap().unwrap();
    // The first blob has its room reserved, though little of it is written.
    let (second, leaves, _) = blob(8 * CHUNK_BYTES, 2);
    assert!(matches!(depot.begin(second, 2 * MIB, leaves), Err(DepotError::Reserve)));
    assert!(depot.could_hold(2 * MIB).is_err() && depot.could_hold(MIB / 2).is_ok());
    part.put(0..1, &bytes[..CHUNK_BYTES]).unwrap();
    // Another program fills the disk.
    room.store(CHUNK_BYTES as u64 - 1, Ordering::Relaxed);
    assert!(matches!(part.put(1..2, &bytes[CHUNK_BYTES..2 * CHUNK_BYTES]), Err(DepotError::Reserve)));
    assert_eq!(part.present().count(), 1);
}

#[test]
fn an_upload_stops_at_the_reserve_and_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (gauge, room) = disk(MIB);
    let depot = Arc::new(Depot::open(dir.path(), u64::MAX, Box::new(|_| Worth::Needed)).unwrap().on_disk(gauge));
    assert!(matches!(depot.upload(MIB), Err(DepotError::Reserve)));
    let mut begun = depot.upload(MIB / 2).unwrap();
    begun.write(&[1; 1_000]).unwrap();
    room.store(999, Ordering::Relaxed);
    assert!(matches!(begun.write(&[1; 1_000]), Err(DepotError::Reserve)));
    drop(begun);
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn blobs_that_nobody_needs_make_room_on_a_disk_that_is_nearly_full() {
    let dir = tempfile::tempdir().unwrap();
    let (gauge, room) = disk(u64::MAX);
    let depot = Depot::open(dir.path(), u64::MAX, Box::new(|_| Worth::Announced)).unwrap().on_disk(gauge);
    let old = fetch(&depot, 100_000, 1);
    room.store(10, Ordering::Relaxed);
    // Nothing is removed if that would not make enough room.
    let (id, leaves, _) = blob(200_000, 2);
    assert!(matches!(depot.begin(id, 200_000, leaves), Err(DepotError::Reserve)));
    assert!(depot.status(&old).is_some());
    let (id, leaves, _) = blob(90_000, 3);
    // On this disk, removing blobs frees no space.
    assert!(matches!(depot.begin(id, 90_000, leaves), Err(DepotError::Reserve)));
    assert_eq!(depot.status(&old), None);
}

#[test]
fn the_sweep_takes_what_the_chain_does_not_know_once_it_is_old() {
    let dir = tempfile::tempdir().unwrap();
    let (known, unknown) = (blob(1_000, 1), blob(1_000, 2));
    let depot = judged(dir.path(), MIB, &[], &[known.0]);
    upload(&depot, known.0, &known.2).unwrap();
    upload(&depot, unknown.0, &unknown.2).unwrap();
    assert_eq!(depot.sweep(Duration::from_secs(60)), []);
    assert_eq!(depot.sweep(Duration::ZERO), [unknown.0]);
    assert_eq!(depot.whole(), [known.0]);
}

#[test]
fn what_is_being_fetched_is_not_removed() {
    let dir = tempfile::tempdir().unwrap();
    let depot = judged(dir.path(), MIB, &[], &[]);
    let (id, leaves, _) = blob(1_000, 1);
    let part = depot.begin(id, 1_000, leaves).unwrap().unwrap();
    assert_eq!(depot.sweep(Duration::ZERO), []);
    drop(part);
    assert_eq!(depot.sweep(Duration::ZERO), [id]);
}
