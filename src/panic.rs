//! Being caught: a panic on one input costs that input and nothing else.
//!
//! A panic's message may repeat the bytes that caused it. Only its place in akid's source is kept.

use std::any::Any;
use std::cell::RefCell;
use std::fmt;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

/// A panic that was caught: this is a bug in akid. Displays as its place in the source, `file:line`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Panicked(String);

impl Panicked {
    /// Continues the panic in another thread, which catches it with the place of the first.
    pub fn resume(self) -> ! {
        panic::resume_unwind(Box::new(self))
    }

    fn from_payload(payload: Box<dyn Any + Send>) -> Self {
        payload.downcast::<Self>().map_or_else(|_| Self(LAST_PLACE.take()), |panicked| *panicked)
    }
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "an unknown place" } else { &self.0 })
    }
}

/// Runs `work` and catches its panic.
///
/// What `work` leaves half-done must be discarded by the caller or be sound in any state.
///
/// # Errors
///
/// The place of the panic. The place is known only where [`remember`] is the process's panic hook.
pub fn catch<T>(work: impl FnOnce() -> T) -> Result<T, Panicked> {
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(Panicked::from_payload)
}

thread_local! {
    static LAST_PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Makes panics silent and remembers their places for [`catch`]. Called once, before any input is read.
pub fn remember() {
    panic::set_hook(Box::new(remember_place));
}

fn remember_place(info: &PanicHookInfo<'_>) {
    let place = info.location().map(|place| format!("{}:{}", place.file(), place.line()));
    LAST_PLACE.set(place.unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_keeps_its_place_across_threads() {
        let default = panic::take_hook();
        remember();
        let caught = catch(|| {
            let inner = std::thread::spawn(|| catch(|| panic!("a message")));
            inner.join().unwrap_or(Ok(())).unwrap_or_else(|panicked| panicked.resume());
        });
        panic::set_hook(default);
        let place = caught.map_or_else(|panicked| panicked.to_string(), |()| String::new());
        assert!(place.contains("panic.rs:") && !place.contains("message"), "{place}");
    }
}
