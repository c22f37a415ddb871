# SPDX-License-Identifier: GPL-3.0-or-later
"""A talking speaker: one long connection, metrics, SSDP."""

import life


def turn(number):
    life.together(
        lambda: life.upload("https://avs-alexa-na.amazon.com/put/voice",
                            1 << 17),
        lambda: life.curl("https://device-metrics-us.amazon.com/204"))
    life.curl("https://msh.amazon.com/64k")
    if number % 10 == 0:
        life.notify_ssdp("http://192.168.77.15:60000/upnp/dev",
                         "urn:dial-multiscreen-org:service:dial:1")


life.main(turn, 6)
