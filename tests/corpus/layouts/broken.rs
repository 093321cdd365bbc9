//! Secrets in pieces: concatenated strings, continued lines, folded scalars.

use crate::corpus::layout::Layout;
use crate::corpus::style::Style;

const PYTHON: &str = "aws_access_key_id = \"{{key-id}}\"\naws_secret_access_key = \"{{secret}}\"\n";
const SINGLE: &str = "$key = '{{key-id}}';\n$aws_secret_access_key = '{{secret}}';\n";
const CALL: &str =
    "client = boto3.client('s3', aws_access_key_id=\"{{key-id}}\", aws_secret_access_key=(\"{{secret}}\"))\n";
const SHELL: &str = "export AWS_ACCESS_KEY_ID={{key-id}}\nexport AWS_SECRET_ACCESS_KEY={{secret}}\n";
const YAML: &str =
    "  aws_access_key_id: {{key-id}}\n  aws_secret_access_key: >-\n    {{secret}}\n  region: {{region}}\n";
const LONE: &str = "AWS_SECRET_ACCESS_KEY = \"{{secret}}\"\n";

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new("\"a\" + \"b\"", PYTHON).secret(Style::Broken("\" + \"")),
    Layout::new("\"a\"+\"b\"", PYTHON).secret(Style::Broken("\"+\"")),
    Layout::new("\"a\" + \"b\" + \"c\"", PYTHON).secret(Style::BrokenTwice("\" + \"")),
    Layout::new("\"a\" +, next line", PYTHON).secret(Style::Broken("\" +\n        \"")),
    Layout::new("\"a\", next line + \"b\"", PYTHON).secret(Style::Broken("\"\n        + \"")),
    Layout::new("'a' . 'b'", SINGLE).secret(Style::Broken("' . '")),
    Layout::new("'a'.'b'", SINGLE).secret(Style::Broken("'.'")),
    Layout::new("adjacent literals", PYTHON).secret(Style::Broken("\" \"")),
    Layout::new("adjacent literals on lines", CALL).secret(Style::Broken("\"\n    \"")),
    Layout::new("\"a\" & _ \"b\"", PYTHON).secret(Style::Broken("\" & _\n    \"")),
    Layout::new("\"a\" || \"b\"", SINGLE).secret(Style::Broken("' || '")),
    Layout::new("\"a\" <> \"b\"", PYTHON).secret(Style::Broken("\" <> \"")),
    Layout::new("backslash at line end", SHELL).secret(Style::Broken("\\\n")),
    Layout::new("backslash at line end in quotes", PYTHON).secret(Style::Broken("\\\n")),
    Layout::new("YAML folded", YAML).secret(Style::Broken("\n    ")),
    Layout::new("lone secret, \"a\" + \"b\"", LONE).secret(Style::Broken("\" + \"")),
    Layout::new(
        "token folded, INI",
        "aws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\naws_session_token = {{token}}\nregion = {{region}}\n",
    )
    .token_folded("\n "),
    Layout::new(
        "token folded, plain lines",
        "AccessKeyId: {{key-id}}\nSecretAccessKey: {{secret}}\nSessionToken: {{token}}\n\n",
    )
    .token_folded("\n"),
    Layout::new(
        "token, \"a\" + \"b\"",
        "id = \"{{key-id}}\";\nsecretAccessKey = \"{{secret}}\";\nsessionToken = \"{{token}}\";\n",
    )
    .token_folded("\" +\n    \""),
    Layout::new(
        "token, backslash at line end",
        "export AWS_ACCESS_KEY_ID={{key-id}}\nexport AWS_SECRET_ACCESS_KEY={{secret}}\nexport AWS_SESSION_TOKEN={{token}}\n",
    )
    .token_folded("\\\n"),
];
