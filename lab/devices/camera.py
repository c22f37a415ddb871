# SPDX-License-Identifier: GPL-3.0-or-later
"""A camera that uploads all the time."""

import life


def turn(_):
    life.curl("https://api.wyzecam.com/1k")
    life.upload("https://upload.wyzecam.com/put/video", 1 << 20, 1 << 20)


life.main(turn, 1)
