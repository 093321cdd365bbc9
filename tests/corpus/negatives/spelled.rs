//! Bytes that are spelled by their values and hold no credential, and text that only looks spelled.

use akid::aws::fake::Random;

use super::Negative;
use crate::corpus::noise::{hex, sentence, word};
use crate::corpus::style::Values;

pub(super) const NEGATIVES: &[Negative] = &[
    Negative::new("hexdump -C of random bytes", |random| Values::Hexdump.write(&random.bytes(2000))),
    Negative::new("xxd of random bytes", |random| Values::Xxd.write(&random.bytes(2000))),
    Negative::new("list of random bytes", |random| {
        format!("static const uint8_t data[] = {{\n    {}\n}};\n", Values::List.write(&with_end(random)))
    }),
    Negative::new("run of hex digits", |random| Values::Hex.write(&with_end(random))),
    Negative::new("digests that spell the end of a prefix", |random| {
        (0..8).map(|_| format!("{}4b4941{}  {}\n", hex(random, 10), hex(random, 24), word(random))).collect()
    }),
    Negative::new("hex of a digest beside the word secret", |random| {
        format!("secret_key_hex = \"{}\"\n", Values::Hex.write(hex(random, 40).as_bytes()))
    }),
    Negative::new("hex of text with a prefix in it", |random| {
        format!("data = \"{}\"", Values::Hex.write(format!("xAKIA {}", sentence(random)).as_bytes()))
    }),
    Negative::new("prefix in strings side by side", |random| {
        format!("PREFIXES = [\"AKIA\", \"ASIA\", \"AROA\"]\nif id[:4] == \"AKIA\" + \"{}\":\n", word(random))
    }),
];

/// Random bytes with the end of a prefix among them.
fn with_end(random: &mut Random) -> Vec<u8> {
    [random.bytes(500), b"KIA".to_vec(), random.bytes(500)].concat()
}
