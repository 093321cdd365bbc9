//! Which objects are worth a look.

use crate::anchor::Gate;
use crate::origin::{Object, ObjectId, ObjectKind, Origin};
use crate::source::{Content, Sink};
use crate::text::utf16_order;

/// What decides whether an object can hold anything.
#[derive(Debug)]
pub struct Anchors {
    /// The gate.
    pub gate: Gate,
}

/// Hands to the sink what is worth a look.
pub(super) struct Sieve<'a> {
    anchors: Option<&'a Anchors>,
    sink: &'a dyn Sink,
}

/// Objects up to this size are looked at as a whole.
pub(super) const WHOLE: usize = 16 << 20;

impl<'a> Sieve<'a> {
    pub(super) fn new(anchors: Option<&'a Anchors>, sink: &'a dyn Sink) -> Self {
        Self { anchors, sink }
    }

    pub(super) fn sink(&self) -> &'a dyn Sink {
        self.sink
    }

    /// Takes an object that was read as a whole.
    pub(super) fn whole(&self, object: Wanted, bytes: &[u8]) {
        if object.is_none() {
            return;
        }
        if bytes.len() > WHOLE {
            self.hand_over(object, Content::Stream(&mut &*bytes));
            return;
        }
        let Some(anchors) = self.anchors.filter(|_| utf16_order(bytes).is_none()) else {
            self.hand_over(object, Content::Whole(bytes));
            return;
        };
        let hits = anchors.gate.hits(bytes);
        if hits.is_empty() {
            self.pass(object, bytes.len());
        } else {
            self.hand_over(object, Content::Anchored(bytes, &hits));
        }
    }

    fn pass(&self, object: Wanted, len: usize) {
        if object.is_some() {
            self.sink.pass(len as u64);
        }
    }

    /// Says whether there is, or may be, a part of a credential in it.
    pub(super) fn hand_over(&self, object: Wanted, content: Content<'_>) -> bool {
        let Some((kind, id)) = object else { return true };
        self.sink.input(&|| Origin::Object(Object::new(kind, id)), content)
    }
}

/// An object that is to be looked at; `None` for one that others are made from and nothing else.
pub(super) type Wanted = Option<(ObjectKind, ObjectId)>;
