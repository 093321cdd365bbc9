"""Local stand-ins for AWS, on the loopback interface only: moto, ministack, and a proxy before either.

The proxy writes down every request, and can answer in place of its peer: throttled, broken, silent. It answers for IAM
Identity Center by itself, which neither peer has.
"""

import http.client
import json
import os
import re
import socket
import subprocess
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

STS = "https://sts.amazonaws.com/doc/2011-06-15/"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A peer in a process of its own, ended by its own handle."""

    def __init__(self, command, environment, log):
        self.port = free_port()
        command = [str(part).replace("PORT", str(self.port)) for part in command]
        environment = {name: value.replace("PORT", str(self.port)) for name, value in environment.items()}
        # It ends with the tests even if they are killed: nobody else may find it later.
        command = ["timeout", "600", *command]
        with log.open("w") as out:
            self.process = subprocess.Popen(command, env=environment, stdout=out, stderr=out, cwd=log.parent)
        self.log = log
        self.wait()

    def wait(self):
        for _ in range(300):
            if self.process.poll() is not None:
                break
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(f"{self.log.name}: no answer\n{self.log.read_text()[-2000:]}")

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


def moto(bin_folder, scratch, authorize=False):
    environment = {"PATH": os.environ["PATH"], "HOME": str(scratch)}
    if authorize:
        environment["INITIAL_NO_AUTH_ACTION_COUNT"] = "4"
    command = [bin_folder / "moto_server", "-H", "127.0.0.1", "-p", "PORT"]
    return Server(command, environment, scratch / f"moto-{authorize}.log")


def ministack(bin_folder, scratch, authorize=False, records=False):
    # Without BIND_HOST it listens to the whole network.
    environment = {"PATH": os.environ["PATH"], "HOME": str(scratch), "BIND_HOST": "127.0.0.1", "GATEWAY_PORT": "PORT"}
    if authorize:
        environment["AUTH"] = "true"
    if records:
        environment["CLOUDTRAIL_RECORDING"] = "1"
    return Server([bin_folder / "ministack"], environment, scratch / f"ministack-{authorize}.log")


class Request:
    """What was asked."""

    def __init__(self, method, path, headers, body):
        self.method, self.path, self.headers, self.body = method, path, headers, body
        self.parameters = {key: values[0] for key, values in parse_qs(body.decode("latin-1")).items()}
        target = headers.get("X-Amz-Target", "").rpartition(".")[2]
        self.action = self.parameters.get("Action") or target or urlsplit(path).path
        signer = re.search(r"Credential=([^/]+)/[0-9]+/([^/]+)/", headers.get("Authorization", ""))
        self.signer, self.region = signer.groups() if signer else (None, None)

    @property
    def json(self):
        return json.loads(self.body)

    def text(self):
        return f"{self.method} {self.path}\n{self.headers}\n{self.body.decode('latin-1')}"


class Proxy:
    """Stands before a peer. `faults` maps an action to what is answered in turn, before the peer is asked; `watch` sees
    each request before that. `routes` sends an action to another peer. `issued` has the key IDs of the roles' sessions
    that were granted, each with the role's account. `aliases` are names of keys that the peer has by another ID.
    """

    def __init__(self, peer, granted=None):
        self.requests, self.faults, self.granted, self.watch = [], {}, granted, None
        self.routes, self.issued, self.aliases = {}, {}, {}
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                proxy.handle(self, peer)

            do_GET = do_POST = do_PUT = handle_any

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def handle(self, handler, peer):
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        request = Request(handler.command, handler.path, handler.headers, body)
        self.requests.append(request)
        faults = self.faults.get(request.action, [])
        fault = faults.pop(0) if faults else None
        if self.watch:
            self.watch(request)
        if fault == "close":
            handler.close_connection = True
        elif fault == "lost":
            # It is done, and nobody hears of it.
            self.forward(None, peer, request)
            handler.close_connection = True
        elif fault == "hang":
            time.sleep(8)
            handler.close_connection = True
        elif request.action == "/federation/credentials":
            answer(handler, 200, json.dumps({"roleCredentials": self.granted}))
        elif fault and fault != "slow":
            answer(handler, *fault)
        else:
            time.sleep(2 if fault == "slow" else 0)
            self.forward(handler, peer, request)

    def forward(self, handler, peer, request):
        peer = self.routes.get(request.action, peer)
        connection = http.client.HTTPConnection("127.0.0.1", peer.port, timeout=30)
        asked = request.body
        for alias, known in self.aliases.items():
            asked = asked.replace(alias.encode(), known.encode())
        connection.request(request.method, request.path, asked, dict(request.headers.items()))
        reply = connection.getresponse()
        body = reply.read()
        for alias, known in self.aliases.items():
            body = body.replace(known.encode(), alias.encode())
        if request.action == "AssumeRole" and reply.status == 200:
            key = re.search(rb"<AccessKeyId>([^<]+)<", body).group(1).decode()
            self.issued[key] = int(request.parameters["RoleArn"].split(":")[4])
        if handler:
            answer(handler, reply.status, body, reply.getheader("x-amzn-requestid") or "peer")
        connection.close()

    def take(self):
        """What was asked since the last call."""
        taken, self.requests = self.requests, []
        self.faults = {}
        return taken

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


def answer(handler, status, body, request_id="proxy-1"):
    body = body if isinstance(body, bytes) else body.encode()
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.send_header("x-amzn-requestid", request_id)
    handler.end_headers()
    handler.wfile.write(body)


def error(status, code):
    text = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>made up</Message></Error>"
    return status, f'<ErrorResponse xmlns="{STS}">{text}<RequestId>x</RequestId></ErrorResponse>'


HTML = (200, "<html>please sign in</html>")
THROTTLED = error(400, "Throttling")


def bin_folder():
    import sys

    return Path(sys.executable).parent
