//! The commands of the AWS CLI that do what `akid contain` does.

use akid::aws::AccessKeyId;
use akid::resolve::respond::Holder;
use akid::resolve::respond::contain::{Plan, deny_document, policy_name};
use jiff::Timestamp;

/// The commands that carry out a plan, in order.
pub(super) fn commands(plan: &Plan, id: AccessKeyId, now: Timestamp) -> Vec<String> {
    let deactivate = plan.deactivate.iter().map(|user| {
        format!("aws iam update-access-key --user-name '{user}' --access-key-id {id} --status Inactive")
    });
    let deny = plan.deny.iter().map(|holder| {
        let (command, option) = match holder {
            Holder::User(_) => ("put-user-policy", "--user-name"),
            Holder::Role(_) => ("put-role-policy", "--role-name"),
        };
        format!(
            "aws iam {command} {option} '{}' --policy-name {} --policy-document '{}'",
            holder.name(),
            policy_name(id),
            deny_document(now)
        )
    });
    deactivate.chain(deny).collect()
}

#[cfg(test)]
mod tests {
    use akid::aws::fake;

    use super::*;

    #[test]
    fn a_plan_is_carried_out_by_one_command_for_each_step() {
        let deny = vec![Holder::User("ada".to_owned()), Holder::Role("deploy".to_owned())];
        let plan = Plan { deactivate: Some("ada".to_owned()), deny, ..Plan::default() };
        let lines = commands(&plan, fake::pair(1).id(), Timestamp::UNIX_EPOCH);
        let starts = [
            "aws iam update-access-key --user-name 'ada'",
            "aws iam put-user-policy --user-name 'ada'",
            "aws iam put-role-policy --role-name 'deploy'",
        ];
        assert_eq!(lines.len(), starts.len(), "{lines:?}");
        for (line, start) in lines.iter().zip(starts) {
            assert!(line.starts_with(start), "{line}");
        }
    }
}
