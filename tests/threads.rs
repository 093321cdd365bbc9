//! Where the system grants few threads, or none, akid reports the same.

use crate::work::{AKID, Folder, leak};

/// A user whom nobody is, so that only what is started here counts.
const USER: u32 = 54_321;

#[test]
fn with_few_threads_or_none_the_reports_are_the_same() {
    let folder = Folder::new();
    let repo = folder.repo("repo");
    // The limit counts for others than root, and only root can become another one.
    if repo.sh(&format!("setpriv --reuid {USER} --regid {USER} --clear-groups true")).code != Some(0) {
        return;
    }
    for nth in 0..300 {
        repo.write(&format!("f/{nth}"), format!("{nth}\n"));
    }
    repo.write("a.env", leak(1));
    repo.sh("git add -A && git commit -qm a && git repack -adq").ok();
    for nth in 0..300 {
        repo.write(&format!("f/{nth}"), format!("{nth} again\n"));
    }
    repo.write("b.env", leak(2));
    repo.sh("git add -A && chmod -R a+rX .. && (cat a.env; seq 1000000) > ../large").ok();
    std::fs::copy(AKID, folder.top.join("akid")).unwrap();
    for command in [
        "scan -j 4",
        "history -j 4",
        "history -j 4 --range HEAD",
        "staged -j 4",
        "hook pre-commit -j 4",
        "scan -j 4 - < ../large",
    ] {
        let run = |limits: &str| {
            let said = repo.sh(&format!(
                "{limits} env HOME=/nonexistent GIT_CONFIG_GLOBAL=/dev/null ../akid {}",
                command
            ));
            let lines = said.text.lines().filter(|line| !line.starts_with("scanned "));
            (said.code, lines.collect::<Vec<_>>().join("\n"))
        };
        let expected = run("");
        assert_eq!(expected.0, Some(1), "{}", expected.1);
        for threads in 1..4 {
            let limits =
                format!("setpriv --reuid {USER} --regid {USER} --clear-groups prlimit --nproc={threads}");
            assert_eq!(run(&limits), expected, "{command}, {threads}");
        }
    }
}
