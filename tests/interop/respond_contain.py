"""The end of a leaked key by `akid contain`, and what it leaves where something goes wrong."""

import http.client
import json
import os
import pty
import signal
import stat
import time

from owner import NONE, at, events, faults_of
from peers import Proxy, error
from resolve import OWN, Run

ASKED = [
    "GetCallerIdentity", "GetAccessKeyLastUsed", "ListAccessKeys", "GetUser", "ListUserTags",
    "ListAttachedUserPolicies", "LookupEvents", "GetLoginProfile", "UpdateAccessKey", "GetUserPolicy",
    "ListUserPolicies", "PutUserPolicy",
]  # fmt: skip
UNDONE = ["GetUserPolicy", "ListAccessKeys", "DeleteUserPolicy", "UpdateAccessKey"]
FAULTS = ("throttled", "500", "cut off", "slow")
NOW_AND_THEN = ("contain", "--yes", "--propagation", "0")


class ContainRows:
    def contain(self, key, *words, home, **options):
        return self.akid("contain", key, "--propagation", "0", *words, home=home, **options)

    def contained(self):
        """contain: a plan, commands of the AWS CLI, the end of a key, and undo; not without being asked"""
        name, key, home = self.fresh()
        run = self.contain(key, "--dry-run", home=home).expect(0, "Plan:", "aws iam update-access-key --user-name")
        assert f"aws iam put-user-policy --user-name '{name}'" in run.out
        self.contain(key, home=home).expect(2, "no terminal is attached", "--yes")
        assert self.states(name) == {key: "Active"} and not self.policies(name)
        # The console's own policy of that purpose stays as it is.
        console = {"UserName": name, "PolicyName": "AWSRevokeOlderSessions"}
        older = {"DateLessThan": {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"}}
        deny = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": older}
        kept = {"Version": "2012-10-17", "Statement": [deny]}
        self.iam.put_user_policy(**console, PolicyDocument=json.dumps(kept))
        self.contain(key, "--yes", home=home).expect(0, f"deactivated {key}", "denied user", "--undo")
        assert self.states(name) == {key: "Inactive"}
        assert self.iam.get_user_policy(**console)["PolicyDocument"] == kept
        self.iam.delete_user_policy(**console)
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
            self.note(Run(code, screen.decode(), "", self.moto.take()), ("contain",))
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
            run = self.akid(command, key, *words[command], home=home, key=caller, proxy=proxy).expect(0)
            # moto takes a space in a signed body for `+`, and the SDK sends `%20`: it refuses the key's description.
            shown = (run.out + run.err).replace("iam:TagUser is not allowed", "")
            assert "not allowed" not in shown, shown
            denied = [request.action for request in run.asked if f"iam:{request.action}" not in policy]
            assert set(denied) <= {"GetCallerIdentity", "LookupEvents"}, denied
            if command == "rotate":
                self.learn(home)
        proxy.stop()
        return "3 policies"

    def contain_denied(self):
        """contain: denied, lost and cut off for good at each change: reported, and the next run goes on"""

        def once(proxy, action, fault):
            name, key, home = self.fresh()
            run = self.akid(*NOW_AND_THEN, key, home=home, proxy=proxy, faults={action: [fault] * 3})
            assert run.code == (0 if (action, fault) == ("UpdateAccessKey", "lost") else 2), (action, fault, run.err)
            self.akid(*NOW_AND_THEN, key, home=home, proxy=proxy).expect(0)
            assert self.states(name) == {key: "Inactive"} and len(self.policies(name)) == 1, (action, fault)
            self.akid("contain", "--undo", "--yes", key, home=home, proxy=proxy).expect(0)
            assert self.states(name) == {key: "Active"} and not self.policies(name), (action, fault)

        faults = (error(403, "AccessDenied"), "close", "lost")
        number = self.each(once, [(action, it) for action in ("UpdateAccessKey", "PutUserPolicy") for it in faults])
        return f"{number} faults"

    def contain_faults(self):
        """contain, undo: throttled, 500, cut off, slow at each single request: tried again; for good, or denied: gone on with"""

        def once(proxy, action, fault, times, undoes):
            name, key, home = self.fresh()
            if undoes:
                self.akid(*NOW_AND_THEN, key, home=home, proxy=proxy).expect(0)
            words = ("contain", "--undo", "--yes", key) if undoes else (*NOW_AND_THEN, key)
            faults = {action: [faults_of(action)[fault]] * times + [NONE] * 9}
            if action != "LookupEvents":
                faults[action] = faults[action][:times]
            run = self.akid(*words, home=home, proxy=proxy, faults=faults)
            if times == 1:
                run.expect(0)
            elif run.code != 0:
                # What is not done is said, and may be done again. What is not allowed is named.
                assert run.expect(2).err, run.out
                assert fault != "denied" or "Denied" in run.err, run.err
                self.akid(*words, home=home, proxy=proxy).expect(0)
            state, policies = ("Active", 0) if undoes else ("Inactive", 1)
            assert self.states(name) == {key: state} and len(self.policies(name)) == policies, run.out + run.err

        cases = [(action, fault, 1, False) for action in ASKED for fault in FAULTS]
        cases += [(action, fault, 9, False) for action in ASKED for fault in ("500", "denied")]
        undone = (("cut off", 1), ("500", 9), ("denied", 9))
        cases += [(action, fault, times, True) for action in UNDONE for fault, times in undone]
        return f"{self.each(once, cases)} faults"

    def contain_killed(self):
        """contain, undo: killed before and after each change, then gone on with, and undone"""
        places = [("UpdateAccessKey", 1), ("PutUserPolicy", 1), ("PutUserPolicy", 2)]
        for action, nth in places:
            for after in (False, True):
                name, key, home = self.fresh()
                self.killed_at(action, *NOW_AND_THEN, key, home=home, after=after, nth=nth)
                self.contain(key, "--yes", home=home).expect(0)
                assert self.states(name) == {key: "Inactive"} and len(self.policies(name)) == 1
                self.akid("contain", "--undo", "--yes", key, home=home).expect(0)
                assert self.states(name) == {key: "Active"} and not self.policies(name), (action, after)
        for action in ("DeleteUserPolicy", "UpdateAccessKey"):
            for after in (False, True):
                name, key, home = self.fresh()
                self.contain(key, "--yes", home=home).expect(0)
                undo = ("contain", "--undo", "--yes", key)
                self.killed_at(action, *undo, home=home, after=after)
                run = self.akid(*undo, home=home)
                if (action, after, run.code) == ("DeleteUserPolicy", True, 2):
                    run.expect(2, "was deleted since")
                    continue
                assert run.code in (0, 2), run.err
                assert self.states(name) == {key: "Active"} and not self.policies(name), (action, after, run.err)
        return f"{2 * len(places) + 4} places"

    def contain_twice(self):
        """contain: two runs on one key: the second is refused; one that is interrupted is gone on with"""
        name, key, home = self.fresh()
        self.moto.take()
        words = ("contain", "--yes", "--propagation", "20", key)
        first = self.start(*words, home=home, faults={"LookupEvents": [NONE] * 20})
        while not self.policies(name):
            time.sleep(0.1)
        second = Proxy(self.peers[0])
        self.akid(*NOW_AND_THEN, key, home=home, proxy=second).expect(2, f"another akid is changing {key}")
        self.akid("contain", "--undo", "--yes", key, home=home, proxy=second).expect(2, "another akid is changing")
        second.stop()
        started = time.monotonic()
        first.send_signal(signal.SIGINT)
        self.end(first, *words).expect(130, "--undo")
        assert time.monotonic() - started < 5
        self.akid("contain", "--undo", "--yes", key, home=home).expect(0)
        assert self.states(name) == {key: "Active"} and not self.policies(name)
        return "refused, 130"
