"""Databases with data in them, and the commands of backup run against them."""

import gzip
import json
from pathlib import Path
from typing import Any

import psycopg

from lopso.kernel.embedded import EmbeddedServer
from tests.application.shell import Shell

PREVIOUS = Path(__file__).parents[2] / "data" / "previous_release.sql.gz"
"""Dump of an older release's demo: two wards, 646 learners."""

SECRET = "s" * 40


def old_database(server: EmbeddedServer, name: str) -> str:
    """A database as an older release left it; its address for programs."""
    url = empty_database(server, name)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(gzip.decompress(PREVIOUS.read_bytes()))
    return url


def empty_database(server: EmbeddedServer, name: str) -> str:
    """A database without a table; its address for programs."""
    server.drop_database(name)
    server.create_database(name)
    return server.url(name).replace("+psycopg", "")


def shell(url: str, home: Path, *, secret: str | None = SECRET) -> Shell:
    """``lopso`` against `url`, with a home of its own."""
    home.mkdir(exist_ok=True)
    commands = Shell(url, home)
    commands.environment.pop("LOPSO_SECRET", None)
    if secret is not None:
        commands.environment["LOPSO_SECRET"] = secret
    return commands


def make_key(lopso: Shell, file: Path) -> str:
    """A key pair, the private half in `file`; the public one."""
    code, out, err = lopso("backup-key", file)
    assert code == 0, err
    return out.strip().rpartition("LOPSO_BACKUP_KEY=")[2]


def ran(lopso: Shell, *arguments: str | Path) -> str:
    """What a command that did well printed."""
    code, out, err = lopso(*arguments)
    assert code == 0, err
    return out


def sums(lopso: Shell, *arguments: str | Path) -> dict[str, Any]:
    """Rows and checksum by table that a command told."""
    return json.loads(ran(lopso, *arguments, "--json"))


def value(url: str, statement: str) -> Any:
    """One value of the database."""
    with psycopg.connect(url) as connection:
        row = connection.execute(statement.encode()).fetchone()
        return row and row[0]
