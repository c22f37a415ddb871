# SPDX-License-Identifier: GPL-3.0-or-later
"""An iPhone: asks whether there is an Internet, then browses."""

import life

AGENT = ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) "
         "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 "
         "Mobile/15E148 Safari/604.1")


def turn(_):
    life.announce("Annas-iPhone", ("Anna\u2019s iPhone", "_rdlink._tcp", 49152))
    life.curl("http://captive.apple.com/204", "-A",
              "CaptiveNetworkSupport-463.40.1 wispr")
    life.curl("http://news.example/1k", "-A", AGENT)


life.main(turn, 8)
