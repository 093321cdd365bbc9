//! Forms of input that hold a secret.

use akid::aws::fake::Fake;
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};

/// A form: its name, and the file that holds a key in it.
type Form = (&'static str, fn(&Fake) -> Vec<u8>);

/// Every form of file.
pub(crate) const FORMS: &[Form] = &[
    ("settings", |key| settings(key).into_bytes()),
    ("settings, secret first", |key| {
        format!("aws_secret_access_key={}\naws_access_key_id={}\n", key.secret_text(), key.id_text()).into()
    }),
    ("one line of environment", |key| {
        let (id, secret, token) = parts(key);
        format!("AWS_ACCESS_KEY_ID={id} AWS_SECRET_ACCESS_KEY={secret} AWS_SESSION_TOKEN={token} ./run")
            .into()
    }),
    ("shell", |key| {
        let (id, secret, token) = parts(key);
        format!(
            "export AWS_ACCESS_KEY_ID='{id}'\nexport AWS_SECRET_ACCESS_KEY='{secret}'\nexport T=\"{token}\"\n"
        )
        .into()
    }),
    ("JSON", |key| json(key).into_bytes()),
    ("JSON, slashes escaped", |key| json(key).replace('/', "\\/").into_bytes()),
    ("JSON in JSON", |key| {
        json(&key.clone()).replace('/', "\\/").replace('\\', "\\\\").replace('"', "\\\"").into_bytes()
    }),
    ("JSON, unicode escapes", |key| json(key).replace('/', "\\u002f").replace('+', "\\u002B").into_bytes()),
    ("YAML", |key| {
        let (id, secret, token) = parts(key);
        format!("access_key: {id}\nsecret_key: {secret}\nsession_token: {token}\n").into()
    }),
    ("XML", |key| {
        let (id, secret, _) = parts(key);
        let secret = secret.replace('/', "&#x2F;").replace('+', "&#43;");
        format!("<c><AccessKeyId>{id}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey></c>").into()
    }),
    ("CSV", |key| {
        format!("Access key ID,Secret access key\n{},{}\n", key.id_text(), key.secret_text()).into()
    }),
    ("URL", |key| format!("s3://{}:{}@bucket/x", key.id_text(), percent(key.secret_text())).into()),
    ("URL, escaped twice", |key| {
        format!("u=s3%3A%2F%2F{}%3A{}%40b", key.id_text(), percent(key.secret_text()).replace('%', "%25"))
            .into()
    }),
    ("query", |key| {
        let (id, secret, token) = parts(key);
        format!("GET /?a={id}&secret_key={}&token={}&x=1", percent(secret), percent(token)).into()
    }),
    ("presigned URL", |key| {
        let (id, secret, token) = parts(key);
        format!("https://b.s3.amazonaws.com/{secret}?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={id}%2F20260101%2F{}%2Fs3%2Faws4_request&X-Amz-Security-Token={}&X-Amz-Signature=ab", percent(secret), percent(token)).into()
    }),
    ("base64 of a file", |key| BASE64.encode(settings(key).as_bytes()).into_bytes()),
    ("base64 of a file, wrapped", |key| wrapped(&BASE64.encode(settings(key).as_bytes()), 64).into_bytes()),
    ("base64 of base64", |key| {
        BASE64.encode(BASE64.encode(settings(key).as_bytes()).as_bytes()).into_bytes()
    }),
    ("base64 of values", |key| {
        let (id, secret, token) = parts(key);
        let [id, secret, token] = [id, secret, token].map(|part| BASE64.encode(part.as_bytes()));
        format!("data:\n  AWS_ACCESS_KEY_ID: {id}\n  AWS_SECRET_ACCESS_KEY: {secret}\n  AWS_SESSION_TOKEN: {token}\n").into()
    }),
    ("basic authorization", |key| {
        format!(
            "Authorization: Basic {}\n",
            BASE64.encode(format!("{}:{}", key.id_text(), key.secret_text()).as_bytes())
        )
        .into()
    }),
    ("base64 of a secret beside a key ID", |key| {
        format!(
            "{} x={} y={}",
            key.id_text(),
            BASE64.encode(key.secret_text().as_bytes()),
            BASE64URL_NOPAD.encode(format!(":{}", key.secret_text()).as_bytes())
        )
        .into()
    }),
    ("twice base64 beside a key ID", |key| {
        format!(
            "{} x={}",
            key.id_text(),
            BASE64.encode(BASE64.encode(key.secret_text().as_bytes()).as_bytes())
        )
        .into()
    }),
    ("UTF-16", |key| utf16(&settings(key), true)),
    ("UTF-16, no mark, other order", |key| settings(key).encode_utf16().flat_map(u16::to_be_bytes).collect()),
    ("UTF-16 inside a binary file", |key| {
        [&[1, 2, 3, 0xff, 0xfe, 7][..], &utf16(&one_line(key), false), &[0, 0, 9, 200]].concat()
    }),
    ("UTF-32", |key| utf32(&format!("\u{feff}{}", settings(key)), false)),
    ("UTF-32, other order", |key| utf32(&format!("\u{feff}{}", settings(key)), true)),
    ("UTF-32, no mark", |key| utf32(&settings(key), false)),
    ("UTF-32, no mark, other order", |key| utf32(&settings(key), true)),
    ("UTF-32 inside a binary file", |key| {
        [&[1, 2, 3, 0xff, 0xfe, 7][..], &utf32(&one_line(key), false), &[0, 0, 9, 200]].concat()
    }),
    ("UTF-32 at the end of a binary file, other order", |key| {
        [&[1, 2, 3, 0xff, 0xfe, 7][..], &utf32(&one_line(key), true)].concat()
    }),
    ("UTF-16 at the end of a binary file, other order", |key| {
        let text: Vec<u8> = one_line(key).encode_utf16().flat_map(u16::to_be_bytes).collect();
        [&[1, 2, 3, 0xff, 0xfe, 7][..], &text].concat()
    }),
    ("UTF-16 behind a table of numbers", |key| {
        let table: Vec<u8> = (1..100_u32).flat_map(u32::to_le_bytes).collect();
        [&table[..], &utf16(&one_line(key), false)].concat()
    }),
    ("joined pieces", |key| {
        let (a, b) = key.secret_text().split_at(17);
        format!("id = \"{}\"\nsecret_key = \"{a}\" + \"{b}\"\n", key.id_text()).into()
    }),
    ("joined pieces beside their key ID", |key| {
        let (a, b) = key.secret_text().split_at(20);
        format!("f(access_key=\"{}\", secret_key=\"{a}\" + \"{b}\")\n", key.id_text()).into()
    }),
    ("joined pieces without a name beside a key ID", |key| {
        let (a, b) = key.secret_text().split_at(13);
        let (b, c) = b.split_at(12);
        format!("f(\"{}\", \"{a}\" + \"{b}\" + \"{c}\")\n", key.id_text()).into()
    }),
    ("continued line", |key| {
        let (a, b) = key.secret_text().split_at(25);
        format!("aws_access_key_id={}\naws_secret_access_key={a}\\\n{b}\n", key.id_text()).into()
    }),
    ("quoted-printable", |key| {
        let (id, secret, token) = parts(key);
        let (a, b) = secret.split_at(20);
        let line = format!("{}ID=3D{id} SECRET_KEY=3D{a}", "-".repeat(75 - 20 - 37));
        format!("Content-Transfer-Encoding: quoted-printable\n\n{line}=\n{b} TOKEN=3D{token}\n").into()
    }),
    ("unseen characters", |key| {
        let unseen = |text: &str| format!("{}\u{200b}{}<wbr>{}", &text[..7], &text[7..15], &text[15..]);
        format!("id = {} secret_key = {}\n", unseen(key.id_text()), unseen(key.secret_text())).into()
    }),
    ("octal", |key| {
        let secret = each(key.secret_text(), |byte| format!("\\{byte:03o}"));
        format!("id = \"{}\"\nsecret_key = \"{secret}\"\n", key.id_text()).into()
    }),
    ("hex", |key| format!("data={}\n", HEXLOWER.encode(settings(key).as_bytes())).into()),
    ("hex of each value", |key| {
        let (id, secret, token) = parts(key);
        let [id, secret, token] = [id, secret, token].map(|part| HEXLOWER.encode(part.as_bytes()));
        format!("id = \"{id}\"\nsecret_key = \"{secret}\"\nsession_token = \"{token}\"\n").into()
    }),
    ("lists of hex", |key| {
        let (id, secret, _) = parts(key);
        let [id, secret] = [id, secret].map(|part| each(part, |byte| format!("0x{byte:02x}, ")));
        format!("byte id[] = {{{id}}};\nbyte secret_key[] = {{{secret}}};\n").into()
    }),
    ("\\x escapes", |key| {
        let (id, secret, _) = parts(key);
        let [id, secret] = [id, secret].map(|part| each(part, |byte| format!("\\x{byte:02x}")));
        format!("id = '{id}'; secret_key = '{secret}'\n").into()
    }),
    ("a dump", |key| {
        let text = settings(key);
        let rows = text.as_bytes().chunks(16).zip((0..).step_by(16)).map(|(row, offset)| {
            let row = String::from_utf8_lossy(row);
            let text = row.replace('\n', ".");
            format!("{offset:08x}  {:48} |{text}|\n", each(&row, |byte| format!("{byte:02x} ")))
        });
        rows.collect::<String>().into()
    }),
    ("folded token", |key| {
        let (id, secret, token) = parts(key);
        format!(
            "id: {id} # key\nsecret_key: {secret}\naws_session_token: >\n  {}",
            wrapped(token, 76).replace('\n', "\n  ")
        )
        .into()
    }),
    ("folded token beside a key ID", |key| {
        format!("{} aws_session_token={}", key.id_text(), wrapped(key.token_text(), 60)).into()
    }),
    ("a comment beside a key ID", |key| {
        format!("{} # was {}, then ({})", key.id_text(), key.secret_text(), key.secret_text()).into()
    }),
    ("a comment with pieces", |key| {
        let (a, b) = key.secret_text().split_at(20);
        format!("id = {} # {a} and {b}", key.id_text()).into()
    }),
    ("an unnamed neighbour", |key| format!("{} {}", key.id_text(), key.secret_text()).into()),
    ("an unnamed neighbour, glued", |key| format!("{}/{}", key.id_text(), key.secret_text()).into()),
    ("neighbours with letters glued on", |key| {
        format!(
            "{} pw{}x _{}_ -{}- {}==",
            key.id_text(),
            key.secret_text(),
            key.secret_text(),
            key.secret_text(),
            key.secret_text()
        )
        .into()
    }),
    ("neighbours in a longer path", |key| {
        format!(
            "{} https://example.com/a/b/{}/index.html?q={}#{}",
            key.id_text(),
            key.secret_text(),
            key.secret_text(),
            key.secret_text()
        )
        .into()
    }),
    ("neighbours in wild quotes", |key| {
        format!(
            "{}\u{a0}«{}»\u{202e}{}\u{1b}[31m{}\u{1b}[0m",
            key.id_text(),
            key.secret_text(),
            key.secret_text(),
            key.secret_text()
        )
        .into()
    }),
    ("escaped neighbours", |key| {
        let secret = key.secret_text();
        let json = secret.replace('/', "\\/");
        let unicode = secret.replace('/', "\\u002f").replace('+', "\\u002b");
        let html = secret.replace('/', "&#47;").replace('+', "&#43;");
        format!(
            "{} a={json} b={unicode} c={html} d={} e={}",
            key.id_text(),
            percent(secret),
            percent(&percent(secret))
        )
        .into()
    }),
    ("a neighbour spelled in hex", |key| {
        let hex: String = key.secret_text().bytes().map(|byte| format!("{byte:02x}")).collect();
        format!("{} {hex}", key.id_text()).into()
    }),
    ("a token of which the prefix is cut", |key| {
        format!("{} {}", key.id_text(), key.token_text().get(20..).unwrap_or("-")).into()
    }),
    ("a token in UTF-16", |key| {
        [&b"\xff\xfe"[..], &utf16(&format!("{} token {}", key.id_text(), key.token_text()), false)].concat()
    }),
    ("two keys on one line", |key| {
        format!(
            "{{\"a\":[\"{}\",\"{}\"],\"b\":[\"AKIAIOSFODNN7EXAMPLE\",\"{}\"]}}",
            key.id_text(),
            key.secret_text(),
            key.secret_text()
        )
        .into()
    }),
    ("an allowed line", |key| format!("{} {} # akid:allow", key.id_text(), key.secret_text()).into()),
    ("a secret cut by the end of what is shown", |key| {
        let mut text = String::new();
        for gap in (40..140).step_by(3) {
            text.push_str(&format!(
                "{}{}{}{}\n",
                key.secret_text(),
                " ".repeat(gap),
                key.id_text(),
                " ".repeat(gap)
            ));
            text.push_str(&format!("{}{}{}\n", key.id_text(), ".".repeat(gap), key.secret_text()));
        }
        text.into()
    }),
    ("a secret cut by the window of a line's hash", |key| {
        let lines = (0..40)
            .step_by(2)
            .map(|cut| format!("{}{} {}\n", "#".repeat(45 + cut), key.id_text(), key.secret_text()));
        lines.collect::<String>().into()
    }),
    ("secrets alone", |key| {
        format!(
            "secret_access_key: {}\npassword: {}\nSecretKey=\"{}\"",
            key.secret_text(),
            key.secret_text(),
            key.secret_text()
        )
        .into()
    }),
];

/// The forms in which a secret may be pasted where it does not belong.
pub(crate) fn pasted(key: &Fake) -> Vec<String> {
    let (id, secret, token) = parts(key);
    let mut pasted = vec![
        secret.to_owned(),
        format!("{id}:{secret}"),
        format!("aws_secret_access_key={secret}"),
        format!("/tmp/{secret}/x"),
        format!("key{secret}"),
        percent(secret),
        secret.replace('/', "\\/"),
        format!("https://{id}:{}@example.com/{secret}", percent(secret)),
        BASE64.encode(secret.as_bytes()),
        BASE64.encode(format!("{id}:{secret}").as_bytes()),
        format!("\"{secret}\""),
        format!("export A={id} B={secret}\nexport C={secret}"),
    ];
    if !token.is_empty() {
        pasted.extend([
            token.to_owned(),
            format!("/tmp/{token}"),
            format!("AWS_SESSION_TOKEN={token}"),
            format!("/x?X-Amz-Security-Token={}", percent(token)),
        ]);
    }
    pasted
}

/// Configurations with a secret where something is wrong.
pub(crate) fn broken_configurations(key: &Fake) -> Vec<String> {
    let secret = key.secret_text();
    vec![
        format!("fail-on = '{secret}'"),
        format!("fail-on = {secret}"),
        format!("aws_secret_access_key = '{secret}'"),
        format!("'{secret}' = 1"),
        format!("{secret}"),
        format!("[{secret}]"),
        format!("exclude = '{secret}'"),
        format!("exclude = ['{secret}[']"),
        format!("exclude = ['{{{secret}']"),
        format!("exclude = ['{secret}\\']"),
        format!("exclude = ['a', 7, '{secret}']"),
        format!("max-file-size = '{secret}'"),
        format!("max-file-size = {{ '{secret}' = 1 }}"),
        format!("min-confidence = ['{secret}']"),
        format!("fail-on = \"{secret}"),
        format!("fail-on = \"\\q{secret}\""),
        format!("fail-on = 'high' # {secret}\nfail-on = 'low' # {secret}"),
    ]
}

/// Rules with a secret where something is wrong.
pub(crate) fn broken_rules(key: &Fake) -> Vec<String> {
    let secret = key.secret_text();
    let good = "title = 't'\nsummary = 's'\nhelp = 'h'\nnext-step = 'n'\nseverity = 'high'\nyields = 'secret'\nanchors = ['acme']\nexamples = ['acme: {{secret}}']\n[[pattern]]\nregex = 'acme{{assign}}{{secret}}'\ncertainty = 'high'\n";
    let with = |from: &str, to: String| good.replace(from, &to);
    vec![
        secret.to_owned(),
        with("'high'\nyields", format!("'{secret}'\nyields")),
        with("'secret'\n", format!("'{secret}'\n")),
        with("'acme{{assign}}", format!("'{secret}(acme{{{{assign}}}}")),
        with("{{assign}}", format!("{{{{{secret}}}}}")),
        with("{{assign}}", format!("(?P<{secret}>x)")),
        with("{{assign}}", format!("\\p{{{secret}}}")),
        with("title", format!("'{secret}'")),
        with("['acme']", format!("['{secret}', 7]")),
        with("acme: {{secret}}", format!("nothing {secret}")),
        with("'acme: {{secret}}'", format!("'acme: {{{{secret}}}}']\ncounter-examples = ['acme: {secret}'")),
        with("certainty = 'high'", format!("certainty = '{secret}'")),
    ]
}

fn parts(key: &Fake) -> (&str, &str, &str) {
    (key.id_text(), key.secret_text(), key.token_text())
}

fn settings(key: &Fake) -> String {
    let (id, secret, token) = parts(key);
    format!("[a]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\naws_session_token = {token}\n")
}

fn one_line(key: &Fake) -> String {
    format!("id={} secret_key={} token={}", key.id_text(), key.secret_text(), key.token_text())
}

fn json(key: &Fake) -> String {
    let (id, secret, token) = parts(key);
    format!("{{\"AccessKeyId\": \"{id}\", \"SecretAccessKey\": \"{secret}\", \"SessionToken\": \"{token}\"}}")
}

fn each(text: &str, spell: impl Fn(u8) -> String) -> String {
    text.bytes().map(spell).collect()
}

fn percent(text: &str) -> String {
    text.replace('%', "%25").replace('/', "%2F").replace('+', "%2B").replace('=', "%3D")
}

fn wrapped(text: &str, width: usize) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(width).map(String::from_utf8_lossy).collect();
    lines.join("\n")
}

fn utf16(text: &str, with_mark: bool) -> Vec<u8> {
    let mark = with_mark.then_some('\u{feff}');
    let units: Vec<u16> =
        mark.map(String::from).unwrap_or_default().encode_utf16().chain(text.encode_utf16()).collect();
    units.into_iter().flat_map(u16::to_le_bytes).collect()
}

fn utf32(text: &str, is_big: bool) -> Vec<u8> {
    text.chars().map(u32::from).flat_map(if is_big { u32::to_be_bytes } else { u32::to_le_bytes }).collect()
}
