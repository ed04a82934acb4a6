"""The PostgreSQL we bring along: for a demo, for the tests, for a ward's pilot. Linux and macOS.

Its programs come in a wheel (extra ``embedded``). Processes that start it on the same folder share one
server, each holding a shared lock on a file there; the last to say `EmbeddedServer.stop` stops it.
A process that is killed lets go of its lock all the same. Everything blocks: call it before serving.

The server listens on a socket in a folder only its owner may enter, on no network address. Ours is an
ordinary role that may make databases, so nothing here can come to lean on a superuser.
"""

import os
from pathlib import Path

from lopso.kernel.embedded.account import open_folder, server_account
from lopso.kernel.embedded.errors import EmbeddedUnavailable
from lopso.kernel.embedded.home import default_home
from lopso.kernel.embedded.programs import installed_programs, programs_for
from lopso.kernel.embedded.server import ROLE, EmbeddedServer, start_lock

__all__ = ["ROLE", "EmbeddedServer", "EmbeddedUnavailable", "default_home", "start"]


def start(data: Path, *, durable: bool = True) -> EmbeddedServer:
    """The server whose data lies under `data`: found running, or started, or made new (about a second).

    Args:
        durable: False trades safety against a power cut for speed; for data that may be lost.

    Raises:
        EmbeddedUnavailable: not installed, refused by this machine, or it did not start.
    """
    data = data.resolve()
    programs = installed_programs(data)
    account = server_account() if os.geteuid() == 0 else None
    open_folder(data, account)
    with start_lock(data):
        if account is not None:
            programs = programs_for(account, programs, data)
        server = EmbeddedServer(data, programs, account)
        server.ensure_running(durable=durable)
    return server
