//! The steps of a task from stage to stage, in the order of the diagram in the crate's
//! documentation.

mod accuse;
mod assign;
mod audit;
mod blame;
mod close;
mod commit;
mod dispute;
mod expire;
