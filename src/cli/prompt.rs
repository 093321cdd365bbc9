//! Asks the person at the terminal: for the code of an MFA device, and before anything is changed.

use akid::resolve::sts::{MfaCode, MfaSerial, ResolveError};
use akid::stop::Stop;

/// How often a code may be typed that is none.
const TRIES: u32 = 3;

/// Asks for the code that a device shows. It is not echoed. Only where standard input and standard error are a
/// terminal: anywhere else nobody would answer.
pub(super) fn code(serial: &MfaSerial, stop: &Stop) -> Result<MfaCode, ResolveError> {
    if !is_anybody_there() {
        return Err(ResolveError::NobodyThere(serial.as_str().to_owned()));
    }
    let mut prompt = format!("MFA code of {}: ", serial.as_str());
    for _ in 0..TRIES {
        let Some(line) = terminal::line(&prompt, false, stop) else { break };
        match line.parse() {
            Ok(code) => return Ok(code),
            Err(fault) => prompt = format!("{fault}: "),
        }
    }
    Err(if stop.is_stopped() { ResolveError::Stopped } else { ResolveError::NoCode })
}

/// Asks for a line, which is shown as it is typed; `None` where nobody would answer.
#[cfg(feature = "respond")]
pub(super) fn line(prompt: &str, stop: &Stop) -> Option<String> {
    is_anybody_there().then(|| terminal::line(prompt, true, stop))?
}

fn is_anybody_there() -> bool {
    use std::io::{IsTerminal, stderr, stdin};
    stdin().is_terminal() && stderr().is_terminal()
}

#[cfg(unix)]
mod terminal {
    use std::fs::File;
    use std::io::{Read, Write};

    use akid::stop::Stop;
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

    /// How often it is looked whether the user has had enough.
    const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 100_000_000 };

    /// A terminal that takes a line, and shows nothing of it if it is not to be shown, until this is dropped.
    struct Asking<'a> {
        terminal: &'a File,
        before: Termios,
    }

    impl<'a> Asking<'a> {
        fn new(terminal: &'a File, is_shown: bool) -> Option<Self> {
            let before = tcgetattr(terminal).ok()?;
            let mut modes = before.clone();
            modes.local_modes.set(LocalModes::ECHO, is_shown);
            modes.local_modes.remove(LocalModes::ECHONL);
            modes.local_modes.insert(LocalModes::ICANON | LocalModes::ISIG);
            // What was typed before the prompt, unseen, is no answer to it.
            tcsetattr(terminal, OptionalActions::Flush, &modes).ok()?;
            Some(Self { terminal, before })
        }
    }

    impl Drop for Asking<'_> {
        fn drop(&mut self) {
            let _ = tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
        }
    }

    /// One line that is typed at the terminal; `None` if there is none, or once `stop` says so.
    pub(super) fn line(prompt: &str, is_shown: bool, stop: &Stop) -> Option<String> {
        let terminal = File::options().read(true).write(true).open("/dev/tty").ok()?;
        let asking = Asking::new(&terminal, is_shown)?;
        (&terminal).write_all(prompt.as_bytes()).ok()?;
        let line = typed(&terminal, stop);
        drop(asking);
        if !is_shown {
            // The line break was not shown, either.
            (&terminal).write_all(b"\n").ok()?;
        }
        line
    }

    fn typed(mut terminal: &File, stop: &Stop) -> Option<String> {
        let mut line = Vec::new();
        while !stop.is_stopped() {
            let ready = poll(&mut [PollFd::new(terminal, PollFlags::IN)], Some(&TICK));
            if !matches!(ready, Ok(1)) {
                continue;
            }
            let mut bytes = [0; 256];
            let len = terminal.read(&mut bytes).ok().filter(|&len| len > 0)?;
            line.extend_from_slice(&bytes[..len]);
            if line.ends_with(b"\n") {
                return String::from_utf8(line).ok();
            }
        }
        None
    }
}

#[cfg(not(unix))]
mod terminal {
    use akid::stop::Stop;

    /// There is no terminal that akid knows to silence here.
    pub(super) fn line(_prompt: &str, _is_shown: bool, _stop: &Stop) -> Option<String> {
        None
    }
}
