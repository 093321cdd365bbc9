//! The key IDs in reports that were written before.

use std::io::Read;

use akid::aws::AccessKeyId;
use serde_json::Value;

/// The key IDs of a report, in its order: JSON or JSON Lines of akid, or SARIF of akid.
///
/// # Errors
///
/// Why it is none, in words that repeat nothing of it.
pub(super) fn ids(report: impl Read) -> Result<Vec<AccessKeyId>, String> {
    let mut ids = Vec::new();
    let mut is_report = false;
    for value in serde_json::Deserializer::from_reader(report).into_iter::<Value>() {
        let value =
            value.map_err(|error| format!("line {}, column {}: not JSON", error.line(), error.column()))?;
        is_report |= is_akid(&value);
        collect(&value, &mut ids);
    }
    if !is_report {
        return Err("not an akid report (JSON, JSON Lines or SARIF)".to_owned());
    }
    Ok(ids)
}

fn is_akid(value: &Value) -> bool {
    let is_json = value["schema"].as_str().is_some_and(|schema| schema.starts_with("akid/"));
    let is_sarif = || {
        value["runs"]
            .as_array()
            .is_some_and(|runs| runs.iter().any(|run| run["tool"]["driver"]["name"] == "akid"))
    };
    is_json || is_sarif()
}

/// The values of `key_id`, as JSON has it, and `keyId`, as SARIF has it, wherever they are.
fn collect(value: &Value, ids: &mut Vec<AccessKeyId>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(text) if key == "key_id" || key == "keyId" => {
                        ids.extend(AccessKeyId::parse(text.as_bytes()));
                    }
                    _ => collect(value, ids),
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use akid::aws::fake;

    use super::*;

    #[test]
    fn ids_are_taken_from_every_format_that_akid_writes() {
        let [a, b] = [fake::pair(1), fake::pair(2)];
        let (a, b) = (a.id(), b.id());
        let json = format!(
            r#"{{"schema":"akid/1","findings":[{{"key_id":"{a}"}},{{"key_id":null}},{{"key_id":"{b}"}}]}}"#
        );
        assert_eq!(ids(json.as_bytes()), Ok(vec![a, b]));
        let lines = format!("{{\"type\":\"finding\",\"key_id\":\"{a}\"}}\n{{\"schema\":\"akid/1\"}}\n");
        assert_eq!(ids(lines.as_bytes()), Ok(vec![a]));
        let sarif = format!(
            r#"{{"runs":[{{"tool":{{"driver":{{"name":"akid"}}}},"results":[{{"properties":{{"keyId":"{b}"}}}}]}}]}}"#
        );
        assert_eq!(ids(sarif.as_bytes()), Ok(vec![b]));
    }

    #[test]
    fn what_is_no_report_is_refused_and_not_repeated() {
        let secret = fake::pair(3).secret_text().to_owned();
        for text in
            [format!("{{\"{secret}\": "), secret.clone(), format!("{{\"a\": \"{secret}\"}}"), String::new()]
        {
            let error = ids(text.as_bytes()).unwrap_err();
            assert!(!error.contains(&secret[..8]), "{error}");
        }
    }
}
