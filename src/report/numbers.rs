//! Numbers and sizes, in words.

pub(super) fn count(n: u64, word: &str) -> String {
    format!("{} {word}{}", grouped(n), if n == 1 { "" } else { "s" })
}

/// The number with its thousands set apart.
pub(super) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A size in the largest unit that it has one of.
pub(super) fn bytes(n: u64) -> String {
    let units = [(1_000_000_000_000, "TB"), (1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.into_iter().find(|(unit, _)| n >= *unit) {
        // One digit after the point, cut and not rounded, so that no number grows out of its unit.
        Some((unit, name)) => format!("{}.{} {name}", n / unit, n % unit / (unit / 10)),
        None => count(n, "byte"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_told_in_the_largest_unit_that_fits() {
        assert_eq!(bytes(1), "1 byte");
        assert_eq!(bytes(999), "999 bytes");
        assert_eq!(bytes(999_999), "999.9 kB");
        assert_eq!(bytes(1_250_000_000), "1.2 GB");
        assert_eq!(bytes(u64::MAX), "18446744.0 TB");
    }

    #[test]
    fn thousands_are_set_apart() {
        assert_eq!(["1", "12", "123", "1,234", "1,234,567"], [1, 12, 123, 1234, 1_234_567].map(grouped)[..]);
    }
}
