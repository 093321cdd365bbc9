//! Whose a secret is, by names: the field beside a key ID decides, and what is named for another service is none of AWS.

use akid::aws::Credential;
use akid::aws::fake::{self, Fake};
use akid::detect::Detector;
use akid::rule::RuleSet;

/// What is written where a secret belongs that is somewhere else.
const ABSENT: [&str; 16] = [
    "${AWS_SECRET}",
    "$AWS_SECRET",
    "%AWS_SECRET%",
    "${{ secrets.AWS_SECRET }}",
    "os.environ['AWS_SECRET']",
    "process.env.AWS_SECRET",
    "<%= ENV['AWS_SECRET'] %>",
    "{{ vault_aws_secret }}",
    "!Ref SecretParameter",
    "var.aws_secret",
    "ENC[AES256_GCM,data:abcdef,type:str]",
    "<redacted>",
    "********",
    "null",
    "",
    "''",
];

/// Layouts of a key ID, a field for its secret and another secret, which is not its own.
const LAYOUTS: [&str; 7] = [
    "aws:\n  access_key_id: {ID}\n  secret_access_key: ABSENT\nstripe:\n  secret_key: {OTHER}\n",
    "[aws]\naws_access_key_id = {ID}\naws_secret_access_key = ABSENT\n\npayload = {OTHER}\n",
    "AWS_ACCESS_KEY_ID={ID}\nAWS_SECRET_ACCESS_KEY=ABSENT\nJWT_SECRET={OTHER}\n",
    "{\"accessKeyId\": \"{ID}\", \"secretAccessKey\": \"ABSENT\", \"other\": {\"signature\": \"{OTHER}\"}}\n",
    "aws_secret_access_key = ABSENT\naws_access_key_id = {ID}\napp_secret = {OTHER}\n",
    "<accessKey>{ID}</accessKey>\n<secretKey>ABSENT</secretKey>\n<secret>{OTHER}</secret>\n",
    "aws_access_key_id = {ID}\n# aws_secret_access_key = ABSENT\nother = {OTHER}\n",
];

fn pairs(text: &str) -> Vec<(String, String)> {
    let detector = Detector::new(&RuleSet::built_in());
    let found = detector.detect(text.as_bytes()).found;
    let pair = |credential: Credential| match credential {
        Credential::Pair { id, secret, .. } => Some((id.to_string(), secret.fingerprint().to_string())),
        _ => None,
    };
    found.into_iter().filter_map(|found| pair(found.credential)).collect()
}

fn of(key: &Fake) -> (String, String) {
    (key.id_text().to_owned(), key.secret().fingerprint().to_string())
}

fn fill(layout: &str, seed: u64) -> String {
    let (key, other) = (fake::pair(seed), fake::pair(seed + 1));
    layout
        .replace("{OTHER-ID}", other.id_text())
        .replace("{OTHER}", other.secret_text())
        .replace("{ID}", key.id_text())
        .replace("{SECRET}", key.secret_text())
}

#[test]
fn a_key_id_whose_secret_is_somewhere_else_takes_no_other() {
    for (nth, layout) in LAYOUTS.iter().enumerate() {
        for (at, absent) in ABSENT.iter().enumerate() {
            let seed = (nth * 100 + at * 2) as u64;
            let text = fill(layout, seed).replace("ABSENT", absent);
            assert!(pairs(&text).is_empty(), "{layout}: {absent}: {:?}", pairs(&text));
        }
        let cut = fill(layout, 7).replace("ABSENT", &fake::pair(9).secret_text()[..31]);
        assert!(pairs(&cut).is_empty(), "{layout}: cut");
    }
}

#[test]
fn of_several_fields_the_one_that_holds_the_secret_wins() {
    for (nth, layout) in [
        "aws_access_key_id = {ID}\n# aws_secret_access_key =\naws_secret_access_key = {SECRET}\n",
        "aws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n# aws_secret_access_key = <yours>\n",
        "KEY_ID={ID}\nAWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY}\nexport AWS_SECRET_ACCESS_KEY={SECRET}\n",
        "AWS_ACCESS_KEY={ID}\nAWS_SECRET=\nAWS_SECRET_ACCESS_KEY={SECRET}\n",
        "AWS_ACCESS_KEY={ID}\nAWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-{SECRET}}\n",
        "accessKey=${AWS:{ID}}\ncloud.aws.secretKey=${AWS_SECRET:{SECRET}}\n",
        "key = os.getenv('AWS_ACCESS_KEY', '{ID}')\nsecret = os.getenv('AWS_SECRET_ACCESS_KEY', '{SECRET}')\n",
        "accessKeyId: process.env.AWS || '{ID}',\nsecretAccessKey: process.env.AWS_SECRET || '{SECRET}',\n",
        "ACCESS = '{ID}'\nSECRET_KEY = '{SECRET}'\nf(aws_access_key=ACCESS, aws_secret_access_key=SECRET_KEY)\n",
        "def f(aws_access_key=None, aws_secret_access_key=None): pass\nf('{ID}', '{SECRET}')\n",
        "<secretKey><![CDATA[{SECRET}]]></secretKey>\n<accessKey>{ID}</accessKey>\n",
    ]
    .iter()
    .enumerate()
    {
        let seed = 2 * nth as u64;
        assert_eq!(pairs(&fill(layout, seed)), [of(&fake::pair(seed))], "{layout}");
    }
}

