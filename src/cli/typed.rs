//! Arguments that an error repeats as a name: of a file, a revision, a profile.
//!
//! Names are shown with short pieces of what may be secret, so that paths stay readable. What the user typed in the wrong
//! place, and what names nothing, is shown by word instead, as other text from outside.

use std::path::Path;

use akid::redact::{self, redact};

/// Arguments shorter than this show nothing of a secret.
const SHORT: usize = 8;

/// Masks in `message` what `arguments` typed, where it may be part of a secret.
pub(super) fn masked(message: &str, arguments: impl IntoIterator<Item = String>) -> String {
    let mut masked = message.to_owned();
    for argument in arguments {
        for part in parts(&argument).into_iter().filter(|part| part.len() >= SHORT) {
            let name = redact(part.as_bytes());
            let shown = shown(part);
            if name != shown && masked.contains(&name) {
                masked = masked.replace(&name, &shown);
            }
        }
    }
    masked
}

/// What keeps a text from being a key ID, without the text: it may be a secret.
pub(super) fn key_id_fault(text: &str) -> String {
    let rule = "a key ID is AKIA or ASIA and 16 more of A-Z and 2-7";
    let text = text.trim();
    let (start, rest) = text.split_at_checked(4).unwrap_or(("", text));
    let wrong = rest.chars().position(|c| !matches!(c, 'A'..='Z' | '2'..='7'));
    let fault = match wrong {
        _ if start != "AKIA" && start != "ASIA" => "this starts with something else".to_owned(),
        Some(at) => format!("character {} of this is none of these", start.len() + at + 1),
        None => format!("this has {} characters", text.len()),
    };
    format!("{rule}; {fault}")
}

/// The whole argument, the value of an option, the file behind a format, both ends of a range: longer ones first.
fn parts(argument: &str) -> Vec<&str> {
    let value = argument.split_once('=').filter(|_| argument.starts_with('-')).map(|(_, value)| value);
    let mut parts = vec![argument];
    parts.extend(value);
    for whole in parts.clone() {
        parts.extend(whole.split_once(':').map(|(_, file)| file));
        parts.extend(whole.split("..").filter(|end| end.len() < whole.len()));
    }
    parts
}

/// What exists is shown as a name, the rest by word.
fn shown(part: &str) -> String {
    let there = Path::new(part).ancestors().find(|path| path.exists()).and_then(Path::to_str).unwrap_or("");
    let rest = part.strip_prefix(there).unwrap_or(part);
    redact(there.as_bytes()) + &redact::words(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_key_id_is_said_without_it() {
        for (text, fault) in [
            ("AKIARZPUZDIKAAAAAAA", "this has 19 characters"),
            ("AKIARZPUZDIKAAAAAAA1", "character 20 of this is none of these"),
            ("akiarzpuzdikaaaaaaaa", "this starts with something else"),
            ("é", "this starts with something else"),
        ] {
            let said = key_id_fault(text);
            assert!(said.ends_with(fault) && !said.contains(text), "{said}");
        }
    }

    #[test]
    fn a_secret_that_is_typed_as_a_name_is_not_repeated_in_pieces() {
        let key = akid::aws::fake::pair(4);
        let secret = key.secret_text().replace('/', "a");
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().to_str().unwrap();
        for piece in [&secret[..19], &secret[..12], &secret[20..36]] {
            for argument in [piece.to_owned(), format!("--config={piece}"), format!("json:{folder}/{piece}")]
            {
                let name = argument.rsplit(['=', ':']).next().unwrap();
                let message = format!("{}: cannot be read", redact(name.as_bytes()));
                let masked = masked(&message, [argument.clone()]);
                assert!(!masked.contains(&piece[..8]) && masked.ends_with(": cannot be read"), "{masked}");
                assert!(!argument.contains(folder) || masked.starts_with(folder), "{masked}");
            }
        }
        let message = "no/such/file.txt: cannot be read";
        assert_eq!(masked(message, ["no/such/file.txt".to_owned()]), message);
    }
}
