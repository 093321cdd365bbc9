//! A pager for a report that is longer than the terminal, and the wait for one that the user has put behind a pipe.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use akid::stop::Stop;
use anstream::adapter::StripBytes;

/// What to run, and when.
#[derive(Clone, Debug)]
pub(super) struct Pager {
    /// As a shell takes it.
    command: OsString,
    /// How many lines fit.
    rows: usize,
}

/// Quits at once if all fits on the screen, passes colours on, and leaves what was read on the screen.
const DEFAULT: &str = "less -FRX";

impl Pager {
    /// The pager that the user has chosen; `None` where standard output is no terminal, or the user wants none. A
    /// repository has no say in it.
    pub(super) fn new(chosen: Option<OsString>) -> Option<Self> {
        let command = chosen.unwrap_or_else(|| DEFAULT.into());
        let is_wanted = !command.is_empty() && command != "cat";
        let (_, rows) = size_of_terminal()?;
        (cfg!(unix) && is_wanted).then_some(Self { command, rows })
    }

    /// Shows what `write` writes: by the pager once it is longer than the terminal.
    pub(super) fn show(self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let is_coloured = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        self.show_on(&mut io::stdout(), |page| {
            if is_coloured { write(page) } else { write(&mut Plain { out: page, state: StripBytes::new() }) }
        })
    }

    /// The same on a terminal that is written to by `out`.
    fn show_on(
        self,
        out: &mut dyn Write,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut page = Page { pager: self, text: Vec::new(), lines: 0, shown_by: None };
        let written = write(&mut page);
        let Page { text, shown_by, .. } = page;
        if let Some(shown_by) = shown_by
            && shown_by.finish()?
        {
            return written;
        }
        // It fits, or there is no such pager: nothing that was found is lost.
        out.write_all(&text).and(written)
    }

    /// Starts it; `None` where there is no shell.
    fn start(&self) -> Option<Running> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.command).stdin(Stdio::piped());
        let mut child = command.spawn().ok()?;
        let stdin = child.stdin.take()?;
        Some(Running { child, stdin })
    }
}

/// Writes text without its styles.
struct Plain<'a> {
    out: &'a mut dyn Write,
    state: StripBytes,
}

impl Write for Plain<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.state.strip_next(bytes).try_for_each(|plain| self.out.write_all(plain))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// What a shell exits with where it cannot run a command, or does not find it.
const NOT_RUN: [i32; 2] = [126, 127];

/// A pager at work.
struct Running {
    child: Child,
    stdin: ChildStdin,
}

impl Running {
    /// Waits until the user has seen enough; returns whether the pager ran at all.
    fn finish(self) -> io::Result<bool> {
        let Self { mut child, stdin } = self;
        // At the end of its input the pager waits for the user alone.
        drop(stdin);
        Ok(!child.wait()?.code().is_some_and(|code| NOT_RUN.contains(&code)))
    }
}

/// Columns and rows of the terminal that standard output is.
pub(super) fn size_of_terminal() -> Option<(usize, usize)> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let (width, height) = terminal_size::terminal_size_of(io::stdout())?;
    Some((width.0.into(), height.0.into()))
}

/// A report on its way. All of it is held, since a pager that does not run takes what it was given with it.
struct Page {
    pager: Pager,
    text: Vec<u8>,
    lines: usize,
    shown_by: Option<Running>,
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.extend_from_slice(bytes);
        if let Some(running) = &mut self.shown_by {
            return match running.stdin.write_all(bytes) {
                // It may have quit, or not have run: that is known at its end.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
                written => written.map(|()| bytes.len()),
            };
        }
        self.lines += bytes.iter().filter(|&&byte| byte == b'\n').count();
        // The prompt that follows takes a line.
        if self.lines + 1 >= self.pager.rows
            && let Some(mut running) = self.pager.start()
        {
            // Likewise.
            let _ = running.stdin.write_all(&self.text);
            self.shown_by = Some(running);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Waits until the reader of a piped standard output has read everything or has exited. The summary on the terminal then
/// comes after the report, also with `| head` and `| less`.
#[cfg(unix)]
pub(super) fn wait_for_reader(stop: &Stop) {
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::fs::{FileType, fstat};

    const STEP: Duration = Duration::from_millis(20);
    let stdout = io::stdout();
    let is_pipe = fstat(&stdout).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Fifo);
    if !is_pipe || !io::stderr().is_terminal() {
        return;
    }
    while !stop.is_stopped() {
        let mut ends = [PollFd::new(&stdout, PollFlags::empty())];
        let is_gone = poll(&mut ends, Some(&rustix::event::Timespec { tv_sec: 0, tv_nsec: 0 }))
            .map_or(true, |_| ends[0].revents().intersects(PollFlags::ERR | PollFlags::HUP));
        if is_gone || !rustix::io::ioctl_fionread(&stdout).is_ok_and(|unread| unread > 0) {
            break;
        }
        std::thread::sleep(STEP);
    }
    // What has been read is still to be shown.
    std::thread::sleep(STEP);
}

#[cfg(not(unix))]
pub(super) fn wait_for_reader(_: &Stop) {}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;

    /// What a pager of this command and the terminal get of `lines` lines, on a terminal of ten rows.
    fn shown(command: &str, lines: usize) -> (String, String) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("paged");
        let command = format!("FILE='{}'; {command}", file.display());
        let mut out = Vec::new();
        let pager = Pager { command: command.into(), rows: 10 };
        let line = |n: usize| format!("{n} {}\n", "x".repeat(100));
        pager
            .show_on(&mut out, |page| (0..lines).try_for_each(|n| page.write_all(line(n).as_bytes())))
            .unwrap();
        (std::fs::read_to_string(file).unwrap_or_default(), String::from_utf8(out).unwrap())
    }

    #[test]
    fn what_fits_is_shown_at_once_and_what_does_not_by_the_pager() {
        let (paged, direct) = shown("cat > \"$FILE\"", 8);
        assert_eq!((paged.as_str(), direct.lines().count()), ("", 8));
        let (paged, direct) = shown("cat > \"$FILE\"", 2000);
        assert_eq!((paged.lines().count(), direct.as_str()), (2000, ""));
    }

    #[test]
    fn a_pager_that_is_not_there_loses_nothing_and_one_that_quits_is_left_alone() {
        let (_, direct) = shown("no-such-pager-anywhere 2> /dev/null", 2000);
        assert_eq!(direct.lines().count(), 2000);
        let (_, direct) = shown("head -1 > /dev/null", 2000);
        assert_eq!(direct, "");
    }
}
