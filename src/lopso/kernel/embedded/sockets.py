"""Where the server's socket lies."""

import hashlib
import os
import pwd
import re
from pathlib import Path

from lopso.kernel.embedded.errors import EmbeddedUnavailable

_LONGEST_FOLDER = 85  # bytes; with the socket's name, systems allow 104 to 108
_FIT_FOR_ADDRESS = re.compile(rb"[A-Za-z0-9/._-]+")


def socket_folder(cluster: Path, account: pwd.struct_passwd | None) -> Path:
    """Where the socket goes: the cluster's folder, unless its name is too long or unfit for an address.

    Raises:
        EmbeddedUnavailable: the other folder is there and somebody else's.
    """
    name = os.fsencode(cluster)
    if _FIT_FOR_ADDRESS.fullmatch(name) and len(name) <= _LONGEST_FOLDER:
        return cluster
    folder = Path(f"/tmp/lopso-{hashlib.sha256(name).hexdigest()[:16]}")  # noqa: S108  (owner checked below)
    owner = os.geteuid() if account is None else account.pw_uid
    try:
        folder.mkdir(mode=0o700)
        os.chown(folder, owner, -1)
    except FileExistsError:
        found = folder.lstat()
        if found.st_uid != owner or found.st_mode != 0o40700:
            raise EmbeddedUnavailable(
                f"{folder} is not ours; remove it, or give LOPSO_HOME a short name of plain letters."
            ) from None
    return folder
