//! A secret never leaves: promise 1, on the real command.
//!
//! Made-up credentials are planted in every form of input and in every text that comes from outside; then each byte of
//! each output is searched for them, for pieces of them, and for what they look like encoded.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test, which tells its own child by an environment variable"
)]

mod command;
mod committed;
mod configured;
pub(crate) mod forms;
mod law;
pub(crate) mod needles;
mod packed;
mod spellings;

use std::path::Path;

use akid::aws::fake::{self, Fake, service};

use command::{Output, akid, every_format};
use forms::FORMS;
use needles::Needles;

/// Temporary credentials, for their tokens, and long-term ones.
fn keys(count: u64) -> Vec<Fake> {
    (0..count)
        .map(|seed| if seed % 2 == 0 { fake::temporary(9000 + seed) } else { fake::pair(9000 + seed) })
        .collect()
}

/// The leaks of one test, told all at once.
#[derive(Default)]
struct Leaks(Vec<String>);

impl Leaks {
    fn search(&mut self, keys: &[Fake], outputs: &[Output], what: &str) {
        let needles = Needles::of(keys);
        for output in outputs {
            assert!(!output.bytes.is_empty() || output.may_be_empty, "{what}: no {}", output.name);
            let found = needles.found_in(&output.bytes);
            let first =
                found.first().map(|first| format!("{what}: {} in {}: {first}", found.len(), output.name));
            self.0.extend(first);
        }
    }
}

impl Drop for Leaks {
    fn drop(&mut self) {
        assert!(self.0.is_empty() || std::thread::panicking(), "{}", self.0.join("\n"));
    }
}

fn write(folder: &Path, name: &str, content: &[u8]) {
    std::fs::write(folder.join(name), content).unwrap();
}

#[test]
fn no_form_of_input_brings_a_secret_into_any_output() {
    let mut leaks = Leaks::default();
    let keys = keys(8);
    for (name, form) in FORMS {
        let folder = tempfile::tempdir().unwrap();
        for (nth, key) in keys.iter().enumerate() {
            // Every other time the key stands in the middle of a text, so that lines around it count.
            let (before, after) = if nth % 3 == 0 { ("", "") } else { ("# before\n\n", "\n# after\n") };
            let content = [before.as_bytes(), &form(key), after.as_bytes()].concat();
            write(folder.path(), &format!("{nth}.txt"), &content);
        }
        leaks.search(&keys, &every_format(folder.path()), name);
    }
}

#[test]
fn no_secret_of_a_service_comes_into_any_output() {
    let folder = tempfile::tempdir().unwrap();
    let mut needles = Needles::default();
    for seed in 0..4 {
        let key = fake::pair(9100 + seed);
        let token = |nth| service::sso_token(10 * seed + nth);
        let (smtp, password) = (service::smtp_password(seed), service::password(seed));
        let (api_key, login) = (service::api_key(seed), service::ecr_login(seed));
        let platform = service::platform_api_key(seed);
        let user = service::user(seed);
        let files = [
            format!("HOST=email-smtp.us-east-1.amazonaws.com\nPASSWORD={smtp}\nUSER={}\n", key.id_text()),
            format!("x={api_key} {api_key}\n"),
            format!(
                "url = https://{user}:{}@git-codecommit.us-east-1.amazonaws.com/\n",
                password.replace('=', "%3D")
            ),
            format!("login {user} password {password}\n"),
            format!(
                "{{\"startUrl\": \"https://d-1.awsapps.com/start\", \"accessToken\": \"{}\", \
                 \"clientSecret\": \"{}\", \"refreshToken\": \"{}\"}}\n",
                token(1),
                token(2),
                token(3)
            ),
            format!("{{\"1.dkr.ecr.us-east-1.amazonaws.com\": {{\"auth\": \"{login}\"}}}}\n"),
            format!("t: {}\n", service::short_term_api_key(seed)),
            format!("a: {platform}\n"),
            format!(
                "{{\"startUrl\": \"https://d-1.awsapps.com/start\", \"region\": \"us-east-1\", \
                 \"accessToken\": \"{}\", \"expiresAt\": \"2030-01-01T00:00:00Z\"}}\n",
                token(4)
            ),
        ];
        files
            .iter()
            .enumerate()
            .for_each(|(nth, text)| write(folder.path(), &format!("{seed}-{nth}"), text.as_bytes()));
        // What all of a kind begin with is no secret.
        let values = [&smtp, &password, &api_key[40..].to_owned(), &login[16..].to_owned()];
        let platform = [platform[4..].to_owned()];
        let tokens = [1, 2, 3, 4].map(|nth| token(nth)[9..].to_owned());
        for value in values.into_iter().chain(&tokens).chain(&platform) {
            value.as_bytes().windows(8).for_each(|piece| needles.add(0, piece));
        }
    }
    for output in every_format(folder.path()) {
        let found = needles.found_in(&output.bytes);
        assert!(found.is_empty(), "{}: {found:?}", output.name);
    }
}

