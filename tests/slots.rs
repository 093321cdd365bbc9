//! The field beside a key ID decides: where it holds no secret, no other secret is the key ID's.

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
