"""``lopso`` as people run it: a process of its own, what it prints, its exit code."""

import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from lopso.application import cli

_LIMIT = 300  # seconds

# A process is forked from one that has loaded what commands need: loading it takes a second or two each time.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([__name__, "lopso.application.reference", "learners.importing"])


class Shell:
    """Runs ``lopso`` against one database; `folder` holds its home and what it prints."""

    def __init__(self, url: str, folder: Path) -> None:
        self.environment = {**os.environ, "LOPSO_DATABASE_URL": url, "LOPSO_HOME": str(folder)}
        self._folder = folder

    def __call__(self, *arguments: str | Path, typed: str = "") -> tuple[int | None, str, str]:
        """Exit code, standard output and standard error of one command."""
        (self._folder / "stdin").write_text(typed, encoding="utf-8")
        process = _FORKS.Process(target=_run, args=([*map(str, arguments)], self.environment, self._folder))
        process.start()
        process.join(_LIMIT)
        process.kill()
        return process.exitcode, self._printed("stdout"), self._printed("stderr")

    def _printed(self, name: str) -> str:
        return (self._folder / name).read_text(encoding="utf-8")

    def program(self, *arguments: str | Path) -> tuple[int, str, str]:
        """The same by the program itself, Python's start and all."""
        done = subprocess.run(
            [sys.executable, "-m", "lopso", *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_LIMIT,
        )
        return done.returncode, done.stdout, done.stderr


def _run(arguments: list[str], environment: Mapping[str, str], folder: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        file = (folder / name).open(mode, encoding="utf-8")
        os.dup2(file.fileno(), number)
        setattr(sys, name, file)
    sys.exit(cli.main(arguments))
