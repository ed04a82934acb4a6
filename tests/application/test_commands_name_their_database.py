"""Every command that needs a database opens the installation, which says whose database it is."""

import io
import re
from pathlib import Path
from typing import NoReturn

import pytest

from lopso.application import cli, delivery_commands, kept_numbers
from lopso.application.backup import commands as backup_commands
from lopso.application.doctor import command as doctor

MODULES = (cli, delivery_commands, kept_numbers, backup_commands, doctor)
WITH_A_DATABASE = {
    "serve": "",
    "worker": "",
    "db": "check",
    "user": "add --name An --password-stdin",
    "import": "learners list.xlsx --ward 19753",
    "backup": "city.backup",
    "check-backup": "city.backup --key private.key",
    "restore": "city.backup --key private.key",
    "pause-delivery": "",
    "resume-delivery": "",
    "doctor": "",
    "private-numbers": "",
}
WITHOUT = {"backup-key", "demo"}
"""One makes a file; the other starts a database of its own, and says so."""


class Opened(Exception):
    """A command asked for the database."""


def opened(**_options: bool) -> NoReturn:
    raise Opened


def commands(capsys: pytest.CaptureFixture[str]) -> set[str]:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    return set(re.findall(r"^    (\S+)", capsys.readouterr().out, re.MULTILINE))


def test_every_command_is_known_to_use_a_database_or_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands(capsys) == WITH_A_DATABASE.keys() | WITHOUT


@pytest.mark.parametrize("command", [*WITH_A_DATABASE, "db upgrade"])
def test_command_asks_which_database_it_is(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["backup-key", "private.key"]) == 0
    for module in MODULES:
        monkeypatch.setattr(module, "open_installation", opened)
    monkeypatch.setattr("sys.stdin", io.StringIO("a password\n"))
    with pytest.raises(Opened):
        cli.main([*command.split(), *WITH_A_DATABASE.get(command, "").split()])
