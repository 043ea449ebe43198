"""Mailman 3's own delivery of one message to a list, each copy made for its reader. No daemon is started.

It runs under the Python of the `mailman` command, since Mailman wants other libraries than ours.
"""

from __future__ import annotations

import sys
import tempfile
from email import message_from_bytes
from pathlib import Path

from mailman.app.lifecycle import create_list
from mailman.core.initialize import initialize
from mailman.email.message import Message
from mailman.interfaces.domain import IDomainManager
from mailman.interfaces.mailinglist import Personalization
from mailman.interfaces.subscriptions import ISubscriptionManager
from mailman.interfaces.usermanager import IUserManager
from mailman.mta.deliver import deliver
from zope.component import getUtility

from bench.material import SENDER, address, read
from bench.peers.heat import shared
from bench.racer import race

CONFIGURATION = """
[mailman]
layout: here
[paths.here]
var_dir: {folder}
[mta]
incoming: mailman.mta.null.NullMTA
smtp_host: 127.0.0.1
smtp_port: {port}
max_sessions_per_connection: 0
"""


def main() -> None:
    port, letters, path = sys.argv[1:4]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "mailman.cfg"
        file.write_text(CONFIGURATION.format(folder=folder, port=port))
        initialize(str(file))
        getUtility(IDomainManager).add("example.org")
        newsletter = create_list(SENDER, ["owner@example.org"])
        newsletter.personalize = Personalization.full
        readers = [address(n) for n in range(int(letters))]
        for reader in readers:
            _join(newsletter, reader)
        letter = b"Message-ID: <1@example.org>\r\n" + shared(read(Path(path)))
        message = message_from_bytes(letter, Message)
        race(lambda: deliver(newsletter, message, {"recipients": set(readers), "verp": True}))


def _join(newsletter: object, reader: str) -> None:
    """As a member who confirmed long ago."""
    user = getUtility(IUserManager).make_user(reader)
    (email,) = user.addresses
    email.verified_on = email.registered_on
    ISubscriptionManager(newsletter).register(email, pre_confirmed=True, pre_approved=True)


if __name__ == "__main__":
    main()
