//! Content: the hash of everything that fixes the result of a task.
//!
//! Statements about a result are bound to its content, not to a task's number. Another fork can
//! give the same number to another task, but never the same content to another computation.
//!
//! | name | value |
//! |---|---|
//! | [`Program`] | blake2_256("dpin/program" ‖ manifest without its class ‖ [`PRELUDE_VERSION`]) |
//! | [`SpecHash`] | blake2_256("dpin/spec" ‖ [`Computation`]) |
//! | [`Content`] | blake2_256("dpin/content" ‖ spec hash ‖ index of the task) |
//! | leaf i | blake2_256(0x00 ‖ content ‖ i ‖ tile bytes) |
//! | id of a run | blake2_256("dpin/run" ‖ content ‖ work) |
//!
//! Neither the chain nor the job, the attempt, the reward or the audit policy is a part of the
//! content. A result therefore survives forks and attempts, and two equal jobs share their results.
//! The [`duty`](crate::duty) binds a report to the job and the attempt.
//!
//! A task and a canary have the same form of content: the seed and the claims of a canary are
//! scalars of its kernel.

use crate::{
    BlobHash, Hash, blake2,
    executor::Work,
    job::{JobShape, JobSpec},
    kernel::KernelManifest,
    prelude::PRELUDE_VERSION,
    tile_tree::{hash_after, hash_each_after},
    worker::Fp32,
};
use alloc::vec::Vec;
use codec::{Decode, DecodeWithMemTracking, Encode};
use scale_info::TypeInfo;

