//! Text between the program and people: values on the command line, amounts of money, and the
//! output of commands. Texts of others are escaped.

pub mod amount;
pub mod development;
pub mod device;
pub mod escape;
pub mod output;
pub mod parse;
