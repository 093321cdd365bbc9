//! What is wrong with a configuration: the place, the fault, the way out, and nothing of its values.

use akid::rule::toml_message;

use super::Found;

/// Why a configuration cannot be read, with its place. toml's own display prints the line, which may hold anything; its
/// message may quote a value.
pub(super) fn explained(found: &Found, error: &toml::de::Error) -> anyhow::Error {
    if let Some(line) = conflict(&found.text) {
        return anyhow::anyhow!(
            "{}:{line}: conflict markers of a merge\n\
             help: keep what should apply of both sides, and remove the lines with the markers",
            found.name
        );
    }
    let (line, column) = line_and_column(&found.text, error.span().map_or(0, |span| span.start));
    let help = help(error.message()).map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    anyhow::anyhow!("{}:{line}:{column}: {}{help}", found.name, toml_message(error.message()))
}

/// The number of the first line with a mark that git puts into files that it cannot merge.
fn conflict(text: &str) -> Option<usize> {
    let is_marker = |line: &str| {
        let rest =
            ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().find_map(|mark| line.strip_prefix(mark));
        rest.is_some_and(|rest| rest.trim_end().is_empty() || rest.starts_with(' '))
    };
    text.lines().position(is_marker).map(|at| at + 1)
}

/// The way out of a fault with this message, if one is known.
fn help(message: &str) -> Option<String> {
    if message.starts_with("duplicate key") {
        let help =
            "the key is already defined above, and `allow = [ … ]` cannot be combined with `[[allow]]`";
        return Some(format!("{help}: write each entry as `[[allow]]`"));
    }
    nearest_name(message).map(|name| format!("did you mean `{name}`?"))
}

/// The name of a key that an unknown one is meant for, if it looks like one.
fn nearest_name(message: &str) -> Option<&str> {
    let rest = message.strip_prefix("unknown field `")?;
    let (written, expected) = rest.split_once('`')?;
    let names = expected.split('`').skip(1).step_by(2);
    let distance = |name: &str| strsim::damerau_levenshtein(&written.to_lowercase().replace('_', "-"), name);
    names
        .map(|name| (distance(name), name))
        .min()
        .filter(|(distance, _)| *distance <= 3)
        .map(|(_, name)| name)
}

/// The line and the column of the byte at `offset`, from 1.
pub(super) fn line_and_column(text: &str, offset: usize) -> (usize, usize) {
    let before = &text[..text.floor_char_boundary(offset)];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_a_conflict_are_lines_of_their_own() {
        assert_eq!(conflict("a = 1\n<<<<<<< HEAD\nb = 1\n=======\n"), Some(2));
        assert_eq!(conflict("a = 1\r\n=======\r\n>>>>>>> x\n"), Some(2));
        assert_eq!(conflict("a = '======='\n # <<<<<<< x\n<<<<<<<<\n"), None);
    }

    #[test]
    fn the_nearest_name_is_one_that_was_meant() {
        let message =
            |written| format!("unknown field `{written}`, expected one of `fail-on`, `exclude`, `allow`");
        assert_eq!(nearest_name(&message("fail-no")), Some("fail-on"));
        assert_eq!(nearest_name(&message("fail_on")), Some("fail-on"));
        assert_eq!(nearest_name(&message("Excludes")), Some("exclude"));
        assert_eq!(nearest_name(&message("output-format")), None);
        assert_eq!(nearest_name("invalid type: integer `3`, expected a string"), None);
    }
}
