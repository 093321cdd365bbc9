//! Values on lines of their own, without names.

use crate::corpus::layout::Layout;

pub(crate) const LAYOUTS: &[Layout] = &[
    Layout::new("bare lines, all IDs first", "{{key-id.0}}\n{{key-id.1}}\n{{secret.0}}\n{{secret.1}}\n"),
    Layout::new("bare lines, all secrets first", "{{secret.0}}\n{{secret.1}}\n{{key-id.0}}\n{{key-id.1}}\n"),
    Layout::new("bare lines, in turn", "{{key-id.0}}\n{{secret.0}}\n{{key-id.1}}\n{{secret.1}}\n"),
    Layout::new("bare triple", "{{key-id}}\n{{secret}}\n{{token}}\n").temporary(),
    Layout::new("bare triple, token first", "{{token}}\n{{key-id}}\n{{secret}}\n").temporary(),
];
