#!/usr/bin/env python3
"""Golden bytes of the wire, one pair of files per operation, under src/wire/golden/<service>/.

  record_golden.py            writes missing .request files and the first line of missing .response files
  record_golden.py --all      writes all of them anew
  record_golden.py --check    checks that botocore reads our answers back as they were meant

X.request: line 1 is the input as JSON, then what botocore sends for it. X.response: line 1 is an output as JSON, then what Gantry
answers for it (filled in by UPDATE_GOLDEN=1 build/wire_test). <service>.cbor/ holds the same by Smithy's rpc-v2-cbor, for
services that take it. Needs botocore; the build does not.
"""

import base64
import datetime
import json
import os
import pathlib
import re
import sys
import urllib.parse

try:
    import botocore.parsers
    import botocore.session
    from botocore.config import Config
except ImportError:
    venv = pathlib.Path(__file__).resolve().parent.parent / "build" / "venv" / "bin" / "python"
    if venv.exists() and pathlib.Path(sys.prefix) != venv.parent.parent:
        os.execv(venv, [str(venv), "-B", *sys.argv])
    print("botocore is not installed: nothing checked")
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import generate
from derive_models import SERVICES

GOLDEN = generate.ROOT / "src" / "wire" / "golden"
MOMENT = datetime.datetime(2024, 1, 31, 12, 30, 15, 250000, tzinfo=datetime.timezone.utc)
CANDIDATES = ["sample", "a-1", "/", "/sample/", "arn:aws:iam::123456789012:role/sample", "v1", "1", "{}", "AKIAIOSFODNN7EXAMPLE",
              "sample.amazonaws.com", "123456789012", "sample_word", "#a", "/aws/sample", "a=b",
              "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
              "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n",
              "HTTPS", "200", "ipv4pool-coip-0a1", "ipam-pool-0a1", "aws.partner/a/b", "a.b",  "$.a",
              "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/1234abcd",
              "arn:aws:scheduler:us-east-1:123456789012:schedule/a/b", "arn:aws:scheduler:us-east-1:123456789012:schedule-group/a",
              "arn:aws:sqs:us-east-1:123456789012:a", "arn:aws:kms:us-east-1:123456789012:key/a"]  # for members with a pattern
# botocore needs another library to sign requests with these.
LEFT_OUT = {"PutEvents": {"EndpointId"}}
DROPPED = {"user-agent", "content-length", "amz-sdk-invocation-id", "amz-sdk-request"}
SCOPE = ("AWS4-HMAC-SHA256 Credential=test/20240131/us-east-1/{}/aws4_request, SignedHeaders=content-type;host;x-amz-date, "
         "Signature=00")


def fits(pattern, text):
    try:
        return re.fullmatch(pattern, text) is not None
    except re.error:
        return True  # Java's \p{L} and the like


def sample_string(shape, name, index):
    if shape.enum:
        return shape.enum[index % len(shape.enum)]
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 10**6)
    plain = f"{name}-{index} <&é>" if "pattern" not in shape.metadata and most > 200 else "sample"
    pattern = shape.metadata.get("pattern", r"[\s\S]*")
    if index and "pattern" not in shape.metadata and most <= 200:
        plain += str(index)  # keys of one map differ
    for text in [plain] + CANDIDATES:
        text = text if len(text) >= least else (text * least)[:max(least, len(text))]
        if len(text) <= most and fits(pattern, text):
            return text
    raise SystemExit(f"no sample text fits {pattern}: add one to CANDIDATES")


def sample(shape, name="value", depth=0, index=0, stack=()):
    kind = shape.type_name
    if kind == "structure":
        if getattr(shape, "is_document_type", False):
            return {"any": [1, "x"]}
        if shape.name in stack:
            return {}
        return {key: sample(member, key, depth + 1, index, stack + (shape.name,))
                for key, member in shape.members.items() if not getattr(member, "is_eventstream", False)
                and not member.serialization.get("eventstream")}
    if kind == "list":
        count = max(shape.metadata.get("min", 0), 2 if depth < 3 else 1)
        return [sample(shape.member, name, depth + 1, i, stack) for i in range(count)]
    if kind == "map":
        return {sample_string(shape.key, "key", i): sample(shape.value, name, depth + 1, index, stack)
                for i in range(max(shape.metadata.get("min", 0), 1))}
    if kind == "string":
        return sample_string(shape, name, index)
    if kind in ("integer", "long"):
        low, high = shape.metadata.get("min", 0), shape.metadata.get("max", 10**9)
        return int(min(max(7 + index, low), high))
    return {"boolean": True, "float": 1.5, "double": 2.25, "blob": b"\x00\xffbytes", "timestamp": MOMENT}[kind]


