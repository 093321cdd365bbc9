//! A repository with a secret in each subject, author or ref.

use std::io::Write;

use akid::source::git::History;

use super::law::{Case, Stand};
use crate::history::anchored;
use crate::history::repo::Folder;

/// The history of a repository in `folder` with one commit for each case, which adds a key ID.
pub(super) fn history(folder: &Folder, cases: &[Case], stand: Stand) -> History {
    let repo = folder.repo("r");
    let mut stream = Vec::new();
    for (nth, case) in cases.iter().enumerate().filter(|(_, case)| is_possible(&case.text, stand)) {
        let text = &case.text;
        let (subject, author, branch) = match stand {
            Stand::Subject => (&**text, "Ann", format!("{nth}")),
            Stand::Author => ("Add a key", text.trim(), format!("{nth}")),
            _ => ("Add a key", "Ann", format!("{nth}/{text}")),
        };
        let content = format!("key {}\n", case.key.id_text());
        // Writing to a vector does not fail.
        let _ = write!(
            stream,
            "commit refs/heads/{branch}\ncommitter {author} <a@example.com> 1767225600 +0000\n\
             data {}\n{subject}\nM 644 inline {nth}\ndata {}\n{content}\n",
            subject.len(),
            content.len()
        );
    }
    repo.git_with(&["fast-import", "--quiet"], &stream);
    anchored(repo.open(), 1)
}

/// Whether git takes `text` there.
fn is_possible(text: &str, stand: Stand) -> bool {
    let has_none_of = |signs: &str| !text.chars().any(|c| signs.contains(c) || c.is_control());
    match stand {
        Stand::Author => has_none_of("<>") && !text.trim().is_empty(),
        Stand::Ref => {
            let is_name = |part: &str| !part.is_empty() && part.len() < 200 && !part.starts_with('.');
            has_none_of(" ~^:?*[\\")
                && text.split('/').all(is_name)
                && !text.contains("..")
                && !text.contains("@{")
        }
        _ => true,
    }
}
