# SPDX-License-Identifier: GPL-3.0-or-later
"""A streaming television: an API over TLS, trackers, plain HTTP, old TLS."""

import life


def turn(number):
    life.curl("https://api.roku.com/1k")
    life.together(
        lambda: life.curl("http://image.roku.com/64k"),
        lambda: life.curl("https://ads.tubi.tv/1k"),
        lambda: life.curl("https://ad.doubleclick.net/204"),
        lambda: life.curl("http://b.scorecardresearch.com/204"),
        lambda: life.upload("https://scribe.logs.roku.com/put/log", 1 << 16))
    life.old_tls("firmware.tv.example")
    life.curl("https://video.cdn.example/1m", "--limit-rate", "4m")
    if number % 10 == 0:
        life.notify_ssdp("http://192.168.77.11:8060/", "roku:ecp")


life.main(turn, 4)
