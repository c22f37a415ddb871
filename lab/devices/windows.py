# SPDX-License-Identifier: GPL-3.0-or-later
"""A Windows PC: asks whether there is an Internet, then browses."""

import life

AGENT = ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 "
         "(KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.0.0")


def turn(_):
    life.curl("http://www.msftconnecttest.com/204", "-A", "Microsoft NCSI")
    life.curl("http://news.example/1k", "-A", AGENT)


life.main(turn, 8)
