//! Whether the blocks of a frame of zstd or LZ4 follow each other as they should. So a frame that cannot be decoded is
//! told from bytes that only begin like one.

/// Whether `held` starts with a frame of zstd whose blocks follow each other up to its end, or that of `held`.
pub(in crate::source) fn is_zstd(held: &[u8]) -> bool {
    let Some(&descriptor) = held.get(4) else { return false };
    let is_single = descriptor & 0x20 != 0;
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content = match descriptor >> 6 {
        0 => usize::from(is_single),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let mut at = 5 + usize::from(!is_single) + dictionary + content;
    // A reserved bit.
    let mut is_sound = descriptor & 8 == 0;
    while let Some(block) = held.get(at..at + 3).filter(|_| is_sound) {
        let header = u32::from_le_bytes([block[0], block[1], block[2], 0]);
        let (is_last, kind, size) = (header & 1 == 1, header >> 1 & 3, header >> 3);
        is_sound = kind != 3 && size <= 128 << 10;
        at += 3 + if kind == 1 { 1 } else { usize::try_from(size).unwrap_or(usize::MAX) };
        if is_last {
            break;
        }
    }
    is_sound
}

/// The same of LZ4.
pub(in crate::source) fn is_lz4(held: &[u8]) -> bool {
    let Some([flags, sizes]) = held.get(4..6).and_then(<[u8]>::first_chunk) else { return false };
    let has = |flag: u8| flags & flag != 0;
    let mut at = 7 + if has(8) { 8 } else { 0 } + if has(1) { 4 } else { 0 };
    let most = match sizes >> 4 {
        4 => 64 << 10,
        5 => 256 << 10,
        6 => 1 << 20,
        7 => 4 << 20,
        _ => return false,
    };
    // The version, and reserved bits.
    let mut is_sound = flags >> 6 == 1 && !has(2) && sizes & 0x8f == 0;
    while let Some(block) = held.get(at..).and_then(<[u8]>::first_chunk).filter(|_| is_sound) {
        let size = u32::from_le_bytes(*block) & 0x7fff_ffff;
        if size == 0 {
            break;
        }
        is_sound = size <= most;
        at += 4 + usize::try_from(size).unwrap_or(usize::MAX) + if has(16) { 4 } else { 0 };
    }
    is_sound
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn blocks_are_followed_to_the_end_or_to_where_it_is_cut() {
        let text: Vec<u8> =
            (0..300_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let zstd = zstd::encode_all(text.as_slice(), 1).unwrap();
        let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
        encoder.write_all(&text).unwrap();
        let lz4 = encoder.finish().unwrap();
        for (bytes, header, is_frame) in [(zstd, 6, is_zstd as fn(&[u8]) -> bool), (lz4, 7, is_lz4)] {
            assert!(is_frame(&bytes) && is_frame(&bytes[..bytes.len() / 2]));
            assert!(is_frame(&[&bytes[..], b"more"].concat()));
            let noise = [&bytes[..header], &[0xff; 100]].concat();
            assert!(!is_frame(&noise), "{:x?}", &bytes[..12]);
            for end in 0..20 {
                is_frame(&bytes[..end]);
            }
        }
    }
}
