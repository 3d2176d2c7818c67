# SPDX-License-Identifier: GPL-3.0-or-later
"""What a disc is: libcdio bridge, MMC commands and sense, TOC, medium, true length, reading."""
