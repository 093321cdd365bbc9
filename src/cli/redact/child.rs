//! A command whose output is masked: `akid redact -- COMMAND`.
//!
//! Both streams are masked, each by itself: their order is not kept, and a secret that is split between them is not seen.
//! It fails closed: where a stream cannot be masked, the command is ended.

use std::ffi::OsString;
use std::io::{self, PipeReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use akid::mask::{Masker, Tally};
use akid::panic;
use akid::redact::redact;
use anyhow::{Context, bail};
use rustix::event::{PollFd, PollFlags, poll};
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use signal_hook::consts;
use signal_hook::iterator::SignalsInfo;
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::exfiltrator::origin::Origin;

use super::summary::Done;
use super::{CHUNK, Plan, environment, summary};
use crate::cli::{Exit, output};

/// akid failed, as `timeout` and `env` say it.
pub(super) const FAULT: u8 = 125;
const NOT_RUNNABLE: u8 = 126;
const NOT_FOUND: u8 = 127;

/// What is read of a stream at most once the command has ended: what a pipe holds. Other processes may go on writing.
const REST: usize = 1 << 20;

/// Runs `command` and masks what it prints.
pub(super) fn run(command: &[OsString], plan: &Plan) -> Exit {
    let (program, arguments) = (&command[0], &command[1..]);
    // Before the command starts: a signal that arrives at once must not end akid alone.
    let signals = match Signals::new(SIGNALS) {
        Ok(signals) => signals,
        Err(error) => {
            output::warn(&format!("error: cannot listen for signals: {error}"));
            return Exit::Of(FAULT);
        }
    };
    let spawned = Command::new(program)
        .args(arguments)
        .stdin(Stdio::inherit())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let child = match spawned {
        Ok(child) => child,
        Err(error) => {
            let name = redact(program.as_encoded_bytes());
            output::warn(&format!("error: {name}: cannot be run: {error}"));
            let is_missing = matches!(error.kind(), io::ErrorKind::NotFound);
            return Exit::Of(if is_missing { NOT_FOUND } else { NOT_RUNNABLE });
        }
    };
    match mask(child, plan, signals) {
        Ok(status) => Exit::Of(code(status)),
        Err(error) => {
            output::warn(&format!("error: the command was ended: {error:#}"));
            Exit::Of(FAULT)
        }
    }
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code & 0xff).ok()).unwrap_or(FAULT)
}

/// Masks the streams of `child` until it ends.
fn mask(mut child: Child, plan: &Plan, signals: Signals) -> anyhow::Result<ExitStatus> {
    let running = Running::of(&child);
    // From here on every way out ends the child.
    let guard = Guard(running.clone());
    forward(signals, &running)?;
    let (ended, end) = io::pipe()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let start = |stream: Stream, to_stderr: bool| {
        let (masker, running, ended) = (masker(plan), running.clone(), ended.try_clone());
        let work = move || {
            let masked = panic::catch(|| pump(stream, ended?, masker, to_stderr));
            let masked = masked
                .unwrap_or_else(|panicked| Err(io::Error::other(format!("akid panicked at {panicked}"))));
            if masked.is_err() {
                running.kill(Signal::KILL);
            }
            masked
        };
        thread::Builder::new().spawn(work)
    };
    let streams = [
        stdout.map(|stream| start(Box::new(stream), false)),
        stderr.map(|stream| start(Box::new(stream), true)),
    ];
    let threads = streams.into_iter().flatten().collect::<io::Result<Vec<_>>>()?;
    running.wait()?;
    drop(end);
    let mut tally = Tally::default();
    for thread in threads {
        let Ok(masked) = thread.join() else { bail!("a thread of akid panicked") };
        tally.add(&masked.context("its output cannot be masked")?);
    }
    summary::tell(plan, &tally, Done::Masked);
    drop(guard);
    Ok(running.reap(|| child.wait())?)
}

fn masker(plan: &Plan) -> Masker {
    let mut masker = plan.masker();
    environment::hide(&mut masker);
    masker
}

/// One of the streams.
type Stream = Box<dyn Pipe + Send>;

trait Pipe: Read + std::os::fd::AsFd {}
impl<T: Read + std::os::fd::AsFd> Pipe for T {}

