"""Has `work.answer` run by a fork of the prepared process; see `fork_server`."""

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from asyncio import IncompleteReadError, StreamReader, StreamWriter
from collections.abc import Generator

from lopso.kernel.workbook.parsing_process.framing import BROKEN, NUMBER
from lopso.kernel.workbook.reading import WorkbookRefused, run_limited

_PACKAGE = __name__.rpartition(".")[0]
_SERVER = f"{_PACKAGE}.fork_server"

CAN_FORK = sys.platform == "linux"


class _ServerGone(Exception):
    """It ended before it forked."""


class _ForkServer:
    """The prepared process, and the socket on which it is told whom to answer."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self._control, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            # It gets no variable of ours: the environment holds secrets.
            self._process = subprocess.Popen(  # noqa: S603  (our own module)
                [sys.executable, "-I", "-m", _SERVER],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=tempfile.gettempdir(),
                env={},
            )

    @property
    def runs(self) -> bool:
        return self._process.poll() is None

    def fork(self, module: str) -> socket.socket:
        """The socket on which a new fork answers, that has imported `module`."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [module.encode()], [theirs.fileno()])
            except OSError:
                ours.close()
                raise _ServerGone from None
        return ours

    def stop(self) -> None:
        """End it; forks that are at work go on."""
        self._control.close()
        self._process.kill()
        self._process.wait()


_started: list[_ForkServer] = []  # one at most


def _running_server() -> _ForkServer:
    """The one of this process, started when there is none."""
    if not (_started and _started[0].owner == os.getpid() and _started[0].runs):
        _started[:] = [_ForkServer()]
    return _started[0]


async def run_forked(module: str, data: bytes, *, seconds: float, most: int) -> bytes:
    """What `work.answer` makes of `data`, in a process of its own within limits of memory and time.

    Args:
        module: imported before.
        most: bytes of output.

    Raises:
        WorkbookRefused: it took longer than `seconds`, needed more than it may, or broke.
    """
    if not CAN_FORK:
        return await run_limited(_PACKAGE, data, seconds=seconds, most=most)
    for _try in range(2):  # it may end between two files
        server = _running_server()
        try:
            return await _answer(server.fork(module), data, seconds, most)
        except _ServerGone:
            server.stop()
    raise WorkbookRefused("broken")


async def _answer(ours: socket.socket, data: bytes, seconds: float, most: int) -> bytes:
    reader, writer = await asyncio.open_connection(sock=ours)
    try:
        async with asyncio.timeout(seconds):
            try:
                fork = os.pidfd_open(await _number(reader))
            except (IncompleteReadError, ConnectionError, ProcessLookupError):
                raise _ServerGone from None
            with _ended(fork):
                return await _exchange(reader, writer, data, most)
    except TimeoutError:
        raise WorkbookRefused("too_slow") from None
    finally:
        writer.close()


@contextlib.contextmanager
def _ended(fork: int) -> Generator[None]:
    """Whatever happens, the fork does not outlive its request.

    Args:
        fork: its file descriptor: unlike its number, it is never another process's later.
    """
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(fork, signal.SIGKILL)
        os.close(fork)


async def _exchange(reader: StreamReader, writer: StreamWriter, data: bytes, most: int) -> bytes:
    try:
        writer.write(data)
        await writer.drain()
        writer.write_eof()
        size = await _number(reader)
        if size == BROKEN:
            raise WorkbookRefused("broken")
        if size > most:
            raise WorkbookRefused("too_big")
        return await reader.readexactly(size)
    except (IncompleteReadError, ConnectionError):  # killed by the memory or the processor limit
        raise WorkbookRefused("too_big") from None


async def _number(reader: StreamReader) -> int:
    (number,) = NUMBER.unpack(await reader.readexactly(NUMBER.size))
    return number