/// Declares hashes that have a type of their own, so that none is taken for another.
macro_rules! named_hash {
    ($($(#[$docs:meta])* $name:ident;)*) => { $(
        $(#[$docs])*
        #[derive(
            Clone,
            Copy,
            PartialEq,
            Eq,
            PartialOrd,
            Ord,
            Debug,
            codec::Encode,
            codec::Decode,
            codec::DecodeWithMemTracking,
            codec::MaxEncodedLen,
            scale_info::TypeInfo,
            serde::Serialize,
            serde::Deserialize,
        )]
        #[cfg_attr(feature = "std", derive(Hash))]
        #[serde(transparent)]
        #[cfg_attr(feature = "json", derive(schemars::JsonSchema))]
        pub struct $name(#[cfg_attr(feature = "json", schemars(with = "crate::json::HexHash"))] pub crate::Hash);
    )* };
}
pub(crate) use named_hash;

named_hash! {
    /// A kernel with the prelude in front of it: everything that the source of a computation says.
    ///
    /// It covers source, entry point, parameters, work-group size, tiling and options. A review of
    /// a kernel is a review of a program: the same source with a smaller tile can write out of
    /// bounds.
    Program;
    /// The hash of a [`Computation`].
    SpecHash;
    /// Everything that fixes the result of one task.
    Content;
}

impl Program {
    /// Compute the program of a kernel with the present prelude.
    pub fn of(kernel: &KernelManifest) -> Self {
        Self::with_prelude(kernel, PRELUDE_VERSION)
    }

    fn with_prelude(kernel: &KernelManifest, prelude: u32) -> Self {
        // Every field is named, so that a new one is not forgotten.
        let KernelManifest { source, entry, params, local_size, tiling, options, class: _ } = kernel;
        Self(blake2(&(b"dpin/program", source, entry, params, local_size, tiling, options, prelude).encode()))
    }
}

/// The part of a job that fixes its results. It is resolved: it names no kernel that a registry
/// could change, and the number of its tasks is known.
///
/// The chain hashes it when the job is posted and keeps the hash. A new prelude therefore changes
/// no job that is posted already. An executor with another prelude refuses that job.
#[derive(Clone, PartialEq, Eq, Debug, Encode, Decode, DecodeWithMemTracking, TypeInfo)]
pub struct Computation {
    /// The program to run.
    pub program: Program,
    /// Number of work-groups in each dimension.
    pub groups: [u32; 3],
    /// Number of tasks that the work-groups are split into.
    pub tasks: u32,
    /// Bytes of the scalar parameters, little endian, in order.
    pub scalars: Vec<Vec<u8>>,
    /// Blobs of the input parameters, in order.
    pub inputs: Vec<BlobHash>,
    /// Number of work-groups of one block: of one launch, one leaf and one drawn sample.
    pub block_groups: u32,
    /// Whether the kernel computes in double precision.
    pub fp64: bool,
    /// The properties in single precision that the kernel may rely on.
    pub fp32: Fp32,
}

impl Computation {
    /// Resolve a job that was checked against its kernel. `shape` is the result of
    /// [`JobSpec::check`].
    pub fn of(spec: &JobSpec, kernel: &KernelManifest, shape: &JobShape, block_groups: u32) -> Self {
        Self {
            program: Program::of(kernel),
            groups: shape.groups,
            tasks: shape.tasks,
            scalars: spec.scalars.iter().map(|scalar| scalar.to_vec()).collect(),
            inputs: spec.inputs.to_vec(),
            block_groups,
            fp64: spec.requires.fp64,
            fp32: spec.requires.fp32,
        }
    }

    /// Compute the hash of the computation.
    pub fn hash(&self) -> SpecHash {
        SpecHash(blake2(&(b"dpin/spec", self).encode()))
    }
}

/// Number of bytes that are hashed before those of a tile.
const HEAD_BYTES: usize = 1 + 32 + 4;

impl Content {
    /// Compute the content of the task at position `index` of its job.
    pub fn of(spec: &SpecHash, index: u32) -> Self {
        Self(blake2(&(b"dpin/content", spec, index).encode()))
    }

    /// Compute the leaf of the tile at position `index` of the task.
    ///
    /// The prefix 0x00 keeps leaves apart from the inner nodes of the
    /// [tile tree](crate::tile_tree).
    pub fn leaf(&self, index: u32, tile: &[u8]) -> Hash {
        hash_after(&self.head(index), tile)
    }

    /// Compute the leaves of consecutive tiles, the first of which is tile `first`.
    ///
    /// Native code hashes several tiles at a time with vector instructions.
    pub fn leaves(&self, first: u32, tiles: &[&[u8]]) -> Vec<Hash> {
        hash_each_after((first..).zip(tiles).map(|(index, tile)| (self.head(index), *tile)))
    }

    /// Compute the id of a run of an executor: content and work fix its result.
    ///
    /// A known run with other content therefore has another id.
    pub fn run_id(&self, work: &Work) -> Hash {
        blake2(&(b"dpin/run", self, work).encode())
    }

    fn head(&self, index: u32) -> [u8; HEAD_BYTES] {
        let mut head = [0; HEAD_BYTES];
        // Cannot panic: a hash and an index have a fixed length.
        (self, index).using_encoded(|encoded| head[1..].copy_from_slice(encoded));
        head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        duty::{DutyId, Round},
        kernel::{BuildOption, KernelClass, Param, Tiling},
        tile_tree::TileTree,
    };
    use alloc::{collections::BTreeSet, vec};
    use proptest::prelude::*;

    fn kernel() -> KernelManifest {
        KernelManifest {
            source: BlobHash::repeat_byte(1),
            entry: b"f".to_vec().try_into().unwrap(),
            params: vec![Param::Output, Param::Scalar { bytes: 4 }].try_into().unwrap(),
            local_size: [16, 1, 1],
            tiling: Tiling::PerGroup { bytes: 64 },
            options: Default::default(),
            class: KernelClass::Raw,
        }
    }

    fn computation() -> Computation {
        Computation {
            program: Program::of(&kernel()),
            groups: [100, 1, 1],
            tasks: 2,
            scalars: vec![vec![0; 4]],
            inputs: vec![BlobHash::repeat_byte(2)],
            block_groups: 8,
            fp64: false,
            fp32: Fp32::default(),
        }
    }

    #[test]
    fn each_field_of_a_kernel_but_its_class_changes_the_program() {
        let changes: [fn(&mut KernelManifest); 6] = [
            |k| k.source = BlobHash::repeat_byte(2),
            |k| k.entry = b"g".to_vec().try_into().unwrap(),
            |k| k.params = vec![Param::Output, Param::Input].try_into().unwrap(),
            |k| k.local_size = [1, 16, 1],
            |k| k.tiling = Tiling::Whole { bytes: 64 },
            |k| k.options = vec![BuildOption::OptDisable].try_into().unwrap(),
        ];
        let changed = changes.map(|change| {
            let mut kernel = kernel();
            change(&mut kernel);
            Program::of(&kernel)
        });
        let own = [Program::of(&kernel()), Program::with_prelude(&kernel(), PRELUDE_VERSION + 1)];
        assert_eq!(changed.iter().chain(&own).collect::<BTreeSet<_>>().len(), 8);
        let reviewed = KernelManifest { class: KernelClass::Deterministic, ..kernel() };
        assert_eq!(Program::of(&reviewed), Program::of(&kernel()), "a review changes no result");
    }

    #[test]
    fn each_field_of_a_computation_and_the_index_change_the_content() {
        let changes: [fn(&mut Computation); 12] = [
            |c| c.program = Program(Hash::zero()),
            |c| c.groups = [50, 2, 1],
            |c| c.tasks = 3,
            |c| c.scalars[0][0] = 1,
            |c| c.scalars = vec![],
            |c| c.scalars = vec![vec![0; 2], vec![0; 2]],
            |c| c.inputs[0] = BlobHash::zero(),
            |c| c.inputs.clear(),
            |c| c.block_groups = 9,
            |c| c.fp64 = true,
            |c| c.fp32.denormals = true,
            |c| c.fp32.rounded_division = true,
        ];
        let changed = changes.map(|change| {
            let mut computation = computation();
            change(&mut computation);
            Content::of(&computation.hash(), 0)
        });
        let own = [0, 1].map(|index| Content::of(&computation().hash(), index));
        assert_eq!(changed.iter().chain(&own).collect::<BTreeSet<_>>().len(), 14);
    }

    #[test]
    fn a_result_survives_forks_attempts_and_prices_and_a_duty_does_not() {
        let spec = JobSpec {
            kernel: kernel().id(),
            global_size: [1_600, 1, 1],
            scalars: vec![vec![0; 4].try_into().unwrap()].try_into().unwrap(),
            inputs: vec![BlobHash::repeat_byte(2)].try_into().unwrap(),
            reward: crate::job::Reward { asset: crate::AssetKind::Native, per_task: 1 },
            tasks: crate::job::TaskCount::Exactly(2),
            audit: Default::default(),
            run_blocks: 20,
            requires: Default::default(),
        };
        let resolve = |spec: &JobSpec| {
            let shape = JobShape { groups: spec.groups(&kernel()).unwrap(), total: 100, tasks: 2 };
            Computation::of(spec, &kernel(), &shape, 8)
        };
        assert_eq!(resolve(&spec), computation());
        let mut dearer = spec.clone();
        (dearer.reward.per_task, dearer.run_blocks, dearer.audit.auditors) = (2, 21, 0);
        (dearer.reward.asset, dearer.requires.memory) = (crate::BLC, 1 << 30);
        assert_eq!(resolve(&dearer).hash(), computation().hash());

        // Two forks give the job different numbers, and one of them needs a second attempt: the
        // content, and so the result, is the same, and no report of one counts on the other.
        let contents = [&spec, &dearer].map(|spec| Content::of(&resolve(spec).hash(), 1));
        assert_eq!(contents[0].leaf(0, b"tile"), contents[1].leaf(0, b"tile"));
        assert_eq!(contents[0].run_id(&Work::Task), contents[1].run_id(&Work::Task));
        let duty = |content, job, attempt, seed| {
            let round = Round::Assigned { seed: Hash::repeat_byte(seed) };
            DutyId::of(&Hash::zero(), content, job, attempt, &round)
        };
        let duties = [duty(&contents[0], 7, 0, 1), duty(&contents[1], 8, 0, 1), duty(&contents[1], 7, 1, 1)];
        let redrawn = duty(&contents[1], 7, 0, 2);
        assert_eq!(duties.iter().chain(&[redrawn]).collect::<BTreeSet<_>>().len(), 4);
    }

    #[test]
    fn leaves_and_runs_are_bound_to_the_content() {
        let [one, two] = [0, 1].map(|index| Content::of(&computation().hash(), index));
        let leaves =
            [one.leaf(0, b"tile"), two.leaf(0, b"tile"), one.leaf(1, b"tile"), one.leaf(0, b"tilf"), one.leaf(0, b"")];
        assert_eq!(leaves.iter().collect::<BTreeSet<_>>().len(), 5);
        let sample = Work::Sample(vec![1, 2]);
        let runs = [one.run_id(&Work::Task), two.run_id(&Work::Task), one.run_id(&sample), two.run_id(&sample)];
        assert_eq!(runs.iter().collect::<BTreeSet<_>>().len(), 4);
    }

    #[test]
    fn an_opening_of_content_leaves_fits_its_root() {
        let content = Content::of(&computation().hash(), 0);
        let tiles = [&b"a"[..], b"b", b"c"];
        let tree = TileTree::new(content.leaves(0, &tiles));
        let (leaves, proof) = tree.open(&[1]).unwrap();
        assert_eq!(leaves, [content.leaf(1, b"b")]);
        assert_eq!(crate::tile_tree::verify(&tree.root(), 3, &[1], &leaves, &proof), Ok(()));
    }

    #[test]
    fn a_leaf_never_changes() {
        let expected = crate::blake2(&[&[0][..], &[7; 32], &5u32.to_le_bytes(), b"tile"].concat());
        assert_eq!(Content(Hash::repeat_byte(7)).leaf(5, b"tile"), expected);
    }

    proptest! {
        #[test]
        fn many_leaves_are_as_one_by_one(content: [u8; 32], first in 0u32..1 << 24, tiles: Vec<Vec<u8>>) {
            let content = Content(content.into());
            let tiles: Vec<&[u8]> = tiles.iter().map(Vec::as_slice).collect();
            let single: Vec<Hash> = (first..).zip(&tiles).map(|(index, tile)| content.leaf(index, tile)).collect();
            prop_assert_eq!(content.leaves(first, &tiles), single);
        }
    }
}
