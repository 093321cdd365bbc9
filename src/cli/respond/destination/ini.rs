//! One profile in a credentials file: read and replaced, with everything else in the file left as it is.

/// The lines of a profile, by where they are in the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Section {
    /// Where the line after its heading starts.
    pub(super) start: usize,
    /// Where the next heading is, or the text ends.
    pub(super) end: usize,
}

/// Finds a profile.
pub(super) fn section(text: &str, name: &str) -> Option<Section> {
    let mut found: Option<Section> = None;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if let Some(heading) = heading(line) {
            if let Some(section) = &mut found {
                section.end = at;
                return found;
            }
            if heading == name {
                found = Some(Section { start: at + line.len(), end: text.len() });
            }
        }
        at += line.len();
    }
    found
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim().strip_prefix('[')?;
    let name = rest.split_once(']')?.0.trim();
    Some(name.strip_prefix("profile ").unwrap_or(name).trim().trim_matches('"'))
}

/// The value of a key in a profile.
pub(super) fn value<'a>(text: &'a str, section: &Section, key: &str) -> Option<&'a str> {
    text.get(section.start..section.end)?.lines().find_map(|line| assignment(line, key))
}

fn assignment<'a>(line: &'a str, key: &str) -> Option<&'a str> {
    let (name, value) = line.split_once('=')?;
    // Lines that are indented belong to the one before.
    (!line.starts_with([' ', '\t', '#', ';']) && name.trim().eq_ignore_ascii_case(key)).then(|| value.trim())
}

/// The text with other values in a profile. What is not there is added at the profile's start; a profile that is not there
/// at the text's end.
pub(super) fn with(text: &str, name: &str, values: &[(&str, &str)]) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let line = |(key, value): &(&str, &str)| format!("{key} = {value}{end}");
    let Some(section) = section(text, name) else {
        let breaks = if text.is_empty() { 0 } else { 1 + usize::from(!text.ends_with('\n')) };
        let gap = end.repeat(breaks);
        return format!("{text}{gap}[{name}]{end}{}", values.iter().map(line).collect::<String>());
    };
    // A heading without a line break is at the text's end.
    let first = if text[..section.start].ends_with('\n') { "" } else { end };
    let body = &text[section.start..section.end];
    let is_there = |key: &str| body.lines().any(|line| assignment(line, key).is_some());
    let mut lines: String = values.iter().filter(|(key, _)| !is_there(key)).map(line).collect();
    for old in body.split_inclusive('\n') {
        match values.iter().find(|(key, _)| assignment(old, key).is_some()) {
            Some(new) => lines.push_str(&line(new)),
            None => lines.push_str(old),
        }
    }
    format!("{}{first}{lines}{}", &text[..section.start], &text[section.end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# mine\n[default]\naws_access_key_id = A\naws_secret_access_key=B ; not a comment\nregion = x\n\n\
                        [ other ]\n# why\naws_access_key_id = C\n";

    #[test]
    fn a_profile_is_found_with_its_values() {
        let other = section(TEXT, "other").unwrap();
        assert_eq!(value(TEXT, &other, "aws_access_key_id"), Some("C"));
        assert_eq!(value(TEXT, &other, "aws_secret_access_key"), None);
        assert_eq!(section(TEXT, "none"), None);
        let default = section(TEXT, "default").unwrap();
        assert_eq!(value(TEXT, &default, "AWS_SECRET_ACCESS_KEY"), Some("B ; not a comment"));
    }

    #[test]
    fn only_the_values_of_one_profile_are_replaced_and_comments_stay() {
        let values = [("aws_access_key_id", "N"), ("aws_secret_access_key", "S")];
        assert_eq!(
            with(TEXT, "other", &values),
            TEXT.replace(
                "# why\naws_access_key_id = C\n",
                "aws_secret_access_key = S\n# why\naws_access_key_id = N\n"
            )
        );
        assert_eq!(
            with(TEXT, "default", &values),
            TEXT.replace("= A\n", "= N\n")
                .replace("aws_secret_access_key=B ; not a comment", "aws_secret_access_key = S")
        );
        assert_eq!(with(TEXT, "new", &values[..1]), format!("{TEXT}\n[new]\naws_access_key_id = N\n"));
        assert_eq!(with("", "new", &values[..1]), "[new]\naws_access_key_id = N\n");
        assert_eq!(with("[new]", "new", &values[..1]), "[new]\naws_access_key_id = N\n");
        assert_eq!(with("a\r\n[n]\r\n", "n", &values[..1]), "a\r\n[n]\r\naws_access_key_id = N\r\n");
    }
}
