//! The shapes that rules name with `{{…}}`: what a part looks like in normalised text, wherever it stands.

use std::sync::LazyLock;

use regex::bytes::Regex;

use crate::aws::SessionToken;
use crate::aws::fake::{Fake, service};

/// What may stand between the pieces of a value that is broken by string concatenation, a line continuation or
/// folding.
///
/// Repetitions here and below have no upper bound where one could do without: a counted repetition is compiled as often
/// as it counts, and compiling is most of the time that a small scan takes. The detector bounds what matters.
const JOIN: &str = concat!(
    r#"(?:["'`][ \t]*(?:[+.&~]|\.\.|\|\||<>)?[ \t]*(?:[\\_`]?\r?\n[ \t]*)?"#,
    r#"(?:[+.&~]|\.\.|\|\||<>)?[ \t]*[bfruL@]?["'`]"#,
    r"|[\\`^]\r?\n[ \t]*",
    r"|\r?\n[ \t]+)",
);

/// A word that says nothing but "here comes the value".
const VALUE_WORD: &str = concat!(
    "(?i:values?|strings?|str|text|data|name|key|type|default|defaultvalue|stringvalue|securestring|plaintext|",
    "entry|property|param|parameter|const|final|static|var|let|new|is|env|environ|getenv|get|set|os|process|",
    "config|option|some|field|sensitive|true|false|null|none|utf8|u8|char|object|any|required|optional|code|td|",
    "span|tt|p|li|literal|cdata|secretstr|secretstring|from|return|aws|[befnlrsu])",
);

/// A tag of HTML or XML: highlighters put some between a name, its sign and the value. Or attributes of a tag that say
/// nothing of the value.
const TAG: &str = concat!(
    r"</?[A-Za-z][^<>\n]*>",
    r#"|(?:id|class|type|style|title|placeholder|autocomplete|size|maxlength|data-[a-z\-]+|aria-[a-z\-]+)="[^"<>\n]*""#,
);

/// The names that a pattern may use, with what they stand for.
const SHAPES: [&str; 14] = [
    "join",
    "assign",
    "name-assign",
    "described",
    "glue",
    "secret",
    "lone-secret",
    "key-id",
    "session-token",
    "session-token-value",
    "no-secret",
    "no-key-id",
    "looked-up",
    "field-end",
];

/// The expression that `{{name}}` stands for.
pub(super) fn expression(name: &str) -> Option<String> {
    Some(match name {
        "join" => JOIN.to_owned(),
        "assign" => format!(r"(?:[^A-Za-z0-9/+]*(?:{VALUE_WORD}|{TAG}))*[^A-Za-z0-9/+]+"),
        // Where the name ends is certain: else a run of names without an end would be read anew from each of them.
        "name-assign" => format!(
            r"[\w.\-]*(?:{TAG}|[^A-Za-z0-9/+_.\-])(?:[^A-Za-z0-9/+]*(?:{VALUE_WORD}|{TAG})+[^A-Za-z0-9/+]+)*[^A-Za-z0-9/+]*(?:{TAG})*(?:\$\{{[\w.\-]+:[\-=?]?)?"
        ),
        "described" => format!("{FIELD_END_ONLY}{DESCRIPTION}{DEFAULT}"),
        "glue" => format!(
            r"(?:[^A-Za-z0-9/+]+[A-Za-z0-9]{{1,19}}|[^A-Za-z0-9/+]*(?:{TAG})){{0,4}}(?:[^A-Za-z0-9/+]+|{TAG})"
        ),
        // Of tokens, the first piece: how they go on is told by hand, since a file may be one line of letters after another.
        // Plain, or as base64 of either alphabet; else in pieces.
        "secret" => format!(
            r"(?P<value>[A-Za-z0-9/+_\-]{{40}}[A-Za-z0-9/+_\-]*={{0,2}}|(?:[A-Za-z0-9/+]+{JOIN})+[A-Za-z0-9/+]+)"
        ),
        "lone-secret" => "(?P<value>[A-Za-z0-9/+]{40}[A-Za-z0-9/+]*={0,2})".to_owned(),
        "key-id" => "(?P<value>(?:AKIA|ASIA)[A-Z0-9]{16})".to_owned(),
        "session-token" => {
            format!("(?P<value>(?:{})[A-Za-z0-9/+]{{8}}[A-Za-z0-9/+]*)", SessionToken::PREFIXES.join("|"))
        }
        "session-token-value" => "(?P<value>[A-Za-z0-9/+]{40}[A-Za-z0-9/+]*)".to_owned(),
        "field-end" => FIELD_END.to_owned(),
        "no-secret" => format!("{FIELD_END}(?P<value>{PLACEHOLDER}|{ELSEWHERE}|{LOOKED_UP}|{NOTHING}|{CUT})"),
        "looked-up" => format!("(?P<value>{LOOKED_UP})"),
        "no-key-id" => format!("{FIELD_END}(?P<value>{PLACEHOLDER}|{OTHER_ID})"),
        _ => return None,
    })
}

