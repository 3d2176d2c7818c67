# SPDX-License-Identifier: GPL-3.0-or-later
"""Bootable images as other tools make them: what is known of each, and how to get it.

``from images.catalogue import IMAGES, made`` and ``made("grub-hybrid")`` gives the path; see there.
"""
