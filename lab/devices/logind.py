# SPDX-License-Identifier: GPL-3.0-or-later
"""logind.py BUS SECONDS: logind, as far as sleep goes, on the bus at a path.

As org.freedesktop.login1(5) has it: who asks Inhibit gets one end of a pipe,
PrepareForSleep says that a sleep comes, and it is put off until every such end
is closed, or for so many seconds. Told on standard input: list, sleep, wake."""

import os
import select
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

NAME, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"


class Manager(dbus.service.Object):
    held = {}  # our end of the pipe: who

    @dbus.service.method(NAME + ".Manager", "ssss", "h")
    def Inhibit(self, what, who, _why, mode):  # the bus's name
        if (what, mode) != ("sleep", "delay"):
            raise dbus.DBusException("only a sleep can be delayed here")
        ours, theirs = os.pipe()
        self.held[ours] = who
        lock = dbus.types.UnixFd(theirs)
        os.close(theirs)
        return lock

    @dbus.service.signal(NAME + ".Manager", "b")
    def PrepareForSleep(self, start):
        pass

    def drop_closed(self, timeout=0.0):
        for fd in select.select(list(self.held), [], [], timeout)[0]:
            os.close(fd)
            del self.held[fd]


def answer(manager, bus, word, most_s):
    manager.drop_closed()
    if word == "list":
        print("inhibitors", *manager.held.values(), flush=True)
    elif word == "sleep":
        began = time.monotonic()
        manager.PrepareForSleep(True)
        bus.flush()
        while manager.held and time.monotonic() - began < most_s:
            manager.drop_closed(0.05)
        print("asleep", time.monotonic() - began, flush=True)
    elif word == "wake":
        manager.PrepareForSleep(False)
        bus.flush()
        print("awake", flush=True)


def main():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.bus.BusConnection("unix:path=" + sys.argv[1])
    name = dbus.service.BusName(NAME, bus)
    manager = Manager(name, PATH)
    loop = GLib.MainLoop()

    def told(*_):
        word = sys.stdin.readline().strip()
        if not word:
            loop.quit()
        answer(manager, bus, word, float(sys.argv[2]))
        return bool(word)

    GLib.io_add_watch(0, GLib.IO_IN | GLib.IO_HUP, told)
    print("ready", flush=True)
    loop.run()


main()
