#!/usr/bin/env python3
"""Derives the facts of AWS service models from botocore into models/<service>.json.

Run by hand when a newer API is wanted:  python3 codegen/derive_models.py [service...]
Only facts are kept (operations, shapes, constraints, errors, wire names); all prose stays behind.
One line per operation and per shape, so that an update reads well as a diff.
"""

import json
import pathlib
import sys

import botocore
from botocore.loaders import Loader

# our name of the service -> botocore's
SERVICES = {
    "ecs": "ecs",
    "ec2": "ec2",
    "logs": "logs",
    "iam": "iam",
    "sts": "sts",
    "elbv2": "elbv2",
    "acm": "acm",
    "cloudwatch": "cloudwatch",
    "codedeploy": "codedeploy",
    "applicationautoscaling": "application-autoscaling",
    "events": "events",
    "scheduler": "scheduler",
}

METADATA = ("apiVersion", "protocol", "protocols", "jsonVersion", "targetPrefix", "endpointPrefix",
            "signingName", "serviceId", "serviceFullName", "xmlNamespace", "awsQueryCompatible")
SHAPE_KEYS = ("type", "required", "min", "max", "pattern", "enum", "flattened", "timestampFormat", "document",
              "union", "exception", "fault", "error", "locationName", "eventstream", "event", "wrapper")
MEMBER_KEYS = ("shape", "locationName", "queryName", "flattened", "timestampFormat", "idempotencyToken", "location",
               "xmlNamespace", "hostLabel", "event", "eventpayload")


def facts(source, keys):
    return {key: source[key] for key in keys if key in source}


def operation(source):
    kept = {}
    if "input" in source:
        kept["input"] = source["input"]["shape"]
    if "output" in source:
        kept["output"] = source["output"]["shape"]
        if "resultWrapper" in source["output"]:
            kept["resultWrapper"] = source["output"]["resultWrapper"]
    if source.get("errors"):
        kept["errors"] = [error["shape"] for error in source["errors"]]
    if source["http"] != {"method": "POST", "requestUri": "/"}:
        kept["http"] = source["http"]
    if source.get("authtype") == "none" or source.get("auth") == ["smithy.api#noAuth"]:
        kept["unsigned"] = True
    if "endpoint" in source:
        kept["hostPrefix"] = source["endpoint"]["hostPrefix"]
    return kept


def shape(source):
    kept = facts(source, SHAPE_KEYS)
    if "members" in source:
        kept["members"] = {name: facts(member, MEMBER_KEYS) for name, member in source["members"].items()}
    for part in ("member", "key", "value"):
        if part in source:
            kept[part] = facts(source[part], MEMBER_KEYS)
    return kept


def line(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True)


def render(model):
    out = ["{"]
    out.append(f'"botocore":{line(botocore.__version__)},')
    out.append(f'"metadata":{line(facts(model["metadata"], METADATA))},')
    for title, convert in (("operations", operation), ("shapes", shape)):
        rows = [f"{line(name)}:{line(convert(source))}" for name, source in sorted(model[title].items())]
        out.append(f'"{title}":{{')
        out.append(",\n".join(rows))
        out.append("}," if title == "operations" else "}")
    out.append("}")
    return "\n".join(out) + "\n"


def main(names):
    target = pathlib.Path(__file__).resolve().parent.parent / "models"
    loader = Loader()
    for name in names or SERVICES:
        text = render(loader.load_service_model(SERVICES[name], "service-2"))
        (target / f"{name}.json").write_text(text)
        model = json.loads(text)
        print(f"{name}: {len(model['operations'])} operations, {len(model['shapes'])} shapes, {len(text)} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
