//! A pager for a report that is longer than the terminal, and the wait for one that the user has put behind a pipe.

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::process::{Child, ChildStdin, Command, Stdio};

use akid::stop::Stop;

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
        let mut page = Page { pager: self, held: Vec::new(), lines: 0, way: Way::Held };
        let is_coloured = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        let written = if is_coloured {
            write(&mut page)
        } else {
            write(&mut anstream::StripStream::new(&mut page as &mut dyn Write))
        };
        page.finish(written)
    }

    /// Starts it; `None` where it is not there.
    fn start(&self) -> Option<(Child, ChildStdin)> {
        let mut command = Command::new("sh");
        command.arg("-c").arg(&self.command).stdin(Stdio::piped());
        let mut child = command.spawn().ok()?;
        let stdin = child.stdin.take()?;
        Some((child, stdin))
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

/// A report on its way.
struct Page {
    pager: Pager,
    held: Vec<u8>,
    lines: usize,
    way: Way,
}

enum Way {
    /// It may fit.
    Held,
    Paged(Child, Option<ChildStdin>),
    Direct,
}

impl Page {
    /// Lets what is held go.
    fn go(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        self.way = match self.pager.start() {
            Some((child, stdin)) => Way::Paged(child, Some(stdin)),
            None => Way::Direct,
        };
        self.write_all(&held)
    }

    fn finish(mut self, written: io::Result<()>) -> io::Result<()> {
        match &mut self.way {
            Way::Held => return written.and(io::stdout().lock().write_all(&self.held)),
            Way::Direct => {}
            Way::Paged(child, stdin) => {
                // At the end of its input the pager waits for the user alone.
                drop(stdin.take());
                child.wait()?;
            }
        }
        written
    }
}

impl Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.way {
            Way::Paged(_, Some(stdin)) => return stdin.write(bytes),
            Way::Paged(_, None) => return Err(io::ErrorKind::BrokenPipe.into()),
            Way::Direct => return io::stdout().lock().write(bytes),
            Way::Held => {}
        }
        self.held.extend_from_slice(bytes);
        self.lines += bytes.iter().filter(|&&byte| byte == b'\n').count();
        // The prompt that follows takes a line.
        if self.lines + 1 >= self.pager.rows {
            self.go()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.way {
            Way::Paged(_, Some(stdin)) => stdin.flush(),
            _ => Ok(()),
        }
    }
}

/// Waits until whoever reads standard output through a pipe has read all of it, or reads no more: so that what is then
/// told on the terminal comes after the report, also behind `| head` and `| less`.
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
