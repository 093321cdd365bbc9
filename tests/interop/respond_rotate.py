"""The rotation of a key by `akid rotate`: step by step, over days, and where something goes wrong."""

import json
import os
import signal
import stat
import subprocess
import time

from owner import NONE, NOW, faults_of
from peers import Proxy, error

BEGINNING = [
    "GetCallerIdentity", "GetAccessKeyLastUsed", "ListAccessKeys", "GetUser", "ListUserTags",
    "ListAttachedUserPolicies", "CreateAccessKey", "TagUser",
]  # fmt: skip
ENDING = ["GetAccessKeyLastUsed", "ListAccessKeys", "UpdateAccessKey", "DeleteAccessKey"]
FAULTS = ("throttled", "500", "cut off", "slow")
TO = ("--to-profile", "dev")


class RotateRows:
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
        self.used(new)
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

    def rotate_faults(self):
        """rotate: denied, throttled, 500, cut off, slow at each single request: tried again, or looked into; never twice"""

        def begin(proxy, action, fault):
            name, key, home = self.fresh()
            words = ("rotate", key, *TO, "--yes")
            run = self.akid(*words, home=home, proxy=proxy, faults={action: [faults_of(action)[fault]]})
            if action == "CreateAccessKey" and fault != "slow":
                # It is never tried again by itself; the list shows that nothing was created.
                run.expect(2, "not known whether a key was created")
                assert run.actions.count(action) == 1 and self.states(name) == {key: "Active"}, run.actions
                run = self.akid(*words, home=home, proxy=proxy)
            run.expect(0, "and handed it to profile `dev`")
            assert set(self.states(name)) == {key, self.learn(home)}, run.out

        def finish(proxy, action, fault):
            name, key, home = self.fresh()
            self.akid("rotate", key, *TO, "--yes", home=home, proxy=proxy).expect(0)
            new = self.learn(home)
            self.used(new)
            hours = 200 if action == "DeleteAccessKey" else 30
            if hours == 200:
                epoch = {"SOURCE_DATE_EPOCH": str(NOW + 30 * 3600)}
                self.akid("rotate", key, "--yes", home=home, proxy=proxy, **epoch).expect(0, "deactivated")
            epoch = {"SOURCE_DATE_EPOCH": str(NOW + hours * 3600)}
            faults = {action: [faults_of(action)[fault]]}
            self.akid("rotate", key, "--yes", home=home, proxy=proxy, faults=faults, **epoch).expect(0)
            assert self.states(name) == {new: "Active"} | ({key: "Inactive"} if hours == 30 else {})

        def denied(proxy, action):
            name, key, home = self.fresh()
            words = ("rotate", key, *TO, "--yes")
            run = self.akid(*words, home=home, proxy=proxy, faults={action: [error(403, "AccessDenied")] * 9})
            if run.code != 0:
                run.expect(2, *([] if action == "GetCallerIdentity" else [action]), "AccessDenied")
                # Either nothing was created, or it is where it was to go, and its use cannot be learnt.
                is_handed = (home / ".aws/credentials").exists()
                assert len(self.states(name)) == 1 + is_handed and (", and handed it to" in run.out) == is_handed, run.out
                assert is_handed == (action == "GetAccessKeyLastUsed"), run.out
                run = self.akid(*words, home=home, proxy=proxy).expect(0, "was not used yet")
            assert set(self.states(name)) == {key, self.learn(home)}, run.out

        number = self.each(denied, [(action,) for action in BEGINNING])
        number += self.each(begin, [(action, fault) for action in BEGINNING for fault in FAULTS])
        number += self.each(finish, [(action, fault) for action in ENDING for fault in FAULTS])
        return f"{number} faults"

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
        for action in ("TagUser", "UpdateAccessKey", "DeleteAccessKey"):
            for after in (False, True):
                name, key, home = self.fresh()
                if action == "TagUser":
                    # The key was handed over before: a description is all that is missing.
                    self.killed_at(action, "rotate", key, *to, "--yes", home=home, after=after)
                    self.rotate(key, "--yes", home=home).expect(0, "was not used yet")
                    assert set(self.states(name)) == {key, self.learn(home)}
                    continue
                self.rotate(key, *to, "--yes", home=home).expect(0)
                new = self.learn(home)
                self.used(new)
                later = [30, 30 + 170] if action == "DeleteAccessKey" else [30]
                for hours in later[:-1]:
                    self.rotate(key, "--yes", home=home, later=hours).expect(0)
                epoch = {"SOURCE_DATE_EPOCH": str(NOW + later[-1] * 3600)}
                self.killed_at(action, "rotate", key, "--yes", home=home, after=after, **epoch)
                self.rotate(key, "--yes", home=home, later=later[-1]).expect(0)
                wanted = {new: "Active"} | ({} if action == "DeleteAccessKey" else {key: "Inactive"})
                assert self.states(name) == wanted, (action, after, self.states(name))
        return "9 places"

    def rotate_hidden(self):
        """rotate: the new secret is in no argument, no environment and no file, while a command takes it"""
        name, key, home = self.fresh()
        out, beside = home / "out.json", home / "beside"
        seen = " ".join(f"/proc/{process}/{file}" for process in ("$$", "$PPID") for file in ("cmdline", "environ"))
        self.rotate(key, "--to-command", f"cat > {out}; cat {seen} > {beside}", "--yes", home=home).expect(0)
        made = json.loads(out.read_text())
        secret = self.secrets[made["AccessKeyId"]] = made["SecretAccessKey"]
        text = beside.read_bytes().decode("latin-1")
        assert key in text and "AWS_REGION" in text, "there is nothing to look at"
        out.unlink()
        files = [path.read_bytes().decode("latin-1") for path in home.rglob("*") if path.is_file()]
        pieces = [secret[n : n + 8] for n in range(len(secret) - 7)]
        assert len(files) > 2 and not [piece for piece in pieces for text in files if piece in text]
        return f"{len(files)} files"

    def rotate_handing(self):
        """rotate: killed while a command takes the key, and as a key is deleted that was not taken"""
        name, key, home = self.fresh()
        out = home / "out.json"
        command = f"cat > {out}; kill -9 $PPID"
        run = self.akid("rotate", key, "--to-command", command, "--yes", home=home).expect(-signal.SIGKILL)
        made = json.loads(out.read_text())
        new, self.secrets[made["AccessKeyId"]] = made["AccessKeyId"], made["SecretAccessKey"]
        words = ("--to-command", f"cat > {out}", "--yes")
        run = self.rotate(key, *words, home=home).expect(2, f"{new} is unexplained: nothing was done", "--handed-over")
        assert set(self.states(name)) == {key, new} and "CreateAccessKey" not in run.actions
        self.rotate(key, *words, "--handed-over", home=home).expect(0, f"{new} was not used yet")
        for after in (False, True):
            name, key, home = self.fresh()
            words = ("rotate", key, "--to-command", "cat >/dev/null; exit 3", "--yes")
            self.killed_at("DeleteAccessKey", *words, home=home, after=after)
            left = set(self.states(name)) - {key}
            run = self.rotate(key, *TO, "--yes", home=home)
            if after:
                assert not left and run.expect(0, "handed it to profile `dev`")
                self.learn(home)
            else:
                # Nobody has its secret, and akid has its ID: the profile does not have it.
                run.expect(0, f"deleted {left.pop()}", "handed it to profile `dev`")
                assert set(self.states(name)) == {key, self.learn(home)}
        return "3 places"

    def rotate_watched(self):
        """rotate --watch: ends at once when it is interrupted, with its journal whole; keeps nobody from the key"""
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 130)):
            name, key, home = self.fresh()
            journal = home / f".local/state/akid/keys/rotate-{key}.json"
            proxy = Proxy(self.peers[0])
            words = ("rotate", key, *TO, "--yes", "--watch")
            watching = self.start(*words, home=home, proxy=proxy)
            said = watching.stdout.readline()
            while not said.startswith("waiting: "):
                said = watching.stdout.readline()
                assert said, watching.stderr.read()
            before = journal.read_text()
            # It waits, and holds nothing meanwhile: a leak may become known.
            self.akid("rotate", key, *TO, "--yes", home=home).expect(0, "waiting: ")
            started = time.monotonic()
            watching.send_signal(number)
            self.end(watching, *words, proxy=proxy).expect(code)
            assert time.monotonic() - started < 2 and journal.read_text() == before
            new = self.learn(home)
            self.used(new)
            self.rotate(key, "--yes", home=home, later=30).expect(0, f"deactivated {key}")
            proxy.stop()
        # While AWS is asked: at once. While a key is created: once it is where it was to go.
        for action, fault in (("GetAccessKeyLastUsed", "hang"), ("CreateAccessKey", "slow")):
            name, key, home = self.fresh()
            proxy = Proxy(self.peers[0])
            asked = []
            proxy.watch = lambda request, action=action, asked=asked: asked.append(request.action)
            watching = self.start(*words[:1], key, *words[2:], home=home, proxy=proxy, faults={action: [fault]})
            while action not in asked:
                time.sleep(0.05)
            started = time.monotonic()
            watching.send_signal(signal.SIGINT)
            run = self.end(watching, "rotate", key, proxy=proxy).expect(130)
            assert time.monotonic() - started < (4 if fault == "slow" else 2)
            if fault == "slow":
                assert f"created {self.learn(home)}, and handed it to" in run.out, run.out
            assert len(self.states(name)) == (2 if fault == "slow" else 1)
            proxy.stop()
        return "4 interrupts"

    def rotate_twice(self):
        """rotate: two runs on one key, and contain beside one: the second is refused"""
        name, key, home = self.fresh()
        began = home / "began"
        words = ("rotate", key, "--to-command", f"cat >/dev/null; touch {began}; sleep 3", "--yes")
        proxy = Proxy(self.peers[0])
        first = self.start(*words, home=home, proxy=proxy)
        while not began.exists():
            time.sleep(0.1)
        self.akid("rotate", key, *TO, "--yes", home=home).expect(2, f"another akid is changing {key}")
        self.akid("contain", key, "--yes", "--propagation", "0", home=home).expect(2, "another akid is changing")
        assert self.states(name)[key] == "Active"
        self.end(first, *words, proxy=proxy).expect(0)
        proxy.stop()
        assert len(self.states(name)) == 2
        return "2 refusals"
