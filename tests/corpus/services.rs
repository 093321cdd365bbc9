//! Secrets that only one service takes: the layouts that they are written in, and what is around them and none.

use akid::aws::fake::{self, Random};
use akid::detect::{Detector, Found};
use akid::finding::Suppression;
use akid::rule::{self, RuleSet};

use super::noise;
use super::score::suppression;

/// A layout: its name, a template, and the rules that it is reported under, in order of their IDs.
type Layout = (&'static str, &'static str, &'static [&'static str]);

const SES: &str = "aws-ses-smtp-password";
const API_KEY: &str = "aws-api-key";
const SERVICE: &str = "aws-service-specific-credential";
const SSO: &str = "aws-sso-token";
const ECR: &str = "aws-ecr-token";

const LAYOUTS: &[Layout] = &[
    (
        "SES, env",
        "SMTP_HOST=email-smtp.us-east-1.amazonaws.com\nSMTP_USERNAME={{key-id}}\nSMTP_PASSWORD={{smtp-password}}\n",
        &[SES],
    ),
    (
        "SES, YAML",
        "smtp:\n  host: email-smtp.eu-west-1.amazonaws.com\n  port: 587\n  username: {{key-id}}\n  password: {{smtp-password}}\n",
        &[SES],
    ),
    (
        "SES, JSON",
        "{\"host\": \"email-smtp.eu-west-1.amazonaws.com\", \"user\": \"{{key-id}}\", \"pass\": \"{{smtp-password}}\"}\n",
        &[SES],
    ),
    (
        "SES, Django",
        "EMAIL_HOST = 'email-smtp.us-west-2.amazonaws.com'\nEMAIL_HOST_USER = '{{key-id}}'\nEMAIL_HOST_PASSWORD = '{{smtp-password}}'\n",
        &[SES],
    ),
    ("SES, nodemailer", "auth: {\n  user: \"{{key-id}}\",\n  pass: \"{{smtp-password}}\",\n},\n", &[SES]),
    ("SES, arguments", "s.login('{{key-id}}', '{{smtp-password}}')\n", &[SES]),
    (
        "SES, console CSV",
        "IAM User Name,Smtp Username,Smtp Password\n\"ses-smtp-user.20250102\",\"{{key-id}}\",\"{{smtp-password}}\"\n",
        &[SES],
    ),
    (
        "SES, Terraform output",
        "smtp_username = \"{{key-id}}\"\nsmtp_password = \"{{smtp-password}}\"\n",
        &[SES],
    ),
    (
        "SES, without user",
        "MAIL_HOST=email-smtp.us-east-1.amazonaws.com\nMAIL_PASSWORD=\"{{smtp-password}}\"\n",
        &[SES],
    ),
    (
        "SES beside the pair",
        "aws_access_key_id={{key-id}}\naws_secret_access_key={{secret}}\nses_smtp_password={{smtp-password}}\n",
        &["aws-access-key", SES],
    ),
    ("API key, env", "export AWS_BEARER_TOKEN_BEDROCK={{api-key}}\n", &[API_KEY]),
    (
        "API key, header",
        "curl -H 'Authorization: Bearer {{api-key}}' https://bedrock-runtime.us-east-1.amazonaws.com/model\n",
        &[API_KEY],
    ),
    ("API key, JSON", "{\"api_key\":\"{{api-key}}\"}\n", &[API_KEY]),
    ("API key, Python", "client = OpenAI(api_key=\"{{api-key}}\", base_url=URL)\n", &[API_KEY]),
    (
        "API key, IAM's answer",
        "\"ServiceUserName\": \"BedrockAPIKey-ab12-at-123456789012\",\n\"ServiceCredentialSecret\": \"{{api-key}}\",\n\"ServiceSpecificCredentialId\": \"ACCAIFBGK4LGMSDEXAMPL\"\n",
        &[API_KEY],
    ),
    ("platform API key, env", "export ANTHROPIC_AWS_API_KEY={{platform-api-key}}\n", &[API_KEY]),
    ("platform API key, a name of no service", "key: '{{platform-api-key}}'\n", &[API_KEY]),
    (
        "platform API key, header",
        "curl -H 'x-api-key: {{platform-api-key}}' https://example.com\n",
        &[API_KEY],
    ),
    (
        "platform API key in JSON in JSON",
        "{\"body\": \"{\\\"key\\\":\\\"{{platform-api-key}}\\\"}\\nx\"}\n",
        &[API_KEY],
    ),
    ("platform API key behind an escape", "log: \"keys:\\n{{platform-api-key}}\\n\"\n", &[API_KEY]),
    ("two API keys", "a={{platform-api-key}}\nb={{api-key}}\n", &[API_KEY, API_KEY]),
    ("short-term API key", "AWS_BEARER_TOKEN_BEDROCK={{short-term-api-key}}\n", &[API_KEY]),
    (
        "git remote",
        "[remote \"origin\"]\n\turl = https://{{service-user}}:{{service-password}}@git-codecommit.us-east-1.amazonaws.com/v1/repos/app\n",
        &[SERVICE],
    ),
    (
        ".netrc",
        "machine git-codecommit.us-east-1.amazonaws.com\nlogin {{service-user}}\npassword {{service-password}}\n",
        &[SERVICE],
    ),
    (
        ".netrc, one line",
        "machine git-codecommit.us-east-1.amazonaws.com login {{service-user}} password {{service-password}}\n",
        &[SERVICE],
    ),
    (
        "cqlshrc",
        "[authentication]\nusername = {{service-user}}\npassword = {{service-password}}\n",
        &[SERVICE],
    ),
    (
        "Keyspaces, Python",
        "PlainTextAuthProvider(username='{{service-user}}', password='{{service-password}}')\n",
        &[SERVICE],
    ),
    ("credentials, console CSV", "User Name,Password\n{{service-user}},{{service-password}}\n", &[SERVICE]),
    (
        "SSO cache",
        "{\"startUrl\": \"https://d-1234567890.awsapps.com/start\", \"region\": \"us-east-1\", \"accessToken\": \"{{sso-token}}\", \"expiresAt\": \"2030-01-01T00:00:00Z\", \"clientId\": \"abc\", \"clientSecret\": \"{{sso-token}}\", \"registrationExpiresAt\": \"2030-02-01T00:00:00Z\"}",
        &[SSO],
    ),
    (
        "SSO cache, pretty",
        "{\n  \"startUrl\": \"https://example.awsapps.com/start#/\",\n  \"region\": \"eu-west-1\",\n  \"accessToken\": \"{{sso-token}}\",\n  \"expiresAt\": \"2020-01-01T00:00:00UTC\",\n  \"clientId\": \"abc\",\n  \"clientSecret\": \"{{sso-token}}\",\n  \"refreshToken\": \"x{{sso-token}}\"\n}\n",
        &[SSO],
    ),
    (
        "SSO cache without a client",
        "{\"startUrl\": \"https://example.awsapps.com/start\", \"region\": \"us-east-1\", \"accessToken\": \"{{sso-token}}\", \"expiresAt\": \"2030-01-01T00:00:00Z\"}",
        &[SSO],
    ),
    (
        "SSO cache without a client, token first",
        "{\n  \"accessToken\": \"{{sso-token}}\",\n  \"expiresAt\": \"2030-01-01T00:00:00Z\",\n  \"region\": \"eu-west-1\",\n  \"startUrl\": \"https://example.awsapps.com/start#/\"\n}\n",
        &[SSO],
    ),
    (
        "SSO cache in a JSON string",
        "{\"file\": \"{\\\"startUrl\\\": \\\"https://x.awsapps.com/start\\\", \\\"accessToken\\\": \\\"{{sso-token}}\\\"}\"}\n",
        &[SSO],
    ),
    (
        "login cache without its key ID",
        "{\"tokenType\": \"aws_sigv4\", \"refreshToken\": \"{{sso-token}}\", \"dpopKey\": \"-----BEGIN EC PRIVATE KEY-----\\nMHcCAQEE\\n-----END EC PRIVATE KEY-----\\n\"}\n",
        &[SSO],
    ),
    (
        "docker config",
        "{\n\t\"auths\": {\n\t\t\"123456789012.dkr.ecr.us-east-1.amazonaws.com\": {\n\t\t\t\"auth\": \"{{ecr-login}}\"\n\t\t}\n\t}\n}\n",
        &[ECR],
    ),
];

