"""Asks moto and ministack whose keys are, with akid, and checks what is told, what was asked, and by whom.

usage: resolve.py --akid F --scratch D --schema F [--show]

Each peer is believed only where it tells the truth: moto answers with the caller's account for every key; ministack
reads the account from the key ID as AWS does, and knows codes of errors. Prints a table; ends with 1 if any row failed.
"""

import base64
import hashlib
import json
import os
import pty
import random
import subprocess

import boto3
import jsonschema
import rows
from peers import HTML, THROTTLED, Proxy, bin_folder, error, ministack, moto
from plant import EXAMPLE_ID, Maker

OWN, FOREIGN, CANARY = 123456789012, 609629065308, 171436882533
ROLE = f"arn:aws:iam::{OWN}:role/auditor"
DEVICE = f"arn:aws:iam::{OWN}:mfa/ada"
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:GetAccessKeyInfo", "Resource": "*"}]}
)


class Keys:
    """Made-up keys in given accounts."""

    def __init__(self, seed):
        self.maker, self.random = Maker(seed), random.Random(seed)

    def key_id(self, account, prefix="AKIA"):
        head = (1 << 47 | account << 7 | self.random.randrange(128)).to_bytes(6, "big")
        return prefix + base64.b32encode(head + self.random.randbytes(4)).decode()

    def old_id(self):
        return "AKIAJ" + base64.b32encode(self.random.randbytes(10)).decode()[1:]

    def secret(self):
        return self.maker.secret()


class Run:
    """What came of one run of akid."""

    def __init__(self, code, out, err, asked):
        self.code, self.out, self.err, self.asked = code, out, err, asked
        self.actions = [request.action for request in asked]
        self.ids = [request.parameters.get("AccessKeyId") for request in asked if request.action == "GetAccessKeyInfo"]

    def expect(self, code, *texts):
        shown = f"exit {self.code}\n{self.out}\n{self.err}"
        assert self.code == code, shown
        for text in texts:
            assert text in self.out + self.err, f"no `{text}` in\n{shown}"
        return self


