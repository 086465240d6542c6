//! Scenarios about fees, markets and bonds with real pools, and properties of the arithmetic.

mod attacks;
mod bonds;
mod eras;
mod market;
mod maths;
mod oracle;
mod router;
