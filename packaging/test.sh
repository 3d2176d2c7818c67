#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Test this checkout: ./packaging/test.sh           every check: lint, types, arrows, tests, coverage
#                     ./packaging/test.sh ARGUMENTS  only pytest, with these arguments
# The first time it installs what is missing, and says so; after that it changes nothing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/setup.sh"
set_up test

# The pure rules on which nobody's data may depend by luck: every branch is tested.
fully_covered=(
  app/discwright/optical/length.py
  app/discwright/optical/isolike.py
  app/discwright/rip/plan.py
  app/discwright/rip/findings.py
  app/discwright/rip/bin_plan.py
  app/discwright/rip/bin_layout.py
  app/discwright/rip/bin_findings.py
  app/discwright/optical/edc.py
  app/discwright/optical/frames.py
  app/discwright/rip/map.py
  app/discwright/rip/mapfile.py
  app/discwright/rip/skip.py
  app/discwright/rip/identity.py
  app/discwright/transfer/ranges.py
  app/discwright/devices/targets.py
  app/discwright/burn/plan.py
  app/discwright/burn/method.py
  app/discwright/burn/refusals.py
  app/discwright/burn/forecast.py
  app/discwright/check/verdict.py
  app/discwright/burn/programs.py
  app/discwright/burn/regions.py
  app/discwright/burn/toc_proof.py
  app/discwright/extract/names.py
  app/discwright/extract/plan.py
)

python=$venv/bin/python
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The same surroundings everywhere: no screen, one language, a runtime directory of its own.
export QT_QPA_PLATFORM=offscreen LC_ALL=C.UTF-8 LANGUAGE=
mkdir -m 700 "$scratch/runtime"
export XDG_RUNTIME_DIR=$scratch/runtime
cd "$checkout"

if (($#)); then
  "$python" -m pytest "$@"
  exit
fi

failed=()
check() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  "$@" || failed+=("$name")
}

# Run the unit tests that name these modules, and ask for every branch of them.
coverage_of() {
  local file module
  local -a modules=() tests=()
  for file; do
    module=${file#app/} module=${module%.py}
    modules+=(-e "${module//\//.}" -e "from ${module%/*} import .*${module##*/}")
  done
  modules=("${modules[@]//discwright\//discwright.}")
  mapfile -t tests < <(grep -rlE --include='test_*.py' "${modules[@]}" tests/unit)
  if ((${#tests[@]} == 0)); then
    echo "No unit test names them: $*"
    return 1
  fi
  "$python" -m coverage run --rcfile=/dev/null --data-file="$scratch/coverage" --branch \
    --include="$(IFS=,; echo "$*")" -m pytest -q --no-header "${tests[@]}" >"$scratch/covered" 2>&1 ||
    { cat "$scratch/covered"; return 1; }
  "$python" -m coverage report --rcfile=/dev/null --data-file="$scratch/coverage" \
    --show-missing --fail-under=100
}

check "ruff check" "$python" -m ruff check .
check "ruff format" "$python" -m ruff format --check .
check "mypy" "$python" -m mypy
check "lint-imports" "$venv/bin/lint-imports"
check "pytest" "$python" -m pytest
present=()
for file in "${fully_covered[@]}"; do
  if [[ -e $file ]]; then present+=("$file"); fi
done
check "every branch of ${present[*]##*/}" coverage_of "${present[@]}"

echo
if ((${#failed[@]})); then
  printf 'Failed: %s\n' "${failed[@]}"
  exit 1
fi
echo "All checks passed."
