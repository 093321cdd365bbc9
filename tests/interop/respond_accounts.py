"""Which accounts and regions `akid status` asks, by which roles, and what another real server says of them."""

import json

from owner import DENIED, NONE, OTHER, at, events
from peers import bin_folder, error, ministack
from resolve import FOREIGN, OWN

ROLE = f"arn:aws:iam::{OTHER}:role/auditor"
DEVICE = f"arn:aws:iam::{OWN}:mfa/ada"


def of_account(account):
    """The answer of GetAccessKeyInfo."""
    xmlns = "https://sts.amazonaws.com/doc/2011-06-15/"
    result = f"<GetAccessKeyInfoResult><Account>{account}</Account></GetAccessKeyInfoResult>"
    return 200, f'<GetAccessKeyInfoResponse xmlns="{xmlns}">{result}</GetAccessKeyInfoResponse>'


def accounts(*ids):
    """The answer of ListAccounts."""
    return 200, json.dumps({"Accounts": [{"Id": str(account), "Status": "ACTIVE"} for account in ids]})


class AccountRows:
    def in_other_account(self):
        """A client for IAM of another account."""
        granted = self.client("sts").assume_role(RoleArn=ROLE, RoleSessionName="test")["Credentials"]
        return self.client(
            "iam", aws_access_key_id=granted["AccessKeyId"], aws_secret_access_key=granted["SecretAccessKey"],
            aws_session_token=granted["SessionToken"],
        )  # fmt: skip

    def other_account(self):
        """an account of its own role, and one of the organization"""
        key, role = self.user("zoe", self.in_other_account()), ROLE
        _, keys = self.status_of(key)
        assert keys[key]["status"]["state"] == "unknown" and "--role-name" in keys[key]["missing"][0]["help"]
        run, keys = self.status_of(key, "--role-name", "auditor", "--external-id", "x-1")
        assert keys[key]["status"]["state"] == "active", keys
        assert run.asked[1].parameters["ExternalId"] == "x-1" and run.asked[1].parameters["RoleArn"] == role
        config = self.args.scratch / "roles.toml"
        config.write_text(f'[accounts."{OTHER}"]\nname = "other"\nrole = "{role}"\n')
        _, keys = self.status_of(key, "--config", config)
        assert keys[key]["status"]["state"] == "active" and keys[key]["account"]["name"] == "other", keys
        accounts = (200, json.dumps({"Accounts": [{"Id": str(OTHER), "Status": "ACTIVE"}]}))
        options = ("--role-name", "auditor", "--organization")
        run, keys = self.status_of(key, self.keys.key_id(FOREIGN), *options, faults={"ListAccounts": [accounts]})
        assert keys[key]["status"]["state"] == "active", keys
        assert run.actions.count("AssumeRole") == 1, run.actions
        return f"{run.actions.count('ListAccounts')} ListAccounts"

    def organization(self):
        """a key whose account nobody told: each account of the organization, until one has it"""
        old, third = self.keys.old_id(), 111122223333
        self.moto.aliases = {old: self.user("yan", self.in_other_account())}
        options = ("--role-name", "auditor", "--organization")
        refused = {"GetAccessKeyInfo": [error(403, "AccessDenied")] * 9}
        listed = {"ListAccounts": [accounts(444455556666, OTHER, third, OWN)]}
        # The first role that is asked for is that of the third account, which is not granted.
        faults = refused | listed | {"AssumeRole": [error(403, "AccessDenied"), None]}
        run, keys = self.status_of(old, *options, faults=faults)
        run.expect(2, "sts:GetAccessKeyInfo")
        assert (keys[old]["status"]["state"], keys[old]["account"]["known_by"]) == ("active", "iam"), keys[old]
        assert keys[old]["account"]["id"] == str(OTHER) and run.actions.count("AssumeRole") == 2, run.actions
        self.moto.aliases = {}
        listed = {"ListAccounts": [accounts(OTHER, third)]}
        faults = refused | listed | {"AssumeRole": [error(403, "AccessDenied"), None]}
        run, keys = self.status_of(old, *options, faults=faults)
        run.expect(2, "role/auditor cannot be assumed", str(third))
        assert keys[old]["status"]["state"] == "unknown", keys[old]
        evidence = f"no user has it in 2 accounts of the organization that were asked; not all was learnt of {third}"
        assert keys[old]["status"]["evidence"] == evidence, keys[old]["status"]
        run, keys = self.status_of(old, *options, faults=refused | {"ListAccounts": [DENIED]})
        run.expect(2, '"Action": "organizations:ListAccounts"')
        self.akid("contain", old, "--yes", *options, faults=refused | listed).expect(2, "no user has it in 3 accounts")
        return evidence

    def with_mfa(self):
        """roles of other accounts that ask for MFA: the device by option and by configuration, the code"""
        key = self.user("xia", self.in_other_account())
        options = ("--role-name", "auditor", "--role-mfa-serial", DEVICE)
        run, keys = self.status_of(key, *options)
        run.expect(2, f"a code of the MFA device {DEVICE} is required, but no terminal is attached")
        assert keys[key]["status"]["state"] == "unknown" and "AssumeRole" not in run.actions
        config = self.args.scratch / "mfa.toml"
        config.write_text(f'[accounts."{OTHER}"]\nrole = "{ROLE}"\nmfa-serial = "{DEVICE}"\n')
        for words in (options, ("--config", config)):
            run, keys = self.status_of(key, *words, "--mfa-code", "908172")
            assert keys[key]["status"]["state"] == "active", keys
            (asked,) = [request.parameters for request in run.asked if request.action == "AssumeRole"]
            assert (asked["SerialNumber"], asked["TokenCode"]) == (DEVICE, "908172"), asked
        return "2 ways"

    def sessions(self):
        """temporary keys, by the event that made them; activity by event, address and agent"""
        key = self.keys.key_id(OWN, "ASIA")
        made = {
            "eventName": "AssumeRole", "eventSource": "sts.amazonaws.com", "eventTime": at(-3600),
            "userIdentity": {"arn": f"arn:aws:iam::{OWN}:user/ada", "accessKeyId": "AKIAX"},
            "requestParameters": {"roleArn": f"arn:aws:iam::{OWN}:role/deploy"}, "sourceIPAddress": "198.51.100.7",
            "responseElements": {"credentials": {"accessKeyId": key, "expiration": at(3600)}},
        }  # fmt: skip
        _, keys = self.status_of(key, faults={"LookupEvents": [events(made)]})
        assert keys[key]["status"]["state"] == "active" and keys[key]["session"]["actor"].endswith("user/ada"), keys
        made["responseElements"]["credentials"]["expiration"] = at(-60)
        _, keys = self.status_of(key, faults={"LookupEvents": [events(made)]})
        assert keys[key]["status"]["state"] == "expired", keys
        run, keys = self.status_of(key, faults={"LookupEvents": [DENIED] * 9})
        run.expect(2, '"Action": "cloudtrail:LookupEvents"')
        assert keys[key]["status"]["state"] == "unknown", keys
        _, own, _ = self.fresh()
        used = {"eventName": "ListBuckets", "eventSource": "s3.amazonaws.com", "eventTime": at(-60)}
        used |= {"sourceIPAddress": "203.0.113.9", "userAgent": "aws-cli"}
        pages = [(200, json.dumps(json.loads(events(used)[1]) | {"NextToken": "n"})), events(used, used | {"errorCode": "AccessDenied"})]
        run, keys = self.status_of(own, "--activity", faults={"LookupEvents": pages})
        activity = keys[own]["activity"]
        assert (activity["events"], activity["denied"], activity["by_event"][0]["name"]) == (3, 1, "s3:ListBuckets")
        return f"{activity['events']} events"

    def regions(self):
        """a temporary key that no region knows: unknown, with the regions that were asked"""
        key = self.keys.key_id(OWN, "ASIA")
        words = ("--region", "eu-west-1", "--region", "ap-south-1", "--region", "eu-west-1")
        run, keys = self.status_of(key, *words)
        asked = [request.region for request in run.expect(0).asked if request.action == "LookupEvents"]
        assert asked == ["eu-west-1", "us-east-1", "ap-south-1"], asked
        status = keys[key]["status"]
        assert status["state"] == "unknown" and status["evidence"].endswith(f"of {' and '.join(asked)}"), status
        run, keys = self.status_of(key, *words, faults={"LookupEvents": [NONE, DENIED, NONE]})
        run.expect(2, '"Action": "cloudtrail:LookupEvents"')
        evidence = keys[key]["status"]["evidence"]
        assert evidence.endswith("of eu-west-1 and ap-south-1; us-east-1 could not be asked"), evidence
        self.akid("scan", "--resolve", *words, self.args.scratch / "roles.toml").expect(2, "without --status")
        return " ".join(asked)

    def second_peer(self):
        """ministack: activity that it recorded, and callers that it checks, by another real server

        It cannot stand in for IAM: its key IDs are hex, which no key ID of AWS is, and akid would not take them. But it
        records who signed what, whatever the ID, and checks signatures and policies of whom it knows.
        """
        tools = bin_folder()
        recording, strict = ministack(tools, self.args.scratch, False, True), ministack(tools, self.args.scratch, True)
        try:
            _, key, _ = self.fresh()
            signed = {"aws_access_key_id": key, "aws_secret_access_key": self.secrets[key]}
            queues = self.client("sqs", endpoint_url=f"http://127.0.0.1:{recording.port}", **signed)
            for _ in range(2):
                queues.list_queues()
            self.moto.routes = {"LookupEvents": recording}
            _, keys = self.status_of(key, "--activity", faults={"LookupEvents": []})
            activity = keys[key]["activity"]
            assert (activity["events"], activity["by_event"][0]["name"]) == (2, "sqs:ListQueues"), activity
            assert activity["by_agent"][0]["name"].startswith("Boto3/"), activity
            iam = self.client("iam", endpoint_url=f"http://127.0.0.1:{strict.port}")
            nobody, auditor = self.user("nobody", iam), self.user("auditor", iam)
            policy = self.akid("status", "--policy").out
            iam.put_user_policy(UserName="auditor", PolicyName="akid", PolicyDocument=policy)
            self.moto.routes = {"LookupEvents": strict}
            words, real = (key, "--activity"), {"LookupEvents": []}
            run, keys = self.status_of(*words, faults=real, key=nobody)
            run.expect(2, '"Action": "cloudtrail:LookupEvents"')
            run, keys = self.status_of(*words, faults=real, key=auditor)
            assert run.expect(0) and keys[key]["activity"]["events"] == 0, keys
            self.secrets[auditor], kept = "x" * 40, self.secrets[auditor]
            run, keys = self.status_of(*words, faults=real, key=auditor)
            run.expect(2, "AWS rejected the caller's signature")
            self.secrets[auditor] = kept
            return f"{activity['events']} events, 3 callers"
        finally:
            self.moto.routes = {}
            recording.stop()
            strict.stop()
