//! Inline policies of users and roles.

use super::{IamClient, next};
use crate::resolve::respond::{CallError, Holder};

impl IamClient {
    pub(super) fn read_policy(&self, holder: &Holder, name: &str) -> Result<Option<String>, CallError> {
        let document = match holder {
            Holder::User(user) => {
                let request = self.client.get_user_policy().user_name(user).policy_name(name);
                let answer = self.link.call("iam:GetUserPolicy", request.send());
                answer.map(|answer| answer.policy_document().to_owned())
            }
            Holder::Role(role) => {
                let request = self.client.get_role_policy().role_name(role).policy_name(name);
                let answer = self.link.call("iam:GetRolePolicy", request.send());
                answer.map(|answer| answer.policy_document().to_owned())
            }
        };
        match document {
            Ok(document) => Ok(Some(percent_decoded(&document))),
            Err(error) if error.is_absent() => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) fn list_policies(&self, holder: &Holder) -> Result<Vec<String>, CallError> {
        match holder {
            Holder::User(user) => Self::pages("iam:ListUserPolicies", |marker| {
                let request = self.client.list_user_policies().user_name(user).set_marker(marker);
                let answer = self.link.call("iam:ListUserPolicies", request.send())?;
                Ok((answer.policy_names().to_vec(), next(answer.is_truncated(), answer.marker())))
            }),
            Holder::Role(role) => Self::pages("iam:ListRolePolicies", |marker| {
                let request = self.client.list_role_policies().role_name(role).set_marker(marker);
                let answer = self.link.call("iam:ListRolePolicies", request.send())?;
                Ok((answer.policy_names().to_vec(), next(answer.is_truncated(), answer.marker())))
            }),
        }
    }

    pub(super) fn write_policy(&self, holder: &Holder, name: &str, document: &str) -> Result<(), CallError> {
        match holder {
            Holder::User(user) => {
                let request = self.client.put_user_policy().user_name(user).policy_name(name);
                let request = request.policy_document(document);
                self.link.call("iam:PutUserPolicy", request.send()).map(drop)
            }
            Holder::Role(role) => {
                let request = self.client.put_role_policy().role_name(role).policy_name(name);
                let request = request.policy_document(document);
                self.link.call("iam:PutRolePolicy", request.send()).map(drop)
            }
        }
    }

    pub(super) fn remove_policy(&self, holder: &Holder, name: &str) -> Result<(), CallError> {
        match holder {
            Holder::User(user) => {
                let request = self.client.delete_user_policy().user_name(user).policy_name(name);
                self.link.call("iam:DeleteUserPolicy", request.send()).map(drop)
            }
            Holder::Role(role) => {
                let request = self.client.delete_role_policy().role_name(role).policy_name(name);
                self.link.call("iam:DeleteRolePolicy", request.send()).map(drop)
            }
        }
    }
}

/// AWS sends policies in percent-encoding.
fn percent_decoded(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, others @ ..] = rest {
        let hex = others.get(..2).filter(|_| *first == b'%');
        let hex = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(hex.unwrap_or(*first));
        rest = if hex.is_some() { &others[2..] } else { others };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_percent_decoded() {
        assert_eq!(percent_decoded("%7B%22a%22%3A%201%7D"), "{\"a\": 1}");
        assert_eq!(percent_decoded("{\"a\": \"100%\"}%zz%"), "{\"a\": \"100%\"}%zz%");
    }
}
