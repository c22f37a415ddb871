# SPDX-License-Identifier: GPL-3.0-or-later
"""api/collector.yaml, and every reply held to it."""

import json
import re
from pathlib import Path

import jsonschema
import yaml

TREE = Path(__file__).resolve().parents[2]
DOCUMENT = yaml.safe_load((TREE / "api/collector.yaml").read_text())
RESOLVER = jsonschema.RefResolver.from_schema(DOCUMENT)
METHODS = ("get", "post")

# (METHOD, path of the document, status) seen
seen = set()

# Refused before the operation is looked at: the document's own rules.
ALWAYS = {400, 401, 413, 429, 503}


def operations():
    """(METHOD, path, operation) of the document."""
    for path, item in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in item:
                yield method.upper(), path, item[method]


def resolved(node):
    while "$ref" in node:
        node = RESOLVER.resolve(node["$ref"])[1]
    return node


def find(method, path):
    for its_method, form, operation in operations():
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", form)
        if its_method == method and re.fullmatch(pattern, path):
            return form, operation
    return None, None


def check_schema(schema, value):
    jsonschema.Draft202012Validator(schema, resolver=RESOLVER).validate(value)


def check_reply(method, path, status, headers, body):
    """One reply; headers in lower case."""
    form, operation = find(method, path.split("?")[0])
    if operation is None:
        assert status in (404, 405)
        check_schema(DOCUMENT["components"]["schemas"]["Error"],
                     json.loads(body))
        return
    assert str(status) in operation["responses"], (
        "%s %s may not answer %d: %s" % (method, form, status, body[:200]))
    response = resolved(operation["responses"][str(status)])
    seen.add((method, form, status))
    for name, header in response.get("headers", {}).items():
        check_schema(header["schema"], headers[name.lower()])
    kind = headers["content-type"].split(";")[0]
    assert kind in response["content"], "%s %s gave %s" % (method, form, kind)
    if kind == "application/json":
        check_schema(response["content"][kind]["schema"], json.loads(body))
