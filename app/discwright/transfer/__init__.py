# SPDX-License-Identifier: GPL-3.0-or-later
"""Moving bytes: buffers, the pump, digests, progress, cancelling. Knows no device."""
