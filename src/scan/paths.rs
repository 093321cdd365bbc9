//! What the paths of two files say of whether a key ID in one and a secret in the other may belong together.

use std::collections::BTreeSet;

use super::beside::folder_and_name;
use crate::detect::environment;

/// Words in names of files that say nothing of which credential is in them.
const COMMON: [&str; 47] = [
    "access",
    "amazon",
    "app",
    "application",
    "auth",
    "aws",
    "backend",
    "ci",
    "common",
    "conf",
    "config",
    "configuration",
    "credential",
    "credentials",
    "creds",
    "data",
    "default",
    "defaults",
    "deploy",
    "env",
    "environment",
    "iam",
    "id",
    "ids",
    "index",
    "init",
    "key",
    "keys",
    "local",
    "login",
    "main",
    "priv",
    "private",
    "provider",
    "providers",
    "pub",
    "public",
    "s3",
    "secret",
    "secrets",
    "settings",
    "setup",
    "token",
    "user",
    "values",
    "variables",
    "vars",
];

/// Whether two paths say different things: other environments, or other names of files of one kind.
pub(super) fn differ(one: &[u8], two: &[u8]) -> bool {
    let environments = |path| words(path).iter().filter_map(|word| environment(word)).collect();
    if are_apart(&environments(one), &environments(two)) {
        return true;
    }
    let ((_, one), (_, two)) = (folder_and_name(one), folder_and_name(two));
    let ((one, one_kind), (two, two_kind)) = (stem_and_kind(one), stem_and_kind(two));
    one_kind == two_kind && are_apart(&telling(one), &telling(two))
}

/// Whether both say something, and nothing that the other says.
fn are_apart<T: Ord>(one: &BTreeSet<T>, two: &BTreeSet<T>) -> bool {
    !one.is_empty() && !two.is_empty() && one.is_disjoint(two)
}

/// What is before and behind the last dot of a file's name.
fn stem_and_kind(name: &[u8]) -> (&[u8], &[u8]) {
    let dot = memchr::memrchr(b'.', name).unwrap_or(name.len());
    name.split_at(dot)
}

fn telling(stem: &[u8]) -> BTreeSet<String> {
    let tells = |word: &String| word.chars().nth(1).is_some() && !COMMON.contains(&&**word);
    words(stem).into_iter().filter(tells).collect()
}

/// The words of a path, in lower case.
fn words(path: &[u8]) -> Vec<String> {
    let path = String::from_utf8_lossy(path).to_lowercase();
    path.split(|sign: char| !sign.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_environments_and_other_names_of_one_kind_differ() {
        for (one, two) in [
            ("users/alice.env", "users/bob.env"),
            ("prod.env", "dev.tf"),
            ("production/ci.yml", "deploy/staging.tf"),
            (".env.prod", ".env.dev"),
        ] {
            assert!(differ(one.as_bytes(), two.as_bytes()), "{one} {two}");
        }
        for (one, two) in [
            ("deploy/main.tf", "deploy/ci.env"),
            ("alice/id.env", "alice/secret.env"),
            ("prod.env", "production.tf"),
            ("alice.tf", "bob.yml"),
            ("bin/a.sh", "bin/b.sh"),
            ("c/priv.json", "c/pub.json"),
            ("prod/main.tf", "ci.yml"),
            ("", "a.env"),
        ] {
            assert!(!differ(one.as_bytes(), two.as_bytes()), "{one} {two}");
        }
    }
}
