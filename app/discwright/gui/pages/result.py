# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a finished job: its state in one word, the proof, the loss, what to do next."""

from collections.abc import Sequence

from PySide6.QtCore import QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPlainTextEdit, QWidget

from discwright.gui import theme
from discwright.gui.bridge import Ripping, Running
from discwright.gui.controls import Button, ElidedLabel, Label, Picture
from discwright.gui.disc_facts import from_home
from discwright.gui.flow import Flow
from discwright.gui.job_words import Outcome
from discwright.gui.message import Details, Message
from discwright.gui.options import display
from discwright.gui.pages.frame import Column, Header, Section
from discwright.gui.sector_map import SectorMap
from discwright.gui.theme import Tone
from discwright.transfer.extents import Extent
from discwright.transfer.outcome import State
from discwright.wording import _, counted, shown

_LISTED = 2000
"""The most lines of a list; the sidecar file and the log have them all."""


class ResultView(Column):
    """How a job ended."""

    again_asked = Signal()
    more_asked = Signal()
    """The same once more, for another disc or stick."""
    eject_asked = Signal()
    log_asked = Signal()

    def __init__(
        self, outcome: Outcome, *, title: str, running: Running | None = None, drive: bool = False
    ) -> None:
        super().__init__()
        self.outcome = outcome
        header = Header(outcome.icon, tone=outcome.tone)
        header.show_text(outcome.word, title)
        header.setAccessibleName(outcome.word)
        self.header = header
        self.setAccessibleName(f"{outcome.word}. {title}")
        self.body.addWidget(header)
        if not outcome.parts:
            self.body.addWidget(_words(outcome, alone=True))
        self.body.addLayout(self._actions(running is not None, drive=drive))
        for part in outcome.parts:
            self.body.addWidget(_words(part))
        if outcome.digests:
            self.body.addWidget(_Digests(outcome))
        if outcome.kind != "verify" and (outcome.bad_sectors or outcome.differing_sectors):
            self.body.addWidget(_losses(outcome, running))
        self.body.addStretch()

    def _actions(self, has_log: bool, *, drive: bool) -> Flow:
        row = Flow()
        self.folder = Button(_("Open &folder"), icon="folder")
        self.folder.clicked.connect(self._open_folder)
        self.more = Button()
        self.more.clicked.connect(self.more_asked)
        self.again = Button(_("Back to the &disc"), icon="disc")
        if self.outcome.state in {State.FAILED, State.CANCELLED, State.REFUSED}:
            self.again.setText(_("&Try again"))
            self.again.set_symbol("refresh")
        self.again.clicked.connect(self.again_asked)
        self.log = Button(_("Show &log"), icon="log")
        self.log.clicked.connect(self.log_asked)
        self.eject = Button(_("&Eject"), icon="eject")
        self.eject.clicked.connect(self.eject_asked)
        has_folder = self.outcome.target is not None
        for button, wanted in (
            (self.folder, has_folder),
            (self.more, False),
            (self.again, True),
            (self.eject, drive),
            (self.log, has_log),
        ):
            row.addWidget(button)
            if not wanted:
                button.hide()
        return row

    def offer_more(self, text: str, icon: str) -> None:
        """Offer to do the same once more."""
        self.more.setText(text)
        self.more.set_symbol(icon)
        self.more.show()

    def name_return(self, text: str) -> None:
        """Say what the way back leads to."""
        self.again.setText(text)
        self.again.set_symbol("")

    def _open_folder(self) -> None:
        if self.outcome.target is not None:
            target, files = self.outcome.target, self.outcome.kind == "extract"
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(target if files else target.parent)))


def _words(outcome: Outcome, *, alone: bool = False) -> Section:
    """Give what happened in words: of the only device, or of one of several."""
    card = Section()
    card.setAccessibleName(_("What happened"))
    if outcome.title and not alone:
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(Picture(outcome.icon, 20, tone=outcome.tone))
        line.addWidget(ElidedLabel(f"{outcome.word} · {outcome.title}", bold=True), 1)
        card.body.addLayout(line)
    card.body.addWidget(Label(outcome.message).selectable())
    if outcome.remedy:
        card.body.addWidget(Label(outcome.remedy, bold=True).selectable())
    if outcome.target is not None:
        place = from_home(str(outcome.target))
        path = Label(shown(place, 600), faint=True).selectable()
        spoken = _("Folder: {path}") if outcome.kind == "extract" else _("Image: {path}")
        path.setAccessibleName(spoken.format(path=shown(str(outcome.target), 600)))
        card.body.addWidget(path)
    if outcome.title and alone:
        card.body.addWidget(Label(outcome.title, faint=True))
    if outcome.details:
        card.body.addWidget(Label(" · ".join(outcome.details), faint=True))
    if outcome.cause:
        details = Details()
        card.body.addWidget(details)
        details.show_cause(outcome.cause)
    for listing in outcome.lists:
        card.body.addWidget(Label(listing.title, bold=True))
        card.body.addWidget(_list(listing.title, listing.lines, per_line=True))
    if outcome.warnings:
        message = Message()
        card.body.addWidget(message)
        message.say(Tone.WARNING, "\n".join(outcome.warnings))
    return card


