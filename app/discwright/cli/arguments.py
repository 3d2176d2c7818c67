# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the command line."""

import argparse
from pathlib import Path

from discwright import __version__
from discwright.cli.argument_values import hashes, natural, speed
from discwright.wording import _

PROGRAM = "discwright"


def parser() -> argparse.ArgumentParser:
    """Give the parser; it ends the program with exit code 2 on wrong usage."""
    top = argparse.ArgumentParser(
        prog=PROGRAM,
        description=_(
            "Rip discs to images, burn images, write USB sticks, and prove what was done."
        ),
        epilog=_(
            "Without a command the window opens. “discwright COMMAND --help” tells more.\n"
            "\n"
            "exit codes: 0 complete, 1 failed, 2 wrong usage, 3 complete with bad sectors or\n"
            "compared and different, 4 refused (nothing was touched), 130 cancelled"
        ),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"{PROGRAM} {__version__}")
    commands = top.add_subparsers(dest="command", metavar=_("COMMAND"), required=True)
    _add_devices(commands)
    _add_rip(commands)
    _add_burn(commands)
    _add_write(commands)
    _add_copy(commands)
    _add_erase(commands)
    _add_inspect(commands)
    _add_list(commands)
    _add_extract(commands)
    _add_verify(commands)
    return top


_Commands = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for it


