#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in the machine: the password dialog of a desktop, without a desktop and a person.

It registers with polkit for the session that it runs in, as the dialog of a desktop does, and has
the answer checked by polkit's own set-user-ID program and by PAM.

Usage: polkit_agent.py ANSWER. The answer is ``password:TEXT``, ``cancel`` or ``wait`` (no answer
until polkit gives up). Each question is told on a line: ``asked ACTION`` and then ``answered``,
``wrong`` or ``cancelled``.
"""

import os
import pwd
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, "/opt/discwright/site-packages")

from jeepney import (
    DBusAddress,
    HeaderFields,
    MessageType,
    new_error,
    new_method_call,
    new_method_return,
)
from jeepney.io.blocking import open_dbus_connection

AUTHORITY = DBusAddress(
    "/org/freedesktop/PolicyKit1/Authority",
    bus_name="org.freedesktop.PolicyKit1",
    interface="org.freedesktop.PolicyKit1.Authority",
)
OWN_PATH = "/agent"
CHECKERS = ("/usr/lib/polkit-1/polkit-agent-helper-1", "/usr/libexec/polkit-agent-helper-1")
CANCELLED = "org.freedesktop.PolicyKit1.Error.Cancelled"
FAILED = "org.freedesktop.PolicyKit1.Error.Failed"


def tell(text):
    print(text, flush=True)


def check(user, cookie, password):
    """Let polkit's program ask PAM, and tell polkit's daemon; give whether it was right."""
    program = next(path for path in CHECKERS if Path(path).exists())
    done = subprocess.run(
        [program, user],
        input=f"{cookie}\n{password}\n",
        capture_output=True,
        text=True,
        check=False,
    )
    return "SUCCESS" in done.stdout


def name_of(identities):
    """Give a user's name out of polkit's list of those who may answer."""
    for kind, details in identities:
        if kind == "unix-user":
            return pwd.getpwuid(details["uid"][1]).pw_name
    raise LookupError(identities)


def answer(connection, question, how):
    action, _message, _icon, _details, cookie, identities = question.body
    tell(f"asked {action}")
    if how == "wait":
        return
    if how == "cancel":
        tell("cancelled")
        connection.send(new_error(question, CANCELLED, "s", ("The dialog was closed.",)))
        return
    if check(name_of(identities), cookie, how.removeprefix("password:")):
        tell("answered")
        connection.send(new_method_return(question))
        return
    tell("wrong")
    connection.send(new_error(question, FAILED, "s", ("Wrong.",)))


def main(how):
    connection = open_dbus_connection("SYSTEM")
    subject = ("unix-session", {"session-id": ("s", os.environ["XDG_SESSION_ID"])})
    reply = connection.send_and_get_reply(
        new_method_call(
            AUTHORITY, "RegisterAuthenticationAgent", "(sa{sv})ss", (subject, "C", OWN_PATH)
        )
    )
    if reply.header.message_type is MessageType.error:
        sys.exit(str(reply.body))
    tell("registered")
    while True:
        message = connection.receive()
        if message.header.message_type is not MessageType.method_call:
            continue
        if message.header.fields[HeaderFields.member] == "BeginAuthentication":
            answer(connection, message, how)
        else:
            connection.send(new_method_return(message))


if __name__ == "__main__":
    main(sys.argv[1])
