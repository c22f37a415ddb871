# SPDX-License-Identifier: GPL-3.0-or-later
"""A laptop with a browser and mail."""

import life


def turn(_):
    life.curl("https://news.example/64k")
    life.together(
        lambda: life.curl("https://cdn.news.example/1m"),
        lambda: life.curl("https://static.news.example/64k"),
        lambda: life.curl("https://ad.doubleclick.net/1k"),
        lambda: life.curl("https://www.google-analytics.com/1k"))
    life.curl("https://mail.example/64k")


life.main(turn, 7)
