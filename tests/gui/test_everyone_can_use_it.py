# SPDX-License-Identifier: GPL-3.0-or-later
"""Keyboard, screen readers, dark and light, long names, narrow windows."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QWidget,
)  # fmt: skip
from pytestqt.qtbot import QtBot

from discwright.devices.model import MediumState
from discwright.errors import SourceError
from discwright.gui import theme
from discwright.gui.controls import Button, Label
from discwright.gui.theme import Tone
from discwright.gui.window import Window
from discwright.image.contents import Contents, DiscFile
from discwright.jobs.history import Entry as PastJob
from discwright.optical.profile import Profile

from .conftest import Open, settle
from .fake_targets import HeldWriting, source
from .fakes import Bench, Held, audio_cd, blank_disc, css_disc, disc, drive, stick
from .test_disc_page import answer
from .test_jobs_in_the_window import REPORTS, State
from .test_writing import failing

INTERACTIVE = (
    QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit,
    QProgressBar,
)  # fmt: skip

LONG = "THE_EXTRAORDINARILY_LONG_VOLUME_NAME_OF_A_DISC_THAT_NEVER_ENDS_" * 3


def ripped(state: State) -> Callable[[QtBot, Window, Bench], None]:
    """Give what leads to a result."""

    def act(qtbot: QtBot, window: Window, bench: Bench) -> None:
        bench.script = lambda _plan, _listener, _cancel: REPORTS[state][0]
        window.rip()
        qtbot.waitUntil(lambda: window.page.result is not None)

    return act


def running(qtbot: QtBot, window: Window, bench: Bench) -> None:
    bench.script = Held()
    window.rip()
    qtbot.waitUntil(bench.script.began.is_set)
    qtbot.waitUntil(lambda: "Reading" in str(window.panel.rows[1].status.full_text))


def unfolded(_qtbot: QtBot, window: Window, _bench: Bench) -> None:
    window.page.disc.options.unfold.setChecked(True)


def history(qtbot: QtBot, window: Window, _bench: Bench) -> None:
    window.show_history()
    qtbot.waitUntil(lambda: window.stack.extra is not None)


def nothing(_qtbot: QtBot, _window: Window, _bench: Bench) -> None:
    pass


def burn_plan(qtbot: QtBot, window: Window, bench: Bench) -> None:
    window.page.burn(bench.folder / ("x" * 90 + ".iso"), "/dev/sr0")
    settle(qtbot, window)
    window.page.task.options.unfold.setChecked(True)


def write_plan(qtbot: QtBot, window: Window, bench: Bench) -> None:
    window.sidebar.select("/dev/sdb")
    window.page.write(bench.folder / ("x" * 90 + ".iso"), "/dev/sdb", "/dev/sdc")
    settle(qtbot, window)
    window.page.task.options.unfold.setChecked(True)


def writing(qtbot: QtBot, window: Window, bench: Bench) -> None:
    write_plan(qtbot, window, bench)
    bench.targets.doing = HeldWriting()
    answer("Overwrite")
    window.page.task.view.go.click()
    qtbot.waitUntil(bench.targets.doing.began.is_set)


def written(qtbot: QtBot, window: Window, bench: Bench) -> None:
    write_plan(qtbot, window, bench)
    bench.targets.doing = failing
    answer("Overwrite")
    window.page.task.view.go.click()
    qtbot.waitUntil(lambda: window.page.result is not None)


def packed(qtbot: QtBot, window: Window, bench: Bench) -> None:
    path = bench.folder / "raspios.img.xz"
    bench.discs[str(path)] = SourceError("It is compressed.")
    bench.targets.packed[str(path)] = source(path, method="xz", size=None)
    window.open_paths([str(path)])


def opened(_qtbot: QtBot, window: Window, bench: Bench) -> None:
    path = bench.folder / "a.iso"
    bench.discs[str(path)] = disc(str(path), virtual=True)
    window.open_paths([str(path)])


def browsing(qtbot: QtBot, window: Window, bench: Bench) -> None:
    bench.contents = Contents(
        files=(DiscFile(("x" * 200, "y.txt"), 17, ()), DiscFile(("n" * 250,), 5 << 30, ())),
        directories=(("x" * 200,),),
        damage=("Parts of the directories make no sense.",),
    )
    window.page.disc.browse.click()
    settle(qtbot, window)


STICKS = (stick(), stick("/dev/sdc", model="Cruzer " + "B" * 90, diskseq=8))
BLANK = drive(state=MediumState.BLANK, kind="DVD+R", label="")

SCREENS = {
    "burn plan": ((BLANK, replace(BLANK, node="/dev/sr1")), blank_disc(), burn_plan),
    "write plan": (STICKS, None, write_plan),
    "writing": (STICKS, None, writing),
    "written": (STICKS, None, written),
    "packed": (STICKS, None, packed),
    "image": ((BLANK, *STICKS), blank_disc(), opened),
    "rewritable": ((drive(kind="DVD+RW"),), disc(profile=Profile.DVD_PLUS_RW), nothing),
    "welcome": ((), None, nothing),
    "no disc": ((drive(state=MediumState.NO_MEDIUM),), None, nothing),
    "data": ((drive(), stick()), None, nothing),
    "options": ((drive(),), None, unfolded),
    "css": ((drive(),), css_disc(), nothing),
    "audio": ((drive(),), audio_cd(), nothing),
    "blank": ((drive(state=MediumState.BLANK),), blank_disc(), nothing),
    "long": ((drive(label=LONG, model="M" * 90),), disc(label=LONG), unfolded),
    "error": ((drive(),), SourceError("No.", remedy="Do.", cause="EACCES"), nothing),
    "stick": ((stick(),), None, lambda _q, w, _b: w.sidebar.select("/dev/sdb")),
    "running": ((drive(),), None, running),
    "complete": ((drive(),), None, ripped(State.COMPLETE)),
    "bad sectors": ((drive(),), None, ripped(State.COMPLETE_WITH_ERRORS)),
    "failed": ((drive(),), None, ripped(State.FAILED)),
    "browsing": ((drive(),), None, browsing),
    "history": ((drive(),), None, history),
}


@pytest.fixture(params=list(SCREENS))
def screen(request: pytest.FixtureRequest, qtbot: QtBot, open_window: Open, bench: Bench) -> Window:
    """Give the window as it is on each of its screens."""
    bench.devices, found, act = SCREENS[request.param]
    bench.past = (PastJob("rip", "Rip “A” to a.iso", "complete", "Copied.", log="/x.log"),)
    if found is not None:
        bench.discs["/dev/sr0"] = found
    window = open_window()
    act(qtbot, window, bench)
    settle(qtbot, window)
    window.activateWindow()
    QApplication.processEvents()
    return window


def visible(window: QWidget, kinds: type | tuple[type, ...]) -> list[QWidget]:
    """Give the widgets in sight; parts of Qt's own controls are theirs."""
    return [
        child
        for child in window.findChildren(QWidget)
        if isinstance(child, kinds)
        and child.isVisible()
        and not child.objectName().startswith("qt_")
    ]


