//! Whole secrets in names: forty characters that look random, even with words in them by chance.

use std::ops::Range;

use crate::aws::{AccessKeyId, Likeness, SecretAccessKey};
use crate::text::unseen::{STARTS, unseen_len};

/// Returns the stretches of `name` that could be a secret with nothing glued to it, in order of their start.
///
/// Units are judged by themselves, and a secret with signs in it is several short units. A path is read at every
/// offset, because `/` belongs to the alphabet of secrets as well as to paths.
pub(super) fn secrets(name: &[u8]) -> Vec<Range<usize>> {
    let Some((seen, at)) = seen(name) else { return whole(name).collect() };
    whole(&seen).map(|secret| at[secret.start]..at[secret.end - 1] + 1).collect()
}

/// The bytes of `name` without what is not seen, and where each of them stands; `None` if all of it is seen.
fn seen(name: &[u8]) -> Option<(Vec<u8>, Vec<usize>)> {
    if !name.iter().any(|byte| b"\\%&".contains(byte) || STARTS.contains(byte)) {
        return None;
    }
    let (mut seen, mut places, mut at) = (Vec::new(), Vec::new(), 0);
    while at < name.len() {
        if let Some(len) = unseen_len(&name[at..]) {
            at += len;
            continue;
        }
        // A run of backslashes that is no escape at its start is none anywhere.
        let run = name[at..].iter().take_while(|&&byte| byte == b'\\').count().max(1);
        seen.extend_from_slice(&name[at..at + run]);
        places.extend(at..at + run);
        at += run;
    }
    Some((seen, places))
}

fn whole(name: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let is_glued = |at: Option<usize>| at.and_then(|at| name.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let windows = name.windows(SecretAccessKey::LEN).enumerate();
    windows
        .map(|(at, letters)| (at..at + SecretAccessKey::LEN, letters))
        .filter(move |(at, _)| !is_glued(at.start.checked_sub(1)) && !is_glued(Some(at.end)))
        .filter(|(_, letters)| could_be_secret(letters))
        .map(|(at, _)| at)
}

fn could_be_secret(letters: &[u8]) -> bool {
    let has_key_id = || letters.windows(AccessKeyId::LEN).any(|id| AccessKeyId::parse(id).is_some());
    SecretAccessKey::parse(letters).is_some_and(|secret| secret.likeness() == Likeness::RandomKey)
        && !has_key_id()
}

#[cfg(test)]
mod tests {
    use crate::aws::fake;
    use crate::redact::redact;

    #[test]
    fn a_secret_that_is_a_whole_name_is_masked() {
        for key in (0..2000).map(fake::pair) {
            let secret = key.secret_text();
            for name in [secret.to_owned(), format!("/{secret}"), format!("keys/{secret}.txt")] {
                let shown = redact(name.as_bytes());
                let is_shown = secret
                    .as_bytes()
                    .windows(8)
                    .any(|part| shown.as_bytes().windows(8).any(|window| window == part));
                assert!(!is_shown, "{shown}");
            }
        }
    }
}
