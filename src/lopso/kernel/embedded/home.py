"""The folder for data where the settings name none."""

import os
import pwd
import sys
from pathlib import Path


def default_home() -> Path:
    """Where this person's Lớp Số keeps its data when ``LOPSO_HOME`` does not say.

    For root at home that is ``/var/lib/lopso``: the server's account may not enter root's home.
    """
    given = Path(os.environ.get("XDG_DATA_HOME", ""))
    if given.is_absolute():
        return given / "lopso"
    home = Path.home()
    if os.geteuid() == 0 and home == Path(pwd.getpwuid(0).pw_dir):
        return Path("/var/lib/lopso")
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "lopso"
    return home / ".local" / "share" / "lopso"
