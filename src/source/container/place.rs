//! Where in an archive something is, by the names that lead there.

/// Where in an outermost archive something is.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    pub(super) above: Option<&'p Place<'p>>,
    pub(super) name: &'p [u8],
    pub(super) depth: u32,
    /// Whether it is what was in the file of that name, which has no name of its own.
    pub(super) is_unpacked: bool,
}

/// Names are told up to here: no system has longer ones. They are searched whole.
pub(super) const MAX_NAME: usize = 4096;

impl Place<'static> {
    /// The outermost archive itself.
    pub(super) const ROOT: Self = Self { above: None, name: b"", depth: 0, is_unpacked: false };
}

impl<'p> Place<'p> {
    /// What is in this archive by that name, wherever it would be unpacked to.
    pub(super) fn member(&'p self, name: &'p [u8]) -> Self {
        Self { above: Some(self), name: tidy(name), depth: self.depth + 1, is_unpacked: false }
    }

    /// What this archive is the packed form of.
    pub(super) fn unpacked(&self) -> Self {
        Self { depth: self.depth + 1, is_unpacked: true, ..*self }
    }

    /// The names that lead here from the outermost archive.
    pub(super) fn names(&self) -> Vec<Vec<u8>> {
        let mut names = self.above.map(Place::names).unwrap_or_default();
        if self.above.is_some() {
            names.push(self.name.to_vec());
        }
        names
    }
}

/// A name as it is told: relative, and no longer than any system has it.
pub(super) fn tidy(name: &[u8]) -> &[u8] {
    let name = relative(name);
    if name.is_empty() { b"<no name>" } else { &name[..name.len().min(MAX_NAME)] }
}

/// A name as a path in the archive.
pub(super) fn relative(mut name: &[u8]) -> &[u8] {
    while let Some(rest) = name.strip_prefix(b"/").or_else(|| name.strip_prefix(b"./")) {
        name = rest;
    }
    name.strip_suffix(b"/").unwrap_or(name)
}
