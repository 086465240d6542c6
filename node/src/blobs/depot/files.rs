//! The files of a depot.
//!
//! A tree file `<id>.tree` has a head and then the leaves, 32 bytes each.

use super::state::{Entry, Origin, Stage, State, TREE_HEAD_BYTES};
use codec::{Decode, Encode};
use dpin_primitives::{BlobHash, Hash, blob_tree};
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// The head of a tree file.
#[derive(Encode, Decode)]
struct TreeHead {
    version: u8,
    origin: Origin,
    len: u64,
}

const TREE_VERSION: u8 = 1;

/// Returns the path of one of a blob's files.
pub(super) fn path(dir: &Path, id: &BlobHash, extension: &str) -> PathBuf {
    dir.join(hex::encode(id)).with_extension(extension)
}

/// Reads the directory: the blobs that an earlier run left there. Removes all other files of a
/// depot.
pub(super) fn scan(dir: &Path) -> io::Result<State> {
    let mut state = State::default();
    for file in fs::read_dir(dir)? {
        let path = file?.path();
        let id = path.file_stem().and_then(|name| name.to_str()).and_then(parse_id);
        match (path.extension().and_then(|extension| extension.to_str()), id) {
            (Some("tree"), Some(id)) => match entry_of(&path) {
                Some(entry) => {
                    state.blobs.insert(id, entry);
                }
                None => remove_all(dir, &id)?,
            },
            (Some("blob" | "part"), Some(_)) if path.with_extension("tree").exists() => {}
            (Some("blob" | "part" | "upload" | "new"), _) => fs::remove_file(&path)?,
            _ => {}
        }
    }
    Ok(state)
}

/// Returns the blob of a tree file, `None` if the file is invalid or the blob's bytes are gone.
fn entry_of(tree: &Path) -> Option<Entry> {
    let TreeHead { origin, len, .. } = read_tree_head(tree).ok()?;
    let has_len = |name: &str| fs::metadata(tree.with_extension(name)).is_ok_and(|metadata| metadata.len() == len);
    let stage = match () {
        () if has_len("blob") => Stage::Whole,
        () if has_len("part") => Stage::Unchecked,
        // An earlier depot of this process may have renamed the file a moment ago.
        () if has_len("blob") => Stage::Whole,
        () => return None,
    };
    Some(Entry::new(len, origin, stage))
}

fn parse_id(hex: &str) -> Option<BlobHash> {
    let mut id = [0; 32];
    hex::decode_to_slice(hex, &mut id).ok()?;
    Some(BlobHash::from(id))
}

/// Removes all files of a blob.
pub(super) fn remove_all(dir: &Path, id: &BlobHash) -> io::Result<()> {
    // The tree file goes last: the other files are ignored without it, and it alone counts as
    // nothing.
    for extension in ["part", "blob", "new", "tree"] {
        match fs::remove_file(path(dir, id, extension)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Writes a blob's tree file, and syncs it to the disk.
pub(super) fn write_tree(dir: &Path, id: &BlobHash, origin: Origin, len: u64, leaves: &[Hash]) -> io::Result<()> {
    let mut bytes = TreeHead { version: TREE_VERSION, origin, len }.encode();
    bytes.reserve(leaves.len() * 32);
    leaves.iter().for_each(|leaf| bytes.extend_from_slice(leaf.as_bytes()));
    let new = path(dir, id, "new");
    let mut file = File::create(&new)?;
    file.write_all(&bytes)?;
    // Synced because every later check relies on it; the file is small.
    file.sync_data()?;
    fs::rename(new, path(dir, id, "tree"))
}

fn read_tree_head(path: &Path) -> io::Result<TreeHead> {
    let mut bytes = [0; TREE_HEAD_BYTES];
    let mut file = File::open(path)?;
    file.read_exact(&mut bytes)?;
    let head = TreeHead::decode(&mut &bytes[..]).map_err(io::Error::other)?;
    let leaves = blob_tree::chunks(head.len).map(|count| u64::from(count) * 32 + TREE_HEAD_BYTES as u64);
    if head.version != TREE_VERSION || leaves != Some(file.metadata()?.len()) {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Ok(head)
}

/// Reads the leaves in a tree file.
pub(super) fn read_leaves(path: &Path) -> io::Result<Vec<Hash>> {
    let bytes = fs::read(path)?;
    let leaves = bytes.get(TREE_HEAD_BYTES..).unwrap_or_default();
    Ok(leaves.chunks_exact(32).map(Hash::from_slice).collect())
}
