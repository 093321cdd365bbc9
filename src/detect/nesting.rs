//! What brackets, braces and elements between two places say of how they stand to each other.

use std::ops::Range;

/// What brackets say of a stretch of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Nesting {
    /// Of braces, brackets, parentheses and elements.
    pub(super) scopes: Depth,
    /// Of braces alone.
    objects: Depth,
    /// Whether there is a `${…}` or `#{…}`: no object, and neither is what closes one right behind a value.
    has_template: bool,
}

impl Nesting {
    pub(super) fn of(text: &[u8], range: Range<usize>) -> Self {
        let mut nesting = Self::default();
        for at in range {
            let next = text.get(at + 1);
            let step = match text[at] {
                b'{' | b'[' | b'(' => 1,
                b'}' | b']' | b')' => -1,
                b'<' if next == Some(&b'/') => -1,
                b'<' if next.is_some_and(u8::is_ascii_alphabetic) => 1,
                b'/' if next == Some(&b'>') => -1,
                b'$' | b'#' if next == Some(&b'{') => {
                    nesting.has_template = true;
                    continue;
                }
                _ => continue,
            };
            nesting.scopes.step(step);
            if matches!(text[at], b'{' | b'}') {
                nesting.objects.step(step);
            }
        }
        nesting
    }

    /// Both stretches, one after the other.
    pub(super) fn then(self, next: Self) -> Self {
        Self {
            scopes: self.scopes.then(next.scopes),
            objects: self.objects.then(next.objects),
            has_template: self.has_template || next.has_template,
        }
    }

    /// Whether an object ends and another begins: fields that are named by themselves are fields of one object. In a
    /// list of names with values each field is an object, and its name stands farther off.
    pub(super) fn leaves_object(self) -> bool {
        !self.has_template && self.objects.is_left()
    }

    /// Whether a brace, a bracket or an element ends and another begins.
    pub(super) fn leaves_scope(self) -> bool {
        self.scopes.is_left()
    }
}

/// How deep a stretch of text ends, and how deep it gets, from where it starts; out is negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Depth {
    last: i32,
    lowest: i32,
}

impl Depth {
    fn step(&mut self, step: i32) {
        self.last += step;
        self.lowest = self.lowest.min(self.last);
    }

    /// Whether it gets out and in again.
    fn is_left(self) -> bool {
        self.lowest < 0 && self.last > self.lowest
    }

    fn then(self, next: Self) -> Self {
        Self { last: self.last + next.last, lowest: self.lowest.min(self.last + next.lowest) }
    }

    /// How many scopes are left and entered on the way: none within one object, two from an object to its neighbour.
    pub(super) fn steps(self) -> u32 {
        // Out by -lowest, in by last - lowest.
        u32::try_from((-self.lowest).min(self.last - self.lowest) * 2 + self.last.abs().min(1)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn nesting(text: &str) -> Nesting {
        Nesting::of(text.as_bytes(), 0..text.len())
    }

    #[test]
    fn scopes_are_counted_out_and_in() {
        let steps = |text| nesting(text).scopes.steps();
        assert_eq!(steps("\", \"secret\": \""), 0);
        assert_eq!(steps("\"}, {\"secret\": \""), 2);
        assert_eq!(steps("</value></property><property><name>x</name><value>"), 4);
    }

    #[test]
    fn an_object_is_left_where_another_begins() {
        assert!(nesting("\"},\n  {\"secretAccessKey\": \"").leaves_object());
        assert!(!nesting("\"}, \"secretAccessKey\": \"").leaves_object());
        assert!(!nesting("\", \"nested\": {\"secretAccessKey\": \"").leaves_object());
        assert!(!nesting("}\", x = \"${").leaves_object());
    }

    proptest! {
        #[test]
        fn stretches_add_up(text in "[{}<>/a$ ]{0,40}", cut in 0_usize..40) {
            let cut = cut.min(text.len());
            let parts = Nesting::of(text.as_bytes(), 0..cut).then(Nesting::of(text.as_bytes(), cut..text.len()));
            prop_assert_eq!(parts, nesting(&text));
        }
    }
}
