# SPDX-License-Identifier: GPL-3.0-or-later
"""The few questions and separate windows: each question once, Cancel by default."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QMessageBox,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)  # fmt: skip

from discwright import __version__
from discwright.errors import DiscwrightError
from discwright.gui import icons, theme
from discwright.gui.controls import Label
from discwright.wording import _, counted, shown, size

if TYPE_CHECKING:
    from collections.abc import Sequence

    from discwright.burn.options import Blank
    from discwright.burn.plan import BurnPlan
    from discwright.devices.targets import StickTarget
    from discwright.jobs.log import JobLog
    from discwright.optical.writable import WritableMedium
    from discwright.transfer.outcome import Refusal


def _box(parent: QWidget, icon: QMessageBox.Icon, text: str, more: str = "") -> QMessageBox:
    box = QMessageBox(parent)
    box.setIcon(icon)
    box.setWindowTitle(_("Discwright"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setText(text)
    # The informative text follows no text format: markup in foreign names must not come alive.
    box.setInformativeText(more.replace("&", "&amp;").replace("<", "&lt;"))
    return box


def _pressed(box: QMessageBox) -> QAbstractButton:
    """Ask, and give the button that was pressed."""
    box.exec()
    box.deleteLater()
    return box.clickedButton()


def may_replace(parent: QWidget, target: Path) -> bool:
    """Ask whether an existing file may be replaced."""
    box = _box(
        parent,
        QMessageBox.Icon.Warning,
        _("Replace {name}?").format(name=shown(target.name)),
        _(
            "A file of this name is in {folder} already. If you replace it, what is in it now is "
            "lost."
        ).format(folder=shown(str(target.parent), 400)),
    )
    replace = box.addButton(_("&Replace"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    return _pressed(box) is replace


def go_on_or_anew(parent: QWidget, refusal: "Refusal") -> bool | None:
    """Ask whether to go on with an unfinished copy (True) or to begin anew (False), or neither."""
    box = _box(
        parent,
        QMessageBox.Icon.Question,
        _("Continue the unfinished copy?"),
        _("{what} If you start anew, what was read of it is lost.").format(what=refusal.message),
    )
    go_on = box.addButton(_("&Continue"), QMessageBox.ButtonRole.AcceptRole)
    anew = box.addButton(_("&Start anew"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(go_on)
    box.setEscapeButton(cancel)
    pressed = _pressed(box)
    return True if pressed is go_on else False if pressed is anew else None


def skip_or_replace(parent: QWidget, refusal: "Refusal", folder: Path) -> bool | None:
    """Ask whether files that are there stay (True) or are replaced (False), or neither."""
    box = _box(
        parent,
        QMessageBox.Icon.Question,
        _("Put the files into {folder} all the same?").format(folder=shown(folder.name)),
        _("{what} If you replace such files, what is in them now is lost.").format(
            what=refusal.message
        ),
    )
    skip = box.addButton(_("&Leave them as they are"), QMessageBox.ButtonRole.AcceptRole)
    replace = box.addButton(_("&Replace"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    pressed = _pressed(box)
    return True if pressed is skip else False if pressed is replace else None


def _may_overwrite(parent: QWidget, text: str, more: str, yes: str) -> bool:
    box = _box(parent, QMessageBox.Icon.Warning, text, more)
    overwrite = box.addButton(yes, QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    return _pressed(box) is overwrite


def may_overwrite_sticks(parent: QWidget, sticks: "Sequence[StickTarget]") -> bool:
    """Ask whether these sticks may be overwritten."""
    if len(sticks) == 1:
        text = _("Overwrite {stick}?").format(stick=sticks[0].title)
    else:
        text = counted("Overwrite {n} stick?", "Overwrite {n} sticks?", len(sticks))
    return _may_overwrite(parent, text, _lost_on(sticks), _("&Overwrite"))


def may_erase_stick(parent: QWidget, stick: "StickTarget") -> bool:
    """Ask whether this stick may be emptied."""
    return _may_overwrite(
        parent,
        _("Erase {stick}?").format(stick=stick.title),
        _lost_on((stick,))
        + "\n\n"
        + _("It gets one empty file system, as it was sold, and can be used for files again."),
        _("&Erase"),
    )


def is_right_stick(parent: QWidget, refusal: "Refusal") -> bool:
    """Ask a second time about a stick that is unusual."""
    return _may_overwrite(
        parent,
        refusal.message,
        _("Look closely: what is on it can't be brought back."),
        _("&This is the right one"),
    )


def _lost_on(sticks: "Sequence[StickTarget]") -> str:
    lines = []
    for stick in sticks:
        what = ", ".join(stick.contents) or _("no file system that is known")
        if len(sticks) == 1:
            lines.append(_("Everything on it will be lost: {what}.").format(what=what))
        else:
            words = {"stick": stick.title, "what": what}
            lines.append(_("Everything on {stick} will be lost: {what}.").format(**words))
    return "\n\n".join(lines)


def may_overwrite_discs(parent: QWidget, plans: "Sequence[BurnPlan]") -> bool:
    """Ask whether what is on these discs may be lost."""
    discs = [_disc_and_drive(plan.medium) for plan in plans]
    text = _("Overwrite {disc}?").format(disc=discs[0])
    if len(plans) > 1:
        text = counted("Overwrite {n} disc?", "Overwrite {n} discs?", len(plans))
    return _may_overwrite(
        parent,
        text,
        "\n\n".join(_("Everything on {disc} will be lost.").format(disc=disc) for disc in discs),
        _("&Overwrite"),
    )


def how_to_erase(parent: QWidget, medium: "WritableMedium") -> "Blank | None":
    """Ask whether this disc may be erased, and how; None: not at all."""
    from discwright.burn.options import Blank  # noqa: PLC0415 - only when asked

    box = _box(
        parent,
        QMessageBox.Icon.Warning,
        _("Erase {disc}?").format(disc=_disc_and_drive(medium)),
        _("Everything on it will be lost. Then it can be written again."),
    )
    fully = QCheckBox(_("Erase &all of it, which takes as long as writing it"))
    box.setCheckBox(fully)
    erase = box.addButton(_("&Erase"), QMessageBox.ButtonRole.DestructiveRole)
    cancel = box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(cancel)
    box.setEscapeButton(cancel)
    box.exec()
    full = fully.isChecked()
    pressed = box.clickedButton()
    box.deleteLater()
    if pressed is not erase:
        return None
    return Blank.FULL if full else Blank.FAST


def _disc_and_drive(medium: "WritableMedium") -> str:
    drive = shown(str(medium.drive)) if medium.drive is not None else ""
    words = {
        "label": medium.label,
        "kind": medium.kind,
        "room": size(medium.capacity_bytes or medium.free_bytes),
        "drive": f"{drive} ({shown(medium.node)})" if drive else shown(medium.node),
    }
    if medium.label:
        return _("the {kind} “{label}” ({room}) in {drive}").format(**words)
    return _("the {kind} ({room}) in {drive}").format(**words)


def may_stop(parent: QWidget, kinds: "Sequence[str]") -> bool:
    """Ask whether the running jobs, of these kinds, may be cancelled so that the window closes."""
    what = [_("If you quit now, it is cancelled.") if len(kinds) == 1
            else _("If you quit now, they are cancelled.")]  # fmt: skip
    for kind, consequence in (
        ("rip", _("What was read of a disc is kept, unless it only just began.")),
        ("burn", _("A disc that is being written can be spoilt for good.")),
        ("write", _("A stick that is being written can't be used before it is written anew.")),
        ("copy", _("A disc or stick that is being written can't be used.")),
        ("erase", _("What is being erased is lost all the same.")),
        ("extract", _("Files that were taken out whole are kept.")),
    ):
        if kind in kinds:
            what.append(consequence)
    box = _box(
        parent,
        QMessageBox.Icon.Question,
        counted("A job is still running.", "{n} jobs are still running.", len(kinds)),
        " ".join(what),
    )
    stop = box.addButton(_("&Cancel and quit"), QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton(_("&Keep running"), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(keep)
    box.setEscapeButton(keep)
    return _pressed(box) is stop


def tell(parent: QWidget, error: DiscwrightError) -> None:
    """Tell what went wrong; does not wait."""
    box = _box(parent, QMessageBox.Icon.Warning, error.message, error.remedy)
    if error.cause:
        box.setDetailedText(error.cause)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


def show_text(parent: QWidget, title: str, text: str, *, save_as: str = "") -> QDialog:
    """Show long text in a window of its own; with ``save_as`` it can be saved. Does not wait."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    view = QPlainTextEdit(text)
    view.setReadOnly(True)
    view.setTabChangesFocus(True)
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
    view.setFont(theme.fixed_pitch(view))
    view.setAccessibleName(title)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    if save_as:
        save = buttons.addButton(_("&Save log…"), QDialogButtonBox.ButtonRole.ActionRole)
        save.clicked.connect(lambda: _save(dialog, text, save_as))
    column = QVBoxLayout(dialog)
    column.addWidget(view)
    column.addWidget(buttons)
    dialog.resize(QSize(820, 520))
    dialog.open()
    return dialog


