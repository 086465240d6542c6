//! Tries every hostile case against a real executor. Prints one line per case, and then how many
//! attacks were held off.
//!
//! ```text
//! test_sandbox [--without-namespaces] [<part of a case's name>]
//! ```
//!
//! `--without-namespaces` refuses namespaces to the executor, as many containers do. The executor
//! is the one in the folder above. Ends with an error if any attack succeeded.

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/hostile/mod.rs"]
mod hostile;

use std::{
    panic::{catch_unwind, set_hook},
    path::PathBuf,
    process::ExitCode,
};

fn main() -> ExitCode {
    let Some(program) = program() else {
        eprintln!("test_sandbox: build dpin-executor first");
        return ExitCode::FAILURE;
    };
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.first().is_some_and(|first| first == "--without-namespaces") {
        arguments.remove(0);
        if let Err(error) = common::refuse_calls(&[libc::SYS_unshare]) {
            eprintln!("test_sandbox: namespaces could not be refused: {error}");
            return ExitCode::FAILURE;
        }
    }
    let part = arguments.into_iter().next().unwrap_or_default();
    let cases: Vec<_> = hostile::CASES.iter().filter(|case| case.name.contains(&part)).collect();
    // The case's line shows the error.
    set_hook(Box::new(|_| ()));
    let mut held = 0;
    for case in &cases {
        let name = case.name.replace('_', " ");
        match catch_unwind(|| (case.run)(&program)) {
            Ok(told) => {
                println!("held: {name}: {told}");
                held += 1;
            }
            Err(panic) => {
                let text = panic.downcast_ref::<String>().map(String::as_str);
                let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked");
                println!("BROKEN: {name}: {}", text.replace('\n', " "));
            }
        }
    }
    println!("sandbox: {held} of {} held", cases.len());
    if held == cases.len() && held > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn program() -> Option<String> {
    let folder: PathBuf = std::env::current_exe().ok()?.parent()?.parent()?.to_path_buf();
    let program = folder.join("dpin-executor");
    program.is_file().then(|| program.to_string_lossy().into_owned())
}
