"""Has `akid fleet scan` clone and fetch from git servers on the loopback interface that do what servers do at their worst.

usage: fleet.py --akid F --scratch D

Each server is a thread of this process; behind it is `git http-backend`. Each target must end as a row of `akid fleet
status`, none may slow the others, nothing may run what a remote or a URL names, and no password may be printed or stored.
Prints a table; ends with 1 if any row failed.
"""

import base64
import http.server
import json
import socket
import ssl
import subprocess
import threading
import time

import rows
from plant import Maker
from repository import ENVIRONMENT, Repository, key

USER, PASSWORD = "ada", "".join(filter(str.isalnum, Maker("a password of the helper").secret()))
# Longer than akid's pauses between tries, so that a remote that refuses is tried to the end.
TIMEOUT = 20


class Handler(http.server.BaseHTTPRequestHandler):
    """The first part of a path says how the server behaves, the rest names a repository."""

    protocol_version = "HTTP/1.0"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def answer(self, body):
        way, _, rest = self.path.lstrip("/").partition("/")
        self.server.seen.append((way, self.headers.get("Authorization")))
        try:
            getattr(self, f"answer_{way}")(rest, body)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass  # Who asked is gone.

    def status(self, code, headers=(), body=b""):
        self.send_response(code)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def backend(self, rest, body):
        """What `git http-backend` answers: headers and content."""
        path, _, query = rest.partition("?")
        environment = {
            **ENVIRONMENT,
            "GIT_PROJECT_ROOT": str(self.server.root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": f"/{path}",
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
        }
        done = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=True)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        return dict(line.split(": ", 1) for line in head.decode().split("\r\n")), content

    def answer_good(self, rest, body):
        headers, content = self.backend(rest, body)
        code = int(headers.pop("Status", "200").split()[0])
        self.status(code, headers.items(), content)

    def answer_cut(self, rest, body):
        """Half of what was announced, once it is the pack."""
        headers, content = self.backend(rest, body)
        sent = content[: len(content) // 2] if self.command == "POST" and b"PACK" in content else content
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(sent)

    def answer_slow(self, rest, body):
        headers, content = self.backend(rest, body)
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        for byte in content:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server.is_over.wait(0.5):
                break

    def answer_silent(self, *_):
        self.server.is_over.wait()

    def answer_asks(self, *_):
        """Asks for a password that nobody has."""
        self.status(401, [("WWW-Authenticate", 'Basic realm="akid"')])

    def answer_helper(self, rest, body):
        if self.headers.get("Authorization"):
            self.answer_good(rest, body)
        else:
            self.answer_asks()

    def answer_forbidden(self, *_):
        self.status(403)

    def answer_broken(self, *_):
        self.status(500)

    def answer_moved(self, rest, _):
        self.status(301, [("Location", f"/good/{rest}")])

    def answer_names(self, rest, _):
        """A redirect to a URL with a password in it, where nothing is."""
        host = self.server.host
        self.status(302, [("Location", f"https://{USER}:{PASSWORD}@{host}/forbidden/{rest}")])

    def answer_plain(self, rest, _):
        self.status(302, [("Location", f"http://{self.server.host}/good/{rest}")])

    def answer_file(self, rest, _):
        self.status(302, [("Location", f"file://{self.server.root}/{rest}")])

    def answer_helped(self, rest, _):
        self.status(302, [("Location", f"ext::sh -c touch% {self.server.marker}% {rest}")])

    def answer_says(self, *_):
        """An error of git's protocol, with a key and an escape sequence."""
        text = f"ERR {self.server.secret} \x1b[31m https://{USER}:{PASSWORD}@example.com/".encode()
        line = b"001e# service=git-upload-pack\n0000" + f"{len(text) + 4:04x}".encode() + text
        self.status(200, [("Content-Type", "application/x-git-upload-pack-advertisement")], line)


class Checks:
    def __init__(self, args):
        self.args = args
        self.root = args.scratch / "remotes"
        self.marker = args.scratch / "something-ran"
        certificate, private = args.scratch / "certificate.pem", args.scratch / "private.pem"
        self.root.mkdir(parents=True)
        subprocess.run(
            [rows.program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=akid",
             "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", private, "-out", certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, private)
        # The handshake is made by the thread of the connection: a client that does not speak stops no other.
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.server.host, self.server.root, self.server.marker = self.host, self.root, self.marker
        self.server.secret = key("an error of the server")[2]
        self.server.seen, self.server.is_over = [], threading.Event()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        config = args.scratch / "gitconfig"
        config.write_text(
            f"[http]\n\tsslCAInfo = {certificate}\n"
            f'[credential]\n\tuseHttpPath = true\n[credential "https://{self.host}/helper/one.git"]\n'
            f'\thelper = "!f() {{ echo username={USER}; echo password={PASSWORD}; }}; f"\n'
        )
        self.environment = {**ENVIRONMENT, "HOME": str(args.scratch), "GIT_CONFIG_GLOBAL": str(config)}

    def stop(self):
        self.server.is_over.set()
        self.server.shutdown()

    def remote(self, name):
        """A repository that the servers have, with a key; its ID."""
        repository = Repository(self.root / f"{name}.git")
        text, key_id, _ = key(f"remote {name}")
        repository.commit_files({"a.env": text, "b.txt": "x\n" * 5000})
        return repository, key_id

    def fleet(self, name, lines, *words):
        """Scans; returns the rows of `fleet status` by target, the key IDs that were found, the exit code and the seconds."""
        out = self.args.scratch / name
        started = time.monotonic()
        said = self.akid("fleet", "scan", "--targets", "-", "--out", out, *words, input="\n".join(lines))
        seconds = time.monotonic() - started
        listed = self.akid("fleet", "status", "--json", out)
        status = {row["target"]: row for row in map(json.loads, listed.stdout.splitlines())}
        report = json.loads(self.akid("fleet", "report", out, "-q", "-f", "json").stdout) if status else {"findings": []}
        texts = [said.stdout, said.stderr, listed.stdout, json.dumps(report)]
        texts += [path.read_text(errors="replace") for path in out.rglob("*") if path.is_file() and ".git/" not in str(path)]
        for text in texts:
            assert PASSWORD not in text and self.server.secret not in text, "a secret is printed"
            assert "\x1b" not in text, "an escape sequence is printed"
        assert not self.marker.exists(), "something ran"
        found = {finding["key_id"] for finding in report["findings"] if finding["key_id"]}
        return status, found, said, seconds

    def akid(self, *words, input=""):
        return subprocess.run(
            [self.args.akid, *words], env=self.environment, input=input, capture_output=True, text=True, timeout=120
        )

    def url(self, way, name="one"):
        return f"https://{self.host}/{way}/{name}.git"

    def bad(self):
        """each bad server is a row with a reason, and the good one beside them is scanned"""
        _, key_id = self.remote("one")
        with socket.create_server(("127.0.0.1", 0)) as closed:
            refused = f"https://127.0.0.1:{closed.getsockname()[1]}/one.git"
        expected = {
            self.url("good"): "ok",
            self.url("moved"): "ok",
            self.url("helper"): "ok",
            self.url("good", "none"): "failed",
            self.url("cut"): "failed",
            self.url("slow"): "timeout",
            self.url("silent"): "timeout",
            refused: "failed",
        }
        for way in ("asks", "forbidden", "broken", "names", "plain", "file", "helped", "says"):
            expected[self.url(way)] = "failed"
        words = ("--jobs", "16", "--timeout-per-target", f"{TIMEOUT}s")
        status, found, said, seconds = self.fleet("bad", expected, *words)
        ends = {target: row["status"] for target, row in status.items()}
        assert ends == expected, {target: status.get(target) for target in expected if ends.get(target) != expected[target]}
        without = [target for target, row in status.items() if row["status"] != "ok" and not row["reason"]]
        assert not without and said.returncode == 2, (without, said.returncode)
        assert found == {key_id}, found
        good = status[self.url("good")]["seconds"]
        assert good < TIMEOUT and seconds < 2 * TIMEOUT, (good, seconds)
        # The password went to where the helper is for, and nowhere else.
        header = f"Basic {base64.b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"
        told = {way for way, authorization in self.server.seen if authorization == header}
        assert told == {"helper"}, told
        return f"{len(expected)} servers in {seconds:.0f} s"

    def hostile(self):
        """a URL that would make git run something is refused before anything is asked"""
        touch = f"touch {self.marker}"
        before = len(self.server.seen)
        urls = [
            f"ext::sh -c '{touch}'",
            f"--upload-pack={touch}",
            f"-oProxyCommand={touch}",
            f"ssh://-oProxyCommand={touch}/x",
            "git@-oProxyCommand=x:y",
            f"fd::17/{touch}",
            f"http://{self.host}/good/one.git",
            f"file://{self.root}/one.git",
            f"https://{USER}:{PASSWORD}@{self.host}/good/one.git",
        ]
        for url in urls:
            status, _, said, _ = self.fleet("hostile", [self.url("good"), url])
            assert said.returncode == 2 and not status, (url, said.returncode, said.stderr)
        assert len(self.server.seen) == before, "a server was asked"
        return f"{len(urls)} URLs"

    def shrinks(self):
        """a remote that loses commits and a branch loses nothing that was found"""
        repository, first = self.remote("two")
        url = self.url("good", "two")
        text, second, _ = key("remote two, later")
        repository.git("checkout", "--quiet", "-b", "more")
        repository.commit_files({"later.env": text})
        assert self.fleet("shrinks", [url])[1] == {first, second}
        repository.git("checkout", "--quiet", "main")
        repository.git("branch", "-D", "more")
        repository.git("reflog", "expire", "--expire=now", "--all")
        repository.git("gc", "--quiet", "--prune=now")
        status, found, *_ = self.fleet("shrinks", [url])
        assert (status[url]["status"], found) == ("ok", {first, second}), (status, found)
        assert "unchanged" in self.fleet("shrinks", [url])[2].stderr
        # It is gone: what was found stays, and the row says so.
        repository.folder.rename(repository.folder.with_name("gone.git"))
        status, found, said, _ = self.fleet("shrinks", [url])
        assert (status[url]["status"], found, said.returncode) == ("failed", {first, second}, 2), (status, found)
        return "after gc, and after it was deleted"

    def inside(self):
        """what a remote has in it runs nothing: submodules, filters, hooks, names of refs"""
        repository, key_id = self.remote("three")
        touch = f"touch {self.marker}"
        modules = f'[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "{touch}"\n\tupdate = !{touch}\n'
        repository.commit_files({".gitmodules": modules, ".gitattributes": "* filter=x diff=x\n", ".lfsconfig": modules})
        repository.git("update-ref", "refs/heads/$(touch${IFS}x)", "HEAD")
        repository.git("update-ref", "refs/heads/-oProxyCommand=x", "HEAD")
        for hook in ("post-checkout", "post-update", "reference-transaction"):
            repository.write(f".git/hooks/{hook}", f"#!/bin/sh\n{touch}\n")
        status, found, *_ = self.fleet("inside", [self.url("good", "three")])
        assert [row["status"] for row in status.values()] == ["ok"] and found == {key_id}, (status, found)


if __name__ == "__main__":
    rows.main(Checks, "bad", "hostile", "shrinks", "inside")
