//! Text between the program and people: values on the command line, amounts of money, and the
//! output of commands. Texts of others are escaped.

pub(crate) mod amount;
pub(crate) mod development;
pub(crate) mod device;
pub(crate) mod escape;
pub(crate) mod output;
pub(crate) mod parse;
