"""What each command says to somebody in a hurry whose credentials, permissions or key ID are not what they think."""

from owner import OTHER
from peers import error
from resolve import CANARY, FOREIGN, OWN

SSO = """[profile sso]
sso_session = corp
sso_account_id = 123456789012
sso_role_name = x
region = us-east-1
[sso-session corp]
sso_start_url = https://corp.example.com/start
sso_region = us-east-1
"""
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")


class CallerRows:
    def without(self, home, *names):
        """An environment without some variables: what is set to nothing is not set."""
        return {name: "" for name in names} | {"HOME": str(home)}

    def in_a_hurry(self):
        """wrong profile, no credentials, no region, expired, not allowed, typos: the place and the remedy"""
        _, key, home = self.fresh()
        (home / ".aws").mkdir()
        (home / ".aws/config").write_text(SSO)
        foreign, canary, theirs = (self.keys.key_id(account) for account in (FOREIGN, CANARY, OTHER))
        self.silent |= {foreign, canary}
        session = self.keys.key_id(OWN, "ASIA")
        refused = [error(403, "AccessDenied")] * 9
        statement = '{"Effect": "Allow", "Action": "iam:ListAccessKeys", "Resource": "*"}'
        cases = [
            (key, ["--profile", "prdo"], {}, {}, ["no AWS profile `prdo`", "aws configure list-profiles"]),
            (key, [], self.without(home, *KEYS), {}, ["no AWS credentials were found", "--profile", "aws sso login"]),
            (key, [], self.without(home, "AWS_REGION"), {}, ["no AWS region is set", "--region"]),
            (key, ["--profile", "sso"], self.without(home, *KEYS), {}, ["profile `sso` is not signed in", "aws sso login --sso-session corp"]),
            (key, [], {}, {"GetCallerIdentity": [error(403, "ExpiredToken")] * 9}, ["have expired", "aws sso login"]),
            (key, [], {}, {"GetCallerIdentity": [error(403, "InvalidClientTokenId")] * 9}, ["AWS does not know the caller's own key in partition aws", "GovCloud"]),
            (key, [], {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_MAX_ATTEMPTS": "1"}, {}, ["AWS cannot be reached", "HTTPS_PROXY"]),
            (key, [], {}, {"ListAccessKeys": refused}, ["iam:ListAccessKeys is not allowed", statement]),
            (key[:-1], [], {}, {}, ["is AKIA or ASIA and 16 more", "this has 19 characters"]),
            (key[:-1] + "1", [], {}, {}, ["character 20 of this is none of these"]),
            (foreign, [], {}, {}, [f"account {FOREIGN} is not the caller's", "--role-name"]),
            (canary, [], {}, {}, ["canary token"]),
            (theirs, ["--role-name", "auditor"], {}, {"AssumeRole": refused}, [f"{OTHER}:role/auditor cannot be assumed", "sts:AssumeRole"]),
            (session, [], {}, {}, [None, "of us-east-1"]),
        ]
        for asked, words, environment, faults, texts in cases:
            for command in (["status"], ["contain", "--yes"], ["rotate", "--yes", "--to-profile", "x"]):
                run = self.akid(*command, asked, *words, faults=faults, home=home, **environment)
                # What is only not known is no failure of `status`.
                quiet = command == ["status"] and (asked in (foreign, canary, session))
                if command[0] == "rotate" and asked == session:
                    texts = ["temporary key, which ends by itself", "akid contain"]
                run.expect(0 if quiet else 2, *filter(None, texts))
                assert not {"CreateAccessKey", "UpdateAccessKey"} & set(run.actions), run.actions
        self.akid("contain", session, "--yes").expect(2, "--region REGION", "--revoke-role ARN")
        self.akid("rotate", "--list", home=home).expect(0, "no rotation has begun")
        self.akid("rotate", "--abandon", key, home=home).expect(2, "akid has no journal of it")
        self.akid("contain", "--undo", "--yes", key, home=home).expect(2, f"no journal of containing {key}")
        run = self.akid("contain", "--yes", "--propagation", "0", key, home=home, faults={"UpdateAccessKey": refused})
        run.expect(2, f"{key} is not known to be deactivated", '"Action": "iam:UpdateAccessKey"')
        return f"{3 * len(cases)} cases"
