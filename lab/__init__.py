# SPDX-License-Identifier: GPL-3.0-or-later
"""A home made of network namespaces on one machine. See README.md."""
