//! `akid`, the command.

mod cli;

use std::io::Write;
use std::panic;
use std::process::ExitCode;

fn main() -> ExitCode {
    // Before anything is read: what a panic says may repeat it.
    panic::set_hook(Box::new(akid::scan::remember_panic));
    let problem = match panic::catch_unwind(cli::run) {
        Ok(Ok(exit)) => return exit.into(),
        Ok(Err(error)) => format!("{error:#}"),
        Err(_) => format!("akid panicked at {}: a bug of akid", akid::scan::last_panic()),
    };
    drop(writeln!(anstream::stderr(), "error: {problem}"));
    cli::Exit::Incomplete.into()
}