class Checks:
    """The rows of the table. A check returns a detail for it, or raises an AssertionError."""

    def __init__(self, args):
        self.args, self.keys, self.secrets, self.all = args, Keys(7), [], []
        self.home = args.scratch / "home"
        (self.home / ".aws/sso/cache").mkdir(parents=True)
        self.tree = args.scratch / "tree"
        self.tree.mkdir()
        tools = bin_folder()
        self.peers = [moto(tools, args.scratch), ministack(tools, args.scratch), moto(tools, args.scratch, True)]
        self.peers.append(ministack(tools, args.scratch, True))
        self.granted = {"accessKeyId": self.keys.key_id(OWN, "ASIA"), "secretAccessKey": self.secret()}
        self.granted |= {"sessionToken": self.keys.maker.token(), "expiration": 4102444800000}
        self.moto, self.ministack, self.strict_moto, self.strict_ministack = (
            Proxy(peer, self.granted) for peer in self.peers
        )
        self.caller = self.user(self.peers[0], "ada", POLICY)
        self.plant()

    def secret(self):
        self.secrets.append(self.keys.secret())
        return self.secrets[-1]

    def client(self, peer, service, key=("test", "test")):
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{peer.port}",
            region_name="us-east-1",
            aws_access_key_id=key[0],
            aws_secret_access_key=key[1],
        )

    def user(self, peer, name, policy, key=("test", "test")):
        """A user's key: ID and secret."""
        iam = self.client(peer, "iam", key)
        iam.create_user(UserName=name)
        if policy:
            iam.put_user_policy(UserName=name, PolicyName="ask", PolicyDocument=policy)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        self.secrets.append(made["SecretAccessKey"])
        return made["AccessKeyId"], made["SecretAccessKey"]

    def plant(self):
        self.ids = {"own": self.keys.key_id(OWN), "foreign": self.keys.key_id(FOREIGN)}
        self.ids |= {"canary": self.keys.key_id(CANARY), "old": self.keys.old_id(), "throttled": self.keys.old_id()}
        for name, key_id in self.ids.items():
            text = f"AWS_ACCESS_KEY_ID={key_id}\nAWS_SECRET_ACCESS_KEY={self.secret()}\n"
            (self.tree / f"{name}.env").write_text(text)
        (self.tree / "example.env").write_text(f"AWS_ACCESS_KEY_ID={EXAMPLE_ID}\n")

    def akid(self, proxy, *words, key=None, faults=None, profiles="", **environment):
        """Runs akid beside a peer, with the key of a user of it in the environment, or none."""
        proxy.take()
        proxy.faults = {action: list(answers) for action, answers in (faults or {}).items()}
        (self.home / ".aws/config").write_text(profiles)
        done = subprocess.run(
            [self.args.akid, *words],
            capture_output=True,
            check=False,
            text=True,
            timeout=120,
            cwd=self.tree,
            env=self.environment(proxy, key, environment),
        )
        run = Run(done.returncode, done.stdout, done.stderr, proxy.take())
        self.all.append(run)
        if self.args.show:
            print(f"$ akid {' '.join(words)}\n{run.out}{run.err}exit {run.code}\n")
        return run

    def environment(self, proxy, key, more):
        base = {"HOME": str(self.home), "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": proxy.url}
        base |= {"AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true"}
        if key:
            base |= {"AWS_ACCESS_KEY_ID": key[0], "AWS_SECRET_ACCESS_KEY": key[1]}
        return base | more

    def owners(self):
        """moto: own, foreign, canary, example, old and throttled keys in one scan"""
        faults = {"GetAccessKeyInfo": [THROTTLED]}
        words = ("scan", "--resolve=missing", "-o", "text:-", "-o", f"sarif:{self.args.scratch / 'r.sarif'}")
        run = self.akid(self.moto, *words, key=self.caller, faults=faults)
        run.expect(1, "own.env:1:19", "yours", "not yours", "canary token: using it", "1 example")
        assert sorted(set(run.ids)) == sorted([self.ids["old"], self.ids["throttled"]]), run.ids
        assert len(run.ids) == 3, "one was throttled, and asked about again"
        log = json.loads((self.args.scratch / "r.sarif").read_text())
        faults = list(jsonschema.Draft7Validator(json.loads(self.args.schema.read_text())).iter_errors(log))
        assert not faults, faults[:3]
        results = log["runs"][0]["results"]
        owners = {result["properties"]["keyId"]: result["properties"]["ownership"] for result in results}
        wanted = {"own": "own", "foreign": "foreign", "canary": "canary", "old": "own", "throttled": "own"}
        assert owners == {self.ids[name]: owner for name, owner in wanted.items()}, owners
        rules = [rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]]
        assert all(rules[result["ruleIndex"]] == result["ruleId"] for result in results)
        assert "aws-access-key/canary" in rules
        return f"{len(results)} results, {len(run.asked)} requests"

    def real_keys(self):
        """moto: the key of a user of its own, told by its ID and by STS alike"""
        key_id, _ = self.user(self.peers[0], "bob", None)
        run = self.akid(self.moto, "resolve", "-f", "json", key_id, key=self.caller).expect(0)
        key = json.loads(run.out)["keys"][0]
        assert (key["account"]["id"], key["account"]["known_by"]) == (str(OWN), "sts"), key
        assert key["account"]["conflicting_account"] is None and key["ownership"] == "own", key
        return key_id[:4] + "…"

    def foreign_keys(self):
        """ministack: keys of other accounts, all asked about"""
        key = ("test", "test")
        ids = [self.keys.key_id(account, prefix) for account in (FOREIGN, CANARY, OWN) for prefix in ("AKIA", "ASIA")]
        run = self.akid(self.ministack, "resolve", "-f", "json", *ids, key=key).expect(0)
        told = [(key["account"]["id"], key["account"]["conflicting_account"]) for key in json.loads(run.out)["keys"]]
        wanted = [(f"{account:012}", None) for account in (FOREIGN, CANARY, OWN) for _ in range(2)]
        assert told == wanted, told
        return f"{len(ids)} keys"

    def unknown_keys(self):
        """ministack: an ID that it does not take is unknown, and no failure"""
        run = self.akid(self.ministack, "resolve", self.ids["old"], EXAMPLE_ID, key=("test", "test"))
        run.expect(0, "AWS does not tell: ValidationError: Access key ID is not valid.", "example")
        assert run.ids == [self.ids["old"]], run.ids
        return "ValidationError"

    def callers(self):
        """ministack, strict: unknown caller, wrong secret, no permission, and a caller who may"""
        root = ("test", "test")
        key = self.user(self.peers[3], "eve", None, root)
        run = self.akid(self.strict_ministack, "resolve", self.ids["old"], key=(self.keys.key_id(OWN), self.secret()))
        run.expect(2, "AWS does not know the caller's own key in partition aws: InvalidClientTokenId")
        run = self.akid(self.strict_ministack, "resolve", self.ids["old"], key=(key[0], self.secret()))
        run.expect(2, "AWS rejected the caller's signature: SignatureDoesNotMatch")
        run = self.akid(self.strict_ministack, "resolve", self.keys.key_id(FOREIGN), key=key)
        run.expect(2, "is not allowed to look up keys: AccessDenied", '"Action": "sts:GetAccessKeyInfo"', "foreign")
        iam = self.client(self.peers[3], "iam", root)
        iam.put_user_policy(UserName="eve", PolicyName="ask", PolicyDocument=POLICY)
        self.akid(self.strict_ministack, "resolve", self.keys.key_id(FOREIGN), key=key).expect(0, "sts", "foreign")
        iam.update_access_key(UserName="eve", AccessKeyId=key[0], Status="Inactive")
        run = self.akid(self.strict_ministack, "resolve", self.ids["old"], key=key)
        run.expect(2, "InvalidClientTokenId", "the key may be inactive or deleted")
        return "5 callers"

    def denied_by_moto(self):
        """moto, strict: a caller without permission (its errors have no code that the SDK can read)"""
        key = self.user(self.peers[2], "eve", json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}]}))
        run = self.akid(self.strict_moto, "resolve", self.ids["old"], key=key)
        run.expect(2, "is not allowed to look up keys", '"Action": "sts:GetAccessKeyInfo"')
        return "HTTP 403"

    def faults(self):
        """throttled, 500, 503, closed, slow: tried again; HTML, hanging: told"""
        for fault in (THROTTLED, error(500, "InternalFailure"), error(503, "ServiceUnavailable"), "close"):
            run = self.akid(self.moto, "resolve", self.ids["old"], key=self.caller, faults={"GetAccessKeyInfo": [fault] * 2})
            assert len(run.expect(0, "sts").ids) == 3, run.ids
        self.akid(self.moto, "resolve", self.ids["old"], key=self.caller, faults={"GetAccessKeyInfo": ["slow"]}).expect(0)
        for fault, told in (
            (THROTTLED, "AWS is not available now: Throttling: made up (request proxy-1)"),
            (HTML, "the endpoint is not AWS: HTTP status 200"),
            ("close", "AWS cannot be reached"),
            ("hang", "AWS did not answer within 3 s"),
        ):
            words = ("scan", "--resolve=missing", "--resolve-timeout", "3" if fault == "hang" else "60")
            run = self.akid(self.moto, *words, key=self.caller, faults={"GetAccessKeyInfo": [fault] * 20})
            run.expect(2, told, "5 credentials", "old.env:1:19")
        return "4 kinds of answers, 5 of patience"

    def identity_center(self):
        """IAM Identity Center, signed in and not"""
        profiles = (
            "[profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Auditor\n"
            "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = us-east-1\n"
        )
        words = ("resolve", "--profile", "dev", self.ids["old"])
        self.akid(self.moto, *words, profiles=profiles).expect(2, "run `aws sso login --sso-session corp`")
        token = {"accessToken": "made-up", "expiresAt": "2099-01-01T00:00:00Z", "region": "us-east-1"}
        name = hashlib.sha1(b"corp", usedforsecurity=False).hexdigest()
        (self.home / f".aws/sso/cache/{name}.json").write_text(json.dumps(token))
        run = self.akid(self.moto, *words, profiles=profiles).expect(0, str(OWN))
        assert {request.signer for request in run.asked[1:]} == {self.granted["accessKeyId"]}
        return ", ".join(run.actions)

    def roles(self):
        """a role with MFA, by options and by profile; web identity; container; instance"""
        words = ("--role-arn", ROLE, "--mfa-serial", DEVICE, "--mfa-code", "908172", "--duration-seconds", "900")
        run = self.akid(self.moto, "resolve", *words, self.ids["old"], key=self.caller).expect(0, "sts")
        sent = run.asked[0].parameters
        assert (sent["SerialNumber"], sent["TokenCode"], sent["DurationSeconds"]) == (DEVICE, "908172", "900"), sent
        profiles = f"[profile dev]\nrole_arn = {ROLE}\nmfa_serial = {DEVICE}\nsource_profile = base\n[profile base]\n"
        profiles += f"aws_access_key_id = {self.caller[0]}\naws_secret_access_key = {self.caller[1]}\n"
        words = ("resolve", "--profile", "dev", self.ids["old"])
        self.akid(self.moto, *words, profiles=profiles).expect(2, "is required, but no terminal is attached")
        run = self.akid(self.moto, *words, "--mfa-code", "654321", profiles=profiles).expect(0, "sts")
        assert run.asked[0].parameters["TokenCode"] == "654321"
        (self.args.scratch / "token").write_text("made.up.token")
        run = self.akid(
            self.moto,
            "resolve",
            self.ids["old"],
            AWS_ROLE_ARN=ROLE,
            AWS_WEB_IDENTITY_TOKEN_FILE=str(self.args.scratch / "token"),
        ).expect(0, "sts")
        assert run.actions[0] == "AssumeRoleWithWebIdentity", run.actions
        container = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://127.0.0.1:{self.peers[1].port}/v2/credentials/x"}
        # Its credentials are taken and used; but ministack calls whoever has them the root user, where AWS would say
        # which role it is. A root user's session is one that AWS lets ask nothing.
        told = "arn:aws:iam::000000000000:root uses a session of GetSessionToken, and AWS does not let such sessions look up keys"
        run = self.akid(self.ministack, "resolve", self.keys.key_id(FOREIGN), **container).expect(2, told)
        assert run.actions == ["GetCallerIdentity"] and run.asked[0].signer.startswith("ASIA"), run.actions
        instance = {"AWS_EC2_METADATA_DISABLED": "false"}
        instance["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = f"http://127.0.0.1:{self.peers[1].port}"
        run = self.akid(self.ministack, "resolve", self.keys.key_id(FOREIGN), **instance).expect(2, told)
        assert run.actions == ["GetCallerIdentity"] and run.asked[0].signer.startswith("ASIA"), run.actions
        return "5 ways"

    def prompt(self):
        """a code typed at a terminal, unseen"""
        self.moto.take()
        words = [self.args.akid, "resolve", "--role-arn", ROLE, "--mfa-serial", DEVICE, self.ids["old"]]
        pid, terminal = pty.fork()
        if pid == 0:
            os.execve(words[0], [str(word) for word in words], self.environment(self.moto, self.caller, {}))
        screen = b""
        while True:
            try:
                screen += os.read(terminal, 1024)
            except OSError:
                break
            if screen.endswith(b": ") and b"MFA code" in screen:
                os.write(terminal, b"908172\n")
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        run = Run(code, screen.decode(), "", self.moto.take())
        self.all.append(run)
        assert b"908172" not in run.expect(0, "MFA code of", "sts").out.replace(str(OWN), "").encode()
        assert run.asked[0].parameters["TokenCode"] == "908172"
        return "6 digits"

    def requests(self):
        """every request: only what is needed, signed by the caller only, with no secret in it"""
        asked = [request for run in self.all for request in run.asked]
        actions = {request.action for request in asked}
        wanted = {"GetCallerIdentity", "GetAccessKeyInfo", "AssumeRole", "AssumeRoleWithWebIdentity", "/federation/credentials"}
        assert actions == wanted, actions
        planted = set(self.ids.values())
        signers = {request.signer for request in asked if request.signer}
        assert not signers & planted, signers & planted
        pieces = {secret[n : n + 8] for secret in self.secrets for n in range(33)}
        shown = [piece for request in asked for piece in pieces if piece in request.text()]
        assert not shown, f"{len(shown)} pieces"
        told = [piece for run in self.all for piece in pieces if piece in run.out + run.err]
        assert not told, f"{len(told)} pieces told"
        return f"{len(asked)} requests, {len(self.secrets)} secrets"

    def kept(self):
        """nothing that a peer said is kept"""
        assert not (self.home / ".cache").exists()
        return "no cache"

    def stop(self):
        for proxy in (self.moto, self.ministack, self.strict_moto, self.strict_ministack):
            proxy.stop()
        for peer in self.peers:
            peer.stop()


if __name__ == "__main__":
    rows.main(
        Checks, "owners", "real_keys", "foreign_keys", "unknown_keys", "callers", "denied_by_moto", "faults",
        "identity_center", "roles", "prompt", "requests", "kept", needs=("schema",),
    )  # fmt: skip
