//! A process that is given a time: git, or akid itself.

use std::io::{self, Read};
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use akid::stop::Stop;

/// How the process ended, and what it said.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) how: How,
    /// The start of its standard output.
    pub(super) stdout: Vec<u8>,
    /// The end of its standard error.
    pub(super) stderr: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    Exited(ExitStatus),
    /// It took too long, and was ended.
    TimedOut,
    /// The user wants to stop, and it was ended.
    Stopped,
}

/// More of standard output is not kept: a remote with a million refs has 80 MB.
const MAX_STDOUT: u64 = 256 << 20;
/// More of standard error is not kept.
const MAX_STDERR: usize = 16 << 10;
/// How long a process may take to end after it was asked to.
const GRACE: Duration = Duration::from_secs(5);
const TICK: Duration = Duration::from_millis(20);

/// Runs `command` in a group of its own until `deadline`. Its standard input is empty.
pub(super) fn run(mut command: Command, deadline: Instant, stop: &Stop) -> io::Result<Ended> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn()?;
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    let read_start = thread::Builder::new().spawn(move || {
        let mut text = Vec::new();
        if let Some(mut stdout) = stdout {
            drop(stdout.by_ref().take(MAX_STDOUT).read_to_end(&mut text));
            // A full pipe would stop it.
            drop(io::copy(&mut stdout, &mut io::sink()));
        }
        text
    })?;
    let read_end = thread::Builder::new().spawn(move || stderr.map(end_of).unwrap_or_default())?;
    let mut ended = None;
    while !has_ended(&mut child)? {
        if ended.is_none() && (stop.is_stopped() || Instant::now() >= deadline) {
            ended = Some(if stop.is_stopped() { How::Stopped } else { How::TimedOut });
            signal(&child, false);
            let patience = Instant::now() + GRACE;
            while !has_ended(&mut child)? && Instant::now() < patience {
                thread::sleep(TICK);
            }
            signal(&child, true);
        }
        thread::sleep(TICK);
    }
    // What it started may hold the pipes.
    signal(&child, true);
    let status = child.wait()?;
    let how = ended.unwrap_or(How::Exited(status));
    let stdout = read_start.join().unwrap_or_default();
    let stderr = read_end.join().unwrap_or_default();
    Ok(Ended { how, stdout, stderr })
}

/// The end of what `stderr` says.
fn end_of(mut stderr: impl Read) -> Vec<u8> {
    let (mut end, mut buffer) = (Vec::new(), [0; 4096]);
    while let Ok(len @ 1..) = stderr.read(&mut buffer) {
        end.extend_from_slice(&buffer[..len]);
        if end.len() > 2 * MAX_STDERR {
            end.drain(..end.len() - MAX_STDERR);
        }
    }
    end
}

/// Whether the process has ended. It keeps its number until it is waited for, so that no signal reaches another one.
#[cfg(unix)]
fn has_ended(child: &mut std::process::Child) -> io::Result<bool> {
    use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
    let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) else { return Ok(true) };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    match waitid(WaitId::Pid(pid), options) {
        Err(rustix::io::Errno::INTR) => Ok(false),
        ended => Ok(ended?.is_some()),
    }
}

#[cfg(not(unix))]
fn has_ended(child: &mut std::process::Child) -> io::Result<bool> {
    child.try_wait().map(|status| status.is_some())
}

/// Asks the process and all that it started to end, or ends them by force.
#[cfg(unix)]
fn signal(child: &std::process::Child, by_force: bool) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let signal = if by_force { Signal::KILL } else { Signal::TERM };
    // The group is gone where all have ended.
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(pid, signal);
    }
}

#[cfg(not(unix))]
fn signal(_: &std::process::Child, _: bool) {}
