"""A process that has imported all that parsing needs, and forks itself for every file.

Its standard input is a socket. Each message names a module to be imported and carries a socket of its own,
over which the fork, limited like the child that read the file, sends its process id, reads what `work.answer`
takes, and sends the length of the answer and the answer. `forked` is the other side.

It gets no setting and no variable, opens no file, and ends with the process that started it, or when no file
came for ten minutes.
"""

import importlib
import os
import signal
import socket

from lopso.kernel.workbook.child.limits import limit_process
from lopso.kernel.workbook.parsing_process.framing import BROKEN, NUMBER
from lopso.kernel.workbook.parsing_process.work import answer

IDLE = 600.0  # seconds
_LONGEST_NAME = 200


def serve(control: socket.socket, *, idle: float = IDLE) -> None:
    """Fork for every message, until none came for `idle` seconds or the other side is gone."""
    control.settimeout(idle)
    while True:
        try:
            name, sockets, _flags, _sender = socket.recv_fds(control, _LONGEST_NAME, 1)
        except (TimeoutError, ConnectionError):
            return
        if not sockets:
            return
        importlib.import_module(name.decode())
        if os.fork() == 0:
            control.close()
            _answer(socket.socket(fileno=sockets[0]))
        os.close(sockets[0])


def _answer(caller: socket.socket) -> None:
    """Answer one request; this process ends."""
    try:
        limit_process()
        caller.sendall(NUMBER.pack(os.getpid()))
        answered = answer(_all_of(caller))
        caller.sendall(NUMBER.pack(len(answered)))
        caller.sendall(answered)
    except BaseException:  # nobody here can act on it; the caller says that the file is broken
        caller.sendall(NUMBER.pack(BROKEN))
    finally:
        os._exit(0)


def _all_of(caller: socket.socket) -> bytes:
    with caller.makefile("rb") as stream:
        return stream.read()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # forks that ended are not kept
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that started this one
    serve(socket.socket(fileno=0))


if __name__ == "__main__":
    main()
