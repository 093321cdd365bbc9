//! The README and the pages in `docs`: what they show is what akid prints, and their commands work.
//!
//! The first word behind three backquotes is the language, the second one says how a block is checked:
//!
//! | block | check |
//! |---|---|
//! | `console` | the output below each `$` line is what is printed; `SNAPSHOTS=overwrite` writes it |
//! | `sh` | each line runs in a copy of the fixture, and exits with 0 or 1 |
//! | `sh` and a reason why it cannot run here | each option of akid is in `--help` |
//!
//! `docs/ci.md` has tests of its own, with the systems that it is about.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test")]

use std::fs;
use std::path::{Path, PathBuf};

use akid::aws::fake;
use regex::Regex;

use crate::reports::schema::assert_documented;
use crate::work::{AKID, Folder, Work};

/// Key IDs as the pages show them, up to where the page writes `EXAMPLE` and the fixture [`TAIL`].
const KEY_IDS: [&str; 3] = ["AKIA53L3J55W6", "ASIARX76GHNYM", "AKIAZWFSTHPKT"];
const SHOWN: &str = "EXAMPLE";
const TAIL: &str = "E7QH5ZR";

fn pages() -> Vec<PathBuf> {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_dir(top.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    let is_page =
        |path: &PathBuf| path.extension().is_some_and(|end| end == "md") && !path.ends_with("ci.md");
    let mut pages: Vec<PathBuf> = docs.filter(is_page).collect();
    pages.sort();
    pages.insert(0, top.join("README.md"));
    pages
}

/// A block of code: its language, how it is checked, its text, and where that is in the page.
struct Block<'p> {
    language: &'p str,
    check: &'p str,
    text: &'p str,
    at: std::ops::Range<usize>,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let fence = Regex::new(r"(?ms)^```(\w+) ?([^\n]*)\n(.*?)^```$").unwrap();
    let block = |found: regex::Captures<'_>| {
        let part = |group| found.get(group).unwrap().range();
        Block { language: &page[part(1)], check: &page[part(2)], text: &page[part(3)], at: part(3) }
    };
    fence.captures_iter(page).map(block).collect()
}

/// The folder that the pages speak of, and that with only `deploy/prod.env`, which has a longer history.
fn fixture(folder: &Folder) -> Work {
    let work = folder.repo_of("work", ["sha1", "files"]);
    work.write(".gitignore", "/.akid-baseline\n/results.sarif\n");
    let secret = |seed| fake::pair(seed).secret_text().to_owned();
    let [pair, temporary, lone] = KEY_IDS.map(|id| format!("{id}{TAIL}"));
    let commit = |day: &str, subject: &str| {
        let date = format!("2026-{day}T09:00:00+00:00");
        let who = "git -c user.name='Ada Example' -c user.email=ada@example.com";
        let dates = format!("GIT_AUTHOR_DATE={date} GIT_COMMITTER_DATE={date}");
        let names = "GIT_AUTHOR_NAME='Ada Example' GIT_AUTHOR_EMAIL=ada@example.com \
                     GIT_COMMITTER_NAME='Ada Example' GIT_COMMITTER_EMAIL=ada@example.com";
        work.sh(&format!("git add . && {names} {dates} {who} commit -qm '{subject}'")).ok();
    };
    let settings = format!("AWS_ACCESS_KEY_ID={pair}\nAWS_SECRET_ACCESS_KEY={}\n", secret(11));
    work.write("deploy/prod.env", format!("# Payments\n{settings}"));
    commit("03-02", "Add deployment");
    work.write("deploy/prod.env", format!("# Payments\n{settings}AWS_REGION=eu-central-1\n"));
    commit("05-02", "Set the region");
    work.sh("rm -rf .git/hooks; git branch -M main && git branch release/1; git tag v1.1").ok();
    let client = format!(
        "import boto3\n\ns3 = boto3.client(\"s3\", aws_access_key_id=\"{temporary}\",\n                  \
         aws_secret_access_key=\"{}\")\n",
        secret(12)
    );
    work.write("src/upload.py", client);
    work.write("tests/data.yml", format!("key: {lone}\n"));
    let example = ["AKIAIOSFODNN7", SHOWN].concat();
    let manual = ["wJalrXUtnFEMI/K7MDENG/", "bPxRfiCYEXAMPLEKEY"].concat();
    work.write("README.md", format!("aws_access_key_id = {example}\naws_secret_access_key = {manual}\n"));
    work.sh("mkdir app && cp deploy/prod.env app/.env && mkdir dir && tar czf dir/inner.tar.gz app/.env")
        .ok();
    work.sh("tar cf outer.tar dir/inner.tar.gz && rm -r app dir && printf '/outer.tar\\n' >> .gitignore")
        .ok();
    work
}

