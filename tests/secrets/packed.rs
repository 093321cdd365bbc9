//! Files that hold a secret beside a key ID in packed form.

use data_encoding::BASE64;
use serde_json::json;

use super::law::Stand;
use crate::archives::build::{Entry, gzip, tar, zip_of};
use crate::archives::documents::pdf;

/// The file with `text` beside `id`; `None` where nothing is packed.
pub(super) fn file(stand: Stand, id: &str, text: &str) -> Option<Vec<u8>> {
    let line = format!("{id} {text}\n");
    Some(match stand {
        Stand::Step => image(id, "app:1", text),
        Stand::Image => image(id, text, "COPY . /app"),
        Stand::Comment => {
            let members = [Entry::stored(b"a", b"nothing")];
            zip_of(&members, &members, line.as_bytes())
        }
        Stand::PdfName => {
            // By the rules of PDF, what is no plain letter of a name is escaped.
            let escaped: String = text
                .bytes()
                .map(|byte| match byte {
                    b'!'..=b'~' if !b"#()<>[]{}/%".contains(&byte) => char::from(byte).to_string(),
                    _ => format!("#{byte:02X}"),
                })
                .collect();
            pdf(&[(&format!("/Type /{id} /Secret /{escaped}"), Vec::new())])
        }
        Stand::Packed => format!("data: {}\n", BASE64.encode(&gzip(line.as_bytes()))).into_bytes(),
        _ => return None,
    })
}

/// An image as `docker save` writes it, with one layer.
fn image(id: &str, name: &str, step: &str) -> Vec<u8> {
    let layer = tar(&[(b"app/.env", format!("key {id}\n").as_bytes())]);
    let config = json!({ "history": [{ "created_by": step }] }).to_string();
    let manifest = json!([{ "Config": "c.json", "RepoTags": [name], "Layers": ["a/layer.tar"] }]).to_string();
    tar(&[(b"a/layer.tar", &layer), (b"c.json", config.as_bytes()), (b"manifest.json", manifest.as_bytes())])
}
