"""What `akid status` and `--status` tell, of whom they ask it, and what becomes of it where AWS does not answer."""

import base64
import json
import os
import subprocess

from owner import DENIED, NONE, OTHER, at, faults_of
from peers import error
from resolve import CANARY, FOREIGN, OWN
from respond_accounts import accounts, of_account

DESCRIBED = ["GetAccessKeyLastUsed", "ListAccessKeys", "GetUser", "ListUserTags", "ListAttachedUserPolicies"]
SEARCHED = ["LookupEvents", "ListUsers", "GetAccountSummary"]


class StatusRows:
    def statuses(self):
        """active, inactive, deleted, foreign, canary and example keys in one go"""
        ada, bob = self.user("ada"), self.user("bob")
        second, gone = self.key("bob"), self.user("eve")
        self.iam.update_access_key(UserName="bob", AccessKeyId=second, Status="Inactive")
        self.iam.delete_access_key(UserName="eve", AccessKeyId=gone)
        foreign, canary = self.keys.key_id(FOREIGN), self.keys.key_id(CANARY)
        self.silent |= {foreign, canary}
        ids = [ada, bob, second, gone, foreign, canary, "AKIAIOSFODNN7EXAMPLE"]
        run, keys = self.status_of(*ids)
        run.expect(0)
        states = [keys[key]["status"]["state"] for key in ids]
        assert states == ["active", "active", "inactive", "deleted", "unknown", "unknown", "unknown"], states
        assert keys[ada]["user"]["tags"] == [{"key": "owner", "value": "ada@example.com"}]
        assert [key["key_id"] for key in keys[bob]["other_keys"]] == [second]
        assert keys[ada]["status"]["last_used"]["recorded"] is False
        assert "GetAccessKeyInfo" not in run.actions, "each ID has its account"
        return " ".join(states)

    def old_canary(self):
        """a canary, and a foreign key, whose IDs have no account: only STS hears of them"""
        old = self.keys.old_id()
        self.silent.add(old)
        for account, ownership in ((CANARY, "canary"), (FOREIGN, "foreign")):
            faults = {"GetAccessKeyInfo": [of_account(account)]}
            run, keys = self.status_of(old, faults=faults)
            assert run.expect(0).actions == ["GetCallerIdentity", "GetAccessKeyInfo"], run.actions
            assert keys[old]["ownership"] == ownership and keys[old]["status"]["state"] == "unknown"
            # What is to be ended is not asked about, either.
            run = self.akid("contain", "--yes", old, faults=faults).expect(2)
            assert run.actions == ["GetCallerIdentity", "GetAccessKeyInfo"], run.actions
        return ", ".join(run.actions)

    def denied(self):
        """each permission that is missing: named with its statement, and the rest told"""
        _, key, _ = self.fresh()
        for action in DESCRIBED:
            run, keys = self.status_of(key, faults={action: [error(403, "AccessDenied")] * 3})
            run.expect(2, f'"Action": "iam:{action}"')
            missing = [entry["action"] for entry in keys[key]["missing"]]
            assert missing == [f"iam:{action}"], missing
            known = keys[key]["status"]["state"] == "active"
            assert known == (action != "ListAccessKeys"), (action, keys)
        gone = self.user("left")
        self.iam.delete_access_key(UserName="left", AccessKeyId=gone)
        for action in SEARCHED:
            service, refused = ("cloudtrail", DENIED) if action == "LookupEvents" else ("iam", error(403, "AccessDenied"))
            run, keys = self.status_of(gone, faults={action: [refused] * 9})
            run.expect(2, f'"Action": "{service}:{action}"')
            # A complete listing is a proof without any event; one with a hole is none.
            state = "deleted" if action == "LookupEvents" else "unknown"
            assert keys[gone]["status"]["state"] == state, (action, keys[gone])
        return f"{len(DESCRIBED + SEARCHED)} permissions"

    def root_user(self):
        """a key that only the root user can have, by AWS's documented answers: likely, and never changed"""
        key = self.keys.key_id(OWN)
        iam = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'
        entry = "<entry><key>AccountAccessKeysPresent</key><value>1</value></entry>"
        result = f"<GetAccountSummaryResult><SummaryMap>{entry}</SummaryMap></GetAccountSummaryResult>"
        summary = 200, f"<GetAccountSummaryResponse {iam}>{result}</GetAccountSummaryResponse>"
        titles = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed"
        titles += ",password_next_rotation,mfa_active" + "".join(
            f",access_key_{nth}_{what}"
            for nth in (1, 2)
            for what in ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
        )
        row = f"<root_account>,arn:aws:iam::{OWN}:root,{at(-9)},not_supported,{at(-9)},not_supported,not_supported,true"
        row += f",true,{at(-9000)},{at(-90)},us-east-1,s3,false,N/A,N/A,N/A,N/A"
        content = base64.b64encode(f"{titles}\n{row}\n".encode()).decode()
        result = f"<GetCredentialReportResult><Content>{content}</Content><ReportFormat>text/csv</ReportFormat>"
        result += f"<GeneratedTime>{at(0)}</GeneratedTime></GetCredentialReportResult>"
        report = 200, f"<GetCredentialReportResponse {iam}>{result}</GetCredentialReportResponse>"
        faults = {"GetAccountSummary": [summary], "GetCredentialReport": [report]}
        run, keys = self.status_of(key, faults=faults)
        status = keys[key]["status"]
        assert (status["state"], status["likely"], status["principal"]) == ("active", True, "root"), keys[key]
        assert keys[key]["root"] and status["created_at"] == at(-9000), keys[key]
        for words in (("contain", "--yes"), ("rotate", "--yes", "--to-profile", "x")):
            run = self.akid(*words, key, faults=faults).expect(2, "likely a key of the root user", "aws sts assume-root")
            assert f"--target-principal {OWN}" in run.err and "CreateAccessKey" not in run.actions, run.err
        return f"root, created {status['created_at']}"

    def quarantined(self):
        """a user whom AWS has put into quarantine"""
        name, key, _ = self.fresh()
        policies = "<member><PolicyName>AWSCompromisedKeyQuarantineV3</PolicyName></member>"
        result = f"<AttachedPolicies>{policies}</AttachedPolicies><IsTruncated>false</IsTruncated>"
        result = f"<ListAttachedUserPoliciesResult>{result}</ListAttachedUserPoliciesResult>"
        xmlns = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'
        attached = 200, f"<ListAttachedUserPoliciesResponse {xmlns}>{result}</ListAttachedUserPoliciesResponse>"
        _, keys = self.status_of(key, faults={"ListAttachedUserPolicies": [attached]})
        assert keys[key]["user"]["quarantine"] == ["AWSCompromisedKeyQuarantineV3"], keys[key]
        run = self.akid("status", key, faults={"ListAttachedUserPolicies": [attached]})
        run.expect(0, "AWSCompromisedKeyQuarantineV3: AWS has seen this leak")
        return keys[key]["user"]["quarantine"][0]

    def faults(self):
        """throttled, 500, cut off, slow, at each single request of status: tried again"""
        _, key, _ = self.fresh()
        gone, old, theirs = self.user("gone"), self.keys.old_id(), self.user("wim", self.in_other_account())
        self.iam.delete_access_key(UserName="gone", AccessKeyId=gone)
        asked = [(key, action, "active") for action in ["GetCallerIdentity", *DESCRIBED]]
        asked += [(gone, action, "deleted") for action in SEARCHED]
        asked += [(old, "GetAccessKeyInfo", "unknown"), (theirs, "AssumeRole", "active")]
        asked += [(theirs, "ListAccounts", "active")]

        def once(proxy, key, action, state, fault):
            options = ("--role-name", "auditor", "--organization") if key == theirs else ()
            after = {"LookupEvents": NONE, "ListAccounts": accounts(OTHER), "GetAccessKeyInfo": of_account(FOREIGN)}
            faults = {name: [answer] * 9 for name, answer in after.items()}
            faults[action] = [faults_of(action)[fault]] + ([after[action]] * 9 if action in after else [])
            if fault == "slow" and action in after:
                faults[action] = [after[action]]
            run, keys = self.status_of(key, *options, faults=faults, proxy=proxy)
            assert run.expect(0) and keys[key]["status"]["state"] == state, keys
            assert run.actions.count(action) >= (1 if fault == "slow" else 2), run.actions

        faults = ("throttled", "500", "cut off", "slow")
        number = self.each(once, [(*case, fault) for case in asked for fault in faults])
        run, keys = self.status_of(key, faults={"ListAccessKeys": [error(400, "Throttling")] * 9})
        run.expect(2, "AWS is not available now")
        assert keys[key]["status"]["state"] == "unknown"
        return f"{number} faults"

    def reports(self):
        """--status of scan and report: JSON, SARIF, CSV, HTML; severity and exit code follow"""
        tree = self.args.scratch / "tree"
        tree.mkdir()
        name, key, _ = self.fresh()
        (tree / "a.env").write_text(f"AWS_ACCESS_KEY_ID={key}\nAWS_SECRET_ACCESS_KEY={self.secrets[key]}\n")
        out = {name: self.args.scratch / f"r.{name}" for name in ("json", "sarif", "csv", "html")}
        outputs = [word for name, path in out.items() for word in ("-o", f"{name}:{path}")]
        self.akid("scan", "--status", *outputs, tree).expect(1)
        finding = json.loads(out["json"].read_text())["findings"][0]
        assert (finding["status"]["state"], finding["severity"], finding["ownership"]) == ("active", "critical", "own")
        self.akid("scan", "--status", "--fail-status", "inactive", tree).expect(0)
        config = self.args.scratch / "fail-status.toml"
        config.write_text('fail-status = ["inactive", "unknown"]\n')
        self.akid("scan", "--status", "--config", config, tree).expect(0)
        # It counts only where the state was asked for: else nothing would ever fail.
        assert not self.akid("scan", "--config", config, tree).expect(1).asked
        git = ["git", "-C", str(tree), "-c", "user.name=Nobody", "-c", "user.email=nobody@example.com"]
        for words in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "Add a key"]):
            subprocess.run([*git, *words], check=True, env={"PATH": os.environ["PATH"], "HOME": str(self.args.scratch)})
        run = self.akid("history", "--status", "-f", "json", tree).expect(1)
        assert json.loads(run.out)["findings"][0]["status"]["state"] == "active"
        self.iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
        later = [word.replace("r.", "s.") for word in outputs]
        self.akid("report", "--status", *later, out["json"]).expect(1)
        text = {name: path.with_name(f"s.{name}").read_text() for name, path in out.items()}
        finding = json.loads(text["json"])["findings"][0]
        severities = (finding["status"]["state"], finding["severity"], finding["rule_severity"])
        assert severities == ("inactive", "high", "critical"), severities
        rules = [result["ruleId"] for result in json.loads(text["sarif"])["runs"][0]["results"]]
        assert rules == ["aws-access-key/inactive"], rules
        assert ",inactive," in text["csv"] and "iam:ListAccessKeys lists it as inactive" in text["html"]
        self.iam.delete_access_key(UserName=name, AccessKeyId=key)
        run = self.akid("report", "--status", "-f", "json", out["json"]).expect(0)
        assert json.loads(run.out)["findings"][0]["severity"] == "low"
        return " ".join(rules)

    def swept(self):
        """sweep --status: each key that it finds or lists, with state, age and owner"""
        _, key, home = self.fresh()
        name, listed, _ = self.fresh()
        self.iam.update_access_key(UserName=name, AccessKeyId=listed, Status="Inactive")
        (home / ".aws").mkdir()
        lines = f"aws_access_key_id = {listed}\naws_secret_access_key = {self.secrets[listed]}\n"
        (home / ".aws/credentials").write_text(f"[old]\n{lines}")
        (home / ".bash_history").write_text(f"export AWS_ACCESS_KEY_ID={key} AWS_SECRET_ACCESS_KEY={self.secrets[key]}\n")
        words = ("sweep", "--status", "--place", "aws", "--place", "shell-history")
        run = self.akid(*words, "--json", home=home).expect(1)
        sweep = json.loads(run.out)
        (found,), (profile,) = sweep["report"]["findings"], sweep["expected"]["profiles"]
        assert (found["status"]["state"], found["ownership"]) == ("active", "own") and found["status"]["created_at"]
        known = profile["status"]
        assert (known["status"]["state"], known["user"]["name"], known["ownership"]) == ("inactive", name, "own")
        assert known["status"]["created_at"] and run.actions.count("GetCallerIdentity") == 1, run.actions
        self.akid(*words, home=home).expect(1, f"inactive, {name}, created 2")
        return f"{found['status']['state']}, {known['status']['state']}"
