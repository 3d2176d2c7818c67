# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image is: file systems, boot records, formats, checksum files."""