/// Masks `stream` until it ends, or until `ended` says that the command has and there is nothing more in the pipe.
fn pump(mut stream: Stream, ended: PipeReader, mut masker: Masker, to_stderr: bool) -> io::Result<Tally> {
    let mut buffer = vec![0; CHUNK];
    let mut shown = Vec::new();
    let mut rest = REST;
    loop {
        let is_ended = wait_for(&*stream, &ended)?;
        let read = match is_ended {
            Some(true) if rest == 0 => 0,
            None => 0,
            Some(has_ended) => {
                let limit = if has_ended { CHUNK.min(rest) } else { CHUNK };
                let read = match stream.read(&mut buffer[..limit]) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    read => read?,
                };
                rest -= if has_ended { read } else { 0 };
                read
            }
        };
        match read {
            0 => masker.finish(&mut shown),
            _ => masker.push(&buffer[..read], &mut shown),
        }
        if let Err(error) = show(&mut shown, to_stderr) {
            // Whoever read it has seen enough: the command is told as it would be without akid, by its closed pipe.
            return if error.kind() == io::ErrorKind::BrokenPipe {
                Ok(masker.tally().clone())
            } else {
                Err(error)
            };
        }
        if read == 0 {
            return Ok(masker.tally().clone());
        }
    }
}

/// Waits until there is something to read. Returns whether the command has ended; `None` if it has and there is nothing.
fn wait_for(stream: &dyn Pipe, ended: &PipeReader) -> io::Result<Option<bool>> {
    loop {
        let mut ready =
            [PollFd::from_borrowed_fd(stream.as_fd(), PollFlags::IN), PollFd::new(ended, PollFlags::IN)];
        match poll(&mut ready, None) {
            Err(rustix::io::Errno::INTR) => continue,
            polled => polled?,
        };
        let [has_bytes, has_ended] = ready.map(|ready| !ready.revents().is_empty());
        if has_bytes || has_ended {
            return Ok(has_bytes.then_some(has_ended));
        }
    }
}

fn show(shown: &mut Vec<u8>, to_stderr: bool) -> io::Result<()> {
    if shown.is_empty() {
        return Ok(());
    }
    if to_stderr {
        io::stderr().lock().write_all(shown)?;
    } else {
        let mut stdout = io::stdout().lock();
        stdout.write_all(shown)?;
        stdout.flush()?;
    }
    shown.clear();
    Ok(())
}

/// A process that was started and not reaped yet: its number is nobody else's.
#[derive(Clone)]
struct Running(Arc<Mutex<Option<Pid>>>);

impl Running {
    fn of(child: &Child) -> Self {
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
        Self(Arc::new(Mutex::new(pid)))
    }

    fn pid(&self) -> Option<Pid> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the process ends, and leaves its number with it.
    fn wait(&self) -> io::Result<()> {
        let Some(pid) = self.pid() else { return Ok(()) };
        loop {
            match waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT) {
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
                Ok(_) => return Ok(()),
            }
        }
    }

    /// Gives the number back with `reap`.
    fn reap<T>(&self, reap: impl FnOnce() -> T) -> T {
        let mut pid = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *pid = None;
        reap()
    }

    /// Sends a signal, unless the process was reaped.
    fn kill(&self, signal: Signal) {
        let pid = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pid) = *pid {
            // It may have ended.
            let _ = kill_process(pid, signal);
        }
    }
}

/// Ends the process, unless it has ended.
struct Guard(Running);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.kill(Signal::KILL);
    }
}

/// The signals that are passed on to the command: those that end a process and that it may catch.
const SIGNALS: [i32; 10] = [
    consts::SIGTERM,
    consts::SIGHUP,
    consts::SIGINT,
    consts::SIGQUIT,
    consts::SIGUSR1,
    consts::SIGUSR2,
    consts::SIGALRM,
    consts::SIGVTALRM,
    consts::SIGPROF,
    consts::SIGXCPU,
];

type Signals = SignalsInfo<WithOrigin>;

/// Passes signals on. Those that a terminal sends to akid and to the command at once are not sent twice.
fn forward(mut signals: Signals, running: &Running) -> io::Result<()> {
    let running = running.clone();
    let pass_on = move || {
        for origin in &mut signals {
            if let Some(signal) = Signal::from_named_raw(origin.signal)
                && !is_from_terminal(&origin)
            {
                running.kill(signal);
            }
        }
    };
    thread::Builder::new().spawn(pass_on)?;
    Ok(())
}

/// Whether the terminal has sent this signal to all processes in its foreground. A process that sends one names itself.
fn is_from_terminal(origin: &Origin) -> bool {
    matches!(origin.signal, consts::SIGINT | consts::SIGQUIT)
        && origin.process.is_none_or(|process| process.pid == 0)
        && is_in_foreground()
}

/// Whether akid is in the group of processes that its terminal sends signals to.
fn is_in_foreground() -> bool {
    let terminal = std::fs::File::open("/dev/tty");
    let group = terminal.ok().and_then(|terminal| rustix::termios::tcgetpgrp(&terminal).ok());
    group == Some(rustix::process::getpgrp())
}
