# SPDX-License-Identifier: GPL-3.0-or-later
"""The few questions and separate windows: each question once, Cancel by default."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QAbstractButton,
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
from discwright.wording import _, counted, shown

if TYPE_CHECKING:
    from discwright.jobs.log import JobLog


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


def may_stop(parent: QWidget, running: int) -> bool:
    """Ask whether the running jobs may be cancelled so that the window can close."""
    box = _box(
        parent,
        QMessageBox.Icon.Question,
        counted("A job is still running.", "{n} jobs are still running.", running),
        _("If you quit now, it is cancelled and its unfinished image is removed.")
        if running == 1
        else _("If you quit now, they are cancelled and their unfinished images are removed."),
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
            "Rips discs to images and proves what it did. Free software under the GNU General "
            "Public License, version 3 or later. Discs are read with libcdio."
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
