//! `dpin-test-first-use`: runs the code of the documentation as a reader would.

use anyhow::{Result, ensure};
use clap::Parser;
use dpin_tests::{
    first_use::{self, DocPage, PAGES},
    program::{self, Verdict},
};
use std::process::ExitCode;

/// Run the code blocks of README and of the guides, each page against a fresh node.
///
/// Needs the built programs, Node.js and the packages of the examples. Shows the output of the
/// blocks. The last line is `first_use: ok` if all blocks of all pages have succeeded.
#[derive(Parser)]
#[command(name = "dpin-test-first-use", version)]
struct Options {
    /// Run only these pages, such as docs/operator.md.
    #[arg(value_name = "PAGE")]
    pages: Vec<String>,
}

fn main() -> ExitCode {
    let options = Options::parse();
    first_use::end_with_a_signal();
    program::report("first_use", &run(&options))
}

fn run(options: &Options) -> Result<Verdict> {
    for name in &options.pages {
        ensure!(PAGES.iter().any(|page| page.path == name), "{name} is none of the pages that are run");
    }
    let chosen = |page: &&DocPage| options.pages.is_empty() || options.pages.iter().any(|name| name == page.path);
    let mut blocks = 0;
    for page in PAGES.iter().filter(chosen) {
        let run = first_use::run(&first_use::root(), *page)?;
        println!("first_use: {}: {run} blocks", page.path);
        blocks += run;
    }
    Ok(Verdict::ok(format_args!("blocks={blocks}")))
}
