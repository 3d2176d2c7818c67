# SPDX-License-Identifier: GPL-3.0-or-later
"""Printing how a command ended, from its report alone."""

from collections.abc import Mapping, Sequence

from discwright.cli.streams import Streams
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import Report
from discwright.wording import _, counted, shown

_MOST = 100
"""Runs of sectors, and names of files, that are printed; the record beside the image has all."""


def print_outcome(report: Report, streams: Streams, *, said: Sequence[str] = ()) -> int:
    """Print the report and give the exit code; ``said``: warnings that were printed before."""
    facts = report.to_json()
    streams.event(facts)
    for text in (report.message, report.remedy):
        if text:
            streams.message(text)
    cause = str(facts.get("cause") or "")
    if cause:
        streams.message(_("Cause: {cause}").format(cause=cause))
    for warning in _sequence(facts.get("warnings")):
        if warning not in said:
            streams.message(_("Note: {text}").format(text=warning))
    _print_result(facts, streams)
    code = report.state.exit_code
    return 1 if streams.lost and not code else code


def _print_result(facts: Mapping[str, object], streams: Streams) -> None:
    digests, target = facts.get("digests"), facts.get("target")
    if isinstance(digests, Mapping) and isinstance(target, str):
        for name, digest in digests.items():
            streams.result(digest_line(str(name), target, str(digest)))
    for key, title in (
        ("bad_sectors", _("Unreadable sectors: {which}")),
        ("differing_sectors", _("Different sectors: {which}")),
    ):
        runs = [Extent(*run) for run in _sequence(facts.get(key)) if isinstance(run, list)]
        if runs:
            streams.result(title.format(which=", ".join(map(str, runs[:_MOST]))))
            _print_rest(len(runs), streams)
    files = _sequence(facts.get("files_affected"))
    for name in files[:_MOST]:
        streams.result(_("Damaged file: {name}").format(name=shown(str(name))))
    _print_rest(len(files), streams)


def digest_line(algorithm: str, target: str, digest: str) -> str:
    """Give the line that ``sha256sum --tag`` and its siblings print and their ``-c`` reads.

    GNU coreutils manual, md5sum: a name with a backslash or line break is escaped and the line
    begins with a backslash.
    """
    name = target.replace("\\", "\\\\").replace("\n", "\\n").replace("\r", "\\r")
    mark = "\\" if name != target else ""
    return f"{mark}{algorithm.upper().replace('BLAKE2B', 'BLAKE2b')} ({name}) = {digest}"


def _print_rest(count: int, streams: Streams) -> None:
    if count > _MOST:
        streams.result(
            counted("… and {n} more, in the record", "… and {n} more, in the record", count - _MOST)
        )


def _sequence(value: object) -> Sequence[object]:
    return value if isinstance(value, (list, tuple)) else ()
