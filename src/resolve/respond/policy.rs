//! The least that a caller must be allowed to do.

/// What `status` asks, without its options.
pub const STATUS: &[&str] = &[
    "cloudtrail:LookupEvents",
    "iam:GenerateCredentialReport",
    "iam:GetAccessKeyLastUsed",
    "iam:GetAccountSummary",
    "iam:GetCredentialReport",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:ListAttachedUserPolicies",
    "iam:ListUserTags",
    "iam:ListUsers",
    "sts:GetAccessKeyInfo",
];

/// What `contain` asks and does.
pub const CONTAIN: &[&str] = &[
    "cloudtrail:LookupEvents",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPolicy",
    "iam:GetAccessKeyLastUsed",
    "iam:GetLoginProfile",
    "iam:GetRolePolicy",
    "iam:GetUser",
    "iam:GetUserPolicy",
    "iam:ListAccessKeys",
    "iam:ListAttachedUserPolicies",
    "iam:ListRolePolicies",
    "iam:ListUserPolicies",
    "iam:ListUserTags",
    "iam:PutRolePolicy",
    "iam:PutUserPolicy",
    "iam:UpdateAccessKey",
    "sts:GetAccessKeyInfo",
];

/// What `rotate` asks and does.
pub const ROTATE: &[&str] = &[
    "iam:CreateAccessKey",
    "iam:DeleteAccessKey",
    "iam:GetAccessKeyLastUsed",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:ListAttachedUserPolicies",
    "iam:ListUserTags",
    "iam:TagUser",
    "iam:UpdateAccessKey",
    "sts:GetAccessKeyInfo",
];

/// What is needed beside that to ask other accounts.
pub const OTHER_ACCOUNTS: &[&str] = &["organizations:ListAccounts", "sts:AssumeRole"];

/// A policy that allows some actions.
pub fn document(actions: &[&str]) -> String {
    let actions: Vec<_> = actions.iter().map(|action| format!("        \"{action}\"")).collect();
    format!(
        "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\n      \"Effect\": \"Allow\",\n      \
         \"Action\": [\n{}\n      ],\n      \"Resource\": \"*\"\n    }}\n  ]\n}}\n",
        actions.join(",\n")
    )
}
