// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef GUARD_REDIRECTS_H
#define GUARD_REDIRECTS_H

#include <stdbool.h>

#include "base/err.h"

/*
 * A table of our own in the kernel's nf_tables, "ip6 iot-inspector", while
 * IPv6 is intercepted. It drops the redirects that the kernel would send: they
 * tell a device the router's true MAC, and no setting keeps them back as
 * send_redirects does for IPv4. Where forwarding had to be switched on for all
 * interfaces, it also drops what is not of the one that is intercepted on.
 */
#define REDIRECTS_TABLE "iot-inspector"

/** wide: forward for no other interface. Replaces a former table. ERR_IO;
 * ERR_UNSUPPORTED: no nf_tables in this kernel. */
int redirects_open(int interface_index, bool wide) must_check;
/** Takes it away; that it is not there is well. ERR_IO. */
int redirects_close(void) must_check;

#endif
