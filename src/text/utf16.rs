//! Text in UTF-16, told by its first bytes.

/// Which half of a UTF-16 unit comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteOrder {
    Little,
    Big,
}

/// The byte order of a text in UTF-16: by its byte order mark, or by where its zeros stand.
pub(crate) fn utf16_order(head: &[u8]) -> Option<ByteOrder> {
    match head {
        [0xff, 0xfe, rest @ ..] if !rest.starts_with(&[0, 0]) => return Some(ByteOrder::Little),
        [0xfe, 0xff, ..] => return Some(ByteOrder::Big),
        _ => {}
    }
    let sample = &head[..head.len().min(256) & !1];
    // Most texts hold no zero at all.
    memchr::memchr(0, sample)?;
    let zeros = |place: usize| sample.iter().skip(place).step_by(2).filter(|&&byte| byte == 0).count();
    let units = sample.len() / 2;
    let mostly = |zeros: usize| units >= 8 && zeros * 10 >= units * 8;
    match (zeros(0), zeros(1)) {
        (0, odd) if mostly(odd) => Some(ByteOrder::Little),
        (even, 0) if mostly(even) => Some(ByteOrder::Big),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf16_is_known_by_its_mark_or_its_zeros() {
        let little: Vec<u8> = "plain text".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "plain text".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(utf16_order(&little), Some(ByteOrder::Little));
        assert_eq!(utf16_order(&big), Some(ByteOrder::Big));
        assert_eq!(utf16_order(b"plain text, and rather long"), None);
        assert_eq!(utf16_order(&[0xfe, 0xff]), Some(ByteOrder::Big));
    }
}
