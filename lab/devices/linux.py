# SPDX-License-Identifier: GPL-3.0-or-later
"""A Linux PC: announces its files over SSH, and browses."""

import life

AGENT = ("Mozilla/5.0 (X11; Linux x86_64; rv:109.0) Gecko/20100101 "
         "Firefox/115.0")


def turn(_):
    life.announce("attic", ("attic", "_sftp-ssh._tcp", 22))
    life.curl("http://detectportal.firefox.com/204", "-A", AGENT)
    life.curl("http://news.example/1k", "-A", AGENT)


life.main(turn, 8)
