//! The chains that nodes served before. A node that suddenly serves another chain is refused.
//!
//! A node is the source of everything that this program knows about a chain, including how calls
//! are encoded. Only the genesis hash, which every signature covers, can be known beforehand: from
//! `--genesis`, or from the last use. It is not stored for nodes on this machine, where development
//! chains come and go.

use crate::{
    error::{Error, Result},
    text::parse,
};
use dpin_primitives::Hash;
use std::{
    fs::{self, DirBuilder},
    io::{Read, Write},
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

/// Most nodes that are stored.
const MOST: usize = 1_000;
/// Most bytes of the file that are read.
const MAX_BYTES: u64 = 1024 * 1024;

/// Refuse the node at `url` if its genesis hash differs from the expected one: `asked`, or else the
/// one it had at the last use.
///
/// # Errors
///
/// When the node serves another chain.
pub(crate) fn check(url: &str, genesis: &Hash, asked: Option<&Hash>) -> Result<()> {
    let named = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = named("XDG_DATA_HOME").or_else(|| Some(named("HOME")?.join(".local/share")));
    check_in(data.map(|data| data.join("dpin/known-nodes")).as_deref(), url, genesis, asked)
}

fn check_in(file: Option<&Path>, url: &str, genesis: &Hash, asked: Option<&Hash>) -> Result<()> {
    if let Some(asked) = asked.filter(|asked| *asked != genesis) {
        return Err(Error::usage(format!(
            "the chain of the node at {url} has the genesis hash {genesis:?}, not {asked:?}"
        ))
        .hint("check --url (or DPIN_URL), and --genesis (or DPIN_GENESIS)"));
    }
    let Some(file) = file.filter(|_| !is_local(url)) else { return Ok(()) };
    let mut nodes = read(file);
    let place = nodes.iter().position(|(node, _)| node == &key(url));
    match place.and_then(|place| nodes.get(place)) {
        Some((_, known)) if known == genesis => return Ok(()),
        Some((_, known)) if asked.is_none() => {
            return Err(Error::usage(format!(
                "the chain of the node at {url} has changed since the last use: its genesis hash is {genesis:?}, not {known:?}"
            ))
            .hint(format!(
                "sign nothing with this node unless you know why; if the network was restarted, run one command with --genesis {genesis:?}"
            )));
        }
        _ => (),
    }
    if let Some(place) = place {
        nodes.remove(place);
    }
    nodes.push((key(url), *genesis));
    let first = nodes.len().saturating_sub(MOST);
    // A failed write does not stop the command.
    let _ = write(file, &nodes[first..]);
    Ok(())
}

/// The name of a node in the file: `http` counts as `ws`.
fn key(url: &str) -> String {
    let url = url.trim_end_matches('/');
    match url.split_once("://") {
        Some(("http", rest)) => format!("ws://{rest}"),
        Some(("https", rest)) => format!("wss://{rest}"),
        _ => url.to_string(),
    }
}

/// Whether a node is on this machine.
fn is_local(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn read(file: &Path) -> Vec<(String, Hash)> {
    let mut text = String::new();
    let read = fs::File::open(file).and_then(|file| file.take(MAX_BYTES).read_to_string(&mut text));
    let entry = |line: &str| {
        let (url, genesis) = line.rsplit_once(' ')?;
        Some((url.to_string(), parse::hash(genesis).ok()?))
    };
    read.map(|_| text.lines().filter_map(entry).collect()).unwrap_or_default()
}

fn write(file: &Path, nodes: &[(String, Hash)]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    // Only the owner can read the file: addresses of nodes may contain passwords.
    let mut made = tempfile::NamedTempFile::new_in(folder)?;
    for (url, genesis) in nodes {
        writeln!(made, "{url} {genesis:?}")?;
    }
    made.persist(file).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Exit;

    const URL: &str = "wss://node.example:443";

    #[test]
    fn a_node_that_serves_another_chain_than_the_last_time_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dpin/known-nodes");
        let (one, two) = (Hash::repeat_byte(1), Hash::repeat_byte(2));
        let check = |url: &str, genesis: &Hash, asked: Option<&Hash>| check_in(Some(&file), url, genesis, asked);
        assert_eq!(check(URL, &one, None), Ok(()));
        assert_eq!(check("https://node.example:443/", &one, None), Ok(()));
        let error = check(URL, &two, None).unwrap_err();
        assert_eq!(error.exit, Exit::Usage);
        assert!(error.hint.unwrap().contains(&format!("--genesis {two:?}")));
        // Other nodes are independent, and `--genesis` overrules the stored hash.
        assert_eq!(check("wss://other.example", &two, None), Ok(()));
        assert_eq!(check(URL, &two, Some(&two)), Ok(()));
        assert_eq!(check(URL, &two, None), Ok(()));
        assert!(check(URL, &one, None).is_err());
    }

    #[test]
    fn a_chain_that_is_named_must_be_the_nodes() {
        let (one, two) = (Hash::repeat_byte(1), Hash::repeat_byte(2));
        for url in [URL, "ws://127.0.0.1:9944"] {
            assert_eq!(check_in(None, url, &one, Some(&one)), Ok(()));
            assert_eq!(check_in(None, url, &one, Some(&two)).unwrap_err().exit, Exit::Usage);
        }
    }

    #[test]
    fn of_nodes_on_this_machine_nothing_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known-nodes");
        for url in ["ws://127.0.0.1:9944", "ws://localhost:1", "http://[::1]:9944/x", "ws://user:word@127.0.0.1"] {
            assert_eq!(check_in(Some(&file), url, &Hash::zero(), None), Ok(()));
            assert!(is_local(url) && !file.exists(), "{url}");
        }
        assert!(!is_local("wss://localhost.example") && !is_local("wss://127.0.0.1@node.example"));
    }

    #[test]
    fn what_is_no_entry_is_passed_over_and_the_file_is_bounded() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("known-nodes");
        fs::write(&file, "x\n\nwss://a 0x12\n").unwrap();
        assert_eq!(read(&file), []);
        let many: Vec<_> = (0..MOST).map(|number| (format!("wss://{number}.example"), Hash::zero())).collect();
        write(&file, &many).unwrap();
        check_in(Some(&file), URL, &Hash::zero(), None).unwrap();
        assert_eq!(read(&file).last(), Some(&(URL.to_string(), Hash::zero())));
        assert_eq!(read(&file).len(), MOST);
    }
}