def show_log(parent: QWidget, log: "JobLog") -> QDialog:
    """Show the log of a job, which can be saved."""
    return show_text(parent, _("Log"), "\n".join(log.lines), save_as="discwright.log")


def _save(parent: QWidget, text: str, name: str) -> None:
    chosen, _filter = QFileDialog.getSaveFileName(parent, _("Save log"), str(Path.home() / name))
    if not chosen:
        return
    try:
        Path(chosen).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        why = DiscwrightError(
            _("The log could not be saved."),
            remedy=_("Choose another folder."),
            cause=str(error),
        )
        tell(parent, why)


def about(parent: QWidget) -> None:
    """Show what the program is; does not wait."""
    box = _box(
        parent,
        QMessageBox.Icon.NoIcon,
        _("Discwright {version}").format(version=__version__),
        _(
            "Rips discs to images, burns images to discs, writes USB sticks, and proves what it "
            "did. Free software under the GNU General Public License, version 3 or later. Discs "
            "are read with libcdio and burned with xorriso."
        ),
    )
    icon = icons.app_icon()
    if not icon.isNull():
        box.setIconPixmap(icon.pixmap(64, 64))
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()


def shortcuts(parent: QWidget, keys: list[tuple[str, str]]) -> None:
    """Show the keyboard shortcuts; does not wait."""
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(_("Keyboard shortcuts"))
    column = QVBoxLayout(dialog)
    column.setContentsMargins(theme.PAGE, theme.WIDE, theme.PAGE, theme.WIDE)
    for key, what in keys:
        column.addWidget(Label(f"{key}   {what}", wrap=False))
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column.addSpacing(theme.GAP)
    column.addWidget(buttons)
    dialog.open()
