# SPDX-License-Identifier: GPL-3.0-or-later
"""The program in a whole machine: a real kernel, real drivers, real UDisks2, an ordinary user."""
