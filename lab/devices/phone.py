# SPDX-License-Identifier: GPL-3.0-or-later
"""A phone: checks that there is an Internet, then browses."""

import life


def turn(_):
    life.curl("http://connectivitycheck.gstatic.com/204")
    life.together(
        lambda: life.curl("https://www.wikipedia.org/64k"),
        lambda: life.curl("https://upload.wikimedia.org/1m"),
        lambda: life.curl("https://www.google-analytics.com/204"))


life.main(turn, 6)
