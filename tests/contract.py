# SPDX-License-Identifier: GPL-3.0-or-later
"""A document of api/, and every reply held to it.

What was seen is told at the end, by tests that come last. Where the others
run in processes of their own, each leaves what it saw in the folder that
CONTRACT_SEEN names, and those tests, run afterwards, put it together."""

import json
import os
import re
from pathlib import Path

import jsonschema
import pytest
import yaml

TREE = Path(__file__).resolve().parents[1]
METHODS = ("get", "post")


class Contract:
    """always: statuses with which the document's own rules refuse any request
    before its operation is looked at; unknown: those for what is no operation;
    pages: whether such a refusal may be a page for people."""

    def __init__(self, name, always=frozenset(), unknown=frozenset({404, 405}),
                 pages=False):
        self.document = yaml.safe_load((TREE / "api" / name).read_text())
        self.always, self.unknown, self.pages = always, unknown, pages
        self._resolver = jsonschema.RefResolver.from_schema(self.document)
        # (METHOD, path of the document, status), and names of stream events
        self.seen, self.seen_events = set(), set()

    def operations(self):
        """(METHOD, path, operation) of the document."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def replies(self):
        """(METHOD, path, status) of the document."""
        return {(method, path, int(status))
                for method, path, operation in self.operations()
                for status in operation["responses"]}

    def events(self):
        """{name: schema} of the events of the live stream."""
        return self.document["paths"]["/api/events"]["get"]["x-events"]

    def check_reply(self, method, path, status, headers, body):
        """One reply; headers in lower case."""
        if status == 400 and "content-type" not in headers:
            assert headers["connection"] == "close"  # not HTTP/1.1 at all
            return
        form, operation = self._find(method, path.split("?")[0])
        kind = headers.get("content-type", "").split(";")[0]
        if method == "HEAD":
            assert not body
            return
        if operation is None:
            assert status in self.unknown | self.always, (method, path, status)
        if operation is None or (status in self.always and
                                 str(status) not in operation["responses"]):
            self._check_refusal(kind, body)
            return
        assert str(status) in operation["responses"], (
            "%s %s may not answer %d: %s" % (method, form, status,
                                             body[:200]))
        self.seen.add((method, form, status))
        response = self._resolved(operation["responses"][str(status)])
        for name, header in response.get("headers", {}).items():
            self._check(header["schema"], headers[name.lower()])
        content = response.get("content")
        if not content:
            return
        assert kind in content, "%s %s gave %s" % (method, form, kind)
        if kind == "application/json":
            self._check(content[kind]["schema"], json.loads(body))

    def check_event(self, name, data):
        """One event of the live stream; gives its data."""
        assert name in self.events(), "an unknown event: %s" % name
        value = json.loads(data)
        self._check(self.events()[name], value)
        self.seen_events.add(name)
        return value

    def _resolved(self, node):
        while "$ref" in node:
            node = self._resolver.resolve(node["$ref"])[1]
        return node

    def _find(self, method, path):
        """The operation of a request's path, or (None, None)."""
        for its_method, form, operation in self.operations():
            pattern = re.sub(r"\{[^}]*\}", "[^/]+", form)
            if its_method == method and re.fullmatch(pattern, path):
                return form, operation
        return None, None

    def _check(self, schema, value):
        jsonschema.Draft202012Validator(
            schema, resolver=self._resolver).validate(value)

    def _check_refusal(self, kind, body):
        """What is not of an operation."""
        if kind == "application/json" or not self.pages:
            self._check(self.document["components"]["schemas"]["Error"],
                        json.loads(body))
        else:
            assert kind == "text/html"

    # what was seen, of all processes

    def leave(self, session):
        """At the end of a process: what it saw, for those that come last."""
        if "CONTRACT_SEEN" not in os.environ:
            return
        folder = Path(os.environ["CONTRACT_SEEN"])
        folder.mkdir(exist_ok=True)
        (folder / ("%d.json" % os.getpid())).write_text(json.dumps({
            "files": sorted(files(session)), "seen": sorted(self.seen),
            "events": sorted(self.seen_events)}))

    def gather(self, request):
        """What the whole folder of the requesting test saw. A part of the
        tests cannot say that: it is a skip."""
        wanted = {path.name for path in request.path.parent.glob("test_*.py")}
        ran = files(request.session)
        if "CONTRACT_SEEN" in os.environ:
            for path in Path(os.environ["CONTRACT_SEEN"]).glob("*.json"):
                left = json.loads(path.read_text())
                ran.update(left["files"])
                self.seen.update(map(tuple, left["seen"]))
                self.seen_events.update(left["events"])
        if ran != wanted:
            pytest.skip("only a part of the tests was run")


def files(session):
    return {item.path.name for item in getattr(session, "items", ())}
