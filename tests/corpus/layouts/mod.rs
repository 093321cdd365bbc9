//! Every layout, by family.

mod bare;
mod boundary;
mod broken;
mod code;
mod containers;
mod csv;
mod encoded;
mod escaped;
mod fields;
mod highlighted;
mod json;
mod lone;
mod marks;
mod pairing;
mod settings;
mod shell;
mod spelled;
mod url;
mod xml;
mod yaml;

use crate::corpus::layout::Layout;

/// Every layout.
pub(crate) fn all() -> impl Iterator<Item = &'static Layout> {
    let families: [&[Layout]; 20] = [
        settings::LAYOUTS,
        shell::LAYOUTS,
        containers::LAYOUTS,
        yaml::LAYOUTS,
        json::LAYOUTS,
        escaped::LAYOUTS,
        xml::LAYOUTS,
        csv::LAYOUTS,
        code::LAYOUTS,
        url::LAYOUTS,
        encoded::LAYOUTS,
        boundary::LAYOUTS,
        broken::LAYOUTS,
        lone::LAYOUTS,
        pairing::LAYOUTS,
        bare::LAYOUTS,
        spelled::LAYOUTS,
        marks::LAYOUTS,
        highlighted::LAYOUTS,
        fields::LAYOUTS,
    ];
    families.into_iter().flatten()
}
