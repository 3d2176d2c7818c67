# SPDX-License-Identifier: GPL-3.0-or-later
"""The unmodified program against virtual optical drives."""
