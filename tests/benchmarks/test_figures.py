# SPDX-License-Identifier: GPL-3.0-or-later
"""The figures by pytest: ``./packaging/test.sh tests/benchmarks -m benchmark -s -k stick``.

One test for each name of ``run.py``, which also lets you choose rounds and size. It fails only if
something went wrong: whether a goal was met depends on the machine and on what else it does.
"""

import pytest

from benchmarks.copying import Place
from benchmarks.figures import table
from benchmarks.run import BENCHMARKS

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(0)]


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    made = Place(tmp_path_factory.mktemp("figures"), 2048 << 20, 5)
    made.target.parent.mkdir()
    return made


@pytest.mark.parametrize("name", BENCHMARKS)
def test_figures_can_be_taken(name, place):
    print()
    print(table(list(BENCHMARKS[name](place))))
