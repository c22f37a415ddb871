# SPDX-License-Identifier: GPL-3.0-or-later
"""A MacBook: plays for AirPlay as an Apple TV does, and browses."""

import life

AGENT = ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) "
         "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 "
         "Safari/605.1.15")
NAME = "Anna\u2019s MacBook Pro"


def turn(_):
    life.announce("Annas-MacBook-Pro",
                  (NAME, "_airplay._tcp", 7000, "model=MacBookPro18,3"),
                  (NAME, "_companion-link._tcp", 49817, "rpVr=195.2"))
    life.curl("http://captive.apple.com/204", "-A",
              "CaptiveNetworkSupport-443 wispr")
    life.curl("http://news.example/1k", "-A", AGENT)


life.main(turn, 8)
