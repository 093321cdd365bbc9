//! Templates, taken apart.

/// A stretch of a template.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    Text(&'a str),
    /// A part of the credential of this number.
    Part(Part, usize),
    /// Something drawn at random.
    Random(&'a str),
}

/// A part of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Id,
    Secret,
    Token,
}

/// The pieces of `template`, in order.
pub(crate) fn pieces(template: &str) -> impl Iterator<Item = Piece<'_>> {
    template.split("{{").enumerate().flat_map(|(nth, stretch)| {
        let (name, text) = match stretch.split_once("}}") {
            Some((name, text)) if nth > 0 => (Some(name), text),
            _ => (None, stretch),
        };
        [name.map(placeholder), Some(Piece::Text(text))].into_iter().flatten()
    })
}

fn placeholder(name: &str) -> Piece<'_> {
    let (stem, number) = name.split_once('.').unwrap_or((name, "0"));
    let number = number.parse().unwrap_or(0);
    match stem {
        "key-id" => Piece::Part(Part::Id, number),
        "secret" => Piece::Part(Part::Secret, number),
        "token" => Piece::Part(Part::Token, number),
        _ => Piece::Random(stem),
    }
}

#[test]
fn a_template_comes_apart_into_text_and_placeholders() {
    let expected = [
        Piece::Text("a="),
        Piece::Part(Part::Id, 0),
        Piece::Text(" "),
        Piece::Part(Part::Secret, 3),
        Piece::Text("\n"),
        Piece::Random("word"),
        Piece::Text(""),
    ];
    assert_eq!(pieces("a={{key-id}} {{secret.3}}\n{{word}}").collect::<Vec<_>>(), expected);
}
