# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking into a disc or an image, and taking files out of it: ask, plan, begin."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from discwright.extract.plan import Existing, ExtractOptions, ExtractPlan
from discwright.gui import announce, dialogs
from discwright.gui.disc_facts import headline
from discwright.gui.file_model import FileNode, nodes_of
from discwright.gui.means import Means
from discwright.gui.pages.browse import BrowseView
from discwright.gui.target import usual_folder
from discwright.gui.theme import Tone
from discwright.transfer.cancel import CancelToken
from discwright.transfer.outcome import Refusal

if TYPE_CHECKING:
    from discwright.errors import DiscwrightError
    from discwright.extract.source import DiscContents
    from discwright.optical.disc import Disc


class Browsing(QObject):
    """One disc that is looked into."""

    began = Signal(object)
    """A Running: files are being taken out."""

    def __init__(self, means: Means, disc: "Disc", name: str) -> None:
        """Begin to read; ``name``: that of an image of it, of which the folder gets its own."""
        self.view = BrowseView(headline(disc), usual_folder(means.settings), Path(name).stem)
        super().__init__(self.view)
        self._means = means
        self._token = CancelToken()
        self._found: DiscContents | None = None
        self.view.extract_asked.connect(lambda: self._plan(Existing.REFUSE))
        means.errands.run(lambda: self._read(disc), self._seen, self._failed)

    def leave(self) -> None:
        """Drop what is asked; the page goes."""
        self._token.cancel()

    def _read(self, disc: "Disc") -> "tuple[DiscContents, list[FileNode]] | Refusal":
        found = self._means.ports.list_files(disc, self._token)
        return found if isinstance(found, Refusal) else (found, nodes_of(found))

    def _seen(self, answer: "tuple[DiscContents, list[FileNode]] | Refusal") -> None:
        if self._token.cancelled:
            return
        if isinstance(answer, Refusal):
            self._refuse(answer)
            return
        self._found, nodes = answer
        self.view.show_files(nodes, "\n".join(self._found.contents.damage[:3]))
        announce.say(self.view, self.view.header.below.full_text)

    def _failed(self, error: "DiscwrightError") -> None:
        if not self._token.cancelled:
            refusal = Refusal("source", error.message, error.remedy, error.cause)
            self.view.refuse(refusal, Tone.BAD)
            self.view.extract.setEnabled(self._found is not None)
            announce.say(self.view, error.sentence())

    def _refuse(self, refusal: Refusal) -> None:
        self.view.refuse(refusal)
        announce.say(self.view, refusal.sentence())

    def _plan(self, existing: Existing) -> None:
        """Plan with what is selected now."""
        found = self._found
        if found is None:
            return
        options = ExtractOptions(self.view.chosen, existing)
        folder = self.view.target.path
        self.view.extract.setEnabled(False)
        self._means.errands.run(
            lambda: self._means.ports.plan_extract(found, folder, options, self._token),
            lambda outcome: self._decide(outcome, folder, options),
            self._failed,
        )

    def _decide(
        self, outcome: ExtractPlan | Refusal, folder: Path, options: ExtractOptions
    ) -> None:
        if self._token.cancelled:
            return
        view = self.view
        view.extract.setEnabled(True)
        if isinstance(outcome, Refusal):
            if outcome.kind == "exists" and options.existing is Existing.REFUSE:
                choice = dialogs.skip_or_replace(view.window(), outcome, folder)
                if choice is not None and not self._token.cancelled:
                    self._plan(Existing.SKIP if choice else Existing.REPLACE)
                return
            self._refuse(outcome)
            return
        if set(outcome.warnings) - set(view.told):
            view.warn(outcome.warnings)
            announce.say(view, " ".join(outcome.warnings))
            view.extract.setFocus()
            return
        self._start(outcome)

    def _start(self, plan: ExtractPlan) -> None:
        from discwright.jobs.extract_work import ExtractWork  # noqa: PLC0415 - only now

        self._means.settings.setValue("target/folder", str(plan.folder.parent))
        self.began.emit(self._means.bridge.start(lambda _each: ExtractWork(plan)))
