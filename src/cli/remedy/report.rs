//! The options that reports name.

use akid::report::Hints;

/// What a report of the command advises.
pub(in crate::cli) const HINTS: Hints = Hints {
    list_all: "--format json lists them",
    fail_on_unreadable: "with --strict, exit code 2",
    unreadable: "`--strict` fails on such inputs",
    resolve_again: "run `akid resolve --from` on this file",
    hidden_by: "--show or --min-severity",
    size_limit: "--max-file-size",
    allow: "--reason 'why this is harmless'",
};