/// What is no finding beyond the rules that are named.
const NEIGHBOURS: &[Layout] = &[
    (
        "ACCA identifier",
        "ServiceSpecificCredentialId: ACCA12345678901234567\nACCAEXAMPLE123EXAMPLE {{service-password}}\n",
        &[],
    ),
    ("service user without password", "user: {{service-user}}\nremote: codecommit::us-east-1://app\n", &[]),
    ("digest in base64 behind a sentence", "Meet-at-10 {{service-password}}\n", &[]),
    (
        "integrity beside a host of SES",
        "host: email-smtp.us-east-1.amazonaws.com\nintegrity: sha256-{{service-password}}\n",
        &[],
    ),
    ("mail password of another host", "SMTP_HOST=smtp.example.com\nSMTP_PASSWORD={{smtp-password}}\n", &[]),
    (
        "registry without login",
        "{\"credHelpers\": {\"123456789012.dkr.ecr.us-east-1.amazonaws.com\": \"ecr-login\"}}\n",
        &[],
    ),
    ("login of another registry", "{\"auths\": {\"ghcr.io\": {\"auth\": \"{{ecr-login}}\"}}}\n", &[]),
    (
        "OAuth client",
        "{\"accessToken\": \"{{sso-token}}\", \"refreshToken\": \"{{sso-token}}\", \"clientSecret\": \"{{sso-token}}\"}\n",
        &[],
    ),
    (
        "words in the cache of a login",
        "{\"accessToken\": {\"accessKeyId\": \"{{key-id}}\"}, \"refreshToken\": \"new_valid_refresh_token_456\", \"dpopKey\": \"the_key_of_this_test_case\"}\n",
        &["aws-access-key-id"],
    ),
    (
        "SDK with a start URL",
        "{\"startUrl\": \"https://d-1234567890.awsapps.com/start\", \"clientSecret\": \"\"}\n",
        &[],
    ),
    ("AEAA in base64", "data:font/woff2;base64,AAEAAAABAEAA{{service-password}}\n", &[]),
    (
        "AEAA in a source map",
        "{\"version\":3,\"mappings\":\"AAAA;AEAA,SAASA,IAAK;AEAAQWVhQXBpS2V5LWFiMTItYXQtMTIzNDU2\"}\n",
        &[],
    ),
    (
        "start URL of an application",
        "{\"startUrl\": \"/index.html\", \"accessToken\": \"\", \"region\": \"none\"}\n",
        &[],
    ),
    (
        "private key of another service",
        "gcp_private_key = {{service-password}}\nprivate_key = {{secret}}\n",
        &[],
    ),
    ("ABSK in base64", "data:image/png;base64,iVBORw0KGgoABSK{{service-password}}\n", &[]),
];

