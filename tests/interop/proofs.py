"""Signs with botocore, by made-up keys, and checks that akid proves which secret did, and nothing where one character is
changed.

usage: proofs.py --akid F --scratch D

Each kind of artefact is in one file, its key ID and its secret in two others. Prints a table; ends with 1 if a row
failed.
"""

import argparse
import base64
import datetime
import hashlib
import hmac
import json
import random
import re
import subprocess
import textwrap
from pathlib import Path

import botocore.auth
import botocore.session
import yaml
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.signers import RequestSigner
from plant import Maker

REGION = "eu-west-1"


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("akid", "scratch"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    args = parser.parse_args()
    args.akid = args.akid.resolve()
    return args


def key_id(rng):
    return "AKIA" + base64.b32encode((1 << 79 | rng.getrandbits(79)).to_bytes(10, "big")).decode()


def client(service, key, secret, **config):
    session = botocore.session.Session()
    session.set_credentials(key, secret)
    return session.create_client(service, region_name=REGION, config=Config(**config))


def s3_get(key, secret):
    s3 = client("s3", key, secret, signature_version="s3v4")
    params = {"Bucket": "bucket", "Key": "a b/ü+x.txt", "ResponseContentDisposition": 'attachment; filename="a b.txt"'}
    return s3.generate_presigned_url("get_object", Params=params)


def s3_put(key, secret):
    s3 = client("s3", key, secret, signature_version="s3v4")
    return s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "up.txt"}, HttpMethod="PUT")


def s3_html(key, secret):
    return '<a href="%s">' % s3_get(key, secret).replace("&", "&amp;")


def s3_json(key, secret):
    return json.dumps({"url": s3_get(key, secret)}).replace("&", "\\u0026")


def s3_v2(key, secret):
    s3 = client("s3", key, secret, signature_version="s3")
    return s3.generate_presigned_url("get_object", Params={"Bucket": "bucket", "Key": "a b.txt"})


def sts_url(key, secret):
    return client("sts", key, secret).generate_presigned_url("get_caller_identity")


def rds_token(key, secret):
    rds = client("rds", key, secret)
    return rds.generate_db_auth_token("db.abc.eu-west-1.rds.amazonaws.com", 5432, "ada", Region=REGION)


def post_policy(key, secret):
    s3 = client("s3", key, secret, signature_version="s3v4")
    return json.dumps(s3.generate_presigned_post("bucket", "up/${filename}"), indent=1)


def post_policy_form(key, secret):
    post = client("s3", key, secret, signature_version="s3v4").generate_presigned_post("bucket", "up")
    fields = "\n".join(f'<input type="hidden" name="{n}" value="{v}">' for n, v in post["fields"].items())
    return f'<form action="{post["url"]}" method="post">\n{fields}\n</form>'


def post_policy_v2(key, secret):
    s3 = client("s3", key, secret, signature_version="s3")
    return json.dumps(s3.generate_presigned_post("bucket", "up"), indent=1)


def signed_request(key, secret):
    url = "https://sqs.eu-west-1.amazonaws.com/1/queue"
    request = AWSRequest("GET", url, params={"Action": "GetQueueAttributes"})
    request.headers["Host"] = "sqs.eu-west-1.amazonaws.com"
    botocore.auth.SigV4Auth(Credentials(key, secret), "sqs", REGION).add_auth(request)
    return request


def header_in_a_log(key, secret):
    request = signed_request(key, secret)
    headers = "".join(f"{name}: {value}\n" for name, value in request.headers.items())
    digest = hashlib.sha256(b"").hexdigest()
    return f"GET /1/queue?Action=GetQueueAttributes HTTP/1.1\n{headers}x-amz-content-sha256: {digest}\n\n"


def string_to_sign(key, secret):
    request = signed_request(key, secret)
    auth = botocore.auth.SigV4Auth(Credentials(key, secret), "sqs", REGION)
    plain = AWSRequest("GET", request.url, params=request.params, headers=dict(request.headers))
    del plain.headers["Authorization"]
    plain.context["timestamp"] = request.context["timestamp"]
    string = auth.string_to_sign(plain, auth.canonical_request(plain))
    return f"StringToSign:\n{string}\nAuthorization: {request.headers['Authorization']}\n"


