"""The account of the machine that runs the server when we are root, and its way to the data."""

import pwd
import shlex
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from lopso.kernel.embedded.errors import EmbeddedUnavailable

ACCOUNT = "lopso-db"
"""PostgreSQL refuses to run as root."""


def server_account() -> pwd.struct_passwd:
    """The account that runs the server for root; made when missing."""
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)
    maker = shutil.which("useradd", path="/usr/sbin:/sbin:/usr/bin:/bin")
    if maker is not None:
        about = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run(  # noqa: S603  (a fixed command)
            [maker, *about, "--shell", "/usr/sbin/nologin", ACCOUNT], capture_output=True, check=False
        )
    try:
        return pwd.getpwnam(ACCOUNT)
    except KeyError as error:
        raise EmbeddedUnavailable(
            f"PostgreSQL does not run as root and the account {ACCOUNT!r} could not be made: "
            "run as an ordinary user, or give LOPSO_DATABASE_URL."
        ) from error


def open_folder(data: Path, account: pwd.struct_passwd | None) -> None:
    """Make `data`, closed to others but for the way through to the server's account."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        data.chmod(0o700 if account is None else 0o711)
    except OSError as error:
        raise EmbeddedUnavailable(f"The data folder {data} cannot be used: {error.strerror}.") from error
    for folder in data.parents if account is not None else ():
        if not folder.stat().st_mode & 0o001:
            raise EmbeddedUnavailable(
                f"As root, PostgreSQL runs under the account {ACCOUNT!r}, which may not enter {folder}: "
                f"choose another LOPSO_HOME, or allow it with: chmod o+x {shlex.quote(str(folder))}"
            )
