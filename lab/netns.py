# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts made of namespaces that cannot outlive the process that made them.

A host is an init process in its own network, mount, pid, uts and ipc
namespaces. Nothing is named in the file system: the init holds the only
reference. It reads a pipe whose other end only the launcher has, so when the
launcher ends, in whatever way, the init ends, the kernel kills everything in
its pid namespace, and the namespaces and their links are gone.

A Wire is a network namespace alone, held by a file descriptor of a Host: a
device that only has to be there costs no process.
"""

import contextlib
import ctypes
import os
import resource
import signal
import subprocess
import time

_libc = ctypes.CDLL(None, use_errno=True)

NEWNS = 0x00020000
NEWUTS = 0x04000000
NEWIPC = 0x08000000
NEWPID = 0x20000000
NEWNET = 0x40000000
_MS_REC_PRIVATE = 0x4000 | 0x40000
_MS_BIND = 0x1000
_MS_NOSUID_NODEV = 2 | 4

FILES = "/run/lab"  # a host's own files, on its private tmpfs
_SYSTEM_PATH = ":/usr/local/sbin:/usr/sbin:/sbin"  # not in every user's
DEADLINE = 30.0     # seconds any condition of the lab may take


class LabError(Exception):
    """The lab could not be built, or a program in it failed."""


def wait_until(condition, what, deadline=DEADLINE, poll=0.005):
    """Return the first true value of condition(), or raise after deadline.

    The longer it takes, the rarer it is asked, to a fiftieth of the time:
    most conditions start a program, and homes share the machine."""
    began = time.monotonic()
    while True:
        value = condition()
        if value:
            return value
        waited = time.monotonic() - began
        if waited > deadline:
            raise LabError(f"waited {deadline:g} s in vain: {what}")
        time.sleep(max(poll, min(waited / 50, 0.1)))


def _check(result, what):
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def unshare(flags):
    _check(_libc.unshare(flags), "unshare")


def setns(fd, kind=0):
    _check(_libc.setns(fd, kind), "setns")


def mount(source, target, kind, flags=0, data=None):
    def text(value):
        return value.encode() if value is not None else None
    _check(_libc.mount(text(source), text(target), text(kind),
                       ctypes.c_ulong(flags), text(data)), f"mount {target}")


@contextlib.contextmanager
def _entered(path):
    """This thread is inside the network namespace at path."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    try:
        fd = os.open(path, os.O_RDONLY)
        try:
            setns(fd, NEWNET)
        finally:
            os.close(fd)
        try:
            yield
        finally:
            setns(own, NEWNET)
    finally:
        os.close(own)


class Process(subprocess.Popen):
    """A program in other namespaces; inner is its pid as seen from here.

    Between it and us is a process of ours that waits for it: a pid namespace
    ends only when all its dead are buried, and when we are killed, nobody
    else may do it."""

    def __init__(self, argv, namespaces, options):
        fds = [os.open(path, os.O_RDONLY) for path in namespaces]
        told, tell = os.pipe()

        def enter():
            for fd in fds:
                setns(fd)
            child = os.fork()
            if child:
                _bury(child, tell)
            os.setsid()
            os.chdir(options.get("cwd") or "/")

        options.setdefault("stdin", subprocess.DEVNULL)
        env = dict(options.pop("env", os.environ))
        env["PATH"] = env.get("PATH", "/usr/bin:/bin") + _SYSTEM_PATH
        try:
            super().__init__([str(word) for word in argv], env=env,
                             preexec_fn=enter, **options)
            os.close(tell)
            tell = -1
            self.inner = int(os.read(told, 20))
        finally:
            for fd in [*fds, told, tell]:
                if fd >= 0:
                    os.close(fd)

    def send_signal(self, number):
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.inner, number)

    def kill_all(self):
        """The program and what it started in its session."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.inner, signal.SIGKILL)


def _bury(child, tell):
    """Wait for the child, and end as it did."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    os.setsid()
    os.write(tell, str(child).encode())
    os.closerange(0, 65536)
    status = os.waitpid(child, 0)[1]
    if os.WIFSIGNALED(status):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(os.WTERMSIG(status), signal.SIG_DFL)
        os.kill(os.getpid(), os.WTERMSIG(status))
    os._exit(os.waitstatus_to_exitcode(status))


