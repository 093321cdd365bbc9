//! The environments of the user's own processes, on request.

use akid::origin::{Origin, RelativePath};
use akid::source::{Content, Event, Sink, SkipReason, Skipped, Source};

/// The variables of running processes, a line each. Those of other users are not read.
#[derive(Debug)]
pub(super) struct Environments;

impl Source for Environments {
    #[cfg(unix)]
    fn run(&self, sink: &dyn Sink) {
        use std::os::unix::fs::MetadataExt;
        let own = rustix::process::geteuid().as_raw();
        let entries = std::path::Path::new("/proc").read_dir().into_iter().flatten().filter_map(Result::ok);
        let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
        let mut processes: Vec<u32> = processes.collect();
        processes.sort_unstable();
        for process in processes {
            if sink.is_stopped() {
                return;
            }
            let path = format!("/proc/{process}/environ");
            let origin = || Origin::File(RelativePath::from_bytes(path.as_bytes()));
            if !std::fs::metadata(&path).is_ok_and(|metadata| metadata.uid() == own) {
                continue;
            }
            match std::fs::read(&path) {
                Ok(bytes) => {
                    let lines: Vec<u8> =
                        bytes.into_iter().map(|byte| if byte == 0 { b'\n' } else { byte }).collect();
                    sink.take(Event::Input(&origin, Content::Whole(&lines)));
                }
                // It has ended, or is a thread of the kernel.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound || is_no_process(&error) => {}
                Err(error) => {
                    sink.take(Event::Skip(Skipped { origin: origin(), reason: SkipReason::Io(error) }));
                }
            }
        }
    }

    #[cfg(not(unix))]
    fn run(&self, _: &dyn Sink) {}
}

#[cfg(unix)]
fn is_no_process(error: &std::io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::SRCH.raw_os_error())
}
