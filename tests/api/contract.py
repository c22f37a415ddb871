# SPDX-License-Identifier: GPL-3.0-or-later
"""api/agent.yaml, and every reply held to it."""

import json
import re
from pathlib import Path

import jsonschema
import yaml

TREE = Path(__file__).resolve().parents[2]
DOCUMENT = yaml.safe_load((TREE / "api/agent.yaml").read_text())
RESOLVER = jsonschema.RefResolver.from_schema(DOCUMENT)
METHODS = ("get", "post")

# (METHOD, path of the document, status) seen, and names of stream events
seen = set()
seen_events = set()


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
    """The operation that a request's path belongs to, or (None, None)."""
    for its_method, form, operation in operations():
        pattern = re.sub(r"\{[^}]*\}", "[^/]+", form)
        if its_method == method and re.fullmatch(pattern, path):
            return form, operation
    return None, None


def check_schema(schema, value):
    jsonschema.Draft202012Validator(schema, resolver=RESOLVER).validate(value)


def check_error(status, kind, body):
    """What is not of an operation: our errors, or a page for people."""
    assert status >= 400
    if kind == "application/json":
        check_schema(DOCUMENT["components"]["schemas"]["Error"],
                     json.loads(body))
    else:
        assert kind == "text/html"


# Refused before the operation is looked at: the document's own rules.
ALWAYS = {400, 403, 405, 413, 415, 503}


def check_reply(method, path, status, headers, body):
    """One reply; headers in lower case."""
    if status == 400 and "content-type" not in headers:
        assert headers["connection"] == "close"  # not HTTP/1.1 at all
        return
    form, operation = find(method, path.split("?")[0])
    kind = headers.get("content-type", "").split(";")[0]
    if method == "HEAD":
        assert not body
        return
    if operation is None or (status in ALWAYS
                             and str(status) not in operation["responses"]):
        check_error(status, kind, body)
        return
    assert str(status) in operation["responses"], (
        "%s %s may not answer %d: %s" % (method, form, status, body[:200]))
    response = resolved(operation["responses"][str(status)])
    seen.add((method, form, status))
    for name, header in response.get("headers", {}).items():
        check_schema(header["schema"], headers[name.lower()])
    content = response.get("content")
    if not content:
        return
    assert kind in content, "%s %s gave %s" % (method, form, kind)
    if kind == "application/json":
        check_schema(content[kind]["schema"], json.loads(body))


def check_event(name, data):
    """One event of the live stream; gives its data."""
    schemas = DOCUMENT["paths"]["/api/events"]["get"]["x-events"]
    assert name in schemas, "an unknown event: %s" % name
    value = json.loads(data)
    check_schema(schemas[name], value)
    seen_events.add(name)
    return value
