//! The progress bar of long scans.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

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
    pub(super) fn start(progress: Arc<Progress>) -> Self {
        let done = Arc::new(AtomicBool::new(false));
        let is_done = Arc::clone(&done);
        // Where the system grants no thread, there is no bar.
        let drawer = thread::Builder::new().spawn(move || draw(&progress, &is_done)).ok();
        Self { done, drawer }
    }
}

fn draw(progress: &Progress, is_done: &AtomicBool) {
    thread::park_timeout(DELAY);
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::default_spinner());
    while !is_done.load(Ordering::Relaxed) {
        bar.set_message(format!("{} files, {}", HumanCount(progress.inputs()), HumanBytes(progress.bytes())));
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
