//! Events of the Open Cybersecurity Schema Framework (OCSF) 1.6, one JSON object a line.
//!
//! A finding is a Data Security Finding (class 2006): the class that the framework describes for tools that look for
//! secrets, with "Developer Security" among its systems. The last line is a Scan Activity (class 6007), which says
//! whether everything was scanned: a file without it was cut short.
//!
//! Source: <https://schema.ocsf.io/1.6.0/>. `tests/interop/ocsf.py` validates against its published classes.

mod activity;
mod finding;

use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::Report;
use crate::finding::Suppression;

/// The version of the schema.
const VERSION: &str = "1.6.0";

/// Writes an event a line.
pub(super) fn write(report: &Report<'_>, out: &mut dyn Write) -> io::Result<()> {
    // What an older report had and this one has not is told, too: it closes what was opened before.
    let told = |suppression| matches!(suppression, None | Some(Suppression::Gone));
    for finding in report.scan.findings.iter().filter(|finding| told(finding.suppression)) {
        write_line(&finding::Event::of(report, finding), out)?;
    }
    write_line(&activity::Event::of(report), out)
}

fn write_line(event: &impl Serialize, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, event)?;
    writeln!(out)
}

/// A number with the caption that the schema has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Captioned(u8, &'static str);

/// What an event is: the class and the activity, from which the schema calculates its type.
#[derive(Serialize)]
struct Class {
    category_uid: u8,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    activity_id: u8,
    activity_name: &'static str,
    type_uid: u32,
    type_name: String,
}

impl Class {
    /// `category` is the number of a class, by thousands.
    fn new(category: Captioned, class_uid: u32, class_name: &'static str, activity: Captioned) -> Self {
        Self {
            category_uid: category.0,
            category_name: category.1,
            class_uid,
            class_name,
            activity_id: activity.0,
            activity_name: activity.1,
            type_uid: class_uid * 100 + u32::from(activity.0),
            type_name: format!("{class_name}: {}", activity.1),
        }
    }
}

/// Which schema an event follows, and who wrote it.
#[derive(Serialize)]
struct Metadata {
    version: &'static str,
    product: Product,
}

#[derive(Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
    version: &'static str,
    lang: &'static str,
}

impl Metadata {
    const AKID: Self = Self {
        version: VERSION,
        product: Product {
            name: env!("CARGO_PKG_NAME"),
            vendor_name: env!("CARGO_PKG_NAME"),
            version: env!("CARGO_PKG_VERSION"),
            lang: "en",
        },
    };
}

/// Milliseconds since the epoch, as the schema writes times.
fn milliseconds(at: Timestamp) -> i64 {
    at.as_millisecond()
}
