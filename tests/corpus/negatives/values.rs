//! Values of the wrong length or of other services, and values that are documentation.

use akid::aws::fake::SECRET_ALPHABET;
use akid::finding::Suppression;
use data_encoding::{BASE64, BASE64URL};

use super::Negative;
use crate::corpus::noise::{hex, word};

const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

pub(super) const NEGATIVES: &[Negative] = &[
    Negative::new("named secret of 39 characters", |random| named(&random.text(LETTERS, 39))),
    Negative::new("named secret of 41 characters", |random| named(&random.text(LETTERS, 41))),
    Negative::new("named secret of 64 characters", |random| named(&random.text(LETTERS, 64))),
    Negative::new("named secret of 20 characters", |random| named(&random.text(LETTERS, 20))),
    Negative::new("forty characters with no name", |random| {
        format!("{} {}\n", word(random), random.text(SECRET_ALPHABET, 40))
    }),
    Negative::new("Fernet key", |random| format!("SECRET_KEY = '{}'\n", BASE64URL.encode(&random.bytes(32)))),
    Negative::new("32 bytes in base64 named secret", |random| format!("secret_key: {}\n", BASE64.encode(&random.bytes(32)))),
    Negative::new("Django secret", |random| {
        format!("SECRET_KEY = 'django-insecure-{}'\n", random.text("abcdefghijklmnopqrstuvwxyz0123456789!@#$%^&*(-_=+)", 50))
    }),
    Negative::new("Rails secret", |random| format!("secret_key_base: {}\n", hex(random, 128))),
    Negative::new("Flask secret", |random| format!("app.secret_key = '{}'\nsecret_key = '{}'\n", hex(random, 32), hex(random, 64))),
    Negative::new("Stripe secret", |random| format!("stripe_secret_key = \"{}_{}\"\n", "rk_test", random.text(LETTERS, 24))),
    Negative::new("GitHub token", |random| format!("secret_key: {}_{}\n", "ghx", random.text(LETTERS, 36))),
    Negative::new("other tokens of 40 hex digits", |random| format!("api_secret = {}\ntoken={}\n", hex(random, 40), hex(random, 40))),
    Negative::new("session token too short", |random| format!("AWS_SESSION_TOKEN=IQoJb3JpZ2luX2Vj{}\n", random.text(LETTERS, 30))),
    Negative::new("tokens of others", |random| format!("session_token: {}\nsecurity-token = {}\n", random.text(LETTERS, 64), hex(random, 96))),
    Negative::new("documented pair", |_| {
        "[default]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\n".to_owned()
    })
    .suppressed(Suppression::Example),
    Negative::new("documented second pair", |_| {
        "[user2]\naws_access_key_id=AKIAI44QH8DHBEXAMPLE\naws_secret_access_key=je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY\n".to_owned()
    })
    .suppressed(Suppression::Example),
    Negative::new("documented lone ID", |random| {
        format!("Use {} as {}.\n", random.pick(&["AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE", "AKIAI44QH8DHBEXAMPLE"]), word(random))
    })
    .suppressed(Suppression::Example),
    Negative::new("documented lone secret", |random| {
        format!("export AWS_SECRET_ACCESS_KEY={}\n", random.pick(&["wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"]))
    })
    .suppressed(Suppression::Example),
    Negative::new("documented pair in JSON", |_| {
        "{\"AccessKeyId\": \"AKIAIOSFODNN7EXAMPLE\", \"SecretAccessKey\": \"wJalrXUtnFEMI\\/K7MDENG\\/bPxRfiCYEXAMPLEKEY\"}\n".to_owned()
    })
    .suppressed(Suppression::Example),
    Negative::new("any ID that ends in EXAMPLE", |random| {
        format!("access_key: AKIA{}EXAMPLE\n", random.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 9))
    })
    .suppressed(Suppression::Example),
    Negative::new("placeholder ID", |random| {
        let body = random.pick(&["XXXXXXXXXXXXXXXX", "AAAAAAAAAAAAAAAA", "ABCDEFGHIJKLMNOP"]);
        format!("aws_access_key_id = AKIA{body}\n")
    })
    .suppressed(Suppression::Placeholder),
    Negative::new("placeholder pair", |random| {
        let letter = random.pick(&["x", "X", "0", "a"]);
        format!("AWS_ACCESS_KEY_ID=AKIA{}\nAWS_SECRET_ACCESS_KEY={}\n", "X".repeat(16), letter.repeat(40))
    })
    .suppressed(Suppression::Placeholder),
];

fn named(value: &str) -> String {
    format!("aws_secret_access_key = {value}\nsecret_key: \"{value}\"\nAWS_SECRET_ACCESS_KEY={value}\n")
}
