//! Whole runs: threads, standard input, interrupts.

use std::io::Write;
use std::process::{Child, Command, Stdio};

use akid::aws::fake;
use akid::report::Format;
use serde_json::Value;

use crate::files::{Tree, settings};

fn start(tree: &Tree, args: &[&str]) -> Child {
    let mut command = tree.akid(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn any_number_of_threads_writes_the_same_bytes() {
    let mut tree = Tree::new().with("large", [vec![b'x'; 3 << 20], settings(&fake::pair(1)).into()].concat());
    for number in 0..60 {
        let text = [settings(&fake::pair(number)), settings(&fake::temporary(number % 7))].concat();
        tree = tree.with(format!("{}/{number}.env", number % 5), text);
    }
    for format in Format::ALL.map(Format::as_str) {
        let run = |threads| {
            tree.akid(&["scan", "-f", format, "-j", threads, ".", "gone", "gone too"]).output().unwrap()
        };
        let (one, eight) = (run("1"), run("8"));
        assert_eq!((one.status.code(), eight.status.code()), (Some(2), Some(2)), "{format}");
        // Of annotations there are ten of a kind, however much there is to tell.
        let least = if format == "github" { 3_000 } else { 10_000 };
        assert!(one.stdout.len() > least, "{format}");
        assert!(one.stdout == eight.stdout, "{format}");
    }
}

#[test]
fn standard_input_is_told_as_a_file_of_the_same_content_is() {
    let filler = "naïve — 日本語 🦀\r\n".repeat(60_000);
    let text = [settings(&fake::pair(1)), filler, settings(&fake::pair(2))].concat();
    let tree = Tree::new().with("a", &text);
    let mut child = start(&tree, &["scan", "-", "-f", "json"]);
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let piped: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    let read = tree.akid(&["scan", "a", "-f", "json"]).output().unwrap();
    let read: Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(piped["findings"].as_array().unwrap().len(), 2);
    for (piped, read) in [0, 1].map(|at| (&piped["findings"][at], &read["findings"][at])) {
        assert_eq!(piped["path"], "<stdin>");
        assert_eq!((&piped["credential_id"], &piped["places"]), (&read["credential_id"], &read["places"]));
    }
}

#[test]
fn standard_input_that_cannot_be_read_is_an_error_and_an_empty_one_is_named_in_every_format() {
    let tree = Tree::new();
    let folder = std::fs::File::open(&tree.top).unwrap();
    let said = tree.akid(&["scan", "-"]).stdin(folder).output().unwrap();
    assert_eq!(said.status.code(), Some(2));
    let text = String::from_utf8(said.stderr).unwrap();
    assert!(text.contains("<stdin>: Is a directory") && !text.contains("empty"), "{text}");
    for format in Format::ALL.map(Format::as_str) {
        let empty = |args: &[&str]| {
            let args = [&["scan", "-f", format, "-"], args].concat();
            tree.akid(&args).stdin(Stdio::null()).output().unwrap()
        };
        let (said, strict) = (empty(&[]), empty(&["--strict"]));
        assert_eq!((said.status.code(), strict.status.code()), (Some(0), Some(2)), "{format}");
        for said in [said, strict] {
            let text = String::from_utf8([said.stdout, said.stderr].concat()).unwrap();
            assert!(text.contains("empty input"), "{format}: {text}");
        }
    }
}

/// Sends what a terminal sends for Ctrl-C.
fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn an_interrupted_scan_reports_what_it_has() {
    let tree = Tree::new();
    let mut child = start(&tree, &["scan", "-", "-f", "json", "-j", "1"]);
    let mut stdin = child.stdin.take().unwrap();
    // More than is read ahead: once it is written, the scan has begun, and waits for more.
    let text = [settings(&fake::pair(1)), "nothing\n".repeat(125_000)].concat();
    stdin.write_all(text.as_bytes()).unwrap();
    interrupt(&child);
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(130));
    assert_eq!((&log["complete"], &log["summary"]["interrupted"]), (&false.into(), &true.into()));
    assert_eq!(log["findings"][0]["rule"], "aws-access-key");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.starts_with("interrupted: "), "{told}");
}

#[test]
fn a_scan_of_a_file_without_end_is_stopped_within_a_second() {
    let tree = Tree::new().with(".git/HEAD", "");
    std::fs::File::create(tree.path("sparse")).unwrap().set_len(40 << 30).unwrap();
    let child = start(&tree, &["scan", "-f", "json"]);
    std::thread::sleep(std::time::Duration::from_millis(500));
    interrupt(&child);
    let asked = std::time::Instant::now();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    // A second, and as much again for a machine that is busy.
    assert!(asked.elapsed().as_secs() < 2, "{:?}", asked.elapsed());
}