def test_everything_that_can_be_used_has_a_name_for_screen_readers(screen: Window) -> None:
    nameless = [
        child
        for child in visible(screen, INTERACTIVE)
        if not (
            child.accessibleName() or (isinstance(child, QAbstractButton) and child.text().strip())
        )
    ]
    assert nameless == []


def test_everything_that_can_be_used_is_reached_with_tab(qtbot: QtBot, screen: Window) -> None:
    reached = set()
    screen.sidebar.setFocus()
    for _ in range(80):
        focused = QApplication.focusWidget()
        if focused is None or focused in reached:
            break
        reached.add(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    wanted = [
        child
        for child in visible(screen, (QAbstractButton, QComboBox, QLineEdit, QAbstractSpinBox))
        if child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    missed = [child for child in wanted if child not in reached]
    assert missed == []
    assert wanted or screen.page is None


def test_nothing_is_cut_off_in_a_narrow_window(qtbot: QtBot, screen: Window) -> None:
    screen.resize(QSize(540, 420))
    qtbot.wait(1)
    QApplication.processEvents()
    page = screen.stack.currentWidget()
    edge = page.mapTo(screen, page.rect().bottomRight()).x()
    outside = [
        (type(child).__name__, getattr(child, "text", str)())
        for child in visible(page, (Label, Button, QLineEdit, QProgressBar))
        if child.mapTo(screen, child.rect().bottomRight()).x() > edge
    ]
    assert outside == []
    too_wide = [
        (type(area).__name__, area.widget().width(), area.viewport().width())
        for area in visible(screen, QScrollArea)
        if area.widget() is not None and area.widget().width() > area.viewport().width()
    ]
    assert too_wide == []


def test_text_can_be_read_on_every_screen_dark_and_light(
    qtbot: QtBot, open_window: Open, bench: Bench, scheme: str
) -> None:
    palette = QApplication.palette()
    surface, window = theme.card(palette), palette.window().color()
    text = palette.windowText().color()
    assert theme.is_dark(palette) is (scheme == "dark")
    for colour in (text, theme.faint(palette), *(theme.tone(palette, tone) for tone in Tone)):
        assert theme.contrast(colour, surface) >= theme.READABLE
    assert theme.contrast(theme.faint(palette), window) >= 4.0
    assert theme.contrast(QColor("white"), theme.accent(palette)) >= theme.READABLE
    bench.devices = (drive(),)
    picture = open_window().grab().toImage()
    middle = picture.pixelColor(picture.width() - 8, picture.height() - 8)
    assert (theme.luminance(middle) < 0.2) is (scheme == "dark")


def test_the_scheme_can_change_while_the_window_is_open(
    qtbot: QtBot, open_window: Open, bench: Bench, qapp: QApplication
) -> None:
    bench.devices = (drive(),)
    window = open_window()
    light = window.grab().toImage()
    before = qapp.palette()
    try:
        from PySide6.QtGui import QPalette  # noqa: PLC0415

        qapp.setPalette(QPalette(QColor(50, 50, 50)))
        QApplication.processEvents()
        dark = window.grab().toImage()
        below = window.page.disc.header.below
        colour = below.palette().color(below.foregroundRole())
        assert theme.contrast(colour, theme.card(qapp.palette())) >= theme.READABLE
    finally:
        qapp.setPalette(before)
    assert brightness(dark) < 0.4 * brightness(light)


def brightness(image: QImage) -> float:
    """Give the mean brightness, 0 to 255."""
    small = image.scaled(8, 8, mode=Qt.TransformationMode.SmoothTransformation)
    return sum(small.pixelColor(x, y).lightness() for x in range(8) for y in range(8)) / 64


def test_a_rip_is_started_and_cancelled_with_the_keyboard_alone(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive("/dev/sr0", label="ONE"), drive("/dev/sr1", label="TWO"))
    bench.script = Held()
    window = open_window()
    assert QApplication.focusWidget() is window.sidebar
    qtbot.keyClick(window.sidebar, Qt.Key.Key_Down)
    settle(qtbot, window)
    qtbot.keyClick(window.sidebar, Qt.Key.Key_Return)
    assert QApplication.focusWidget() is window.page.disc.rip
    qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    qtbot.waitUntil(bench.script.began.is_set)
    assert bench.plans[0].disc.source == "/dev/sr1"
    # A second press of the same key must not cancel what the first one started.
    assert QApplication.focusWidget() is not window.panel.rows[1].cancel
    cancel = window.panel.rows[1].cancel
    for _ in range(10):
        focused = QApplication.focusWidget()
        if focused is cancel:
            break
        qtbot.keyClick(focused or window, Qt.Key.Key_Tab)
    qtbot.keyClick(cancel, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: window.page.result is not None)
    assert window.page.result.outcome.state is State.CANCELLED


def test_enter_in_the_name_field_starts_the_rip(
    qtbot: QtBot, open_window: Open, bench: Bench
) -> None:
    bench.devices = (drive(),)
    window = open_window()
    window.page.disc.target.name.setText("mine")
    qtbot.keyClick(window.page.disc.target.name, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(bench.plans) == 1)
    assert bench.plans[0].target.name == "mine"


def test_a_long_label_is_elided_and_told_in_full_as_a_tip(open_window: Open, bench: Bench) -> None:
    label = "<i>" + LONG
    bench.devices = (drive(label=label),)
    bench.discs["/dev/sr0"] = replace(disc(label=label))
    headline = open_window().page.disc.header.headline
    assert headline.text().endswith("…")
    assert headline.accessibleName().startswith("<i>THE_")
    assert "&lt;i>THE_" in headline.toolTip()


def test_a_long_path_is_broken_into_lines_and_copied_whole(qtbot: QtBot, open_window: Open) -> None:
    path = "/home/somebody/" + "x" * 90 + ".iso"
    label = Label(path).selectable()
    open_window().stack.welcome.add(label)
    qtbot.waitUntil(label.isVisible)
    assert label.minimumSizeHint().width() < 300
    label.setSelection(0, len(label.text()))
    qtbot.keyClick(label, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == path
