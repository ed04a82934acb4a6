"""Lists are parsed in forks of one prepared process, which may end at any moment without anybody noticing."""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator

import msgspec
import psutil
import pytest

from learners.importing.registrations import REGISTRATIONS
from lopso.kernel.workbook.choices import AS_GUESSED
from lopso.kernel.workbook.parsing_process import ParseRequest, fork_server, forked
from lopso.kernel.workbook.reading import WorkbookRefused
from tests.kernel.workbook.test_parsing_process import CONTEXT, parsed

pytestmark = pytest.mark.skipif(not forked.CAN_FORK, reason="nothing is forked on this system")

LIST = "Họ tên,Năm sinh,SĐT\nLê Thị Ánh,1962,0348990608\n".encode()
HUGE = 100_000_000


def servers(process: psutil.Process | None = None) -> list[psutil.Process]:
    """The fork servers that a process started, this one by default."""
    children = (process or psutil.Process()).children()
    return [each for each in children if fork_server.__name__ in each.cmdline()]


async def run(data: bytes, *, seconds: float = 20, most: int = HUGE) -> bytes:
    return await forked.run_forked("lopso.kernel.workbook.kinds", data, seconds=seconds, most=most)


async def until_childless(server: psutil.Process, *, seconds: float = 10) -> None:
    for _try in range(int(seconds / 0.02)):
        if not server.children():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(server.children())


async def fork_of(server: psutil.Process) -> psutil.Process:
    """The next one."""
    async with asyncio.timeout(10):
        while True:
            for fork in server.children():
                return fork
            await asyncio.sleep(0.005)


def request_of(people: int) -> bytes:
    """To read a list of so many."""
    rows = [[f"Lê Thị Ánh {chr(65 + n % 26)}", f"19{n % 50 + 40}", f"09{n:08}"] for n in range(people)]
    sheet = {"name": "A", "visible": True, "start": [0, 0], "merged": []}
    sheets = {"sheets": [sheet | {"rows": [["Họ tên", "Năm sinh", "SĐT"], *rows]}]}
    request = ParseRequest(
        module=REGISTRATIONS.module,
        kind=REGISTRATIONS.name,
        context=CONTEXT,
        language="vi",
        choices=AS_GUESSED,
    )
    return msgspec.json.encode(request) + b"\n" + json.dumps(sheets).encode()


TAKES_SECONDS = request_of(10_000)


@pytest.fixture
async def server() -> AsyncIterator[psutil.Process]:
    """The server of this process, without any fork before and after."""
    assert (await parsed(LIST)).good
    (server,) = servers()
    await until_childless(server)
    yield server
    if server.is_running():
        await until_childless(server)


async def test_lists_are_parsed_by_forks_of_one_process(server: psutil.Process) -> None:
    results = await asyncio.gather(*(parsed(LIST) for _ in range(3)))

    assert [len(each.good) for each in results] == [1, 1, 1]
    assert servers() == [server]
    assert server.environ().keys() <= {"LC_CTYPE"}  # Python's own


async def test_killed_server_is_replaced(server: psutil.Process) -> None:
    server.kill()
    results = await asyncio.gather(*(parsed(LIST) for _ in range(3)))

    assert [len(each.good) for each in results] == [1, 1, 1]
    (other,) = servers()
    assert other.pid != server.pid


async def test_request_that_makes_no_sense_is_broken(server: psutil.Process) -> None:
    with pytest.raises(WorkbookRefused) as refusal:
        await run(b"nonsense\n")

    assert refusal.value.reason == "broken"
    assert servers() == [server]


async def test_slow_fork_is_killed(server: psutil.Process) -> None:
    with pytest.raises(WorkbookRefused) as refusal:
        await run(TAKES_SECONDS, seconds=0.3)

    assert refusal.value.reason == "too_slow"
    await until_childless(server, seconds=1)


async def test_fork_of_a_cancelled_request_is_killed(server: psutil.Process) -> None:
    request = asyncio.create_task(run(TAKES_SECONDS))
    await fork_of(server)
    request.cancel()

    with pytest.raises(asyncio.CancelledError):
        await request
    await until_childless(server, seconds=1)


async def test_fork_that_was_killed_held_too_much(server: psutil.Process) -> None:
    """The memory limit ends a fork like this."""
    request = asyncio.create_task(run(TAKES_SECONDS))
    fork = await fork_of(server)
    # Before it has the list, another fork would take its place.
    for _try in range(2000):
        if fork.cpu_times().user >= 0.1:
            break
        await asyncio.sleep(0.005)
    fork.kill()

    with pytest.raises(WorkbookRefused) as refusal:
        await request
    assert refusal.value.reason == "too_big"


async def test_long_answer_is_refused(server: psutil.Process) -> None:
    with pytest.raises(WorkbookRefused) as refusal:
        await run(request_of(10), most=10)

    assert refusal.value.reason == "too_big"


def test_server_ends_with_the_process_that_started_it() -> None:
    program = (
        "import asyncio, contextlib, os, psutil\n"
        "from lopso.kernel.workbook.parsing_process.forked import run_forked\n"
        "from lopso.kernel.workbook.reading import WorkbookRefused\n"
        "with contextlib.suppress(WorkbookRefused):\n"
        "    asyncio.run(run_forked('json', b'', seconds=30, most=9))\n"
        "print(*(each.pid for each in psutil.Process().children()), flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    server = int(run.stdout)

    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(server).wait(5)
    assert not psutil.pid_exists(server)


def test_server_ends_when_no_file_comes() -> None:
    ours, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
    with ours, theirs:
        fork_server.serve(theirs, idle=0.01)
