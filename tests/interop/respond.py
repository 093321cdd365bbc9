"""Asks moto and ministack, as the owner of keys, what becomes of them; then ends and replaces some. Checks what is told,
what was asked and by whom, what is left where akid is killed, and that a new secret is nowhere but where it was to go.

usage: respond.py --akid F --scratch D --schema F [--show]

moto tells the truth of users, keys and policies. Neither peer has events by the name of a resource, so the proxy answers
in CloudTrail's documented form. Prints a table; ends with 1 if any row failed.
"""

import argparse
import datetime
import json
import os
import signal
import stat
import subprocess
import time
from pathlib import Path

import boto3
from peers import THROTTLED, Proxy, bin_folder, error, ministack, moto
from resolve import CANARY, FOREIGN, OWN, Keys, Run

OTHER = 222233334444
NOW = int(time.time())
STATUS = ["GetAccessKeyLastUsed", "ListAccessKeys", "GetUser", "ListUserTags", "ListAttachedUserPolicies"]
ALLOWED = {
    "AssumeRole", "CreateAccessKey", "DeleteAccessKey", "DeleteUserPolicy", "DeleteRolePolicy",
    "GenerateCredentialReport", "GetAccessKeyInfo", "GetAccessKeyLastUsed", "GetAccountSummary", "GetCallerIdentity",
    "GetCredentialReport", "GetLoginProfile", "GetRolePolicy", "GetUser", "GetUserPolicy", "ListAccessKeys",
    "ListAccounts", "ListAttachedUserPolicies", "ListRolePolicies", "ListUserPolicies", "ListUsers", "ListUserTags",
    "LookupEvents", "PutRolePolicy", "PutUserPolicy", "TagUser", "UpdateAccessKey",
}  # fmt: skip


def events(*records):
    listed = [{"EventId": "e", "EventName": r["eventName"], "CloudTrailEvent": json.dumps(r)} for r in records]
    return 200, json.dumps({"Events": listed})


NONE = events()
DENIED = (400, json.dumps({"__type": "AccessDeniedException", "Message": "made up"}))


