# SPDX-License-Identifier: GPL-3.0-or-later
"""A printer: announces itself by mDNS, calls home now and then."""

import life


def turn(_):
    life.announce_mdns("HP OfficeJet 7B:EF", "_ipp._tcp", 631,
                       "ty=HP OfficeJet Pro 8020", "usb_MFG=HP")
    life.curl("https://xmpp007.hpeprint.com/1k")


life.main(turn, 15)
