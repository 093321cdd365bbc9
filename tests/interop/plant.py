"""Makes a tree with planted AWS keys, and a manifest of what is where.

usage: plant.py SEED TREE MANIFEST

The keys have the form of real ones, come from the seed and were never issued. They live in TREE and MANIFEST
only, both meant for a temporary folder: no file of the repository holds one.
"""

import base64
import json
import random
import string
import sys
from pathlib import Path

SECRET_LETTERS = string.ascii_letters + string.digits + "+/"
EXAMPLE_ID = "AKIAIOSFODNN7EXAMPLE"
EXAMPLE_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


class Maker:
    """Makes keys. The same seed makes the same keys."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def key_id(self, prefix="AKIA"):
        account = self.random.randrange(10**9, 10**12)
        head = (1 << 47 | account << 7 | self.random.randrange(128)).to_bytes(6, "big")
        return prefix + base64.b32encode(head + self.random.randbytes(4)).decode()

    def secret(self):
        return "".join(self.random.choices(SECRET_LETTERS, k=40))

    def token(self):
        def field(number, value):
            return bytes([number << 3 | 2, len(value)]) + value

        body = field(1, b"origin_ec") + b"\x10\x00" + field(3, b"us-east-1")
        body += field(4, self.random.randbytes(72)) + field(6, self.random.randbytes(120))
        return base64.b64encode(b"\x21" + body).decode()


def credentials(m):
    pairs = [(m.key_id(), m.secret()) for _ in range(5)]
    return "".join(
        f"[profile-{n}]\naws_access_key_id = {i}\naws_secret_access_key = {s}\n\n" for n, (i, s) in enumerate(pairs)
    )


def environment(m):
    return f"export AWS_ACCESS_KEY_ID={m.key_id()}\nexport AWS_SECRET_ACCESS_KEY='{m.secret()}'\n"


def windows_environment(m):
    return f"set AWS_ACCESS_KEY_ID={m.key_id()}\r\nset AWS_SECRET_ACCESS_KEY={m.secret()}\r\n"


def sts_answer(m):
    parts = {"SecretAccessKey": m.secret(), "SessionToken": m.token(), "AccessKeyId": m.key_id("ASIA")}
    return json.dumps({"Credentials": parts}, indent=2) + "\n"


def one_long_line(m):
    """The 100 characters that GitHub hashes from the line's start on end inside the secret."""
    return f'client = Session(region="eu-central-1", key="{m.key_id()}", aws_secret_access_key="{m.secret()}")\n'


def csv(m):
    rows = "".join(f"user{n},{m.key_id()},{m.secret()}\n" for n in range(3))
    return "User name,Access key ID,Secret access key\n" + rows


def after_wide_letters(m):
    return f"# Schlüssel für 東京 \U0001f511\nnote = '\U0001f511 ключ' ; id = '{m.key_id()}'; aws_secret_key = '{m.secret()}'\n"


def terraform(m):
    return f'provider "aws" {{\n  access_key = "{m.key_id()}"\n  secret_key = "{m.secret()}"\n}}\n'


def twice(m):
    text = f"access_key_id: {m.key_id()}\nsecret_access_key: {m.secret()}\n"
    return text + "\n# the same again\n" + text


def lone_id(m):
    return f"the old key was {m.key_id()}, ask Kim\n"


def lone_secret(m):
    return f"AWS_SECRET_ACCESS_KEY={m.secret()}\n"


def presigned(m):
    scope = f"{m.key_id('ASIA')}%2F20200101%2Fus-east-1%2Fs3%2Faws4_request"
    return f"https://b.s3.amazonaws.com/k?X-Amz-Credential={scope}&X-Amz-Date=20200101T000000Z&X-Amz-Expires=900&X-Amz-Signature=00\n"


def examples(_):
    return f"aws_access_key_id = {EXAMPLE_ID}\naws_secret_access_key = {EXAMPLE_SECRET}\n"


def allowed(m):
    return f"aws_access_key_id = {m.key_id()}  # akid:allow\n"


def nothing(_):
    return "nothing to see\n" * 50


# path, layout, and what is expected: "found", or "silent" where no result may be.
FILES = [
    ("home/.aws/credentials", credentials, "found"),
    ("deploy/env.sh", environment, "found"),
    ("deploy/env.bat", windows_environment, "found"),
    ("deploy/sts.json", sts_answer, "found"),
    ("src/client.py", one_long_line, "found"),
    ("deploy/keys.csv", csv, "found"),
    ("src/wide.ini", after_wide_letters, "found"),
    ("deploy/main.tf", terraform, "found"),
    ("deploy/twice.yaml", twice, "found"),
    ("notes/key.txt", lone_id, "found"),
    ("deploy/secret.env", lone_secret, "found"),
    ("a name with spaces.env", environment, "found"),
    ("schlüssel-鍵-🔑.env", environment, "found"),
    ("number#one?.env", environment, "found"),
    ("100%41 [sure].env", environment, "found"),
    ("src/url.txt", presigned, "silent"),
    ("docs/example.ini", examples, "silent"),
    ("src/allowed.ini", allowed, "silent"),
    ("src/nothing.txt", nothing, "silent"),
]


def places(text, values):
    """Each value with the line and the column, both from 1, of each of its places."""
    for number, line in enumerate(text.split("\n"), 1):
        for value in values:
            column = line.find(value)
            if column >= 0:
                yield {"line": number, "column": column + 1, "value": value}


class Recorder(Maker):
    """Remembers what it made for one file."""

    def __init__(self, seed):
        super().__init__(seed)
        self.ids, self.secrets = [], []

    def key_id(self, prefix="AKIA"):
        self.ids.append(super().key_id(prefix))
        return self.ids[-1]

    def secret(self):
        self.secrets.append(super().secret())
        return self.secrets[-1]

    def token(self):
        self.secrets.append(super().token())
        return self.secrets[-1]


def main(seed, tree, manifest):
    files = []
    for number, (path, layout, expected) in enumerate(FILES):
        maker = Recorder(f"{seed}/{number}")
        text = layout(maker)
        target = Path(tree, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode())
        ids = list(places(text, maker.ids or maker.secrets))
        files.append({"path": path, "expected": expected, "places": ids, "secrets": maker.secrets})
    locked = Path(tree, "locked.env")
    locked.write_text(environment(Maker(f"{seed}/locked")))
    locked.chmod(0)
    Path(tree, "dangling").symlink_to("no-such-file")
    Path(manifest).write_text(json.dumps(files, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])
