//! Encoded data and digests.

use akid::aws::fake::{Random, SECRET_ALPHABET};
use data_encoding::{BASE64, BASE64_NOPAD};

use super::Negative;
use crate::corpus::noise::{capital, hex, sentence, uuid, word};

const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(super) const NEGATIVES: &[Negative] = &[
    Negative::new("base64 with AKIA and 16 letters in it", |random| {
        let id = id(random);
        format!("data:font/woff2;base64,{}{id}{}==", random.text(SECRET_ALPHABET, 301), blob_tail(random))
    }),
    Negative::new("base64 with /AKIA…/ in it", |random| {
        let id = id(random);
        format!("src: url(data:image/png;base64,{}/{id}/{})", blob_head(random), blob_tail(random))
    }),
    Negative::new("base64 with +AKIA…+ in it", |random| {
        let id = id(random);
        format!("\"{}+{id}+{}\"", blob_head(random), blob_tail(random))
    }),
    Negative::new("wrapped base64 with AKIA in it", |random| {
        let id = id(random);
        wrapped(
            &format!("{}{id}{}", random.text(SECRET_ALPHABET, 333), random.text(SECRET_ALPHABET, 555)),
            76,
        )
    }),
    Negative::new("PEM certificate", |random| {
        let body = BASE64.encode(&random.bytes(900));
        format!("-----BEGIN CERTIFICATE-----\n{}-----END CERTIFICATE-----\n", wrapped(&body, 64))
    }),
    Negative::new("PEM key beside the word secret", |random| {
        let body = BASE64.encode(&random.bytes(1200));
        format!(
            "secret_key: |\n-----BEGIN PRIVATE KEY-----\n{}-----END PRIVATE KEY-----\n",
            wrapped(&body, 64)
        )
    }),
    Negative::new("SSH public key", |random| {
        format!(
            "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAB{} {}@host",
            random.text(SECRET_ALPHABET, 344),
            word(random)
        )
    }),
    Negative::new("image in CSS", |random| {
        format!("background:url(data:image/gif;base64,{})", BASE64.encode(&random.bytes(700)))
    }),
    Negative::new("git log", |random| {
        (0..20).map(|_| format!("commit {}\n    {}\n", hex(random, 40), sentence(random))).collect()
    }),
    Negative::new("digests beside the words secret and key", |random| {
        format!(
            "secret-key rotation in {}\nsecret_key_commit = {}\nsecret sha1: {}\n",
            hex(random, 40),
            hex(random, 40),
            hex(random, 40)
        )
    }),
    Negative::new("named secret that is a digest", |random| {
        format!("aws_secret_access_key = {}\nsecret_key = \"{}\"\n", hex(random, 40), hex(random, 40))
    })
    .doubted(),
    Negative::new("package-lock.json", |random| {
        (0..8).map(|_| {
            let integrity = BASE64.encode(&random.bytes(64));
            format!("    \"node_modules/{}\": {{\n      \"version\": \"{}.0.1\",\n      \"integrity\": \"sha512-{integrity}\"\n    }},\n", word(random), random.below(9))
        }).collect()
    }),
    Negative::new("yarn.lock", |random| {
        (0..8)
            .map(|_| {
                format!(
                    "{}@^1.2.0:\n  resolved \"https://registry.example/{}.tgz#{}\"\n  integrity sha1-{}\n",
                    word(random),
                    word(random),
                    hex(random, 40),
                    BASE64.encode(&random.bytes(20))
                )
            })
            .collect()
    }),
    Negative::new("Cargo.lock", |random| {
        (0..8)
            .map(|_| {
                format!("[[package]]\nname = \"{}\"\nchecksum = \"{}\"\n\n", word(random), hex(random, 64))
            })
            .collect()
    }),
    Negative::new("go.sum", |random| {
        (0..12)
            .map(|_| {
                format!(
                    "github.com/{}/{} v1.{}.0 h1:{}\n",
                    word(random),
                    word(random),
                    random.below(30),
                    BASE64.encode(&random.bytes(32))
                )
            })
            .collect()
    }),
    Negative::new("terraform lock", |random| {
        (0..8)
            .map(|_| {
                format!("    \"h1:{}\",\n    \"zh:{}\",\n", BASE64.encode(&random.bytes(32)), hex(random, 64))
            })
            .collect()
    }),
    Negative::new("docker digests", |random| {
        (0..8).map(|_| format!("FROM {}@sha256:{}\n", word(random), hex(random, 64))).collect()
    }),
    Negative::new("UUIDs beside secret", |random| {
        (0..8).map(|_| format!("secret_id: {}\n", uuid(random))).collect()
    }),
    Negative::new("JWT beside secret", |random| {
        let part = |random: &mut Random, len| data_encoding::BASE64URL_NOPAD.encode(&random.bytes(len));
        format!("secret_token = \"eyJhbGciOiJIUzI1NiJ9.{}.{}\"", part(random, 90), part(random, 32))
    }),
    Negative::new("minified JavaScript", |random| {
        (0..60)
            .map(|_| {
                format!(
                    "function {}(t,e){{return t.secretKey||e.{}Key({},\"{}\")}}",
                    random.text("abcdefgh", 2),
                    capital(random),
                    random.below(99),
                    word(random)
                )
            })
            .collect()
    }),
    Negative::new("source map", |random| {
        let mapping = |random: &mut Random| {
            let len = 4 + random.below(3);
            random.text("ACEGIKOQSUWYace", len)
        };
        let mappings: Vec<_> = (0..200).map(|_| mapping(random)).collect();
        format!("{{\"version\":3,\"mappings\":\"{}\"}}", mappings.join(","))
    }),
    Negative::new("random binary, as hex", |random| {
        (0..30).map(|line| format!("{:08x}: {}\n", line * 16, hex(random, 32))).collect()
    }),
];

fn id(random: &mut Random) -> String {
    format!("{}{}", random.pick(&["AKIA", "ASIA"]), random.text(BASE32, 16))
}

fn blob_head(random: &mut Random) -> String {
    BASE64_NOPAD.encode(&random.bytes(210)).replace(['/', '+'], "x")
}

fn blob_tail(random: &mut Random) -> String {
    BASE64_NOPAD.encode(&random.bytes(240)).replace(['/', '+'], "y")
}

fn wrapped(text: &str, width: usize) -> String {
    text.as_bytes().chunks(width).map(|line| String::from_utf8_lossy(line) + "\n").collect()
}