/// What `line` prints to standard output, and then to standard error, with the names that the pages use; and its exit
/// code.
fn run(work: &Work, line: &str) -> (String, Option<i32>) {
    let bin = Path::new(AKID).parent().unwrap().display();
    let line = KEY_IDS
        .iter()
        .fold(line.to_owned(), |line, id| line.replace(&format!("{id}{SHOWN}"), &format!("{id}{TAIL}")));
    // Noon of 2026-11-21.
    let said = work.sh(&format!(
        "PATH='{bin}':$PATH SOURCE_DATE_EPOCH=1795262400; export PATH SOURCE_DATE_EPOCH; {line}"
    ));
    let shown = KEY_IDS
        .iter()
        .fold(said.text, |text, id| text.replace(&format!("{id}{TAIL}"), &format!("{id}{SHOWN}")));
    let seconds = Regex::new(r"in \d+\.\d\d s").unwrap();
    (seconds.replace_all(&shown, "in 0.02 s").into_owned(), said.code)
}

/// The page without the size of repositories: what git itself writes there differs between its versions.
fn sizeless(page: &str) -> String {
    let size = Regex::new(r"objects, [\d.]+ \w+,").unwrap();
    size.replace_all(page, "objects,").into_owned()
}

/// The block as it should be.
fn console(work: &Work, text: &str) -> String {
    let mut out = String::new();
    let mut code = None;
    for line in text.lines().filter_map(|line| line.strip_prefix("$ ")) {
        out.push_str(&format!("$ {line}\n"));
        if line == "echo $?" {
            out.push_str(&format!("{}\n", code.flatten().unwrap_or(-1)));
            continue;
        }
        let (printed, exit) = run(work, line);
        out.push_str(&printed);
        code = Some(exit);
    }
    out
}

#[test]
fn what_the_pages_show_is_what_akid_prints() {
    let overwrite = std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite");
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        let mut new = page.clone();
        for block in blocks(&page).into_iter().rev().filter(|block| block.language == "console") {
            let folder = Folder::new();
            let work = fixture(&folder);
            if block.check == "history" {
                work.sh("git clean -fdxq").ok();
            }
            new.replace_range(block.at, &console(&work, block.text));
        }
        if overwrite {
            fs::write(&path, &new).unwrap();
        } else {
            assert_eq!(sizeless(&new), sizeless(&page), "{}", path.display());
        }
    }
}

#[test]
fn the_commands_of_the_pages_run() {
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        for block in blocks(&page).iter().filter(|block| block.language == "sh" && block.check.is_empty()) {
            let folder = Folder::new();
            let work = fixture(&folder);
            for line in block.text.lines() {
                let (printed, code) = run(&work, line);
                assert!(matches!(code, Some(0 | 1)), "{}: {line}: {code:?}: {printed}", path.display());
            }
        }
    }
}

#[test]
fn the_options_of_commands_that_cannot_run_here_are_there() {
    let folder = Folder::new();
    let work = folder.repo("work");
    for path in pages() {
        let page = fs::read_to_string(&path).unwrap();
        for block in blocks(&page).iter().filter(|block| block.language == "sh" && !block.check.is_empty()) {
            for line in block.text.lines().filter(|line| line.starts_with("akid ")) {
                let words = line.split(" #").next().unwrap().split_whitespace().skip(1);
                let is_command = |word: &&str| word.bytes().all(|byte| byte.is_ascii_lowercase());
                let command: Vec<&str> = words.clone().take_while(is_command).collect();
                let help = work.akid(&[&command[..], &["--help"]].concat()).ok();
                for option in words.filter(|word| word.starts_with('-') && *word != "-") {
                    let option = option.split('=').next().unwrap();
                    assert!(help.contains(option), "{}: {line}: {option}", path.display());
                }
            }
        }
    }
}

#[test]
fn real_reports_are_as_the_schema_says() {
    let folder = Folder::new();
    let work = fixture(&folder);
    for command in ["scan", "history", "staged", "history --range HEAD~1.."] {
        for format in ["json", "jsonl"] {
            let (report, code) = run(&work, &format!("akid {command} -f {format} 2>&-"));
            assert!(matches!(code, Some(0 | 1)), "{command}: {report}");
            assert_documented(&report);
        }
    }
}

#[test]
fn the_page_has_the_columns_that_scans_on_spark_give() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let python = fs::read_to_string(top.join("packaging/python/akid/spark/_rows.py")).unwrap();
    let page = fs::read_to_string(top.join("docs/scale.md")).unwrap();
    let column = Regex::new(r#"(?m)^    Column\("(.+?)", "(.+?)", "(.+)"\),$"#).unwrap();
    let rows: Vec<_> = column
        .captures_iter(&python)
        .map(|at| format!("| `{}` | `{}` | {} |", &at[1], &at[2], &at[3]))
        .collect();
    assert!(page.contains(&format!("|---|---|---|\n{}\n\n", rows.join("\n"))), "{}", rows.join("\n"));
}

#[test]
fn the_readme_is_short() {
    assert!(fs::read_to_string(&pages()[0]).unwrap().lines().count() <= 200);
}