#[test]
fn an_empty_field_in_one_section_leaves_the_next_section_its_secret() {
    let other = of(&fake::pair(41));
    for layout in [
        "[a]\nkey_id = {ID}\naws_secret_access_key = ${X}\n[b]\nkey_id = {OTHER-ID}\naws_secret_access_key = {OTHER}\n",
        "a:\n  key_id: {ID}\n  secret_access_key: ${X}\nb:\n  key_id: {OTHER-ID}\n  secret_access_key: {OTHER}\n",
        "secret_key: ${X}\naccess_key: {ID}\nsecret_key: {OTHER}\naccess_key: {OTHER-ID}\n",
    ] {
        assert_eq!(pairs(&fill(layout, 40)), std::slice::from_ref(&other), "{layout}");
    }
}

#[test]
fn a_secret_beside_a_field_that_holds_no_key_id_is_not_given_to_one_further_off() {
    for absent in
        ["AKIA0189ABCDEFGH0189", "<your-access-key>", "XXXXXXXXXXXXXXXXXXXX", "YOUR_ACCESS_KEY", "********"]
    {
        for layout in [
            "prod:\n  access_key_id: ABSENT\n  secret_access_key: {OTHER}\n",
            "[a]\naws_access_key_id = ABSENT\naws_secret_access_key = {OTHER}\n\n",
            "AWS_SECRET_KEY={OTHER}\nAWS_ACCESS_KEY=ABSENT\n",
        ] {
            let text = layout.replace("ABSENT", absent) + &"some: text\n".repeat(100) + "seen: {ID}\n";
            assert!(pairs(&fill(&text, 60)).is_empty(), "{layout}: {absent}");
        }
    }
}

/// What is found, by rule.
fn rules(text: &str) -> Vec<String> {
    let detector = Detector::new(&RuleSet::built_in());
    detector.detect(text.as_bytes()).found.iter().map(|found| found.rule.to_string()).collect()
}

/// Names of secrets that are none of AWS.
const OTHERS: [&str; 12] = [
    "stripe_secret_key",
    "TWITTER_CONSUMER_SECRET",
    "oktaClientSecret",
    "recaptcha_secret_key",
    "SECRET_KEY_BASE",
    "jwt_secret_key",
    "FLASK_SECRET_KEY",
    "cloudflare.secret.key",
    "gs_secret_access_key",
    "client_secret",
    "app_secret_key",
    "session-secret-key",
];

#[test]
fn what_is_named_for_another_service_neither_pairs_nor_is_a_finding() {
    for (nth, name) in OTHERS.iter().enumerate() {
        let seed = 80 + 2 * nth as u64;
        let filled = |layout: &str| fill(&layout.replace("NAME", name), seed);
        for layout in ["NAME = '{OTHER}'\n", "{\"NAME\": \"{OTHER}\"}\n", "export NAME={OTHER}\n"] {
            assert!(rules(&filled(layout)).is_empty(), "{layout}: {name}");
        }
        let beside_id = filled("aws_access_key_id = {ID}\nNAME = {OTHER}\n");
        assert_eq!(rules(&beside_id), ["aws-access-key-id"], "{name}");
        let beside_pair =
            filled("aws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\nNAME = {OTHER}\n");
        assert_eq!(pairs(&beside_pair), [of(&fake::pair(seed))], "{name}");
        assert_eq!(rules(&beside_pair), ["aws-access-key"], "{name}");
    }
}

#[test]
fn a_section_says_whose_its_secrets_are_unless_something_nearer_names_aws() {
    for other in [
        "stripe:\n  secret_key: {OTHER}\n",
        "[twilio]\nsecret_key = {OTHER}\n",
        "\"okta\": {\n  \"secretKey\": \"{OTHER}\"\n}\n",
    ] {
        assert!(rules(&fill(other, 110)).is_empty(), "{other}");
        let beside = fill(&format!("key: {{ID}}\n{other}"), 110);
        assert_eq!(rules(&beside), ["aws-access-key-id"], "{other}");
    }
    for own in [
        "stripe:\n  aws_secret_key: {SECRET}\n",
        "stripe:\n  s3:\n    secret_key: {SECRET}\n",
        "app_secret_access_key = {SECRET}\n",
        "[github]\nx = 1\n[aws]\nsecret_key = {SECRET}\n",
    ] {
        assert_eq!(rules(&fill(own, 112)), ["aws-secret-access-key"], "{own}");
    }
    let both = "app_access_key = {ID}\napp_secret_key = {SECRET}\n";
    assert_eq!(pairs(&fill(both, 114)), [of(&fake::pair(114))]);
}

#[test]
fn the_secret_of_another_services_key_id_is_that_services() {
    for id in ["GOOG1EABCDEFGHIJKLMN", "LTAI4FabcdefghijkLMN"] {
        let text = format!("access_key_id = {id}\nsecret_access_key = {{OTHER}}\n");
        assert!(rules(&fill(&text, 120)).is_empty(), "{id}");
        let apart = format!("{text}\n\naws_access_key_id = {{ID}}\naws_secret_access_key = {{SECRET}}\n");
        assert_eq!(rules(&fill(&apart, 120)), ["aws-access-key"], "{id}");
    }
}
