//! Key IDs that are none, and names of secrets with no secret behind them.

use akid::aws::fake::SECRET_ALPHABET;

use super::Negative;
use crate::corpus::noise::{capital, sentence, word};

const BASE32: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

pub(super) const NEGATIVES: &[Negative] = &[
    Negative::new("AROA, AIDA and the like", |random| {
        let prefixes = ["AGPA", "AIDA", "AIPA", "ANPA", "ANVA", "APKA", "AROA", "ASCA"];
        prefixes.iter().map(|prefix| format!("\"Id\": \"{prefix}{}\",\n", random.text(BASE32, 16))).collect()
    }),
    Negative::new("AROA in an ARN", |random| {
        format!(
            "arn:aws:sts::{}:assumed-role/AROA{}:{}",
            100_000_000_000 + random.bits() % 1_000_000,
            random.text(BASE32, 16),
            word(random)
        )
    }),
    Negative::new("longer identifiers", |random| {
        let body = random.text(BASE32, 16);
        format!("X{}{body}\nAKIA{body}{}\nAKIA{body}x\n9AKIA{body}\n", "AKIA", random.text(BASE32, 2))
    }),
    Negative::new("AKIA and 15", |random| format!("id = AKIA{}\n", random.text(BASE32, 15))),
    Negative::new("AKIA with 0, 1, 8, 9", |random| {
        let mut body = random.text(BASE32, 16);
        let at = random.below(16);
        body.replace_range(at..=at, random.pick(&["0", "1", "8", "9"]));
        format!("access_key = AKIA{body}\n")
    }),
    Negative::new("akia in lower case", |random| {
        format!("id: akia{}\n", random.text("abcdefghijklmnopqrstuvwxyz234567", 16))
    }),
    Negative::new("regular expressions for key IDs", |_| {
        r#"re.compile(r"(?:AKIA|ASIA)[A-Z0-9]{16}")  # A[KS]IA[A-Z2-7]{16}
re.compile(r'(?i)aws_secret_access_key.{0,20}[0-9a-zA-Z/+]{40}')
"#
        .to_owned()
    }),
    Negative::new("masked key IDs", |random| {
        format!(
            "AKIA************{}\nAKIA...{}\nAKIA<your key>\naws_secret_access_key = ****************{}\n",
            random.text(BASE32, 4),
            random.text(BASE32, 4),
            random.text(SECRET_ALPHABET, 4)
        )
    }),
    Negative::new("continents", |_| {
        "EURASIA ASIATIC ASIA_PACIFIC_REGION AUSTRALASIA ASIAN-MARKETS AKIAK ASIA-NORTHEAST\n".to_owned()
    }),
    Negative::new("secret from the environment", |random| {
        let wanted = [
            "secret_key = os.environ[\"AWS_SECRET_ACCESS_KEY\"]",
            "secret_access_key: ${{ secrets.AWS_SECRET_ACCESS_KEY_FOR_PRODUCTION }}",
            "AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY_OF_THE_DEPLOYMENT_USER}",
            "secretAccessKey: process.env.APPLICATION_AWS_SECRET_ACCESS_KEY,",
            "aws_secret_access_key = <%= ENV['AWS_SECRET_ACCESS_KEY'] %>",
            "AWS_SECRET_ACCESS_KEY: !Ref ProductionDeploymentUserSecretAccessKeyParam",
            "secret_key = var.aws_secret_access_key_of_the_backup_account",
            "secretKey: {{ .Values.global.storage.credentials.secretKey | b64enc }}",
            "export AWS_SECRET_ACCESS_KEY=$(aws ssm get-parameter --name /prod/key --query Value)",
        ];
        (0..4).map(|_| random.pick(&wanted).to_owned() + "\n").collect()
    }),
    Negative::new("secret from another object", |random| {
        format!(
            "- name: AWS_SECRET_ACCESS_KEY\n  valueFrom:\n    secretKeyRef:\n      name: {}-{}\n      key: secretAccessKey\n",
            word(random),
            word(random)
        )
    }),
    Negative::new("secret names in code", |random| {
        format!(
            "public String getSecretAccessKey() {{ return this.secretAccessKey; }}\nprivate static final String AWS_SECRET_ACCESS_KEY_PROPERTY_NAME = \"aws.{}.secretAccessKeyPropertyName\";\n",
            word(random)
        )
    }),
    Negative::new("path of 40 characters beside secret", |random| {
        let path = exactly(40, || format!("/{}", word(random)));
        format!("secret_key = {path}\nsecret_path: {path}\naws_secret_access_key_file={path}\n")
    })
    .doubted(),
    Negative::new("camel case of 40 letters beside secret", |random| {
        let name = exactly(40, || capital(random));
        format!("secretKey = {name}\nsecret_key: {name}\n")
    }),
    Negative::new("forty lower-case letters beside secret", |random| {
        let name = exactly(40, || word(random).to_owned());
        format!("AWS_SECRET_ACCESS_KEY={name}\nsecret_key = '{name}'\n")
    })
    .doubted(),
    Negative::new("prose about secrets", |random| {
        format!(
            "The secret access key is shown once. {} Never commit aws_secret_access_key. {}\n",
            sentence(random),
            sentence(random)
        )
    }),
    Negative::new("CSV header alone", |_| {
        "User name,Password,Access key ID,Secret access key,Console login link\n".to_owned()
    }),
    Negative::new("empty values", |_| {
        "aws_access_key_id = \naws_secret_access_key = \"\"\nAWS_SESSION_TOKEN=\n".to_owned()
    }),
];

/// Exactly `len` characters of these words.
fn exactly(len: usize, mut next: impl FnMut() -> String) -> String {
    let mut text = String::new();
    while text.len() < len {
        text += &next();
    }
    text.truncate(len);
    text
}
