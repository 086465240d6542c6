//! Text between the program and people: values on the command line, amounts of money, and the
//! output of commands.

pub mod amount;
pub mod device;
pub mod output;
pub mod parse;
