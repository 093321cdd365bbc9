"""What akid may ask while it speaks for the owner of keys, and who has to sign it.

Each request is expected: its action belongs to the command, and its signer is the caller or the role of the account
that it is about. No key that was asked about ever signs, and of a canary or a foreign key nobody but STS hears.
"""

import base64

STATUS = {
    "AssumeRole", "GenerateCredentialReport", "GetAccessKeyInfo", "GetAccessKeyLastUsed", "GetAccountSummary",
    "GetCallerIdentity", "GetCredentialReport", "GetUser", "ListAccessKeys", "ListAccounts",
    "ListAttachedUserPolicies", "ListUsers", "ListUserTags", "LookupEvents",
}  # fmt: skip
CONTAIN = STATUS | {
    "DeleteRolePolicy", "DeleteUserPolicy", "GetLoginProfile", "GetRolePolicy", "GetUserPolicy", "ListRolePolicies",
    "ListUserPolicies", "PutRolePolicy", "PutUserPolicy", "UpdateAccessKey",
}  # fmt: skip
ROTATE = STATUS | {"CreateAccessKey", "DeleteAccessKey", "TagUser", "UpdateAccessKey"}
ACTIONS = {"contain": CONTAIN, "rotate": ROTATE}
# What the caller asks before any role is assumed, or in the caller's own name.
OF_CALLER = {"AssumeRole", "GetAccessKeyInfo", "GetCallerIdentity", "ListAccounts"}


def account_of(key):
    """The account in a key ID; None for one of the old generation."""
    try:
        head = int.from_bytes(base64.b32decode(key[4:])[:6], "big")
    except ValueError:
        return None
    return (head & 0x7FFFFFFFFF80) >> 7 if head >> 47 else None


def about(request):
    """The key that a request names, by parameter or as what events are looked up by."""
    if request.action == "LookupEvents":
        return request.json["LookupAttributes"][0]["AttributeValue"]
    return request.parameters.get("AccessKeyId")


def check(command, asked, caller, own, issued, silent):
    """Fails at the first request that is not expected. `issued` has the sessions of roles, each with the role's account;
    `silent` the keys that only STS may hear of.
    """
    for request in asked:
        what = f"{command}: {request.action} signed by {request.signer}"
        assert request.action in ACTIONS.get(command, STATUS), what
        heard = [key for key in silent if key in request.text()]
        assert not heard or request.action == "GetAccessKeyInfo", f"{what}, of {heard}"
        if request.action in OF_CALLER:
            assert request.signer == caller, what
            continue
        key = about(request)
        account = key and account_of(key)
        if account is None:
            assert request.signer == caller or request.signer in issued, what
        else:
            signed_for = own if request.signer == caller else issued.get(request.signer)
            assert signed_for == account, f"{what}, of account {account}"
