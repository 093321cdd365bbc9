//! The progress bar of long scans.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use akid::report::Counted;
use akid::scan::Progress;
use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how far a scan has come until it is dropped.
pub(super) struct Bar {
    done: Arc<AtomicBool>,
    drawer: Option<JoinHandle<()>>,
}

/// A scan that is done sooner shows no bar.
const DELAY: Duration = Duration::from_millis(500);
const STEP: Duration = Duration::from_millis(100);

impl Bar {
    /// Counts the inputs by what they are.
    pub(super) fn start(progress: Arc<Progress>, counted: Counted) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let is_done = Arc::clone(&done);
        // Where the system grants no thread, there is no bar.
        let drawer = thread::Builder::new().spawn(move || draw(&progress, counted, &is_done)).ok();
        Self { done, drawer }
    }
}

/// How far it is, in the units of the summary. Files are counted while they are found, so only objects have a total.
fn told(progress: &Progress, counted: Counted) -> String {
    let (inputs, expected) = (progress.inputs(), progress.expected());
    let of = match counted {
        Counted::Objects if inputs <= expected => format!(" of {}", HumanCount(expected)),
        _ => String::new(),
    };
    format!("scanned {}{of} {}s, {}", HumanCount(inputs), counted.noun(), HumanBytes(progress.bytes()))
}

fn draw(progress: &Progress, counted: Counted, is_done: &AtomicBool) {
    thread::park_timeout(DELAY);
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::default_spinner());
    while !is_done.load(Ordering::Relaxed) {
        bar.set_message(told(progress, counted));
        bar.tick();
        thread::park_timeout(STEP);
    }
    bar.finish_and_clear();
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.done.store(true, Ordering::Relaxed);
        if let Some(drawer) = self.drawer.take() {
            drawer.thread().unpark();
            drop(drawer.join());
        }
    }
}