#[test]
fn a_stream_shows_no_secret_either() {
    let mut leaks = Leaks::default();
    let key = fake::temporary(77);
    for (name, form) in FORMS {
        let output = akid().args(["scan", "-", "-f", "text", "--color", "always"]).stdin(&form(&key)).run();
        leaks.search(std::slice::from_ref(&key), &output, name);
    }
}

#[test]
fn a_secret_in_the_name_of_a_file_or_folder_is_masked() {
    let mut leaks = Leaks::default();
    for key in keys(6) {
        let folder = tempfile::tempdir().unwrap();
        let secret = key.secret_text().replace('/', "+");
        let id = key.id_text();
        for name in
            [secret.clone(), format!("{id}_{secret}.txt"), format!("key-{secret}"), format!("k={secret}~")]
        {
            let inner = folder.path().join(format!("in {name}"));
            std::fs::create_dir(&inner).unwrap();
            write(folder.path(), &name, id.as_bytes());
            write(&inner, &name, id.as_bytes());
        }
        // The slashes of the secret are those of the path.
        let nested = folder.path().join("nested").join(key.secret_text().trim_start_matches('/'));
        std::fs::create_dir_all(&nested).unwrap();
        write(&nested, "f", id.as_bytes());
        let secrets = [key];
        let mut outputs = every_format(folder.path());
        outputs.iter_mut().for_each(|output| output.undo(&secret, secrets[0].secret_text()));
        leaks.search(&secrets, &outputs, "names");
    }
}

#[test]
fn a_secret_in_a_path_that_cannot_be_read_is_masked() {
    let mut leaks = Leaks::default();
    for key in keys(2) {
        for path in forms::pasted(&key) {
            let what = "a path that is not there";
            let json = akid().args(["scan", "-f", "json", "--", &path]).run();
            leaks.search(std::slice::from_ref(&key), &json, what);
            let sarif = akid().args(["scan", "-f", "sarif", "-v", "--", &path]).run();
            leaks.search(std::slice::from_ref(&key), &sarif, what);
        }
    }
}

#[test]
fn a_secret_in_an_argument_is_not_repeated() {
    let mut leaks = Leaks::default();
    let folder = tempfile::tempdir().unwrap();
    let top = folder.path().to_str().unwrap().to_owned();
    write(folder.path(), "f", fake::pair(5).id_text().as_bytes());
    for key in keys(1) {
        for text in forms::pasted(&key) {
            let long = format!("--{text}");
            let with_value = format!("--fail-on={text}");
            let missing = format!("{top}/none/{text}");
            let cases: [&[&str]; 17] = [
                &[&text],
                &["scan", &long],
                &["scan", &with_value],
                &["scan", "--format", &text, &top],
                &["scan", "--threads", &text, &top],
                &["scan", "--max-file-size", &text, &top],
                &["scan", "--color", &text, &top],
                &["scan", "--config", &text, &top],
                &["scan", "--rules", &text, &top],
                &["scan", "-o", &text, "--config", &missing, &top],
                &["scan", "-o", &format!("sarif:{missing}"), &top],
                &["scan", "-f", "sarif", "--sarif-category", &text, &top],
                &["explain", &text],
                &["explain", &format!("AWS_SECRET_ACCESS_KEY={text}")],
                &["rules", &text],
                &["rules", "--rules", &text],
                &["completions", &text],
            ];
            for case in cases {
                if case.iter().any(|argument| argument.len() == text.len() && text.starts_with('-')) {
                    continue;
                }
                let output = akid().args(case).run();
                leaks.search(std::slice::from_ref(&key), &output, &case.join(" "));
            }
        }
    }
}

