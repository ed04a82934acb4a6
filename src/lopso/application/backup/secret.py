"""The application's secret comes back with the database: learners' cards are made from it.

It is put beside the present one before the database is committed, and takes its place after. While it lies
there the restore is unfinished, and nothing else starts.
"""

from pathlib import Path

from lopso.application.backup.errors import OtherSecret
from lopso.application.backup.files import replace_text
from lopso.kernel.settings import Settings

_NAME = "secret"
_PENDING = "secret.restored"
_BEFORE = "secret.before-restore"


def is_unfinished(home: Path) -> bool:
    """Whether a restore was killed before it ended."""
    return (home / _PENDING).exists()


def prepare_secret(settings: Settings, secret: str, *, given: bool, keep: bool) -> None:
    """Lay the backup's secret ready, where it is another one than the present.

    Args:
        given: the present one stands in LOPSO_SECRET, which no file can change.
        keep: keep the present one; cards that were printed do not open any more.

    Raises:
        OtherSecret: it is given, is another one, and nobody said to keep it.
    """
    if settings.secret == secret or keep:
        return
    if given:
        raise OtherSecret
    replace_text(settings.home / _PENDING, secret)


def settle_secret(home: Path) -> bool:
    """Put the backup's secret in its place; whether there was one. The former one is kept beside it."""
    pending = home / _PENDING
    if not pending.exists():
        return False
    present = home / _NAME
    if present.exists():
        present.replace(home / _BEFORE)
    pending.replace(present)
    return True


def forget_secret(home: Path) -> None:
    """The restore was refused: what was laid ready goes."""
    (home / _PENDING).unlink(missing_ok=True)