def whole_seconds(value):
    """botocore cuts the fraction off when it sends JSON."""
    if isinstance(value, datetime.datetime):
        return value.replace(microsecond=0)
    if isinstance(value, dict):
        return {key: whole_seconds(entry) for key, entry in value.items()}
    return [whole_seconds(entry) for entry in value] if isinstance(value, list) else value


def as_json(value):
    if isinstance(value, datetime.datetime):
        return value.timestamp() if value.microsecond else int(value.timestamp())
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dict):
        return {key: as_json(entry) for key, entry in value.items()}
    return [as_json(entry) for entry in value] if isinstance(value, list) else value


class Sent(Exception):
    pass


def record_request(client, signing_name, operation, params):
    caught = []

    def catch(request, **_):
        caught.append(request)
        raise Sent()

    client.meta.events.register_first("before-send", catch)
    try:
        client._make_api_call(operation, params)
    except Sent:
        pass
    finally:
        client.meta.events.unregister("before-send", catch)
    request = caught[0]
    headers = {}
    for key, value in request.headers.items():
        value = value.decode() if isinstance(value, bytes) else value
        if key.lower() == "x-amz-date":
            value = "20240131T123015Z"
        if key.lower() == "authorization":
            value = SCOPE.format(signing_name)
        if key.lower() not in DROPPED:
            headers[key] = value
    body = request.body if isinstance(request.body, bytes) else (request.body or "").encode()
    url = urllib.parse.urlsplit(request.url)
    lines = [f"{request.method} {url.path}" + (f"?{url.query}" if url.query else "")]
    lines += [f"{key}: {value}" for key, value in sorted(headers.items())]
    return "\n".join(lines).encode() + b"\n\n" + body + b"\n"


def operations_of(service, models):
    return sorted(generate.handled(models[service]))


def write(path, text, always):
    if always or not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text)
        print(path.relative_to(generate.ROOT))


def first_line(value):
    return (json.dumps(as_json(value), separators=(",", ":")) + "\n").encode()


CBOR = "smithy-rpc-v2-cbor"


def cbor_session(service):
    """A session whose clients of the service know no other protocol."""
    session = botocore.session.get_session()
    model = session.get_component("data_loader").load_service_model(SERVICES[service], "service-2")
    model["metadata"]["protocols"] = [CBOR]
    return session


def make(always):
    models = generate.load_models()
    for service, model in models.items():
        make_service(botocore.session.get_session(), models, service, GOLDEN / service, always)
        if CBOR in model.metadata.get("protocols", []):
            make_service(cbor_session(service), models, service, GOLDEN / f"{service}.cbor", always)


def make_service(session, models, service, folder, always):
    client = session.create_client(
        SERVICES[service], region_name="us-east-1", aws_access_key_id="test", aws_secret_access_key="test",
        endpoint_url="http://127.0.0.1:4566", config=Config(inject_host_prefix=False))
    for operation in operations_of(service, models):
        model = client.meta.service_model.operation_model(operation)
        params = whole_seconds(sample(model.input_shape)) if model.input_shape else {}
        params = {key: value for key, value in params.items() if key not in LEFT_OUT.get(operation, ())}
        request = record_request(client, model.service_model.signing_name, operation, params)
        write(folder / f"{operation}.request", first_line(params) + request, always)
        output = sample(model.output_shape) if model.output_shape else {}
        write(folder / f"{operation}.response", first_line(output), always)


def normal(value):
    """What the parser gives, comparable with line 1."""
    value = as_json(value)
    if isinstance(value, dict):
        return {key: normal(entry) for key, entry in value.items() if key != "ResponseMetadata"}
    return [normal(entry) for entry in value] if isinstance(value, list) else value


def check():
    session = botocore.session.get_session()
    failures = count = 0
    for path in sorted(GOLDEN.glob("*/*.response")):
        service, _, protocol = path.parent.name.partition(".")
        model = session.get_service_model(SERVICES[service])
        operation = model.operation_model(path.stem)
        if operation.has_event_stream_output:
            continue  # not one body
        expected, _, rest = path.read_bytes().partition(b"\n")
        if not rest:
            print(f"{path}: no answer pinned: run UPDATE_GOLDEN=1 build/wire_test")
            failures += 1
            continue
        head, _, body = rest.partition(b"\n\n")
        lines = head.decode().split("\n")
        headers = dict(line.split(": ", 1) for line in lines[1:])
        parser = botocore.parsers.create_parser(CBOR if protocol else model.resolved_protocol)
        parsed = parser.parse({"status_code": int(lines[0]), "headers": headers, "body": body[:-1]},
                              operation.output_shape)
        count += 1
        if normal(parsed) != json.loads(expected):
            failures += 1
            print(f"{path}: botocore reads\n  {json.dumps(normal(parsed))}\nnot\n  {expected}")
    print(f"{count} answers read back by botocore, {failures} wrong")
    return 1 if failures or not count else 0


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(check())
    make("--all" in sys.argv)
