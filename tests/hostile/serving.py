"""The application on a free port, with the options that `lopso serve` serves it with."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from litestar import Litestar

from lopso.application.serving import server_config
from lopso.kernel.settings import Settings


class _Server(uvicorn.Server):
    """Serves within the test's own event loop."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Ctrl-C belongs to pytest."""
        yield


@asynccontextmanager
async def served(app: Litestar, settings: Settings) -> AsyncGenerator[str]:
    """Its address, while the block runs."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        config = server_config(app, settings, host="127.0.0.1", port=port)
        config.lifespan = "off"
        server = _Server(config)
        running = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{port}"
        server.should_exit = True
        await running
