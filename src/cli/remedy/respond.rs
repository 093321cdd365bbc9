//! What to do where the owner's account does not answer, or a key cannot be contained or replaced.

use akid::owner::Account;
use akid::resolve::respond::contain::{ContainError, Remains};
use akid::resolve::respond::rotate::RotateError;
use akid::resolve::respond::{CallError, Cause, Lack, Remedy, UnknownUser};

use super::{Remedied, statement};

/// What would help to learn something, as it may be shown.
pub(in crate::cli) fn of_lack(remedy: &Remedy) -> String {
    match remedy {
        Remedy::Allow(action) => statement(action),
        Remedy::Resolve(error) => error.help().unwrap_or_default(),
        Remedy::NameRole => {
            "if the account is yours, name a role in it: --role-name, or `role` in a file for --config"
                .to_owned()
        }
        Remedy::DeleteCanary => {
            "using the key alerts whoever planted it; if that was you, delete the token at its issuer"
                .to_owned()
        }
    }
}

/// How a root user's key is ended, which akid never does by itself.
fn ending_root_key(account: Option<Account>) -> String {
    let account = account.map_or("ACCOUNT".to_owned(), |account| account.id.to_string());
    format!(
        "sign in as the root user with MFA, deactivate the key under `Security credentials`, then delete it. If the \
         account is a member of an organization with centralized root access, its management account can do it, too: \
         `aws sts assume-root --target-principal {account} --task-policy-arn \
         arn=arn:aws:iam::aws:policy/root-task/IAMDeleteRootUserCredentials`, then with those credentials `aws iam \
         list-access-keys` and `aws iam delete-access-key`"
    )
}

impl Remedied for CallError {
    fn help(&self) -> Option<String> {
        match &self.cause {
            Cause::Denied(_) => Some(statement(self.action)),
            Cause::Failed(error) => error.help(),
            // AWS's own words are all there is.
            Cause::Absent(_) | Cause::Refused(_) => None,
        }
    }
}

/// Something that could not be learnt, with what would help.
pub(in crate::cli) fn lack_with_help(lack: &Lack) -> String {
    let help = lack.remedy.as_ref().map(|remedy| format!("\nhelp: {}", of_lack(remedy))).unwrap_or_default();
    format!("{}{help}", lack.why)
}

/// Each gap in what is known, with its own help.
fn unknown_user(error: &UnknownUser) -> String {
    let gaps = error.lacks.iter().map(|lack| format!("\n{}", lack_with_help(lack)));
    let known = UnknownUser { lacks: Vec::new(), ..error.clone() };
    known.to_string() + &gaps.collect::<String>()
}

impl Remedied for ContainError {
    fn help(&self) -> Option<String> {
        let text = match self {
            Self::RootKey(account) => return Some(ending_root_key(*account)),
            Self::NotDeactivated { cause, .. } | Self::NotDenied { cause, .. } => return cause.help(),
            Self::Call(error) => return error.help(),
            Self::RootSession => {
                "it ends by itself; change the root user's password and delete the root user's keys"
            }
            Self::UnknownSession(_) => {
                "--region REGION asks another region; if you know its role, --revoke-role ARN denies all of that role's \
                 open sessions"
            }
            Self::ServiceLinkedRole(_) => {
                "stop the service's use of it, or delete the role where its service is no longer used"
            }
            Self::PermissionSetRole(_) => {
                "add the deny to the permission set and provision it, and end the person's session in the access portal"
            }
            Self::TooManyPolicies { .. } => "move one of them into a managed policy, then run this again",
            Self::Deleted(_)
            | Self::Expired(_)
            | Self::UnknownUser(_)
            | Self::UnknownActor(_)
            | Self::NoActor
            | Self::NotARole(_)
            | Self::KeyChanged { .. }
            | Self::KeyGone(_)
            | Self::PolicyChanged { .. }
            | Self::Log(_) => return None,
        };
        Some(text.to_owned())
    }

