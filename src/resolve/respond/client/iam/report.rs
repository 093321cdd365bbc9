//! The credential report.

use crate::owner::LastUse;
use crate::redact::redact;
use crate::resolve::respond::RootKey;

/// The active keys of the root user in a credential report; `None` if it is none. Its fields have no quotes: names of
/// users cannot have commas in them that would matter before the root user's row, which is the first.
pub(super) fn root_keys(report: &str) -> Option<Vec<RootKey>> {
    let mut lines = report.lines();
    let titles: Vec<_> = lines.next()?.split(',').collect();
    let row: Vec<_> = lines.find(|line| line.starts_with("<root_account>,"))?.split(',').collect();
    let cell = |title: &str| {
        let at = titles.iter().position(|known| *known == title)?;
        row.get(at).copied()
    };
    let key = |nth: u32| {
        let cell = |what: &str| cell(&format!("access_key_{nth}_{what}"));
        let at = |what: &str| cell(what).and_then(|text| text.parse().ok());
        let last = match at("last_used_date") {
            None => LastUse::Never,
            Some(at) => LastUse::Used {
                at,
                service: redact(cell("last_used_service").unwrap_or("N/A").as_bytes()),
                region: redact(cell("last_used_region").unwrap_or("N/A").as_bytes()),
            },
        };
        (cell("active") == Some("true")).then(|| RootKey { rotated_at: at("last_rotated"), last })
    };
    cell("access_key_1_active")?;
    Some([1, 2].into_iter().filter_map(key).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_users_active_keys_are_in_the_credential_report() {
        let report = "user,arn,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
                      access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active\n\
                      <root_account>,arn:aws:iam::222222222222:root,true,2025-01-02T03:04:05+00:00,N/A,N/A,N/A,false\n\
                      ada,arn:aws:iam::222222222222:user/ada,true,N/A,N/A,N/A,N/A,true\n";
        let rotated_at = "2025-01-02T03:04:05Z".parse().ok();
        assert_eq!(root_keys(report), Some(vec![RootKey { rotated_at, last: LastUse::Never }]));
        assert_eq!(root_keys("<html>"), None);
        assert_eq!(root_keys("user,arn\n<root_account>,x\n"), None);
    }
}