def posted_request(key, secret, digest=False):
    url = "https://sts.eu-west-1.amazonaws.com/"
    headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    request = AWSRequest("POST", url, data="Action=GetCallerIdentity&Version=2011-06-15", headers=headers)
    if digest:
        request.headers["X-Amz-Content-SHA256"] = hashlib.sha256(request.body).hexdigest()
    botocore.auth.SigV4Auth(Credentials(key, secret), "sts", REGION).add_auth(request)
    return request


def har(request, with_text=True):
    """A HAR file with the request between two others, which have the same names and other values."""
    def entry(method, url, headers, text):
        headers = [{"name": name, "value": value} for name, value in headers]
        request = {"method": method, "url": url, "httpVersion": "HTTP/1.1", "headers": headers, "cookies": [],
                   "queryString": [], "headersSize": -1, "bodySize": -1}
        if text is not None:
            request["postData"] = {"mimeType": "application/x-www-form-urlencoded", "text": text}
        response = {"status": 200, "headers": [{"name": "Date", "value": "x"}], "content": {"text": "{}"}}
        return {"startedDateTime": "2026-01-01T00:00:00Z", "request": request, "response": response}
    other = entry("GET", "https://example.com/", [("X-Amz-Date", "20200101T000000Z"), ("Host", "example.com")], None)
    text = request.body.decode() if with_text and request.body else None
    own = entry(request.method, request.url, request.headers.items(), text)
    return json.dumps({"log": {"version": "1.2", "entries": [other, own, other]}}, indent=2)


def har_with_body(key, secret):
    return har(posted_request(key, secret))


def har_with_digest(key, secret):
    return har(posted_request(key, secret, digest=True), with_text=False)


def cassette(request, as_bytes=False, ruby=False):
    """What VCR records, between two other requests."""
    def own(name, value):
        return value.encode() if as_bytes and name in ("Authorization", "X-Amz-Date") else value
    headers = {name: [own(name, value)] for name, value in request.headers.items()}
    body = request.body.decode()
    body = {"encoding": "UTF-8", "string": body} if ruby else body
    method = request.method.lower() if ruby else request.method
    recorded = {"body": body, "headers": headers, "method": method, "uri": request.url}
    other = {"body": None, "headers": {"X-Amz-Date": ["20200101T000000Z"]}, "method": "GET", "uri": "https://a.example/"}
    response = {"body": {"string": "<x/>"}, "headers": {"Date": ["x"]}, "status": {"code": 200, "message": "OK"}}
    name = "http_interactions" if ruby else "interactions"
    return yaml.dump({name: [{"request": it, "response": response} for it in (other, recorded, other)], "version": 1})


def vcr_yaml(key, secret):
    return cassette(posted_request(key, secret))


def vcr_bytes(key, secret):
    return cassette(posted_request(key, secret, digest=True), as_bytes=True)


def vcr_ruby(key, secret):
    return cassette(posted_request(key, secret), ruby=True)


def vcr_json(key, secret):
    request = posted_request(key, secret)
    recorded = {"method": request.method, "uri": request.url, "body": request.body.decode(),
                "headers": {name: [value] for name, value in request.headers.items()}}
    return json.dumps({"interactions": [{"request": recorded, "response": {}}]})


def url_over_lines(key, secret):
    """As mail and terminals break a long line."""
    return "Download:\n" + "\n".join(textwrap.wrap(s3_get(key, secret), 76, break_on_hyphens=False)) + "\n\nBye"


def eks_cluster_behind(key, secret):
    return "AWS_TOKEN=k8s-aws-v1." + base64.urlsafe_b64encode(
        eks_token(key, secret).split("\n")[0].encode()).decode().rstrip("=") + "\ncluster-name: prod\n"


