//! Opens what reports go to, and writes them.

use std::path::{Path, PathBuf};

use akid::panic;
use akid::redact::redact;
use akid::report::{self, Format, Options, Report, sarif_files};
use anyhow::bail;

use super::output::{self, Target, Writer};
use super::place::Place;
use super::settings::Settings;

/// Opens what the reports go to: a file each, none of them a baseline.
pub(super) fn open_outputs(settings: &Settings) -> anyhow::Result<Vec<(Format, Writer)>> {
    let mut taken: Vec<PathBuf> = settings.baseline_files.clone();
    let mut open = |(format, target): &(Format, Target)| {
        taken_once(&mut taken, target)?;
        let writer = match (&settings.pager, format, target) {
            (Some(pager), Format::Text, Target::Stdout) => Writer::paged(pager.clone()),
            _ => Writer::open(target)?,
        };
        Ok((*format, writer))
    };
    settings.outputs.iter().map(&mut open).collect()
}

/// Takes note of the file at `target`, unless something else is written there.
fn taken_once(taken: &mut Vec<PathBuf>, target: &Target) -> anyhow::Result<()> {
    let Target::File(path) = target else { return Ok(()) };
    let Some(file) = Place::of(path).ok().and_then(Place::into_file) else { return Ok(()) };
    if taken.contains(&file) {
        let path = redact(path.as_os_str().as_encoded_bytes());
        bail!("{path}: two outputs use this file\nhelp: name a file for each");
    }
    taken.push(file);
    Ok(())
}

/// Writes each report, even if another one cannot be written.
pub(super) fn write_all(report: &Report<'_>, outputs: Vec<(Format, Writer)>) -> anyhow::Result<()> {
    let write = |report: &Report<'_>, format: Format, writer: Writer| {
        // These hold no control character.
        let is_plain =
            !matches!(format, Format::Text | Format::Csv | Format::Github | Format::Junit | Format::Markdown);
        let written = panic::catch(|| {
            writer.write(is_plain, |out| report::write(format, report, out).map(output::count))
        });
        written.unwrap_or_else(|panicked| {
            bail!(
                "akid panicked at {panicked} while it wrote the {} report: this is a bug in akid",
                format.as_str()
            )
        })
    };
    let written = |(format, writer): (Format, Writer)| {
        let files = sarif_files(report.scan);
        match writer.target().filter(|_| format == Format::Sarif && files > 1) {
            None => write(report, format, writer),
            Some(target) => write_sarif_files(report, files, writer, &target, &write),
        }
    };
    let failed: Vec<String> = outputs
        .into_iter()
        .filter_map(|output| written(output).err())
        .map(|error| format!("{error:#}"))
        .collect();
    if failed.is_empty() { Ok(()) } else { bail!(failed.join("\nerror: ")) }
}

/// Writes SARIF of more repositories than GitHub takes in one file: the first ones to the file that is named, the others
/// beside it.
fn write_sarif_files(
    report: &Report<'_>,
    files: usize,
    first: Writer,
    target: &Path,
    write: &dyn Fn(&Report<'_>, Format, Writer) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let of_file = |nth| Options { sarif_file: Some(nth), ..report.options.clone() };
    write(&Report { options: &of_file(0), ..*report }, Format::Sarif, first)?;
    let mut others = Vec::new();
    for nth in 1..files {
        let path = numbered(target, nth + 1);
        let writer = Writer::open(&Target::File(path.clone()))?;
        write(&Report { options: &of_file(nth), ..*report }, Format::Sarif, writer)?;
        others.push(redact(path.as_os_str().as_encoded_bytes()));
    }
    output::warn(&format!(
        "note: GitHub accepts at most 20 runs in a SARIF file, so there are {files}: {}, {}",
        redact(target.as_os_str().as_encoded_bytes()),
        others.join(", ")
    ));
    Ok(())
}

/// The path with a number before its extension.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}
