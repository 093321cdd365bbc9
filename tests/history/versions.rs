//! Made-up histories: files that change in the ways that a delta could hide a key in.

use std::collections::BTreeMap;

use akid::aws::fake::{self, Fake, Random};

use super::repo::{Import, Repo};

/// A file that changes.
struct Changing {
    lines: Vec<Vec<u8>>,
    utf16: bool,
}

const NAMES: [&str; 5] =
    ["secret_key = ", "aws_secret_access_key=", "SecretAccessKey: ", "secret: ", "key = "];

impl Changing {
    fn new(random: &mut Random, lines: usize) -> Self {
        Self { lines: (0..lines).map(|_| filler(random)).collect(), utf16: false }
    }

    fn change(&mut self, random: &mut Random) {
        let at = random.below(self.lines.len());
        let key = fake::pair(random.below(40) as u64);
        match random.below(16) {
            0 | 1 => self.lines.insert(at, filler(random)),
            2 => drop(self.lines.remove(at)),
            3 => self.lines.insert(at, pair(&key)),
            4 => self.lines.insert(at, base64(&pair(&key))),
            5 => self.lines.insert(at, key.id_text()[..random.below(20)].into()),
            6 => self.lines.insert(at, [random.pick(&NAMES), key.secret_text()].concat().into()),
            // The name comes now, the value later, or never.
            7 => self.lines.insert(at, random.pick(&NAMES).into()),
            8 => {
                let value = [b" ".as_slice(), key.secret_text().as_bytes()].concat();
                let named =
                    self.lines.iter().rposition(|line| line.ends_with(b"= ") || line.ends_with(b": "));
                self.lines[named.unwrap_or(at)].extend(value);
            }
            // A key comes together from two halves, or falls apart.
            9 => {
                let next = if at + 1 < self.lines.len() { self.lines.remove(at + 1) } else { Vec::new() };
                self.lines[at].extend(next);
            }
            10 => {
                let cut = random.below(self.lines[at].len() + 1);
                let tail = self.lines[at].split_off(cut);
                self.lines.insert(at + 1, tail);
            }
            // One character of a key changes.
            11 => self.one_letter(random),
            12 => {
                let line = self.lines.remove(at);
                let to = random.below(self.lines.len() + 1);
                self.lines.insert(to, line);
            }
            13 => self.lines.insert(at, key.id_text().into()),
            14 => self.lines[at].extend(utf16(&pair(&key))),
            _ => self.utf16 = random.below(4) == 0,
        }
        if self.lines.is_empty() {
            self.lines.push(filler(random));
        }
    }

    fn one_letter(&mut self, random: &mut Random) {
        let has_id = |line: &&mut Vec<u8>| line.windows(4).any(|part| part == b"AKIA");
        let lines: Vec<&mut Vec<u8>> = self.lines.iter_mut().filter(has_id).collect();
        let nth = random.below(lines.len().max(1));
        if let Some(line) = lines.into_iter().nth(nth) {
            let at = random.below(line.len());
            line[at] = random.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 1).as_bytes()[0];
        }
    }

    fn content(&self) -> Vec<u8> {
        let text = self.lines.join(&b'\n');
        if self.utf16 { utf16(&text) } else { text }
    }
}

fn filler(random: &mut Random) -> Vec<u8> {
    let len = random.below(70);
    random.text("abcdefghij klmnopqrstuvwxyz.,(){}", len).into()
}

fn pair(key: &Fake) -> Vec<u8> {
    format!("id = {}\nsecret = {}", key.id_text(), key.secret_text()).into()
}

fn base64(text: &[u8]) -> Vec<u8> {
    data_encoding::BASE64.encode(text).into()
}

fn utf16(text: &[u8]) -> Vec<u8> {
    String::from_utf8_lossy(text).encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Fills `repo` with `commits` versions of a few files: small ones, and one that is longer than what decides of a
/// finding.
pub(crate) fn fill(repo: &Repo, seed: u64, commits: usize) {
    let mut random = Random::new(seed);
    let sizes = [3, 40, 400, 3500];
    let mut files: Vec<Changing> = sizes.iter().map(|lines| Changing::new(&mut random, *lines)).collect();
    let mut import = Import::default();
    for _ in 0..commits {
        let mut changed = BTreeMap::new();
        for (number, file) in files.iter_mut().enumerate() {
            if random.below(3) > 0 {
                (0..=random.below(2)).for_each(|_| file.change(&mut random));
                changed.insert(format!("file{number}"), file.content());
            }
        }
        import.commit(&changed);
    }
    import.into_repo(repo);
}
