# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process that captures can see: a copy of its packet socket.

The kernel filter of the process's own socket is read back and put on a
socket of ours in the same namespace, so every frame that passes to the one
passes to the other.
"""

import contextlib
import ctypes
import os
import socket
import struct

from .netns import LabError

_libc = ctypes.CDLL(None, use_errno=True)
_PIDFD_OPEN, _PIDFD_GETFD = 434, 438  # the same on every architecture
_SO_ATTACH_FILTER = _SO_GET_FILTER = 26
_ETH_P_ALL = 3
_PACKET_IGNORE_OUTGOING = 23
_INSTRUCTIONS_MAX = 4096
INSTRUCTION_BYTES = 8


def _call(number, *arguments):
    result = _libc.syscall(number, *arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _packet_sockets(pid):
    """Copies of the packet sockets of a process, with their descriptors."""
    handle = _call(_PIDFD_OPEN, pid, 0)
    try:
        for fd in map(int, os.listdir(f"/proc/{pid}/fd")):
            # A process may close what was listed a moment ago.
            with contextlib.suppress(OSError):
                link = os.readlink(f"/proc/{pid}/fd/{fd}")
                if not link.startswith("socket:"):
                    continue
                copy = socket.socket(fileno=_call(_PIDFD_GETFD, handle, fd, 0))
                if copy.family == socket.AF_PACKET:
                    yield copy
                copy.close()
    finally:
        os.close(handle)


def _filter_of(sock):
    buffer = ctypes.create_string_buffer(
        _INSTRUCTIONS_MAX * INSTRUCTION_BYTES)
    length = ctypes.c_uint32(_INSTRUCTIONS_MAX)
    if _libc.getsockopt(sock.fileno(), socket.SOL_SOCKET, _SO_GET_FILTER,
                        buffer, ctypes.byref(length)) != 0:
        raise OSError(ctypes.get_errno(), "SO_GET_FILTER")
    return buffer.raw[:length.value * INSTRUCTION_BYTES]


def filters(pid):
    """The kernel filters of the packet sockets that a process holds."""
    return [_filter_of(sock) for sock in _packet_sockets(pid)]


class Eavesdropper:
    """Frames that pass the filter of the one packet socket of a process."""

    def __init__(self, host, pid, interface="eth0"):
        found = filters(pid)
        if len(found) != 1 or not found[0]:
            raise LabError(f"process {pid} has {len(found)} packet sockets "
                           f"with filters of {[len(f) // 8 for f in found]} "
                           "instructions, not one with a filter")
        with host.inside():
            self._sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        program = ctypes.create_string_buffer(found[0], len(found[0]))
        self._sock.setsockopt(
            socket.SOL_SOCKET, _SO_ATTACH_FILTER,
            struct.pack("HP", len(found[0]) // INSTRUCTION_BYTES,
                        ctypes.addressof(program)))
        self._sock.setsockopt(263, _PACKET_IGNORE_OUTGOING, 1)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)
        with host.inside():
            self._sock.bind((interface, _ETH_P_ALL))
        self._sock.setblocking(False)

    def frames(self):
        """What passed since the last call."""
        found = []
        with contextlib.suppress(BlockingIOError):
            while True:
                found.append(self._sock.recv(65536))
        return found

    def close(self):
        self._sock.close()