class Place:
    """What hosts and wires share: programs and sockets in a namespace."""

    name = ""
    net_path = ""       # of the network namespace, for `ip … netns PATH`
    _join = ()          # paths of the other namespaces a program joins
    _pid_path = None
    _started = ()       # programs that may still run

    def inside(self):
        """This thread's sockets and /proc/sys/net are the host's."""
        return _entered(self.net_path)

    def popen(self, argv, net_only=False, **options):
        """A Process in this host, its own session's leader.

        net_only keeps the launcher's files and processes in sight."""
        paths = [self.net_path] + list([] if net_only else self._join)
        if self._pid_path and not net_only:
            paths.append(self._pid_path)
        self._started = [p for p in self._started if p.poll() is None]
        process = Process(argv, paths, options)
        self._started.append(process)
        return process

    def run(self, argv, text_in=None, check=True, timeout=60, **options):
        """Run to the end; CompletedProcess with text output."""
        pipe = subprocess.PIPE
        with self.popen(argv, **options, stdin=pipe, stdout=pipe, stderr=pipe,
                        text=True) as process:
            try:
                out, err = process.communicate(text_in or "", timeout)
            except BaseException:
                process.kill()
                raise
        if check and process.returncode != 0:
            raise LabError(f"{self.name}: {' '.join(map(str, argv))}: "
                           f"exit {process.returncode}: {err.strip()}")
        return subprocess.CompletedProcess(argv, process.returncode, out, err)

    def ip(self, *lines):
        """Several `ip` commands in one process; stops at the first error."""
        self.run(["ip", "-batch", "-"], "\n".join(lines) + "\n",
                 net_only=True)

    def nft(self, rules):
        self.run(["nft", "-f", "-"], rules, net_only=True)

    def sysctl(self, key, value=None):
        """Read (and with a value, set) net.*; interface dots as slashes."""
        path = f"/proc/sys/net/{key}"
        with self.inside():
            if value is not None:
                with open(path, "w", encoding="ascii") as file:
                    file.write(f"{value}\n")
            with open(path, encoding="ascii") as file:
                return file.read().strip()


class Wire(Place):
    """A bare network namespace kept open by a Host."""

    def __init__(self, name, holder, fd):
        self.name = name
        self.net_path = f"/proc/{holder.pid}/fd/{fd}"
        self._pid_path = f"/proc/{holder.pid}/ns/pid"


class Host(Place):
    """A machine of the home; wires=N adds N bare namespaces it keeps."""

    def __init__(self, name, tmpfs=(), wires=0):
        self.name = name
        self._outer, self.pid = self._start(name, tmpfs, wires)
        ns = f"/proc/{self.pid}/ns/"
        self.net_path = ns + "net"
        self._join = (ns + "uts", ns + "ipc", ns + "mnt")
        self._pid_path = ns + "pid"
        self.wires = [Wire(f"{name}{i}", self, 10 + i) for i in range(wires)]

    def _start(self, name, tmpfs, wires):
        hold, self._hold = os.pipe()
        ready, tell = os.pipe()
        pid = os.fork()
        if pid == 0:
            _be_outer(name, tmpfs, wires, hold, tell)
        os.close(hold)
        os.close(tell)
        with os.fdopen(ready, "rb") as pipe:
            answer = pipe.read()
        if not answer.startswith(b"ok "):
            os.close(self._hold)
            os.waitpid(pid, 0)
            raise LabError(f"host {name}: {answer.decode() or 'died'}")
        return pid, int(_only_child(pid))

    def path(self, inner):
        """The path by which the launcher reaches a file of the host."""
        return f"/proc/{self.pid}/root{inner}"

    def write(self, name, text, mode=0o644):
        """Put a file under the host's FILES; return its path inside."""
        inner = f"{FILES}/{name}"
        outer = self.path(inner)
        os.makedirs(os.path.dirname(outer), exist_ok=True)
        with open(outer, "w" if isinstance(text, str) else "wb") as file:
            file.write(text)
        os.chmod(outer, mode)
        return inner

    def read(self, inner):
        with open(self.path(inner), encoding="utf-8",
                  errors="replace") as file:
            return file.read()

    def exists(self, inner):
        return os.path.exists(self.path(inner))

    def serve(self, argv, **options):
        """Start a server of this host; its output goes to FILES/log."""
        log = os.path.basename(str(argv[0]))
        with open(self.path(f"{FILES}/log/{log}"), "ab") as out:
            options = {"stdout": out, "stderr": out, **options}
            return self.popen(argv, **options)

    def log(self):
        """All servers' output: what to show when something failed."""
        folder = self.path(f"{FILES}/log")
        return "".join(f"--- {self.name}: {name}\n"
                       + self.read(f"{FILES}/log/{name}")
                       for name in sorted(os.listdir(folder)))

    def ports(self, kind):
        """Local ports of listening (tcp) or bound (udp) sockets."""
        found = set()
        for table in (kind, kind + "6"):
            with open(f"/proc/{self.pid}/net/{table}",
                      encoding="ascii") as file:
                lines = file.readlines()[1:]
            for fields in map(str.split, lines):
                if kind == "udp" or fields[3] == "0A":
                    found.add(int(fields[1].rsplit(":", 1)[1], 16))
        return found

    def close(self):
        """End every process of the host and the host itself."""
        if self._hold < 0:
            return
        os.close(self._hold)
        self._hold = -1
        for place in [self, *self.wires]:
            for process in place._started:
                process.wait()
        os.waitpid(self._outer, 0)


