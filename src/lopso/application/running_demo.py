"""Which demos run on this machine under this account, so that other commands find their database.

A demo keeps a locked file with its home and address while it runs. A demo that was killed lets go of the lock
all the same; the file it leaves behind says nothing.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from lopso.kernel import embedded

DATABASE = "lopso_demo"
HELP_PHONE = "0234 1234 567"  # nobody's
SEGMENT_PRICE = "850"  # đồng; so that pages show what texts would cost


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """A demo: the folder of its embedded server and its secret, the address of its pages."""

    home: Path
    url: str

    @property
    def environment(self) -> Mapping[str, str]:
        """Its settings, whatever else the environment says: no provider and no other database."""
        return {
            "LOPSO_DEMO": "1",
            "LOPSO_HOME": str(self.home),
            "LOPSO_PUBLIC_URL": self.url,
            "LOPSO_SMS_SEGMENT_PRICE": SEGMENT_PRICE,
            "LOPSO_HELP_PHONE": HELP_PHONE,
        }


@contextmanager
def registered(demo: RunningDemo) -> Generator[None]:
    """Let other commands find `demo` meanwhile; where the folder cannot be written they do not."""
    descriptor = None
    try:
        descriptor = _open(demo.home)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({"home": str(demo.home.resolve()), "url": demo.url}).encode())
    except OSError:
        pass  # no such folder, or another demo with this home has told of itself
    try:
        yield
    finally:
        if descriptor is not None:
            os.close(descriptor)


def running_demos() -> list[RunningDemo]:
    """Demos that run now, by home."""
    found = [_read(path) for path in sorted(_folder().glob("*.json"))]
    return sorted((demo for demo in found if demo is not None), key=lambda demo: demo.home)


def running_in(home: Path) -> RunningDemo | None:
    """The demo with this home."""
    return next((demo for demo in running_demos() if demo.home == home.resolve()), None)


def _folder() -> Path:
    """Always the account's own folder, not ``LOPSO_HOME``: the other command does not know that."""
    return embedded.default_home() / "demos"


def _open(home: Path) -> int:
    _folder().mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(os.fsencode(home.resolve())).hexdigest()[:16]
    return os.open(_folder() / f"{name}.json", os.O_RDWR | os.O_CREAT, 0o600)


def _read(path: Path) -> RunningDemo | None:
    """The demo that holds this file's lock."""
    try:
        with path.open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                said = json.load(file)
                return RunningDemo(Path(said["home"]), said["url"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return None
