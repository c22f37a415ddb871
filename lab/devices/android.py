# SPDX-License-Identifier: GPL-3.0-or-later
"""An Android phone: asks whether there is an Internet, then browses."""

import life

AGENT = ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like "
         "Gecko) Chrome/120.0.0.0 Mobile Safari/537.36")


def turn(_):
    life.curl("http://connectivitycheck.gstatic.com/204", "-A",
              "Dalvik/2.1.0 (Linux; U; Android 13; SM-G991B "
              "Build/TP1A.220624.014)")
    life.curl("http://news.example/1k", "-A", AGENT)


life.main(turn, 8)
