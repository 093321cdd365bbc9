//! Standard input.

use std::io;

use super::slow::Slow;
use super::{Content, Sink, Source};
use crate::origin::Origin;

/// Standard input, read once.
#[derive(Clone, Copy, Debug, Default)]
pub struct Stdin;

impl Source for Stdin {
    fn named(&self) -> Vec<Origin> {
        vec![Origin::Stdin]
    }

    fn run(&self, sink: &dyn Sink) {
        sink.input(&|| Origin::Stdin, Content::Stream(&mut Slow::new(|| Ok(io::stdin()), sink)));
    }
}
