// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef WEB_MASK_H
#define WEB_MASK_H

#include <stddef.h>
#include <stdint.h>

/**
 * Cuts the MACs out of what a device announces (AirPlay's deviceid=, the node
 * of a UUID, a name made of one): of whatever is spelled like a MAC, six pairs
 * of hex digits joined by one of ":-", three fours joined by ".", or twelve in
 * a row and no more, the second half becomes 'x'. In place; the length stays.
 */
void mask_macs(uint8_t *text, size_t len);

#endif
