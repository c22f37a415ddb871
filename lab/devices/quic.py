# SPDX-License-Identifier: GPL-3.0-or-later
"""Gets a page by HTTP/3, with aioquic (python3-aioquic).

Usage: quic.py VERSION NAME ADDRESS PORT PATH [again] [long]. VERSION is 1 or
2; again: twice, the second time with the first one's ticket and the question
in its first flight (0-RTT); long: a first hello that takes several packets. Prints
how many bytes came, and what kind of connection each was.
"""

import asyncio
import ssl
import sys

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DataReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import ConnectionTerminated
from aioquic.quic.packet import QuicProtocolVersion

PATIENCE_S = 20
# what else it would speak: more than one packet has room for
MANY = [f"spoken-{n:03}" for n in range(150)]


class Client(QuicConnectionProtocol):
    """One question, and how many bytes its answer has."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._http = H3Connection(self._quic)
        self._got = 0
        self._answer = self._loop.create_future()

    async def get(self, name, path):
        stream = self._quic.get_next_available_stream_id()
        self._http.send_headers(stream, [
            (b":method", b"GET"), (b":scheme", b"https"),
            (b":authority", name.encode()), (b":path", path.encode()),
            (b"user-agent", b"lab")], end_stream=True)
        self.transmit()
        return await asyncio.wait_for(self._answer, PATIENCE_S)

    def how(self):
        tls = self._quic.tls
        return ("resumed" if tls.session_resumed else "new") + (
            ", early data accepted" if tls.early_data_accepted else "")

    def quic_event_received(self, event):
        if isinstance(event, ConnectionTerminated) and not self._answer.done():
            self._answer.set_exception(ConnectionError(event.reason_phrase))
        for http in self._http.handle_event(event):
            if isinstance(http, DataReceived):
                self._got += len(http.data)
                if http.stream_ended and not self._answer.done():
                    self._answer.set_result(self._got)


async def main(version, name, address, port, path, *ways):
    tickets = []
    number = getattr(QuicProtocolVersion, "VERSION_" + version)
    settings = QuicConfiguration(
        alpn_protocols=["h3", *(MANY if "long" in ways else [])],
        server_name=name, verify_mode=ssl.CERT_NONE,
        original_version=number, supported_versions=[number])
    for again in range(1 + ("again" in ways)):
        async with connect(address, int(port), configuration=settings,
                           create_protocol=Client, wait_connected=not again,
                           session_ticket_handler=tickets.append) as client:
            print(await client.get(name, path), client.how())
        settings.session_ticket = tickets[-1] if tickets else None
        settings.alpn_protocols = ["h3"]  # a ticket has no room beside many


asyncio.run(main(*sys.argv[1:]))
