//! What spells a secret in one run of letters: hex and base64.

use super::windows::PIECE;

/// Runs of eight letters of which one is in every eight characters of `secret` in hex, in base64, in base64 of that, and
/// in base64 of UTF-16 and hex.
pub(super) fn of(secret: &[u8]) -> impl Iterator<Item = u64> {
    let hex = [data_encoding::HEXLOWER.encode(secret), data_encoding::HEXUPPER.encode(secret)];
    let utf16 = [0, 1].map(|before| wide(secret, before));
    let once: Vec<String> = in_base64(secret).collect();
    let twice = once.iter().flat_map(|once| in_base64(once.as_bytes()));
    let wider = utf16.iter().map(Vec::as_slice).chain(hex.iter().map(String::as_bytes)).flat_map(in_base64);
    // Eight characters are as many letters at least as their spelling has, and a step is no longer than what is left.
    let mut spelled: Vec<(String, usize)> =
        twice.map(|text| (text, 4)).chain(wider.map(|text| (text, 8))).collect();
    spelled.extend(once.into_iter().map(|text| (text, 2)));
    let hex = hex.into_iter().map(|text| (text, 8));
    spelled.into_iter().chain(hex).flat_map(|(text, step)| runs(&text, step))
}

/// Every eight letters of `text` that begin at a multiple of `step`.
fn runs(text: &str, step: usize) -> Vec<u64> {
    let windows = text.as_bytes().windows(PIECE).step_by(step);
    windows.filter_map(|run| run.first_chunk().map(|run| u64::from_be_bytes(*run))).collect()
}

/// The letters of base64 that `text` alone decides, from each place of a group that it may begin at.
fn in_base64(text: &[u8]) -> impl Iterator<Item = String> {
    (0..3).map(move |before| {
        let padded = [&vec![0; before], text].concat();
        let encoded = data_encoding::BASE64_NOPAD.encode(&padded);
        let (first, last) = ([0, 2, 3][before], padded.len() * 8 / 6);
        encoded[first..last].to_owned()
    })
}

/// `text` with a zero after each of its bytes, in UTF-16 of the other order before it.
fn wide(text: &[u8], before: usize) -> Vec<u8> {
    let zeros = std::iter::repeat_n(0, before);
    zeros.chain(text.iter().flat_map(|byte| [*byte, 0])).take(2 * text.len()).collect()
}
