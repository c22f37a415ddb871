# SPDX-License-Identifier: GPL-3.0-or-later
"""A collector that keeps what it is sent in memory: a real HTTPS server that
speaks the contract, and holds every upload to api/record.schema.json."""

import base64
import ctypes
import hashlib
import http.server
import json
import ssl
import subprocess
import threading

import jsonschema

from contract import TREE

SCHEMA = json.loads((TREE / "api/record.schema.json").read_text())
LINE = jsonschema.Draft202012Validator(SCHEMA)
ROWS = {name: jsonschema.Draft202012Validator(
    {"$ref": "#/$defs/rows/" + name, "$defs": SCHEMA["$defs"]})
    for name in SCHEMA["$defs"]["rows"]}
ZSTD = ctypes.CDLL("libzstd.so.1")
ZSTD.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong
ZSTD.ZSTD_decompress.restype = ctypes.c_size_t


def decompress(body):
    size = ZSTD.ZSTD_getFrameContentSize(body, ctypes.c_size_t(len(body)))
    assert size < 1 << 26
    out = ctypes.create_string_buffer(size or 1)
    got = ZSTD.ZSTD_decompress(out, ctypes.c_size_t(size), body,
                               ctypes.c_size_t(len(body)))
    assert got == size
    return out.raw[:size]


def certificate(folder):
    """A key and a certificate for 127.0.0.1, signed by itself."""
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
         "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
         "-days", "2", "-subj", "/CN=collector on trial",
         "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True)
    return key, cert


class Collector:
    def __init__(self, folder=None, tls=True):
        self.lock = threading.Lock()
        self.accounts, self.segments, self.receipts = {}, {}, []
        self.requests, self.bodies = [], []
        self.text = "We study how things at home talk.\nTwo lines."
        self.refusals = []  # (path, status, headers) to answer with, once each
        self.refusal = {"error": "refused on purpose"}
        self.down = False
        self.crowd = {}  # {address: name} that every upload is told
        self.guesses, self.normal_homes, self.shares = [], 0, {}
        self.questions = []  # [(path, body)], as they came
        self.may_reply = threading.Event()  # to what was uploaded
        self.may_reply.set()
        collector = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                collector.answer(self, b"")

            def do_POST(self):
                length = int(self.headers.get("Content-Length", 0))
                collector.answer(self, self.rfile.read(length))

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                      Handler)
        self.server.daemon_threads = True
        self.certificate = None
        if tls:
            key, cert = certificate(folder)
            self.certificate = cert.read_text()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, key)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True,
                do_handshake_on_connect=False)
        self.url = "%s://127.0.0.1:%d" % ("https" if tls else "http",
                                          self.server.server_address[1])
        self.thread = threading.Thread(target=self.server.serve_forever,
                                       daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def hash(self):
        return hashlib.sha256(self.text.encode()).hexdigest()

    def consent(self):
        return {"version": 1, "text": self.text, "hash": self.hash,
                "approval": "IRB 12", "contact": "a@b.example",
                "retention_days": 365}

    def answer(self, request, body):
        with self.lock:
            status, headers, value = self.reply(request, body)
        if request.path == "/v1/upload":
            self.may_reply.wait(60)
        if status is None:
            request.close_connection = True
            return
        data = value if isinstance(value, bytes) else json.dumps(
            value).encode()
        request.send_response(status)
        for name, text in headers.items():
            request.send_header(name, text)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    def reply(self, request, body):
        path = request.path
        self.requests.append(path)
        if self.down:
            return None, {}, None
        for i, (at, status, headers) in enumerate(self.refusals):
            if at == path:
                del self.refusals[i]
                return status, headers, self.refusal
        if path == "/v1/consent":
            return 200, {}, self.consent()
        kind, _, what = request.headers.get("Authorization", "").partition(" ")
        account, _, secret = base64.b64decode(what).decode().partition(":")
        assert kind == "Basic" and len(account) == 32 and len(secret) == 64
        if path == "/v1/account":
            if json.loads(body)["consent"] != self.hash:
                return 412, {}, {"error": "another text"}
            if self.accounts.setdefault(account, secret) != secret:
                return 409, {}, {"error": "another secret"}
            return 201, {}, {}
        if self.accounts.get(account) != secret:
            return 401, {}, {"error": "no such account"}
        return getattr(self, path.rpartition("/")[2])(request, account, body)

    def upload(self, request, account, body):
        assert request.headers["Content-Encoding"] == "zstd"
        assert request.headers["Content-Type"] == "application/x-ndjson"
        text = decompress(body)
        header, *lines = map(json.loads, text.decode().splitlines())
        if header["consent"] != self.hash:
            return 412, {}, {"error": "another text"}
        LINE.validate(header)
        numbers = []
        for line in lines:
            LINE.validate(line)
            self.check_rows(header, line)
            held = self.segments.setdefault(account, {})
            held.setdefault(line["segment"], {"header": header, **line})
            numbers.append([line["segment"]] * 2)
        self.bodies.append(text.decode())
        return 200, {}, {"accepted": numbers, "names": [
            {"address": address, "name": name, "accounts": 3}
            for address, name in self.crowd.items()]}

    @staticmethod
    def check_rows(header, line):
        for table, validator in ROWS.items():
            for row in line.get(table, ()):
                columns = header["columns"][table]
                assert len(row) == len(columns)
                validator.validate(dict(zip(columns, row)))

    def delete(self, _request, account, body):
        what = json.loads(body)
        rows = len(self.segments.get(account, {}))
        if what["what"] == "everything":
            self.segments.pop(account, None)
        self.receipts.append(what)
        return 200, {}, {"receipt": "%032x" % len(self.receipts),
                         "what": what["what"], "rows": rows, "time": 1}

    def held(self, _request, account, _body):
        lines = [json.dumps(s) for s in self.segments.get(account,
                                                          {}).values()]
        return 200, {}, ("\n".join(lines) + "\n").encode()

    def labels(self, *_):
        return 200, {}, {"names": ["Roku Ultra"], "categories": ["tv"],
                         "vendors": ["Roku"]}

    def device(self, request, _account, body):
        self.questions.append((request.path, body.decode()))
        return 200, {}, {"guesses": self.guesses}

    def normal(self, request, _account, body):
        self.questions.append((request.path, body.decode()))
        return 200, {}, {"homes": self.normal_homes, "domains": self.shares}

    # what tests ask

    def rows(self, table):
        """All rows of a table, as objects of their columns."""
        with self.lock:
            found = []
            for segments in self.segments.values():
                for number, s in sorted(segments.items()):
                    columns = s["header"]["columns"].get(table, [])
                    found += [{**dict(zip(columns, row)), "segment": number,
                               "id": s["device"][row[0]][0]
                               if table not in ("device", "view") else row[0]}
                              for row in s.get(table, ())]
            return found

    def all_text(self):
        with self.lock:
            return "\n".join(self.bodies)