def _only_child(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return file.read().split()[0]


def _be_outer(name, tmpfs, wires, hold, tell):
    """In the launcher's child: make the namespaces, wait for the init."""
    try:
        os.setsid()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        _keep_only(hold, tell)
        unshare(NEWNS | NEWPID | NEWUTS | NEWIPC | NEWNET)
        init = os.fork()
        if init == 0:
            _be_init(name, tmpfs, wires)
        os.closerange(3, 5)
        os.waitpid(init, 0)
    except BaseException as error:  # the launcher must hear of anything
        os.write(4, str(error).encode())
    os._exit(0)


def _keep_only(hold, tell):
    """Descriptors: 0 to 2 nothing, 3 the pipe to wait on, 4 the answer.

    Whatever else the launcher had open must not be kept alive here, the
    other hosts' pipes above all."""
    hold, tell = os.dup2(hold, 1003), os.dup2(tell, 1004)
    null = os.dup2(os.open("/dev/null", os.O_RDWR), 1005)
    for fd in range(3):
        os.dup2(null, fd)
    os.closerange(3, 1003)
    os.dup2(hold, 3)
    os.dup2(tell, 4)
    os.closerange(5, 65536)


def _be_init(name, tmpfs, wires):
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # reaps by itself
        _furnish(name, tmpfs)
        _make_wires(wires)
        os.write(4, b"ok ")
        os.close(4)
        os.read(3, 1)
    except BaseException as error:
        os.write(4, str(error).encode())
    os._exit(0)


def _make_wires(count):
    """Descriptor 10 + i holds wire i; this process then goes home."""
    own = os.open("/proc/self/ns/net", os.O_RDONLY)
    for i in range(count):
        unshare(NEWNET)
        fd = os.open("/proc/self/ns/net", os.O_RDONLY)
        os.dup2(fd, 10 + i)
        if fd != 10 + i:
            os.close(fd)
    setns(own, NEWNET)


def _furnish(name, tmpfs):
    """A private /proc, /sys, /run and resolv.conf."""
    mount("none", "/", None, _MS_REC_PRIVATE)
    mount("proc", "/proc", "proc", _MS_NOSUID_NODEV | 8)
    with contextlib.suppress(OSError):  # some containers forbid it
        mount("sysfs", "/sys", "sysfs", _MS_NOSUID_NODEV | 8)
    resolv = os.path.realpath("/etc/resolv.conf")
    for folder in ("/run", *tmpfs):
        mount("lab", folder, "tmpfs", _MS_NOSUID_NODEV, "mode=755")
    os.makedirs(FILES + "/log")
    os.makedirs("/run/lock", exist_ok=True)
    with open(FILES + "/resolv.conf", "w", encoding="ascii"):
        pass
    os.makedirs(os.path.dirname(resolv), exist_ok=True)
    if not os.path.exists(resolv):
        with open(resolv, "w", encoding="ascii"):
            pass
    mount(FILES + "/resolv.conf", resolv, None, _MS_BIND)
    host = name.encode()
    _check(_libc.sethostname(host, len(host)), "sethostname")
