//! Secrets in the environment of akid itself, which a command that it runs may print.

use akid::mask::Masker;
use akid::rule::RuleId;

/// What names a variable that holds a secret of AWS, together with `AWS`.
const WORDS: [&str; 4] = ["SECRET", "TOKEN", "PASSWORD", "CREDENTIAL"];
/// What names a variable that only says where a secret is.
const ELSEWHERE: [&str; 8] = ["_FILE", "_PATH", "_ARN", "_ID", "_URI", "_NAME", "_URL", "_REGION"];
/// Shorter values are no secrets.
const SHORTEST: usize = 8;

/// Masks the values of secret variables from here on.
pub(super) fn hide(masker: &mut Masker) {
    for (name, value) in std::env::vars_os() {
        let name = name.to_string_lossy().to_ascii_uppercase();
        let value = value.as_encoded_bytes();
        if is_secret(&name)
            && value.len() >= SHORTEST
            && let Some(rule) = rule(&name)
        {
            masker.hide(value, rule);
        }
    }
}

fn is_secret(name: &str) -> bool {
    name.contains("AWS")
        && WORDS.iter().any(|word| name.contains(word))
        && !ELSEWHERE.iter().any(|end| name.ends_with(end))
}

fn rule(name: &str) -> Option<RuleId> {
    RuleId::parse(if name.contains("TOKEN") { "aws-session-token" } else { "aws-secret-access-key" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_hold_a_secret_are_told_from_those_that_name_one() {
        for name in
            ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "TF_VAR_AWS_SECRET", "AWS_BEARER_TOKEN_BEDROCK"]
        {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_PROFILE",
            "GITHUB_TOKEN",
            "AWS_SECRET_ARN",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
