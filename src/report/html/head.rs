//! The page's head: the policy, by which a browser loads and sends nothing, and the style. At its end: the script.

use data_encoding::BASE64;
use maud::{Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::Page;
use super::overview::title;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The first lines are those by which a later scan knows the page for a report of akid: `suppress::own_report`.
pub(super) fn head(page: &Page<'_>) -> Markup {
    let generator = concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION"));
    html! {
        head {
            meta charset="utf-8";
            meta name="generator" content=(generator);
            meta http-equiv="Content-Security-Policy" content=(policy());
            meta name="viewport" content="width=device-width, initial-scale=1";
            meta name="color-scheme" content="light dark";
            meta name="referrer" content="no-referrer";
            meta name="robots" content="noindex";
            title { "akid: " (title(page)) }
            style { (PreEscaped(in_page(STYLE))) }
        }
    }
}

pub(super) fn script() -> Markup {
    html! { script { (PreEscaped(in_page(SCRIPT))) } }
}

fn policy() -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; base-uri 'none'; form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

/// The hash by which a policy allows a text.
fn hash(text: &str) -> String {
    format!("sha256-{}", BASE64.encode(&Sha256::digest(in_page(text))))
}

/// The text as browsers read it: git on Windows may have changed the ends of its lines, and browsers change them back.
fn in_page(text: &str) -> String {
    text.replace('\r', "")
}
