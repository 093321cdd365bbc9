"""Asks moto, as the owner of keys, what becomes of them; then ends and replaces some. Checks what is told,
what was asked and by whom, what is left where akid is killed, and that a new secret is nowhere but where it was to go.

usage: respond.py --akid F --scratch D --schema F [--show]

moto tells the truth of users, keys and policies; ministack's key IDs are none of AWS's form. Neither has events by the
name of a resource, so the proxy answers in CloudTrail's documented form. Prints a table; ends with 1 if any row failed.
"""

import argparse
import datetime
import http.client
import json
import os
import pty
import signal
import stat
import subprocess
import time
from pathlib import Path

import boto3
from peers import THROTTLED, Proxy, bin_folder, error, moto
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
        self.peers = [moto(tools, args.scratch), moto(tools, args.scratch, True)]
        self.strict = self.peers[1]
        self.moto = Proxy(self.peers[0])
        self.iam = self.client("iam")
        self.caller, self.callers = self.user("caller"), set()
        self.number = 0

    def client(self, service, **options):
        options = {"aws_access_key_id": "test", "aws_secret_access_key": "test"} | options
        options = {"endpoint_url": f"http://127.0.0.1:{self.peers[0].port}"} | options
        return boto3.client(service, region_name="us-east-1", **options)

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
        self.callers.add(key)
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

    def policies(self, name):
        return self.iam.list_user_policies(UserName=name)["PolicyNames"]

    def states(self, name):
        listed = self.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in listed}

    def contain(self, key, *words, home, **options):
        options["faults"] = {"LookupEvents": [NONE] * 9} | options.get("faults", {})
        return self.akid("contain", key, "--propagation", "0", *words, home=home, **options)

    def contained(self):
        """contain: a plan, commands of the AWS CLI, the end of a key, and undo; not without being asked"""
        name, key, home = self.fresh()
        run = self.contain(key, "--dry-run", home=home).expect(0, "Plan:", "aws iam update-access-key --user-name")
        assert f"aws iam put-user-policy --user-name '{name}'" in run.out
        self.contain(key, home=home).expect(2, "no terminal is attached", "--yes")
        assert self.states(name) == {key: "Active"} and not self.policies(name)
        self.contain(key, "--yes", home=home).expect(0, f"deactivated {key}", "denied user", "--undo")
        assert self.states(name) == {key: "Inactive"}
        (policy,) = self.policies(name)
        document = self.iam.get_user_policy(UserName=name, PolicyName=policy)["PolicyDocument"]
        assert "aws:TokenIssueTime" in json.dumps(document), document
        journal = next((home / ".local/state/akid/keys").glob("contain-*.json"))
        assert stat.S_IMODE(journal.stat().st_mode) == 0o600, oct(journal.stat().st_mode)
        self.akid("contain", "--undo", key, home=home).expect(2, "no terminal is attached")
        self.akid("contain", "--undo", "--yes", key, home=home).expect(0, f"activated {key}")
        assert self.states(name) == {key: "Active"} and not self.policies(name)
        self.contain(key, "--yes", home=home).expect(0)
        self.iam.update_access_key(UserName=name, AccessKeyId=key, Status="Active")
        self.akid("contain", "--undo", "--yes", key, home=home).expect(2, "it was changed since")
        assert self.policies(name), "nothing was taken back"
        self.contain(self.caller, "--yes", home=home).expect(2, "akid signs with", "--force")
        return document["Statement"][0]["Condition"]["DateLessThan"]["aws:TokenIssueTime"]

    def prompted(self):
        """contain: asked at a terminal; only the last four characters of the ID go on"""
        for typed in ("yes", "last four"):
            name, key, home = self.fresh()
            self.moto.take()
            self.moto.faults = {"LookupEvents": [NONE] * 9}
            words = [str(self.args.akid), "contain", key, "--propagation", "0"]
            pid, terminal = pty.fork()
            if pid == 0:
                os.execve(words[0], words, self.environment(home, {}))
            screen = b""
            while True:
                try:
                    screen += os.read(terminal, 1024)
                except OSError:
                    break
                if screen.endswith(b"to go on: "):
                    os.write(terminal, (key[-4:] if typed == "last four" else typed).encode() + b"\n")
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            self.all.append(Run(code, screen.decode(), "", self.moto.take()))
            assert code == 0 and f"type {key[-4:]} to go on".encode() in screen, screen
            assert self.states(name) == {key: "Inactive" if typed == "last four" else "Active"}, screen
        return "2 answers"

    def sessions_contained(self):
        """contain of a temporary key: its role, and the roles that a key opened; not those that only AWS changes"""
        _, _, home = self.fresh()
        trust = json.dumps({"Version": "2012-10-17", "Statement": []})
        self.iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=trust)
        arn, key = f"arn:aws:iam::{OWN}:role/deploy", self.keys.key_id(OWN, "ASIA")
        made = {
            "eventName": "AssumeRole", "eventSource": "sts.amazonaws.com", "eventTime": at(-60),
            "requestParameters": {"roleArn": arn},
            "responseElements": {"credentials": {"accessKeyId": key, "expiration": at(3600)}},
        }  # fmt: skip
        self.contain(key, "--yes", home=home, faults={"LookupEvents": [events(made)]}).expect(0, "denied role deploy")
        (policy,) = self.iam.list_role_policies(RoleName="deploy")["PolicyNames"]
        undo = ("contain", "--undo", "--yes", key)
        self.akid(*undo, home=home, faults={"LookupEvents": [events(made)]}).expect(0, f"deleted the policy {policy}")
        made["requestParameters"]["roleArn"] = f"arn:aws:iam::{OWN}:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_X_1"
        run = self.contain(key, "--yes", home=home, faults={"LookupEvents": [events(made)]}).expect(2, "permission set")
        name, own, home = self.fresh()
        opened = made | {"requestParameters": {"roleArn": arn}}
        found = {"LookupEvents": [events(opened), NONE, NONE]}
        self.contain(own, "--yes", home=home, faults=found).expect(0, f"sessions of {arn} live on", "--revoke-role")
        assert not self.iam.list_role_policies(RoleName="deploy")["PolicyNames"]
        run = self.contain(own, "--yes", "--revoke-role", arn, home=home).expect(0, "denied role deploy")
        assert self.iam.list_role_policies(RoleName="deploy")["PolicyNames"], run.out
        return policy[:18]

    def allowed(self):
        """moto, strict: the policies that akid prints are enough for each command"""
        host = f"127.0.0.1:{self.strict.port}"

        def unchecked(actions):
            connection = http.client.HTTPConnection(host, timeout=10)
            connection.request("POST", "/moto-api/reset-auth", str(actions), {"Content-Type": "text/plain"})
            connection.getresponse().read()
            connection.close()

        proxy, iam = Proxy(self.strict), self.client("iam", endpoint_url=f"http://{host}")
        for command in ("status", "contain", "rotate"):
            _, _, home = self.fresh()
            policy = self.akid("status", "--policy", command).expect(0).out
            unchecked(9)
            caller, key = (self.user(f"{name}-{command}", iam) for name in ("caller", "leak"))
            iam.put_user_policy(UserName=f"caller-{command}", PolicyName="akid", PolicyDocument=policy)
            unchecked(0)
            words = {"status": (), "contain": ("--yes", "--propagation", "0"), "rotate": ("--yes", "--to-profile", "x")}
            proxy.faults = {"LookupEvents": [NONE] * 9}
            self.moto.take()
            run = self.akid(command, key, *words[command], home=home, key=caller, AWS_ENDPOINT_URL=proxy.url)
            run.asked = proxy.take()
            run.expect(0)
            # moto takes a space in a signed body for `+`, and the SDK sends `%20`: it refuses the key's description.
            shown = (run.out + run.err).replace("iam:TagUser is not allowed", "")
            assert "not allowed" not in shown, shown
            denied = [request.action for request in run.asked if f"iam:{request.action}" not in policy]
            assert set(denied) <= {"GetCallerIdentity", "LookupEvents"}, denied
            if command == "rotate":
                self.learn(home)
        proxy.stop()
        return "3 policies"

    def contain_faults(self):
        """contain: denied, lost and cut off at each change: reported, and the next run goes on"""
        for action in ("UpdateAccessKey", "PutUserPolicy"):
            for fault in (error(403, "AccessDenied"), "close", "lost"):
                name, key, home = self.fresh()
                run = self.contain(key, "--yes", home=home, faults={action: [fault] * 3})
                assert run.code == (0 if (action, fault) == ("UpdateAccessKey", "lost") else 2), (action, fault, run.err)
                self.contain(key, "--yes", home=home).expect(0)
                assert self.states(name) == {key: "Inactive"} and len(self.policies(name)) == 1, (action, fault)
                self.akid("contain", "--undo", "--yes", key, home=home).expect(0)
                assert self.states(name) == {key: "Active"} and not self.policies(name), (action, fault)
        return "6 faults"

    def killed_at(self, action, *words, after=False, **options):
        """Runs akid, and kills it as it asks for something, before the peer hears of it or after that."""
        options["faults"] = {"LookupEvents": [NONE] * 9}
        process = self.start(*words, **options)

        def watch(request):
            if request.action == action:
                if after:
                    self.moto.forward(None, self.peers[0], request)
                process.kill()
                process.wait()

        self.moto.faults[action] = ["close"]
        self.moto.watch = watch
        run = self.end(process, *words)
        self.moto.watch = None
        assert run.code == -signal.SIGKILL, (action, run.code, run.err)

    def contain_killed(self):
        """contain: killed before and after each change, then gone on with, and undone"""
        words = ("contain", "--yes", "--propagation", "0")
        for action in ("UpdateAccessKey", "PutUserPolicy"):
            for after in (False, True):
                name, key, home = self.fresh()
                self.killed_at(action, *words, key, home=home, after=after)
                self.contain(key, "--yes", home=home).expect(0)
                assert self.states(name) == {key: "Inactive"} and len(self.policies(name)) == 1
                self.akid("contain", "--undo", "--yes", key, home=home).expect(0)
                assert self.states(name) == {key: "Active"} and not self.policies(name), (action, after)
        return "4 places"

    def rotate(self, key, *words, home, later=0, **options):
        environment = {"SOURCE_DATE_EPOCH": str(NOW + later * 3600)} if later else {}
        return self.akid("rotate", key, *words, home=home, **environment, **options)

    def rotated(self):
        """rotate: a second key in a profile, waits, the end of the old one; the secret is nowhere else"""
        name, key, home = self.fresh()
        (home / ".aws").mkdir()
        credentials = home / ".aws/credentials"
        old = f"# mine\n[dev]\naws_access_key_id = {key}\naws_secret_access_key = {self.secrets[key]}\n"
        credentials.write_text(old)
        to = ("--to-profile", "dev")
        self.rotate(key, home=home).expect(2, "--to-profile NAME", "akid never prints it")
        self.rotate(key, *to, home=home).expect(2, "no terminal is attached")
        assert self.states(name) == {key: "Active"} and credentials.read_text() == old
        run = self.rotate(key, *to, "--yes", home=home).expect(0, "and handed it to profile `dev`", "waiting: ")
        (new,) = set(self.states(name)) - {key}
        secret = credentials.read_text().split("aws_secret_access_key = ")[1].split("\n")[0]
        self.secrets[new] = secret
        assert credentials.read_text() == old.replace(key, new).replace(self.secrets[key], secret)
        assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
        places = [path for path in home.rglob("*") if path.is_file() and path != credentials]
        assert places and not [path for path in places if secret[:8] in path.read_text()], "the secret is elsewhere"
        self.rotate(key, "--yes", home=home, later=300).expect(0, f"waiting: {new} was not used yet")
        self.client("iam", aws_access_key_id=new, aws_secret_access_key=secret).list_users()
        self.rotate(key, "--yes", home=home, later=2).expect(0, "waiting until ", "was never used")
        self.akid("rotate", "--list", home=home).expect(0, f"{key} -> {new}", "handed over")
        self.rotate(key, "--yes", home=home, later=30).expect(0, f"deactivated {key}", "waiting until ", "is inactive")
        assert self.states(name) == {key: "Inactive", new: "Active"}
        self.rotate(key, "--yes", home=home, later=31).expect(0, "waiting until ")
        self.rotate(key, "--yes", home=home, later=30 + 170).expect(0, f"deleted {key}", "finished")
        assert self.states(name) == {new: "Active"}
        sent = run.asked[-1].parameters if run.asked else {}
        return f"last request {sent.get('Action')}"

    def rotate_refused(self):
        """rotate: two keys, a profile with another key, a command that fails: nothing is left behind"""
        name, key, home = self.fresh()
        second = self.key(name)
        self.rotate(key, "--to-profile", "x", "--yes", home=home).expect(2, f"has a second key already, {second}")
        self.iam.delete_access_key(UserName=name, AccessKeyId=second)
        (home / ".aws").mkdir()
        (home / ".aws/credentials").write_text(f"[x]\naws_access_key_id = {self.caller}\n")
        run = self.rotate(key, "--to-profile", "x", "--yes", home=home).expect(2, "has another key")
        assert "CreateAccessKey" not in run.actions
        self.rotate(key, "--to-command", "cat >/dev/null; exit 3", "--yes", home=home).expect(2, "deleted again")
        assert self.states(name) == {key: "Active"}
        out = home / "out.json"
        self.rotate(key, "--to-command", f"cat > {out}; echo noise", "--yes", home=home).expect(0, "waiting: ")
        made = json.loads(out.read_text())
        self.secrets[made["AccessKeyId"]] = made["SecretAccessKey"]
        assert set(self.states(name)) == {key, made["AccessKeyId"]}
        return "4 refusals"

    def rotate_killed(self):
        """rotate: killed before and after each change, an answer that is lost; then gone on with, or asked"""
        to = ("--to-profile", "dev")
        name, key, home = self.fresh()
        self.killed_at("CreateAccessKey", "rotate", key, *to, "--yes", home=home)
        self.rotate(key, *to, "--yes", home=home).expect(0, "handed it to profile `dev`")
        self.learn(home)
        for fault in ("killed", "lost"):
            name, key, home = self.fresh()
            if fault == "killed":
                self.killed_at("CreateAccessKey", "rotate", key, *to, "--yes", home=home, after=True)
            else:
                run = self.rotate(key, *to, "--yes", home=home, faults={"CreateAccessKey": ["lost"]})
                run.expect(2, "not known whether a key was created")
                assert run.actions.count("CreateAccessKey") == 1, run.actions
            (new,) = set(self.states(name)) - {key}
            run = self.rotate(key, *to, "--yes", home=home).expect(2, f"{new} is unexplained: nothing was done")
            assert set(self.states(name)) == {key, new} and "DeleteAccessKey" not in run.actions
        for action in ("UpdateAccessKey", "DeleteAccessKey"):
            for after in (False, True):
                name, key, home = self.fresh()
                self.rotate(key, *to, "--yes", home=home).expect(0)
                new = self.learn(home)
                self.client("iam", aws_access_key_id=new, aws_secret_access_key=self.secrets[new]).list_users()
                later = [30, 30 + 170] if action == "DeleteAccessKey" else [30]
                for hours in later[:-1]:
                    self.rotate(key, "--yes", home=home, later=hours).expect(0)
                epoch = {"SOURCE_DATE_EPOCH": str(NOW + later[-1] * 3600)}
                self.killed_at(action, "rotate", key, "--yes", home=home, after=after, **epoch)
                self.rotate(key, "--yes", home=home, later=later[-1]).expect(0)
                wanted = {new: "Active"} | ({} if action == "DeleteAccessKey" else {key: "Inactive"})
                assert self.states(name) == wanted, (action, after, self.states(name))
        return "7 places"

    def learn(self, home):
        """Takes note of the key in a profile, so that later rows look for its secret."""
        text = (home / ".aws/credentials").read_text()
        key, secret = (text.split(f"{name} = ")[1].split("\n")[0] for name in ("aws_access_key_id", "aws_secret_access_key"))
        self.secrets[key] = secret
        return key

    def two_at_once(self):
        """two runs on one key: the second is refused"""
        _, key, home = self.fresh()
        self.moto.take()
        first = self.start("rotate", key, "--to-command", "cat >/dev/null; sleep 4", "--yes", home=home)
        time.sleep(2)
        second = subprocess.run(
            [self.args.akid, "rotate", key, "--to-profile", "x", "--yes"], capture_output=True, text=True, check=False,
            env=self.environment(home, {}),
        )  # fmt: skip
        assert second.returncode == 2 and "another akid is changing" in second.stderr, second.stderr
        self.end(first, "rotate").expect(0)
        return "refused"

    def requests(self):
        """every request: only expected actions, signed by the caller or a role, without a secret"""
        asked = [request for run in self.all for request in run.asked]
        actions = {request.action for request in asked}
        assert actions <= ALLOWED, actions - ALLOWED
        signers = {request.signer for request in asked if request.signer}
        strangers = {signer for signer in signers if signer in self.secrets and signer not in self.callers}
        assert not strangers, strangers
        pieces = {secret[n : n + 8] for secret in self.secrets.values() for n in range(len(secret) - 7)}
        everything = "\n".join([run.out + run.err for run in self.all] + [request.text() for request in asked])
        leaks = [piece for piece in pieces if piece in everything]
        assert not leaks, f"{len(leaks)} pieces"
        return f"{len(asked)} requests, {len(self.secrets)} secrets"

    def stop(self):
        self.moto.stop()
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
        checks.contained,
        checks.prompted,
        checks.sessions_contained,
        checks.allowed,
        checks.contain_faults,
        checks.contain_killed,
        checks.rotated,
        checks.rotate_refused,
        checks.rotate_killed,
        checks.two_at_once,
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
