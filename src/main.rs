//! `akid`, the command.

mod cli;

use std::io::Write;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(exit) => exit.into(),
        Err(error) => {
            drop(writeln!(anstream::stderr(), "error: {error:#}"));
            cli::Exit::Incomplete.into()
        }
    }
}