/// From within a field's name to its value.
const FIELD_END: &str = r#"[\w.\-]{0,40}["'`\])]{0,2}[ \t]{0,20}(?:=>|:=|[=:,>])[ \t]{0,20}["'`]?"#;
/// From within the name of something that is described to its description.
const FIELD_END_ONLY: &str = r#"[\w.\-]{0,40}["'`\])]{0,2}[ \t]*(?:=>|[=:,{])?"#;
/// What describes a parameter, a variable, an option: its type, what it is for, whether it is required.
const DESCRIPTION: &str = concat!(
    r#"(?:[\s,{\-]*["'`]?(?:(?i)type|description|desc|help|required|optional|sensitive|secret|noecho|label|title|name"#,
    r"|format|nullable|metavar|dest|nargs|action|group|prompt|hidden|show_default|minlength|maxlength|allowedpattern",
    r#"|constraintdescription)["'`]?[ \t]*(?:=>|[=:])[ \t]*(?:"[^"\n]*"|'[^'\n]*'|[^"'\n]*\n|[^,"'\n]*))+"#,
);
/// The value that such a thing has unless another is given.
const DEFAULT: &str = r#"[\s,{\-]*["'`]?(?:(?i)default|default_?value|value|fallback)["'`]?[ \t]*(?:=>|[=:])[ \t]*(?:[A-Za-z@]{0,2}["'`])?"#;
/// What people write where a value belongs.
const PLACEHOLDER: &str = concat!(
    r"<[A-Za-z][^>\n]{0,80}>|\[[A-Za-z][A-Za-z _\-]{2,40}\]",
    r"|(?:\*{3}|\.{3}|(?i:xxxx|your[_\- ]|change[_\- ]?me|redacted|todo))",
);
/// How a value is named that is somewhere else: in the environment, in a vault, in another file.
const ELSEWHERE: &str = concat!(
    r"\$\{[^}\n]{0,120}\}|\$\([^)\n]{0,120}\)|\$[A-Za-z_]|%[A-Za-z_]\w{0,60}%",
    r"|<%[^%\n]{0,120}%>|\{\{[^}\n]{0,120}\}\}",
    r"|(?:secrets|vault|var|data|ssm|params)[.:(]|ENC\[|enc\(|ref\+|!(?:Ref|Sub|GetAtt|ImportValue|secret|vault|env)\b",
);
/// How a program takes a value from where it runs.
const LOOKED_UP: &str = concat!(
    r"(?:os\.)?(?:environ|getenv|LookupEnv)\b|process\.env\b|(?:import\.meta|Deno)\.env\b|ENV[\[.]|env!?[(.]",
    r"|System\.(?:getenv|getProperty)\b|(?:std::)?env::|Environment\.Get\w+|\$_(?:ENV|SERVER)\[",
    r"|(?:_?config(?:uration)?|settings)(?:\[|\.get\w{0,20}\()",
);
/// An empty value.
const NOTHING: &str = r#"""|''|(?:null|nil|None|undefined|~)\b|~|[ \t]*(?:[#;][^\n]*)?(?:[\r\n]|$)"#;
/// The start of a value: letters with a digit among them, up to what ends a value.
const CUT: &str = r"[A-Za-z/+]{0,30}[0-9][A-Za-z0-9/+]{8,}";
/// What is written like a key ID.
const OTHER_ID: &str = r"(?-i:AKIA|ASIA)[A-Za-z0-9]{4,40}|(?-i:[A-Z0-9]{20})\b";

/// The names of every shape, for error messages.
pub(super) fn names() -> String {
    SHAPES.map(|name| format!("{{{{{name}}}}}")).join(", ")
}

/// The ends of `broken`'s pieces: its letters with what joined them left out, piece by piece.
pub fn join_free(broken: &[u8]) -> Vec<std::ops::Range<usize>> {
    static JOINS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(&format!("(?-u){JOIN}|\\r?\\n")).ok());
    let mut pieces = Vec::new();
    let mut at = 0;
    for join in JOINS.iter().flat_map(|joins| joins.find_iter(broken)) {
        pieces.push(at..join.start());
        at = join.end();
    }
    pieces.push(at..broken.len());
    pieces
}

/// The length of what joins two pieces of a value, or of the line end between them, if `text` starts with one.
pub fn join_len(text: &[u8]) -> Option<usize> {
    /// No join is longer, in bytes.
    const LONGEST: usize = 512;
    static JOIN_AT: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(&format!(r"(?-u)\A(?:{JOIN}|\r?\n)")).ok());
    let near = &text[..text.len().min(LONGEST)];
    JOIN_AT.as_ref().and_then(|join| join.find(near)).map(|join| join.end())
}

/// Makes a value from a seed.
type Make = fn(u64) -> String;

/// Fills the placeholders of an example with a made-up credential: `{{key-id}}`, `{{secret}}` and `{{token}}`, and what
/// single services take.
pub fn fill(example: &str, credential: &Fake) -> String {
    let seed = credential.seed();
    let services: [(&str, Make); 8] = [
        ("{{smtp-password}}", service::smtp_password),
        ("{{api-key}}", service::api_key),
        ("{{platform-api-key}}", service::platform_api_key),
        ("{{short-term-api-key}}", service::short_term_api_key),
        ("{{service-user}}", service::user),
        ("{{service-password}}", service::password),
        ("{{sso-token}}", service::sso_token),
        ("{{ecr-login}}", service::ecr_login),
    ];
    let filled = services.iter().fold(example.to_owned(), |text, (name, make)| {
        if text.contains(name) { text.replace(name, &make(seed)) } else { text }
    });
    filled
        .replace("{{key-id}}", credential.id_text())
        .replace("{{secret}}", credential.secret_text())
        .replace("{{token}}", credential.token_text())
}
