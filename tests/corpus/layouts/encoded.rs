//! Whole texts in base64 and whole files in UTF-16.

use crate::corpus::layout::Layout;
use crate::corpus::wrap::Wrap;

const INI: &str =
    "[default]\naws_access_key_id = {{key-id}}\naws_secret_access_key = {{secret}}\nregion = {{region}}\n";
const TEN: &str = "[{{word}}-#]\naws_access_key_id = {{key-id.#}}\naws_secret_access_key = {{secret.#}}\n\n";
const STS: &str =
    "{\"AccessKeyId\":\"{{key-id}}\",\"SecretAccessKey\":\"{{secret}}\",\"SessionToken\":\"{{token}}\"}\n";
const ENV: &str = "export AWS_ACCESS_KEY_ID={{key-id}}\nexport AWS_SECRET_ACCESS_KEY={{secret}}\n";

const fn base64(line: usize, phase: usize) -> Wrap {
    Wrap::Base64 { line, phase }
}

const fn utf16(big: bool, bom: bool) -> Wrap {
    Wrap::Utf16 { big, bom }
}

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new("base64, phase 0", INI).inner(base64(0, 0)),
    Layout::new("base64, phase 1", INI).inner(base64(0, 1)),
    Layout::new("base64, phase 2", INI).inner(base64(0, 2)),
    Layout::new("base64, lines of 76, phase 0", INI).inner(base64(76, 0)),
    Layout::new("base64, lines of 76, phase 1", INI).inner(base64(76, 1)),
    Layout::new("base64, lines of 76, phase 2", INI).inner(base64(76, 2)),
    Layout::new("base64, lines of 64", ENV).inner(base64(64, 0)),
    Layout::new("base64, lines of 64, CR LF", ENV).inner(base64(64, 1)).outer(Wrap::Crlf),
    Layout::new("base64, ten profiles", TEN).times(10).inner(base64(0, 0)),
    Layout::new("base64, ten profiles, lines of 76", TEN).times(10).inner(base64(76, 1)),
    Layout::new("base64, with token", STS).inner(base64(0, 0)),
    Layout::new("base64, with token, lines of 76", STS).inner(base64(76, 2)),
    Layout::new("base64, URL alphabet", INI).inner(Wrap::Base64Url),
    Layout::new("base64 of base64", INI).inner(Wrap::Base64Twice),
    Layout::new("UTF-16 LE with mark", INI).outer(utf16(false, true)),
    Layout::new("UTF-16 LE without mark", INI).outer(utf16(false, false)),
    Layout::new("UTF-16 BE with mark", INI).outer(utf16(true, true)),
    Layout::new("UTF-16 BE without mark", INI).outer(utf16(true, false)),
    Layout::new("UTF-16 LE with mark, JSON with token", STS).outer(utf16(false, true)),
    Layout::new("UTF-16 LE with mark, ten profiles", TEN).times(10).outer(utf16(false, true)),
    Layout::new("UTF-16 LE with mark, lone key ID", "ID: {{key-id}}\n").outer(utf16(false, true)),
];
