# SPDX-License-Identifier: GPL-3.0-or-later
"""Words for people: translation, sizes, durations, and making foreign text safe to show.

Labels of discs, names of drives and names of files come from strangers. They pass through
:func:`shown` before they reach a window or a terminal.
"""

import gettext
import unicodedata

_translations = gettext.NullTranslations()


def use_translations(translations: gettext.NullTranslations) -> None:
    """Speak with these translations from now on; called once, when the program starts."""
    global _translations  # noqa: PLW0603 - the language of the process is one thing
    _translations = translations


def _(text: str) -> str:
    """Give ``text`` in the user's language."""
    return _translations.gettext(text)


def counted(singular: str, plural: str, n: int) -> str:
    """Give the form for ``n`` in the user's language; both forms may hold ``{n}``."""
    return _translations.ngettext(singular, plural, n).format(n=n)


def shown(text: str, limit: int = 200) -> str:
    """Make text from a device, a disc or a file name safe to show in one line.

    Control, bidirectional and other invisible characters (Unicode categories C* and the line
    and paragraph separators) and surrogates become U+FFFD, white space runs become one blank,
    and what is longer than ``limit`` characters is cut with an ellipsis.
    """
    clean = "".join(
        " " if ch in "\t\n\r\v\f" else "\ufffd" if _invisible(ch) else ch
        for ch in text[: limit * 4]
    )
    clean = " ".join(clean.split())
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def device_name(vendor: str, model: str) -> str:
    """Give maker and model in one; a model that begins with its maker says it only once."""
    if vendor and model.casefold().startswith(vendor.casefold()):
        return model
    return f"{vendor} {model}".strip()


def _invisible(ch: str) -> bool:
    return unicodedata.category(ch) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def size(n: int) -> str:
    """Give a size in bytes as people sell it: decimal units, three digits (``4.70 GB``)."""
    value, unit = float(n), "B"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 999.5 or unit == "TB":
            break
        value /= 1000
    if unit == "B":
        return f"{n} B"
    digits = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return f"{value:.{digits}f} {unit}"


def duration(seconds: float) -> str:
    """Give a span of time for people: ``42 s``, ``3 min 05 s``, ``1 h 07 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return _("{s} s").format(s=whole)
    if whole < 3600:
        return _("{m} min {s:02} s").format(m=whole // 60, s=whole % 60)
    return _("{h} h {m:02} min").format(h=whole // 3600, m=whole % 3600 // 60)