/// Documents of each layout.
const CASES: u64 = 12;

fn rules_of(found: &[Found]) -> Vec<&str> {
    // The logins of registries and the short-term keys of the generator have expired.
    let counts = |found: &&Found| !matches!(suppression(found), Some(it) if it != Suppression::Expired);
    let mut rules: Vec<&str> = found.iter().filter(counts).map(|found| found.rule.as_str()).collect();
    rules.sort_unstable();
    rules
}

#[test]
fn secrets_of_services_are_found_in_their_layouts_and_nowhere_else() {
    let detector = Detector::new(&RuleSet::built_in());
    let mut wrong = Vec::new();
    for (name, template, expected) in LAYOUTS.iter().chain(NEIGHBOURS) {
        for seed in 0..CASES {
            let mut random = Random::new(seed);
            let noise = noise::EVERY[usize::try_from(seed).unwrap_or(0) % noise::EVERY.len()];
            let len = [0, 300, 3000][random.below(3)];
            let text = rule::fill(template, &fake::pair(7000 + seed));
            let document =
                format!("{}\n{text}\n{}", noise.text(&mut random, len), noise.text(&mut random, len));
            let found = detector.detect(document.as_bytes()).found;
            if rules_of(&found) != *expected {
                wrong.push(format!("{name}, seed {seed}: {:?}", rules_of(&found)));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_span_of_a_service_secret_is_all_of_it() {
    let detector = Detector::new(&RuleSet::built_in());
    for seed in 0..CASES {
        let (user, password) = (fake::service::user(seed), fake::service::password(seed));
        for (before, value) in [
            ("AWS_BEARER_TOKEN_BEDROCK=".to_owned(), fake::service::api_key(seed)),
            ("key: '".to_owned(), fake::service::short_term_api_key(seed)),
            (format!("login {user} password "), password),
        ] {
            let text = format!("{before}{value}\n");
            let found = detector.detect(text.as_bytes()).found;
            let span = found[0].places[0].secret().unwrap().span;
            assert_eq!((span.start, span.end), (before.len() as u64, (text.len() - 1) as u64), "{text}");
        }
    }
}