def eks_token(key, secret):
    session = botocore.session.Session()
    sts = client("sts", key, secret)
    signer = RequestSigner(sts.meta.service_model.service_id, REGION, "sts", "v4",
                           Credentials(key, secret), session.get_component("event_emitter"))
    request = {
        "method": "GET",
        "url": f"https://sts.{REGION}.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15",
        "body": {}, "headers": {"x-k8s-aws-id": "prod"}, "context": {},
    }
    url = signer.generate_presigned_url(request, region_name=REGION, expires_in=60, operation_name="")
    return url + "\ncluster-name: prod\n"


def bedrock_key(key, secret):
    request = AWSRequest("POST", "https://bedrock.amazonaws.com/", headers={"host": "bedrock.amazonaws.com"},
                         params={"Action": "CallWithBearerToken"})
    auth = botocore.auth.SigV4QueryAuth(Credentials(key, secret), "bedrock", REGION, expires=43200)
    auth.add_auth(request)
    text = request.url.removeprefix("https://") + "&Version=1"
    return "AWS_BEARER_TOKEN_BEDROCK=bedrock-api-key-" + base64.b64encode(text.encode()).decode()


def smtp_password(key, secret):
    signature = ("AWS4" + secret).encode()
    for step in ("11111111", REGION, "ses", "aws4_request", "SendRawEmail"):
        signature = hmac.new(signature, step.encode(), hashlib.sha256).digest()
    return f"SMTP_USER={key}\nSMTP_PASSWORD={base64.b64encode(bytes([4]) + signature).decode()}"


KINDS = [s3_get, s3_put, s3_html, s3_json, s3_v2, sts_url, rds_token, post_policy, post_policy_form, post_policy_v2,
         har_with_body, har_with_digest, vcr_yaml, vcr_bytes, vcr_ruby, vcr_json, url_over_lines, eks_cluster_behind,
         header_in_a_log, string_to_sign, eks_token, bedrock_key, smtp_password]


def is_proven(akid, folder, artefact, key, secret):
    folder.mkdir(parents=True)
    (folder / "id.tf").write_text(f'access_key = "{key}"\n')
    (folder / "secret.env").write_text(f"AWS_SECRET_ACCESS_KEY={secret}\n")
    (folder / "log.txt").write_text(artefact + "\n")
    run = subprocess.run([akid, "scan", "-f", "json", folder], capture_output=True, text=True, check=False)
    report = json.loads(run.stdout)
    secrets = [it for it in report["findings"] if it["path"] == "secret.env"]
    return any(it["confidence"]["level"] == "certain" and it["key_id"] == key for it in secrets)


def changed(text, at):
    """The same text with another letter or digit there."""
    return text[:at] + ("b" if text[at] == "a" else "a") + text[at + 1 :]


def decisive(artefact):
    """A place that the proof depends on: in the signature of a URL or header, else in the longest base64."""
    signature = re.search(r"Signature=(?=[0-9A-Za-z%+/]{20})", artefact)
    if signature:
        return signature.end() + 3
    longest = max(re.finditer(r"[0-9A-Za-z+/]+", artefact), key=lambda run: run.end() - run.start())
    return (longest.start() + longest.end()) // 2


def main():
    args = arguments()
    failed = 0
    for nth, kind in enumerate(KINDS):
        rng = random.Random(nth)
        key, secret = key_id(rng), Maker(nth).secret()
        artefact = kind(key, secret)
        folder = args.scratch / kind.__name__
        proven = is_proven(args.akid, folder / "right", artefact, key, secret)
        wrong_secret = is_proven(args.akid, folder / "secret", artefact, key, changed(secret, 7))
        wrong_text = is_proven(args.akid, folder / "text", changed(artefact, decisive(artefact)), key, secret)
        ok = proven and not wrong_secret and not wrong_text
        failed += not ok
        print(f"{'ok  ' if ok else 'FAIL'} {kind.__name__:20} proven {proven}, with another secret {wrong_secret}, "
              f"with another character {wrong_text}")
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