#[test]
fn a_secret_in_the_environment_is_not_repeated() {
    let mut leaks = Leaks::default();
    let folder = crate::history::repo::Folder::new();
    let repo = folder.repo("r");
    repo.commit("f", fake::pair(5).id_text());
    let top = repo.top.to_str().unwrap();
    let id = fake::pair(6);
    let variables: [(&str, &[&str]); 11] = [
        ("SOURCE_DATE_EPOCH", &["scan", top]),
        ("GIT_DIR", &["history"]),
        ("GIT_OBJECT_DIRECTORY", &["history"]),
        ("GIT_ALTERNATE_OBJECT_DIRECTORIES", &["history"]),
        ("GIT_SHALLOW_FILE", &["history"]),
        ("GIT_INDEX_FILE", &["staged"]),
        ("GIT_WORK_TREE", &["staged"]),
        ("PRE_COMMIT_FROM_REF", &["hook", "pre-push"]),
        ("PRE_COMMIT_TO_REF", &["hook", "pre-push"]),
        ("PRE_COMMIT_REMOTE_NAME", &["hook", "pre-push"]),
        ("AWS_PROFILE", &["resolve", id.id_text()]),
    ];
    for key in keys(2) {
        for (nth, text) in forms::pasted(&key).into_iter().enumerate() {
            for (variable, arguments) in variables.into_iter().skip(nth % 3).step_by(3) {
                let mut command = akid().args(arguments).current_dir(&repo.top).env("PRE_COMMIT", "1");
                // Nobody is asked.
                command = command.env("HOME", top).env("AWS_CONFIG_FILE", "/dev/null");
                command = command.env("AWS_EC2_METADATA_DISABLED", "true").env(variable, &text);
                let output = command.env(&format!("GITHEAD_{text}"), &text).run();
                leaks.search(std::slice::from_ref(&key), &output, variable);
            }
        }
    }
}

#[test]
fn a_secret_in_a_broken_configuration_is_not_repeated() {
    let mut leaks = Leaks::default();
    for key in keys(2) {
        for broken in forms::broken_configurations(&key) {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), ".akid.toml", broken.as_bytes());
            let output = akid().args(["scan", "-v"]).arg(folder.path()).run();
            leaks.search(std::slice::from_ref(&key), &output, "configuration");
        }
    }
}

#[test]
fn a_secret_in_a_broken_rule_is_not_repeated() {
    let mut leaks = Leaks::default();
    for key in keys(2) {
        for broken in forms::broken_rules(&key) {
            let folder = tempfile::tempdir().unwrap();
            write(folder.path(), "my-rule.toml", broken.as_bytes());
            let rules = folder.path().to_str().unwrap();
            for command in
                [&["rules", "check", "--rules", rules][..], &["scan", "--rules", rules, "src/lib.rs"]]
            {
                let output = akid().args(command).run();
                leaks.search(std::slice::from_ref(&key), &output, "rule");
            }
        }
        let folder = tempfile::tempdir().unwrap();
        write(folder.path(), &format!("{}.toml", key.secret_text().replace('/', "+")), b"x");
        let output = akid().args(["rules", "check", "--rules"]).arg(folder.path()).run();
        leaks.search(std::slice::from_ref(&key), &output, "the name of a rule's file");
    }
}

#[test]
fn a_panic_tells_its_place_and_not_its_message() {
    let mut leaks = Leaks::default();
    const KEY: u64 = 31;
    if std::env::var_os("AKID_TEST_PANIC").is_some() {
        akid::panic::remember();
        panic!("cannot read {}", fake::pair(KEY).secret_text());
    }
    let myself = std::env::current_exe().unwrap();
    let name = "secrets::a_panic_tells_its_place_and_not_its_message";
    let child = command::Command::new(&myself).env("AKID_TEST_PANIC", "1");
    let output = child.args(["--exact", name, "--nocapture", "--test-threads", "1"]).run();
    assert!(output.iter().any(|output| output.name == "exit" && output.bytes != b"0"), "no panic");
    let streams: Vec<_> = output.into_iter().filter(|output| output.name == "standard error").collect();
    leaks.search(&[fake::pair(KEY)], &streams, "a panic");
}
