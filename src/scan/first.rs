//! What else a scan lists, such as inputs that could not be read: the first in order, and the number of the rest.

use std::cmp::Ordering;

/// At most this many inputs are listed as skipped, and as many as excluded. The rest is counted.
pub const MAX_INPUTS: usize = 10_000;

/// The first items in an order.
#[derive(Debug)]
pub(super) struct First<T> {
    items: Vec<T>,
    left_out: u64,
    order: fn(&T, &T) -> Ordering,
}

impl<T> First<T> {
    pub(super) fn new(order: fn(&T, &T) -> Ordering) -> Self {
        Self { items: Vec::new(), left_out: 0, order }
    }

    pub(super) fn add(&mut self, item: T) {
        self.items.push(item);
        if self.items.len() >= 2 * MAX_INPUTS {
            self.cut();
        }
    }

    fn cut(&mut self) {
        self.items.sort_by(self.order);
        self.left_out += self.items.len().saturating_sub(MAX_INPUTS) as u64;
        self.items.truncate(MAX_INPUTS);
    }

    /// The items in order, and how many are left out.
    pub(super) fn finish(mut self) -> (Vec<T>, u64) {
        self.cut();
        (self.items, self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_are_kept_in_whatever_order_they_come() {
        let numbers: Vec<usize> = (0..5 * MAX_INPUTS).collect();
        let mut forwards = First::new(usize::cmp);
        numbers.iter().for_each(|&number| forwards.add(number));
        let mut backwards = First::new(usize::cmp);
        numbers.iter().rev().for_each(|&number| backwards.add(number));
        let expected = (numbers[..MAX_INPUTS].to_vec(), 4 * MAX_INPUTS as u64);
        assert_eq!(forwards.finish(), expected);
        assert_eq!(backwards.finish(), expected);
    }
}
