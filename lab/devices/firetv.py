# SPDX-License-Identifier: GPL-3.0-or-later
"""A Fire TV: Android, but a television's player."""

import life

AGENT = "Dalvik/2.1.0 (Linux; U; Android 9; AFTMM Build/PS7633)"


def turn(_):
    life.announce("amazon-1c7f2b9e3", ("amzn.dmgr:1C7F2B9E3", "_amzn-wplay._tcp",
                                       55443, "n=Bedroom Fire TV"))
    life.curl("http://spectrum.s3.amazonaws.com/204", "-A", AGENT)


life.main(turn, 8)
