# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a rip in progress: the disc as a map of sectors, and its speed as a curve."""

from PySide6.QtWidgets import QHBoxLayout

from discwright.gui import job_words
from discwright.gui.bridge import Ripping
from discwright.gui.controls import Label
from discwright.gui.disc_facts import from_home
from discwright.gui.pages.frame import Column, Header, Section
from discwright.gui.sector_map import SectorMap
from discwright.gui.speed_curve import SpeedCurve
from discwright.wording import _, shown, size


class RunningView(Column):
    """Map and curve; bar, rate and Cancel are in the panel below, where all jobs are."""

    def __init__(self, running: Ripping, headline: str) -> None:
        super().__init__()
        self.running = running
        self.setAccessibleName(_("Ripping {disc}").format(disc=headline))
        target = running.plan.target
        header = Header("rip")
        header.show_text(
            headline,
            _("Being copied to {name} in {folder}").format(
                name=shown(target.name), folder=shown(from_home(str(target.parent)), 400)
            ),
        )
        self.body.addWidget(header)
        sectors = Section()
        title = QHBoxLayout()
        title.addWidget(Label(_("Sectors"), bold=True), 1)
        self.state = Label(faint=True, wrap=False)
        title.addWidget(self.state)
        sectors.body.addLayout(title)
        self.phase = Label(faint=True)
        sectors.body.addWidget(self.phase)
        self.map = SectorMap(running.cells)
        sectors.body.addWidget(self.map, 1)
        self.body.addWidget(sectors, 3)
        speed = Section()
        title = QHBoxLayout()
        title.addWidget(Label(_("Reading speed over the disc"), bold=True), 1)
        self.rate = Label(faint=True, wrap=False)
        title.addWidget(self.rate)
        speed.body.addLayout(title)
        self.curve = SpeedCurve(running.speed, running.plan.size)
        speed.body.addWidget(self.curve, 1)
        self.body.addWidget(speed, 2)
        self.body.addStretch(1)
        self.refresh()

    def refresh(self) -> None:
        """Show where the job is now."""
        progress = self.running.progress
        self.state.setText(job_words.share(progress))
        self.phase.setText(job_words.phase_name(progress.phase) if progress is not None else "")
        top = self.running.speed.top
        self.rate.setText(_("at most {rate}/s").format(rate=size(round(top))) if top else "")
        self.map.refresh()
        self.curve.refresh()
