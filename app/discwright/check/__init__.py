# SPDX-License-Identifier: GPL-3.0-or-later
"""Is it what it should be: images and discs against images, published checksums, catalogues."""
