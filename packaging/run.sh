#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Start Discwright from this checkout: ./packaging/run.sh [arguments of discwright]
# The first time it installs what is missing, and says so; after that it changes nothing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
set_up run
exec "$venv/bin/discwright" "$@"