def at(seconds):
    return datetime.datetime.fromtimestamp(NOW + seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Checks:
    """The rows of the table. A check returns a detail for it, or raises an AssertionError."""

    def __init__(self, args):
        self.args, self.keys, self.secrets, self.all = args, Keys(17), {}, []
        tools = bin_folder()
        self.peers = [moto(tools, args.scratch), ministack(tools, args.scratch, True)]
        self.moto, self.ministack = (Proxy(peer) for peer in self.peers)
        self.iam = self.client("iam")
        self.caller = self.user("caller")
        self.number = 0

    def client(self, service, peer=0, **credentials):
        key = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} | credentials
        url = f"http://127.0.0.1:{self.peers[peer].port}"
        return boto3.client(service, endpoint_url=url, region_name="us-east-1", **key)

    def user(self, name, iam=None):
        (iam or self.iam).create_user(UserName=name, Tags=[{"Key": "owner", "Value": f"{name}@example.com"}])
        return self.key(name, iam)

    def key(self, name, iam=None):
        made = (iam or self.iam).create_access_key(UserName=name)["AccessKey"]
        self.secrets[made["AccessKeyId"]] = made["SecretAccessKey"]
        return made["AccessKeyId"]

    def fresh(self):
        """A new user with one key, and a folder for what akid keeps."""
        self.number += 1
        home = self.args.scratch / f"home{self.number}"
        home.mkdir()
        name = f"user{self.number}"
        return name, self.user(name), home

    def environment(self, home, more, key=None):
        key = key or self.caller
        base = {"HOME": str(home), "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": self.moto.url}
        base |= {"AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": key}
        return base | {"AWS_SECRET_ACCESS_KEY": self.secrets[key]} | more

    def start(self, *words, home=None, faults=None, key=None, **environment):
        self.moto.faults = {action: list(answers) for action, answers in (faults or {}).items()}
        words = [str(self.args.akid), *map(str, words)]
        environment = self.environment(home or self.args.scratch, environment, key)
        return subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
            env=environment, cwd=self.args.scratch,
        )  # fmt: skip

    def end(self, process, *words):
        out, err = process.communicate(timeout=120)
        run = Run(process.returncode, out, err, self.moto.take())
        self.all.append(run)
        if self.args.show:
            print(f"$ akid {' '.join(map(str, words))}\n{out}{err}exit {process.returncode}\n")
        return run

    def akid(self, *words, **options):
        self.moto.take()
        return self.end(self.start(*words, **options), *words)

    def status_of(self, *ids, **options):
        # moto has no CloudTrail: without events, nothing was deleted.
        options["faults"] = {"LookupEvents": [NONE] * 20} | options.get("faults", {})
        run = self.akid("status", "-f", "json", *ids, **options)
        return run, {key["key_id"]: key for key in json.loads(run.out or '{"keys": []}')["keys"]}

    def statuses(self):
        """active, inactive, deleted, foreign, canary and example keys in one go"""
        ada, bob = self.user("ada"), self.user("bob")
        second, gone = self.key("bob"), self.user("eve")
        self.iam.update_access_key(UserName="bob", AccessKeyId=second, Status="Inactive")
        self.iam.delete_access_key(UserName="eve", AccessKeyId=gone)
        foreign, canary = self.keys.key_id(FOREIGN), self.keys.key_id(CANARY)
        ids = [ada, bob, second, gone, foreign, canary, "AKIAIOSFODNN7EXAMPLE"]
        run, keys = self.status_of(*ids)
        run.expect(0)
        states = [keys[key]["status"]["state"] for key in ids]
        assert states == ["active", "active", "inactive", "deleted", "unknown", "unknown", "unknown"], states
        assert keys[ada]["user"]["tags"] == [{"key": "owner", "value": "ada@example.com"}]
        assert [key["key_id"] for key in keys[bob]["other_keys"]] == [second]
        assert keys[ada]["status"]["last_used"]["recorded"] is False
        about = [text for text in (request.text() for request in run.asked) if canary in text or foreign in text]
        assert not about, about
        return " ".join(states)

    def old_canary(self):
        """a canary whose ID has no account: nothing but GetAccessKeyInfo is asked about it"""
        old = self.keys.old_id()
        account = f"<GetAccessKeyInfoResult><Account>{CANARY}</Account></GetAccessKeyInfoResult>"
        xmlns = "https://sts.amazonaws.com/doc/2011-06-15/"
        answer = (200, f'<GetAccessKeyInfoResponse xmlns="{xmlns}">{account}</GetAccessKeyInfoResponse>')
        run, keys = self.status_of(old, faults={"GetAccessKeyInfo": [answer]})
        assert run.expect(0).actions == ["GetCallerIdentity", "GetAccessKeyInfo"], run.actions
        assert keys[old]["ownership"] == "canary" and keys[old]["status"]["state"] == "unknown"
        return ", ".join(run.actions)

    def other_account(self):
        """an account of its own role, and one of the organization"""
        role = {"RoleArn": f"arn:aws:iam::{OTHER}:role/auditor", "RoleSessionName": "test"}
        granted = self.client("sts").assume_role(**role)["Credentials"]
        theirs = self.client(
            "iam", aws_access_key_id=granted["AccessKeyId"], aws_secret_access_key=granted["SecretAccessKey"],
            aws_session_token=granted["SessionToken"],
        )  # fmt: skip
        key = self.user("zoe", theirs)
        _, keys = self.status_of(key)
        assert keys[key]["status"]["state"] == "unknown" and "--role-name" in keys[key]["missing"][0]["help"]
        run, keys = self.status_of(key, "--role-name", "auditor", "--external-id", "x-1")
        assert keys[key]["status"]["state"] == "active", keys
        assert run.asked[1].parameters["ExternalId"] == "x-1" and run.asked[1].parameters["RoleArn"] == role["RoleArn"]
        config = self.args.scratch / "roles.toml"
        config.write_text(f'[accounts."{OTHER}"]\nname = "other"\nrole = "{role["RoleArn"]}"\n')
        _, keys = self.status_of(key, "--config", config)
        assert keys[key]["status"]["state"] == "active" and keys[key]["account"]["name"] == "other", keys
        accounts = (200, json.dumps({"Accounts": [{"Id": str(OTHER), "Status": "ACTIVE"}]}))
        options = ("--role-name", "auditor", "--organization")
        run, keys = self.status_of(key, self.keys.key_id(FOREIGN), *options, faults={"ListAccounts": [accounts]})
        assert keys[key]["status"]["state"] == "active", keys
        assert run.actions.count("AssumeRole") == 1, run.actions
        return f"{run.actions.count('ListAccounts')} ListAccounts"

    def denied(self):
        """each permission that is missing: named with its statement, and the rest told"""
        _, key, _ = self.fresh()
        for action in STATUS:
            run, keys = self.status_of(key, faults={action: [error(403, "AccessDenied")] * 3})
            run.expect(2, f'"Action": "iam:{action}"')
            missing = [entry["action"] for entry in keys[key]["missing"]]
            assert missing == [f"iam:{action}"], missing
            known = keys[key]["status"]["state"] == "active"
            assert known == (action != "ListAccessKeys"), (action, keys)
        return f"{len(STATUS)} permissions"

    def faults(self):
        """throttled, 500, closed, slow, at each request: tried again"""
        _, key, _ = self.fresh()
        for action in STATUS:
            for fault in (THROTTLED, error(500, "InternalFailure"), "close"):
                run, keys = self.status_of(key, faults={action: [fault]})
                assert run.expect(0) and keys[key]["status"]["state"] == "active", (action, fault)
        run, keys = self.status_of(key, faults={"ListAccessKeys": [THROTTLED] * 9})
        run.expect(2, "AWS is not available now")
        assert keys[key]["status"]["state"] == "unknown"
        return f"{len(STATUS)} requests"

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

    def reports(self):
        """--status of scan and report: JSON, SARIF, CSV, HTML; severity and exit code follow"""
        tree = self.args.scratch / "tree"
        tree.mkdir()
        name, key, _ = self.fresh()
        (tree / "a.env").write_text(f"AWS_ACCESS_KEY_ID={key}\nAWS_SECRET_ACCESS_KEY={self.secrets[key]}\n")
        out = {name: self.args.scratch / f"r.{name}" for name in ("json", "sarif", "csv", "html")}
        outputs = [word for name, path in out.items() for word in ("-o", f"{name}:{path}")]
        none = {"LookupEvents": [NONE] * 9}
        self.akid("scan", "--status", *outputs, tree, faults=none).expect(1)
        finding = json.loads(out["json"].read_text())["findings"][0]
        assert (finding["status"]["state"], finding["severity"], finding["ownership"]) == ("active", "critical", "own")
        self.akid("scan", "--status", "--fail-status", "inactive", tree, faults=none).expect(0)
        self.iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
        later = [word.replace("r.", "s.") for word in outputs]
        self.akid("report", "--status", *later, out["json"], faults=none).expect(1)
        text = {name: path.with_name(f"s.{name}").read_text() for name, path in out.items()}
        finding = json.loads(text["json"])["findings"][0]
        severities = (finding["status"]["state"], finding["severity"], finding["rule_severity"])
        assert severities == ("inactive", "high", "critical"), severities
        rules = [result["ruleId"] for result in json.loads(text["sarif"])["runs"][0]["results"]]
        assert rules == ["aws-access-key/inactive"], rules
        assert ",inactive," in text["csv"] and "iam:ListAccessKeys lists it as inactive" in text["html"]
        self.iam.delete_access_key(UserName=name, AccessKeyId=key)
        run = self.akid("report", "--status", "-f", "json", out["json"], faults=none).expect(0)
        assert json.loads(run.out)["findings"][0]["severity"] == "low"
        return " ".join(rules)

    def requests(self):
        """every request: only expected actions, signed by the caller or a role, without a secret"""
        asked = [request for run in self.all for request in run.asked]
        actions = {request.action for request in asked}
        assert actions <= ALLOWED, actions - ALLOWED
        signers = {request.signer for request in asked if request.signer}
        strangers = {signer for signer in signers if signer in self.secrets and signer not in self.signers()}
        assert not strangers, strangers
        pieces = {secret[n : n + 8] for secret in self.secrets.values() for n in range(len(secret) - 7)}
        leaks = [piece for run in self.all for piece in pieces if piece in run.out + run.err]
        leaks += [piece for request in asked for piece in pieces if piece in request.text()]
        assert not leaks, f"{len(leaks)} pieces"
        return f"{len(asked)} requests, {len(self.secrets)} secrets"

    def signers(self):
        return {self.caller}

    def stop(self):
        for proxy in (self.moto, self.ministack):
            proxy.stop()
        for peer in self.peers:
            peer.stop()


def main():
    parser = argparse.ArgumentParser()
    for name in ("akid", "scratch", "schema"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--show", action="store_true", help="print what akid prints")
    parser.add_argument("--only", help="run one row")
    args = parser.parse_args()
    args.akid = args.akid.resolve()
    checks = Checks(args)
    rows = [
        checks.statuses,
        checks.old_canary,
        checks.other_account,
        checks.denied,
        checks.faults,
        checks.sessions,
        checks.reports,
        checks.requests,
    ]
    failed = 0
    try:
        for row in rows:
            if args.only not in (None, row.__name__):
                continue
            started = time.monotonic()
            try:
                verdict, detail = "ok", row()
            except AssertionError as fault:
                verdict, detail, failed = "FAILED", fault, failed + 1
            print(f"{verdict:<7} {row.__doc__}: {detail} ({time.monotonic() - started:.0f} s)", flush=True)
    finally:
        checks.stop()
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
