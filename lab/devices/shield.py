# SPDX-License-Identifier: GPL-3.0-or-later
"""An Nvidia Shield: Android, but a television's player."""

import life

AGENT = ("Dalvik/2.1.0 (Linux; U; Android 11; SHIELD Android TV "
         "Build/RQ1A.210105.003)")


def turn(_):
    life.announce("Android", ("SHIELD-Android-TV-4f6c8b1d", "_googlecast._tcp",
                              8009, "md=SHIELD Android TV", "fn=Living Room"),
                  ("Living Room", "_androidtvremote2._tcp", 6466))
    life.curl("http://connectivitycheck.gstatic.com/204", "-A", AGENT)


life.main(turn, 8)
