# SPDX-License-Identifier: GPL-3.0-or-later
"""A light bulb: its hub speaks MQTT and asks for the time."""

import life


def turn(number):
    if number % 5 == 0:
        life.ask_time("pool.ntp.org")
    life.say("mqtt.meethue.com", "hue/state", '{"on": true}')
    life.curl("https://discovery.meethue.com/1k")


life.main(turn, 8)
