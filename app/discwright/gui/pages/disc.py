# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a disc: what it is, where its image goes, and the button that starts."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from discwright.devices.model import Device
from discwright.gui import disc_facts, theme
from discwright.gui.controls import Button, Kind, Label, icon_button
from discwright.gui.flow import Flow
from discwright.gui.message import Message
from discwright.gui.options import Options, format_name
from discwright.gui.pages.facts import facts_grid
from discwright.gui.pages.frame import Column, Header, Section
from discwright.gui.pages.offers import Offers
from discwright.gui.ports import Left, Look, Prospect
from discwright.gui.target import Target
from discwright.gui.theme import Tone
from discwright.optical.disc import DiscStatus
from discwright.rip.plan import ImageFormat, RipPlan
from discwright.transfer.outcome import Refusal
from discwright.wording import _, counted, size

_FORMATS = {".iso": ImageFormat.ISO, ".bin": ImageFormat.BIN, ".cue": ImageFormat.BIN}

SETTLE_MS = 350
"""How long typing must rest before the target is looked at."""


class DiscView(Column):
    """A disc that was examined. Looks at nothing itself: it asks and is told."""

    consider_asked = Signal()
    """Target or options are others now: what would come of a rip?"""
    rip_asked = Signal()
    go_on_asked = Signal()
    """An earlier copy is to be gone on with."""
    reread_asked = Signal()
    eject_asked = Signal()

    def __init__(self, look: Look, options: Options) -> None:
        super().__init__()
        self.look = look
        disc = look.disc
        self.options = options
        self.told: tuple[str, ...] = ()
        """The warnings that the user has in sight."""
        self.header = Header("disc-blank" if disc.status is DiscStatus.BLANK else "disc")
        self.header.show_text(disc_facts.headline(disc), disc_facts.subtitle(disc))
        self.header.setAccessibleName(self.header.headline.full_text)
        self.setAccessibleName(self.header.headline.full_text)
        self.body.addWidget(self.header)
        self.reread = icon_button("refresh", _("Read the disc again"), tip=_("Read again (F5)"))
        self.reread.clicked.connect(self.reread_asked)
        self.header.add(self.reread)
        self.eject = icon_button("eject", _("Eject the disc"))
        self.eject.clicked.connect(self.eject_asked)
        self.header.add(self.eject)
        self.eject.setVisible(not disc.virtual)
        self.message = Message()
        self.body.addWidget(self.message)

        self.target = Target()
        self.rip = Button(icon="rip", kind=Kind.PRIMARY)
        self.rip.setAccessibleDescription(_("Copies the disc to the image file named above."))
        self.rip.setDefault(True)
        self.rip.clicked.connect(self.rip_asked)
        self.check = Button(_("Chec&k against…"), icon="check")
        self.check.setAccessibleDescription(
            _("Compares with an image, published checksums or a catalogue. Nothing is written.")
        )
        self.browse = _browse_button()
        self.go_on = self._make_go_on()
        self.start = self._start_card()
        self._show_format()
        self.offers = Offers(look)
        first: Section = self.start
        second: Section = self.offers
        if look.disc.virtual or not self.rippable:
            first, second = second, first
        self.body.addWidget(first)
        self.body.addWidget(second)
        self.body.addWidget(_facts_card(look))
        self.body.addStretch()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self.consider_asked)
        self._begin_with(look.refusal)
        self.target.name.returnPressed.connect(self.rip.click)

    def _begin_with(self, refusal: Refusal | None) -> None:
        """Say at once why this disc is no ISO, and leave away what can't be done with it."""
        if self.rippable:
            self.warn(())
        elif refusal is not None:
            self._withhold_rip(refusal)

    def _withhold_rip(self, refusal: Refusal) -> None:
        """Show why this disc can't be ripped, and what can be done all the same."""
        self.start.hide()
        disc = self.look.disc
        if disc.volumes.file_systems:
            self.offers.add(self.browse)
        if disc.virtual:  # a catalogue may know its files all the same
            self.offers.buttons.addWidget(self.check)
            self.check.show()
        if refusal.kind != "blank":
            self.refuse(refusal)

    def watch_changes(self) -> None:
        """Ask anew whenever target or options change, from now on."""
        self.target.changed.connect(self._follow_name)
        self.target.changed.connect(self._settle.start)
        self.options.changed.connect(self._show_format)
        self.options.changed.connect(self._settle.start)

    def _follow_name(self) -> None:
        """Choose the kind of image that a typed name is of."""
        if self.target.suffix in _FORMATS:
            self.options.choose_format(_FORMATS[self.target.suffix])

    def _show_format(self) -> None:
        """Name the kind of image on the button, and let the file's name end so."""
        kind = self.options.chosen().format
        self.rip.setText(_("&Rip disc to {format}").format(format=format_name(kind)))
        self.start.setAccessibleName(_("Rip disc to {format}").format(format=format_name(kind)))
        if _FORMATS.get(self.target.suffix, kind) is not kind:
            self.target.end_in(f".{kind}")

    @property
    def rippable(self) -> bool:
        """Whether there is a button to press."""
        return self.look.refusal is None or bool(self.look.formats)

    def follow(self, devices: tuple[Device, ...]) -> None:
        """Follow what is plugged in: what is most likely wanted has the big button."""
        self.offers.follow(devices)
        self.rip.become(Kind.PLAIN if self.offers.urgent else Kind.PRIMARY)

    @property
    def erase(self) -> Button:
        """The button that erases the disc."""
        return self.offers.erase

    @property
    def first(self) -> Button | None:
        """The button that is most likely wanted."""
        if self.offers.urgent and self.offers.burn.isEnabled():
            return self.offers.burn
        return self.rip if self.rippable else None

    def _make_go_on(self) -> Button:
        """Make the button that goes on with an earlier copy; shown if there is one."""
        button = Button(icon="refresh")
        button.clicked.connect(self.go_on_asked)
        button.hide()
        return button

    def _start_card(self) -> Section:
        card = Section()
        card.body.addWidget(self.target)
        card.body.addSpacing(4)
        card.body.addWidget(self.go_on)
        buttons = Flow(gap=theme.GAP)
        buttons.addWidget(self.rip)
        buttons.addWidget(self.browse)
        if not self.look.disc.volumes.file_systems:
            self.browse.hide()
        buttons.addWidget(self.check)
        if self.look.refusal is not None:  # what is no ISO can't be compared with one
            self.check.hide()
        card.body.addLayout(buttons)
        card.body.addWidget(self.options)
        QWidget.setTabOrder(self.target.name, self.target.choose)
        QWidget.setTabOrder(self.target.choose, self.rip)
        QWidget.setTabOrder(self.rip, self.browse)
        QWidget.setTabOrder(self.browse, self.check)
        return card

    def foresee(self, prospect: Prospect) -> None:
        """Show what a rip would need and what speaks against it."""
        need, free = prospect.need or self.look.disc.size, prospect.destination.free_bytes
        if free is None:
            self.target.room.setText(_("Needs {need}.").format(need=size(need)))
        else:
            self.target.room.setText(
                _("Needs {need}; {free} are free there.").format(need=size(need), free=size(free))
            )
        self._offer_to_go_on(prospect.left)
        outcome = prospect.outcome
        if isinstance(outcome, RipPlan):
            self.warn(outcome.warnings)
        elif outcome.kind == "unfinished" and prospect.left is not None:
            self.message.say(Tone.INFO, outcome.message, _("Continue it, or choose another name."))
        elif outcome.kind == "exists":
            # A question for the moment of the start, not a reproach before it.
            self.warn(self.told)
        else:
            self.refuse(outcome)

    def _offer_to_go_on(self, left: Left | None) -> None:
        """Offer it above the usual button, for it is most likely what is wanted."""
        self.go_on.setVisible(left is not None)
        self.rip.become(Kind.PLAIN if left is not None or self.offers.urgent else Kind.PRIMARY)
        self.go_on.become(Kind.PLAIN if self.offers.urgent else Kind.PRIMARY)
        if left is None:
            return
        if left.finished:
            self.go_on.setText(_("Try the &bad sectors again"))
            about = counted(
                "{n} sector of the image could not be read the last time.",
                "{n} sectors of the image could not be read the last time.",
                left.missing,
            )
        else:
            self.go_on.setText(_("&Continue the unfinished copy"))
            about = _("{share} % of the disc was read before.").format(share=left.share)
        self.go_on.setAccessibleDescription(about)
        self.go_on.setToolTip(about)

    def warn(self, warnings: tuple[str, ...]) -> None:
        """Show what should be known before the start."""
        self.told = warnings
        if warnings:
            self.message.say(Tone.WARNING, "\n".join(warnings))
        elif self.look.refusal is not None:  # as an ISO; it is copied to BIN/CUE instead
            self.message.say(Tone.INFO, self.look.refusal.message, self.look.refusal.remedy)
        else:
            self.message.clear()

    def refuse(self, refusal: Refusal) -> None:
        """Show why there will be no rip."""
        tone = Tone.INFO if refusal.kind in {"blank", "empty"} else Tone.WARNING
        self.message.say(tone, refusal.message, refusal.remedy, refusal.cause)
        self.verticalScrollBar().setValue(0)


def _browse_button() -> Button:
    button = Button(_("Brow&se files"), icon="folder")
    button.setAccessibleDescription(_("Shows what is on the disc, to take files out of it."))
    return button


def _facts_card(look: Look) -> Section:
    card = Section(_("About this disc"))
    facts = disc_facts.facts(look.disc)
    if look.writable is not None:
        facts[1:1] = disc_facts.writing_facts(look.writable)
    card.body.addLayout(facts_grid(facts))
    # What warns before a rip stands above already.
    remarks = disc_facts.remarks(look.disc, all_of_them=look.refusal is not None)
    if remarks:
        card.body.addSpacing(4)
        card.body.addWidget(Label(_("Remarks"), bold=True))
        notes = QVBoxLayout()
        notes.setSpacing(theme.SMALL)
        for remark in remarks:
            notes.addWidget(Label(remark, faint=True))
        card.body.addLayout(notes)
    return card
