//! `akid`, the command.

mod cli;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(exit) => exit.into(),
        Err(problem) => {
            drop(writeln!(anstream::stderr(), "error: {problem}"));
            cli::Exit::Incomplete.into()
        }
    }
}
