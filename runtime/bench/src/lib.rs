//! The last steps of `make bench`: measured weights become the files in `runtime/src/weights`.
//!
//! [`raise`] corrects the weights of calls that declare too little for small arguments.
//! [`overhead`] writes the weights of an empty block and of an extrinsic. `scripts/bench.sh` calls
//! both through the program `finish-weights`. The program `bench-weights`, which measures, is built
//! with the feature `measure` only.

pub mod overhead;
pub mod raise;
