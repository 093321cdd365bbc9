//! What is in question, to be looked up for each entry of each tree.

use std::collections::HashMap;

use crate::origin::ObjectId;
use crate::source::Subject;

/// What is in question, numbered.
#[derive(Debug)]
pub(super) struct Wanted {
    objects: HashMap<ObjectId, u32>,
    names: HashMap<Vec<u8>, u32>,
    /// Which first two bytes of an ID there are among them: most entries of most trees fall at that.
    heads: Vec<bool>,
}

impl Wanted {
    pub(super) fn new(subjects: &[Subject]) -> Self {
        let mut wanted = Self { objects: HashMap::new(), names: HashMap::new(), heads: vec![false; 1 << 16] };
        for (number, subject) in (0..).zip(subjects) {
            match subject {
                Subject::Object(id) => {
                    wanted.heads[head(id.as_bytes())] = true;
                    wanted.objects.insert(*id, number);
                }
                Subject::Name(name) => drop(wanted.names.insert(name.clone(), number)),
            }
        }
        wanted
    }

    pub(super) fn object(&self, id: &ObjectId) -> Option<u32> {
        if !self.heads[head(id.as_bytes())] {
            return None;
        }
        self.objects.get(id).copied()
    }

    pub(super) fn name(&self, name: &[u8]) -> Option<u32> {
        if self.names.is_empty() { None } else { self.names.get(name).copied() }
    }
}

fn head(id: &[u8]) -> usize {
    id.first_chunk().map_or(0, |head| usize::from(u16::from_be_bytes(*head)))
}