def _add(
    commands: "_Commands[argparse.ArgumentParser]", name: str, what: str, examples: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(
        name,
        help=what,
        description=what,
        epilog=_("examples:") + "\n" + examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_argument("--json", action="store_true", help=_("write JSON lines to stdout"))
    return command


def _add_devices(commands: "_Commands[argparse.ArgumentParser]") -> None:
    _add(
        commands,
        "devices",
        _("List the disc drives, with the disc in each, and the USB sticks."),
        "  discwright devices\n  discwright devices --json",
    )


def _add_rip(commands: "_Commands[argparse.ArgumentParser]") -> None:
    rip = _add(
        commands,
        "rip",
        _("Copy a disc to an image file, whole, with its checksums beside it."),
        "  discwright rip /dev/sr0 ~/discs/\n"
        "  discwright rip /dev/sr0 holiday.iso --hash sha256,md5 --verify --eject\n"
        "  discwright rip /dev/sr0 album.cue\n"
        "  discwright rip game.cue game.iso --json",
    )
    rip.add_argument(
        "source",
        metavar=_("SOURCE"),
        help=_("a drive such as /dev/sr0, or an image file (.iso .cue .toc .nrg) taken as a disc"),
    )
    rip.add_argument(
        "target",
        metavar=_("TARGET"),
        help=_("the image file to write, or a folder, for a name made from the disc's label"),
    )
    rip.add_argument(
        "--format",
        choices=("iso", "bin"),
        help=_(
            "kind of image: iso, or bin for whole sectors of a CD with a cue sheet; without it the "
            "name of TARGET decides, or else what the disc needs"
        ),
    )
    rip.add_argument(
        "--hash",
        type=hashes,
        default=("sha256",),
        metavar="sha256,md5,...",
        help=_("checksums to make while copying, or “none” (sha256)"),
    )
    rip.add_argument(
        "--retries",
        type=natural,
        default=3,
        metavar="N",
        help=_("further tries for a sector that can't be read (3)"),
    )
    rip.add_argument(
        "--speed", type=speed, metavar="X", help=_("reading speed as a factor, such as 8")
    )
    rip.add_argument(
        "--map",
        type=Path,
        metavar=_("FILE"),
        help=_("keep the map of what was read there, in GNU ddrescue's format"),
    )
    rip.add_argument(
        "--resume",
        action="store_true",
        help=_("go on with an unfinished copy, or try the bad sectors of an image again"),
    )
    rip.add_argument(
        "--verify", action="store_true", help=_("read the disc a second time and compare")
    )
    rip.add_argument("--eject", action="store_true", help=_("open the tray when done"))
    rip.add_argument(
        "--force", action="store_true", help=_("replace an existing target without asking")
    )
    rip.add_argument(
        "--yes", action="store_true", help=_("answer every question with yes; includes --force")
    )
    rip.add_argument("--log", type=Path, metavar=_("FILE"), help=_("save the job's log there"))


def _add_burn(commands: "_Commands[argparse.ArgumentParser]") -> None:
    burn = _add(
        commands,
        "burn",
        _("Burn an image to a blank or rewritable disc, and read it back."),
        "  discwright burn debian.iso /dev/sr0\n"
        "  discwright burn album.cue /dev/sr0\n"
        "  discwright burn backup.iso /dev/sr0 /dev/sr1 --speed 4\n"
        "  discwright burn debian.iso stdio:/tmp/virtual-disc --json",
    )
    burn.add_argument(
        "image", metavar=_("IMAGE"), help=_("an image file (.iso .cue .bin .toc .nrg)")
    )
    burn.add_argument(
        "drives",
        nargs="*",
        metavar=_("DRIVE"),
        help=_(
            "a drive such as /dev/sr0, or stdio:FILE for a file in place of a disc; if none is "
            "named the only one with a blank disc, and where there is no drive a file"
        ),
    )
    burn.add_argument(
        "--speed", type=speed, metavar="X", help=_("writing speed as a factor, such as 8")
    )
    burn.add_argument(
        "--simulate", action="store_true", help=_("go through all of it without writing")
    )
    burn.add_argument(
        "--blank",
        choices=("auto", "fast", "full", "never"),
        default="auto",
        help=_("how to erase a rewritable disc first (auto)"),
    )
    burn.add_argument("--no-verify", action="store_true", help=_("do not read the disc back"))
    burn.add_argument(
        "--copies", type=natural, default=1, metavar="N", help=_("so many discs, one by one (1)")
    )
    burn.add_argument("--no-eject", action="store_true", help=_("leave the disc in the drive"))
    burn.add_argument(
        "--overburn",
        action="store_true",
        help=_("write more than a CD says that it holds; the disc may be lost"),
    )
    burn.add_argument("--yes", action="store_true", help=_("do not ask before erasing"))
    burn.add_argument("--log", type=Path, metavar=_("FILE"), help=_("save the job's log there"))


def _add_write(commands: "_Commands[argparse.ArgumentParser]") -> None:
    write = _add(
        commands,
        "write",
        _("Write an image to USB sticks, whole, and read everything back."),
        "  discwright write debian.iso /dev/sdb\n"
        "  discwright write raspios.img.xz /dev/sdb /dev/sdc --eject\n"
        "  discwright write debian.iso /dev/sdb --expect sha256:9d43... --yes --json",
    )
    write.add_argument(
        "image", metavar=_("IMAGE"), help=_("an image file; gz, bz2, xz, zst, lz4, zip unpacked")
    )
    write.add_argument(
        "sticks", nargs="+", metavar=_("STICK"), help=_("the whole stick, such as /dev/sdb")
    )
    write.add_argument(
        "--expect", metavar="sha256:HEX", help=_("the checksum that the image must have")
    )
    write.add_argument("--no-verify", action="store_true", help=_("do not read everything back"))
    write.add_argument(
        "--no-bmap", action="store_true", help=_("leave a .bmap file beside the image aside")
    )
    write.add_argument(
        "--anyway", action="store_true", help=_("write it although no computer will start from it")
    )
    write.add_argument(
        "--large", action="store_true", help=_("accept disks of more than 256 GB or with platters")
    )
    write.add_argument(
        "--allow-file", action="store_true", help=_("accept a regular file in place of a stick")
    )
    write.add_argument("--eject", action="store_true", help=_("switch the stick off when done"))
    write.add_argument("--yes", action="store_true", help=_("do not ask before overwriting"))
    write.add_argument("--log", type=Path, metavar=_("FILE"), help=_("save the job's log there"))


def _add_copy(commands: "_Commands[argparse.ArgumentParser]") -> None:
    copy = _add(
        commands,
        "copy",
        _("Copy a disc straight to another disc or to a USB stick, and read it back."),
        "  discwright copy /dev/sr0 /dev/sdb\n"
        "  discwright copy /dev/sr0 /dev/sr1 --speed 4\n"
        "  discwright copy /dev/sr0 /dev/sr0",
    )
    copy.add_argument("source", metavar=_("DRIVE"), help=_("the drive that the disc is in"))
    copy.add_argument(
        "target",
        metavar=_("TARGET"),
        help=_("a whole stick, another drive, or the same drive, which then asks for a blank disc"),
    )
    copy.add_argument("--no-verify", action="store_true", help=_("do not read the copy back"))
    copy.add_argument(
        "--retries", type=natural, default=3, metavar="N",
        help=_("further tries for a sector that can't be read, to a stick (3)"),
    )  # fmt: skip
    copy.add_argument(
        "--anyway", action="store_true",
        help=_("write a stick although no computer will start from it"),
    )  # fmt: skip
    copy.add_argument(
        "--large", action="store_true", help=_("accept disks of more than 256 GB or with platters")
    )
    copy.add_argument(
        "--allow-file", action="store_true", help=_("accept a regular file in place of a stick")
    )
    copy.add_argument(
        "--speed", type=speed, metavar="X", help=_("writing speed of a drive, such as 8")
    )
    copy.add_argument(
        "--no-eject", action="store_true", help=_("leave the written disc in the drive")
    )
    copy.add_argument("--eject", action="store_true", help=_("switch the stick off when done"))
    copy.add_argument("--yes", action="store_true", help=_("do not ask before overwriting"))
    copy.add_argument("--log", type=Path, metavar=_("FILE"), help=_("save the job's log there"))


def _add_erase(commands: "_Commands[argparse.ArgumentParser]") -> None:
    erase = _add(
        commands,
        "erase",
        _("Blank a rewritable disc, or give a USB stick back as an empty drive."),
        "  discwright erase /dev/sr0\n  discwright erase /dev/sdb --label PHOTOS",
    )
    erase.add_argument(
        "device", metavar=_("DRIVE|STICK"), help=_("a drive such as /dev/sr0, or a whole stick")
    )
    erase.add_argument("--full", action="store_true", help=_("erase all of a disc; takes long"))
    erase.add_argument(
        "--file-system", choices=("auto", "fat32", "exfat"), default="auto",
        help=_("of a stick: FAT32 up to 32 GiB, exFAT above (auto)"),
    )  # fmt: skip
    erase.add_argument("--label", default="USB", help=_("name of a stick (USB)"))
    erase.add_argument(
        "--large", action="store_true", help=_("accept disks of more than 256 GB or with platters")
    )
    erase.add_argument("--yes", action="store_true", help=_("do not ask before erasing"))
    erase.add_argument("--log", type=Path, metavar=_("FILE"), help=_("save the job's log there"))


def _add_inspect(commands: "_Commands[argparse.ArgumentParser]") -> None:
    inspect = _add(
        commands,
        "inspect",
        _("Tell what a disc or an image file is and what it can be used for."),
        "  discwright inspect /dev/sr0\n  discwright inspect debian.iso --json",
    )
    inspect.add_argument(
        "source", metavar=_("IMAGE|DRIVE"), help=_("an image file, or a drive such as /dev/sr0")
    )


def _add_list(commands: "_Commands[argparse.ArgumentParser]") -> None:
    listing = _add(
        commands,
        "list",
        _("List the files on a disc or in an image."),
        "  discwright list debian.iso\n  discwright list /dev/sr0 photos --json",
    )
    listing.add_argument("source", metavar=_("SOURCE"), help=_("a drive, or an image file"))
    listing.add_argument(
        "path", metavar=_("PATH"), nargs="?", help=_("only this file or folder of it")
    )


def _add_extract(commands: "_Commands[argparse.ArgumentParser]") -> None:
    extract = _add(
        commands,
        "extract",
        _("Take files out of a disc or an image, into a folder."),
        "  discwright extract debian.iso ~/debian\n"
        "  discwright extract /dev/sr0 ~/holiday photos letters/1999.txt\n"
        "  discwright extract /dev/sr0 ~/holiday --skip",
    )
    extract.add_argument("source", metavar=_("SOURCE"), help=_("a drive, or an image file"))
    extract.add_argument(
        "folder", metavar=_("FOLDER"), help=_("where the files go; made if it isn't there")
    )
    extract.add_argument(
        "paths", metavar=_("PATH"), nargs="*", help=_("only these files and folders")
    )
    extract.add_argument(
        "--retries", type=natural, default=3, metavar="N",
        help=_("further tries for a sector that can't be read (3)"),
    )  # fmt: skip
    there = extract.add_mutually_exclusive_group()
    there.add_argument(
        "--skip", action="store_true", help=_("leave files as they are that are there already")
    )
    there.add_argument(
        "--force", action="store_true", help=_("replace files that are there already")
    )
    extract.add_argument("--log", type=Path, metavar=_("FILE"), help=_("save the job's log there"))


def _add_verify(commands: "_Commands[argparse.ArgumentParser]") -> None:
    verify = _add(
        commands,
        "verify",
        _(
            "Check an image file or a disc against published checksums, a catalogue or an image, "
            "or a stick against an image."
        ),
        "  discwright verify debian.iso\n"
        "  discwright verify debian.iso SHA256SUMS\n"
        '  discwright verify game.cue "Sony - PlayStation.dat"\n'
        "  discwright verify copy.iso original.iso --json\n"
        "  discwright verify /dev/sr0 debian.iso\n"
        "  discwright verify /dev/sdb debian.iso",
    )
    verify.add_argument(
        "subject",
        metavar=_("IMAGE|DRIVE|STICK"),
        help=_("the image file, the drive with the disc, or the whole stick to check"),
    )
    verify.add_argument(
        "--allow-file", action="store_true", help=_("take a regular file for a stick")
    )
    verify.add_argument(
        "against",
        nargs="?",
        metavar=_("AGAINST"),
        help=_(
            "a checksum file, a catalogue (Logiqx DAT) or another image; without it the "
            "checksums beside the image"
        ),
    )
