// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef READ_REPORT_H
#define READ_REPORT_H

/**
 * One line on standard error about a file or folder:
 * could not VERB "PATH": REASON
 */
void report_fault(const char *verb, const char *path, const char *reason);

#endif