    fn with_help(&self) -> String {
        match (self, self.help()) {
            (Self::UnknownUser(error), _) => unknown_user(error),
            (_, Some(help)) => format!("{self}\nhelp: {help}"),
            (_, None) => self.to_string(),
        }
    }
}

impl Remedied for RotateError {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Temporary => "to end it now: akid contain".to_owned(),
            Self::RootKey(account) => {
                format!("use a role, or a user, in its place; then {}", ending_root_key(*account))
            }
            Self::NewKeyGone { old, .. } => {
                format!("if it was deleted on purpose, start over: akid rotate --abandon {old}, then again")
            }
            Self::SecondKey { id, .. } => format!(
                "`akid status {id}` shows whether it is used; delete it if not, or rotate to it by hand"
            ),
            Self::Reactivated(id) => {
                format!("find what does with `akid status --activity {id}`; --force deactivates it again")
            }
            Self::LostCreation { old, .. } => format!("akid rotate {old} looks for it"),
            Self::NotDeletedAgain { old, left, .. } => {
                let first = left.help().map(|help| format!("{help}\nhelp: ")).unwrap_or_default();
                format!("{first}akid rotate {old} tries again")
            }
            Self::Call(error) => return error.help(),
            Self::Deleted(_)
            | Self::UnknownUser(_)
            | Self::NotHandedOver(_)
            | Self::Log(_)
            | Self::Destination(_) => return None,
        })
    }

    fn with_help(&self) -> String {
        match (self, self.help()) {
            (Self::UnknownUser(error), _) => unknown_user(error),
            (_, Some(help)) => format!("{self}\nhelp: {help}"),
            (_, None) => self.to_string(),
        }
    }
}

impl Remedied for Remains {
    fn help(&self) -> Option<String> {
        match self {
            Self::UnknownSessions { error, .. } => error.help(),
            _ => None,
        }
    }

    fn with_help(&self) -> String {
        match (self, self.help()) {
            (Self::Created(id), _) => format!("{self}: akid status --activity {id}"),
            // Indented below its own line.
            (_, Some(help)) => format!("{self}\n  help: {}", help.replace('\n', "\n  ")),
            (_, None) => self.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use akid::resolve::sts::ResolveError;

    use super::*;

    #[test]
    fn what_helps_with_each_gap_stands_below_it() {
        let error = CallError { action: "iam:GetUser", cause: Cause::Failed(ResolveError::Stopped) };
        let lack =
            |remedy| Lack { action: "iam:GetUser", why: "refused".to_owned(), remedy, is_denied: true };
        let lacks = vec![lack(Some(Remedy::Allow("iam:GetUser"))), lack(None)];
        let unknown = UnknownUser { evidence: "nothing".to_owned(), lacks };
        let expected = "it is not known whose key it is: nothing\nrefused\nhelp: the caller needs this policy statement\n  \
                        {\"Effect\": \"Allow\", \"Action\": \"iam:GetUser\", \"Resource\": \"*\"}\nrefused";
        assert_eq!(ContainError::from(unknown.clone()).with_help(), expected);
        assert_eq!(RotateError::from(unknown).with_help(), expected);
        let denied = ContainError::NotDeactivated {
            id: akid::aws::fake::pair(1).id(),
            cause: Box::new(ContainError::from(error.clone())),
        };
        assert!(denied.with_help().ends_with("stopped before AWS answered\nhelp: run it again"), "{denied}");
        let left = RotateError::NotDeletedAgain {
            old: "OLD".to_owned(),
            new: akid::aws::fake::pair(2).id(),
            cause: Box::new(RotateError::Deleted("gone".to_owned())),
            left: Box::new(error.into()),
        };
        assert!(
            left.with_help().ends_with("\nhelp: run it again\nhelp: akid rotate OLD tries again"),
            "{left}"
        );
    }
}
