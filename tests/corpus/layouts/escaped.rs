//! Values escaped one by one, and whole texts inside other texts.

use crate::corpus::layout::Layout;
use crate::corpus::style::Style;
use crate::corpus::wrap::Wrap;

const JSON: &str = "{\"accessKeyId\":\"{{key-id}}\",\"secretAccessKey\":\"{{secret}}\"}\n";
const STS: &str =
    "{\"AccessKeyId\":\"{{key-id}}\",\"SecretAccessKey\":\"{{secret}}\",\"SessionToken\":\"{{token}}\"}\n";
const INI: &str = "[default]\naws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\n";
const ENV: &str = "AWS_ACCESS_KEY_ID={{key-id}}\nAWS_SECRET_ACCESS_KEY={{secret}}\n";
const QUERY: &str = "POST /{{word}}?access_key={{key-id}}&secret_key={{secret}}&region={{region}} HTTP/1.1\n";
const XML: &str = "<aws><accessKey>{{key-id}}</accessKey><secretKey>{{secret}}</secretKey></aws>\n";

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new("JSON, \\/", JSON).hidden(Style::JsonSlash),
    Layout::new("JSON with token, \\/", STS).hidden(Style::JsonSlash),
    Layout::new("JSON, \\u002f", JSON).hidden(Style::Unicode),
    Layout::new("JSON with token, \\u002f", STS).hidden(Style::Unicode),
    Layout::new("query, %2F %2B", QUERY).hidden(Style::Percent),
    Layout::new("query, %2f %2b", QUERY).hidden(Style::PercentLower),
    Layout::new("XML, &#43; &#47;", XML).hidden(Style::Entity),
    Layout::new("XML, &#x2B; &#x2F;", XML).hidden(Style::HexEntity),
    Layout::new("JSON in JSON", JSON).inner(Wrap::Json),
    Layout::new("STS JSON in JSON", STS).inner(Wrap::Json),
    Layout::new("JSON in JSON in JSON", JSON).inner(Wrap::JsonTwice),
    Layout::new("JSON in JSON in shell", JSON).inner(Wrap::ShellJson),
    Layout::new("JSON in JSON, \\/", JSON).hidden(Style::JsonSlash).inner(Wrap::Json),
    Layout::new("INI in a JSON string", INI).inner(Wrap::Json),
    Layout::new("env in a JSON string", ENV).inner(Wrap::Json),
    Layout::new("env in JSON in JSON", ENV).inner(Wrap::JsonTwice),
    Layout::new("env in a percent-encoded query", ENV).inner(Wrap::Percent),
    Layout::new("JSON in a percent-encoded query", JSON).inner(Wrap::Percent),
    Layout::new("JSON in HTML, &quot;", JSON).inner(Wrap::Html),
    Layout::new("XML in HTML, &lt;", XML).inner(Wrap::Html),
    Layout::new("env in Gson's JSON, \\u003d", ENV).inner(Wrap::UnicodeJson),
    Layout::new("XML in Go's JSON, \\u003c", XML).inner(Wrap::UnicodeJson),
    Layout::new("JSON in JSON, every character \\u0041", JSON).inner(Wrap::Escaped { upper: false }),
    Layout::new("INI in JSON, every character \\u004B", INI).inner(Wrap::Escaped { upper: true }),
    Layout::new("lone secret in JSON, every character \\u0041", "aws_secret_access_key: {{secret}}\n")
        .inner(Wrap::Escaped { upper: false }),
    Layout::new("lone secret in JSON, every character \\u004B", "S3_SECRET_KEY={{secret}}\n")
        .inner(Wrap::Escaped { upper: true }),
    Layout::new("INI with CR LF", INI).outer(Wrap::Crlf),
    Layout::new("INI with a byte order mark", INI).outer(Wrap::Bom),
    Layout::new("INI among Latin-1", INI).outer(Wrap::Latin1),
];
