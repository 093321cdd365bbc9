"""The stage for the checks of the owner's side: moto, a proxy before it, users with keys, and runs of akid.

moto tells the truth of users, keys and policies. It has no events, so the proxy answers in CloudTrail's documented form.
"""

import datetime
import json
import os
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import jsonschema
import wire
from peers import Proxy, bin_folder, error, moto
from resolve import OWN, Keys, Run

ROOT = Path(__file__).parents[2]
OTHER = 222233334444
NOW = int(time.time())
CHANGES = {"CreateAccessKey", "DeleteAccessKey", "DeleteUserPolicy", "PutUserPolicy", "TagUser", "UpdateAccessKey"}
JSON_ACTIONS = {"ListAccounts", "LookupEvents"}


def events(*records):
    listed = [{"EventId": "e", "EventName": r["eventName"], "CloudTrailEvent": json.dumps(r)} for r in records]
    return 200, json.dumps({"Events": listed})


NONE = events()
DENIED = (400, json.dumps({"__type": "AccessDeniedException", "Message": "made up"}))


def at(seconds):
    return datetime.datetime.fromtimestamp(NOW + seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def faults_of(action):
    """What may befall a request for an action: each once."""
    if action in JSON_ACTIONS:
        throttled = (400, json.dumps({"__type": "ThrottlingException", "Message": "made up"}))
        broken = (500, json.dumps({"__type": "InternalFailure", "Message": "made up"}))
    else:
        throttled, broken = error(400, "Throttling"), error(500, "InternalFailure")
    denied = DENIED if action in JSON_ACTIONS else error(403, "AccessDenied")
    return {"throttled": throttled, "500": broken, "denied": denied, "cut off": "close", "slow": "slow"}


def schema():
    """The published schema, which for this takes no property that it does not name."""
    schema = json.loads((ROOT / "docs/akid-1.schema.json").read_text())
    for definition in schema["$defs"].values():
        definition["additionalProperties"] = False
    return jsonschema.Draft202012Validator(schema)


class Stage:
    """Peers, users and runs. Several runs may go on at once, each with a proxy of its own."""

    def __init__(self, args):
        self.args, self.keys, self.secrets, self.all = args, Keys(17), {}, []
        self.silent, self.lock, self.number = set(), threading.Lock(), 0
        args.scratch.mkdir(exist_ok=True)
        tools = bin_folder()
        self.peers = [moto(tools, args.scratch), moto(tools, args.scratch, True)]
        self.strict = self.peers[1]
        self.moto, self.schema = Proxy(self.peers[0]), schema()
        self.iam = self.client("iam")
        self.caller = self.user("caller")

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
        with self.lock:
            self.number += 1
            number = self.number
        home = self.args.scratch / f"home{number}"
        home.mkdir()
        name = f"user{number}"
        return name, self.user(name), home

    def environment(self, home, more, key=None, proxy=None):
        key = key or self.caller
        base = {"HOME": str(home), "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": (proxy or self.moto).url}
        base |= {"AWS_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": key}
        return base | {"AWS_SECRET_ACCESS_KEY": self.secrets[key]} | more

    def start(self, *words, home=None, faults=None, key=None, proxy=None, **environment):
        proxy = proxy or self.moto
        proxy.faults = {action: list(answers) for action, answers in (faults or {}).items()}
        words = [str(self.args.akid), *map(str, words)]
        environment = self.environment(home or self.args.scratch, environment, key, proxy)
        return subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
            env=environment, cwd=self.args.scratch,
        )  # fmt: skip

    def end(self, process, *words, key=None, proxy=None):
        out, err = process.communicate(timeout=120)
        proxy = proxy or self.moto
        return self.note(Run(process.returncode, out, err, proxy.take()), words, key, proxy)

    def note(self, run, words, key=None, proxy=None):
        """Checks what a run asked, and keeps it for the last rows."""
        wire.check(words[0], run.asked, key or self.caller, OWN, (proxy or self.moto).issued, self.silent)
        with self.lock:
            self.all.append(run)
        if self.args.show:
            print(f"$ akid {' '.join(map(str, words))}\n{run.out}{run.err}exit {run.code}\n")
        return run

    def akid(self, *words, key=None, proxy=None, **options):
        # moto has no CloudTrail: without events, nothing was deleted.
        options["faults"] = {"LookupEvents": [NONE] * 20} | (options.get("faults") or {})
        (proxy or self.moto).take()
        process = self.start(*words, key=key, proxy=proxy, **options)
        return self.end(process, *words, key=key, proxy=proxy)

    def each(self, check, cases):
        """Runs a check for each case, some at a time; each gets a proxy of its own. The number of cases."""

        def alone(case):
            proxy = Proxy(self.peers[0])
            try:
                check(proxy, *case)
            except AssertionError as fault:
                raise AssertionError(f"{case}: {fault}") from fault
            finally:
                proxy.stop()

        with ThreadPoolExecutor(6) as pool:
            return len([done for done in pool.map(alone, cases)])

    def status_of(self, *ids, **options):
        run = self.akid("status", "-f", "json", *ids, **options)
        answer = json.loads(run.out or '{"keys": []}')
        if run.out:
            self.schema.validate(answer)
        return run, {key["key_id"]: key for key in answer["keys"]}

    def policies(self, name):
        return self.iam.list_user_policies(UserName=name)["PolicyNames"]

    def states(self, name):
        listed = self.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
        return {key["AccessKeyId"]: key["Status"] for key in listed}

    def learn(self, home):
        """Takes note of the key in a profile, so that later rows look for its secret."""
        text = (home / ".aws/credentials").read_text()
        key, secret = (text.split(f"{name} = ")[1].split("\n")[0] for name in ("aws_access_key_id", "aws_secret_access_key"))
        self.secrets[key] = secret
        return key

    def used(self, key):
        """Uses a key, so that IAM knows of it."""
        self.client("iam", aws_access_key_id=key, aws_secret_access_key=self.secrets[key]).list_users()

    def killed_at(self, action, *words, after=False, nth=1, **options):
        """Runs akid, and kills it as it asks for something, before the peer hears of it or after that."""
        options["faults"] = {"LookupEvents": [NONE] * 20}
        self.moto.take()
        process = self.start(*words, **options)
        seen = []

        def watch(request):
            if request.action == action:
                seen.append(request)
                if len(seen) == nth:
                    if after:
                        self.moto.forward(None, self.peers[0], request)
                    process.kill()
                    process.wait()

        self.moto.faults[action] = [None] * (nth - 1) + ["close"]
        self.moto.watch = watch
        run = self.end(process, *words)
        self.moto.watch = None
        assert run.code == -9, (action, run.code, run.err)

    def stop(self):
        self.moto.stop()
        for peer in self.peers:
            peer.stop()
