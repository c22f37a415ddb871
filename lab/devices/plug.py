# SPDX-License-Identifier: GPL-3.0-or-later
"""A smart plug: MQTT, time, a plain HTTP request."""

import life


def turn(number):
    if number % 5 == 0:
        life.ask_time("time.tplinkcloud.com")
    life.say("broker.tplinkcloud.com", "plug/power", '{"watts": 41}')
    life.curl("http://use1-api.tplinkra.com/1k")


life.main(turn, 10)