class _Digests(Section):
    """The checksums, each with a button that copies it."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(_("Checksums"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(theme.GAP)
        grid.setVerticalSpacing(theme.SMALL)
        grid.setColumnStretch(1, 1)
        for row, (name, digest) in enumerate(outcome.digests.items()):
            shown_name = display(shown(name))
            grid.addWidget(Label(shown_name, faint=True, wrap=False), row, 0)
            grid.addWidget(_digest_line(shown_name, digest), row, 1)
            grid.addWidget(_CopyButton(shown_name, digest), row, 2)
        self.body.addLayout(grid)


def _digest_line(name: str, digest: str) -> QLineEdit:
    line = QLineEdit(shown(digest, 256))
    line.setReadOnly(True)
    line.setFrame(False)
    line.setFont(theme.fixed_pitch(line))
    line.setCursorPosition(0)
    line.setAccessibleName(_("{name} checksum").format(name=name))
    palette = line.palette()
    palette.setColor(palette.ColorRole.Base, "transparent")
    line.setPalette(palette)
    return line


class _CopyButton(Button):
    """Copies, and says so for a moment."""

    def __init__(self, name: str, digest: str) -> None:
        super().__init__(_("Copy"), icon="copy")
        self.setAccessibleName(_("Copy the {name} checksum").format(name=name))
        self._digest = digest
        self.clicked.connect(self._copy)
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.setInterval(1600)
        self._back.timeout.connect(lambda: self._say(_("Copy"), "copy"))

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._digest)
        self._say(_("Copied"), "check")
        self._back.start()

    def _say(self, text: str, icon: str) -> None:
        self.setText(text)
        self.set_symbol(icon)


def _losses(outcome: Outcome, running: Running | None) -> Section:
    card = Section(_("What was lost") if outcome.bad_sectors else _("What differed"))
    if isinstance(running, Ripping):
        card.body.addWidget(SectorMap(running.cells))
    # Of a CD the places in its tracks are listed above, with what is wrong there.
    bad = _("Bad sectors") if outcome.lists else _("Sectors that could not be read")
    for title, runs in (
        (bad, outcome.bad_sectors),
        (_("Sectors that a second reading gave otherwise"), outcome.differing_sectors),
    ):
        if runs:
            card.body.addWidget(Label(title, bold=True))
            card.body.addWidget(_list(title, [_run(run) for run in runs], per_line=True))
    if outcome.files_affected:
        n = len(outcome.files_affected)
        title = counted("{n} file lies on them", "{n} files lie on them", n)
        card.body.addWidget(Label(title, bold=True))
        card.body.addWidget(_list(title, outcome.files_affected))
    elif outcome.bad_sectors and not outcome.lists:  # those name tracks, perhaps of music
        card.body.addWidget(Label(_("No file is known to lie on them."), faint=True))
    return card


def _run(run: Extent) -> str:
    return _("{where}  ({n} sectors)").format(where=run, n=run.count) if run.count > 1 else str(run)


def _list(name: str, lines: Sequence[str], *, per_line: bool = False) -> QWidget:
    """Give a list that can be selected and copied, as high as it needs up to a limit."""
    kept = list(lines[:_LISTED])
    if len(lines) > _LISTED:
        kept.append(_("… and {n} more").format(n=len(lines) - _LISTED))
    view = QPlainTextEdit("\n".join(kept))
    view.setReadOnly(True)
    view.setAccessibleName(name)
    view.setTabChangesFocus(True)
    view.setFont(theme.fixed_pitch(view) if per_line else view.font())
    height = view.fontMetrics().lineSpacing() * min(max(len(kept), 1), 8) + 18
    view.setFixedHeight(height)
    return view
