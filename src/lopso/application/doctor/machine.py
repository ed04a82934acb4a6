"""This machine: secrets, room on the disk."""

import shutil
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from lopso.application.backup.secret import is_unfinished
from lopso.application.doctor.diagnosis import Diagnosis, bad, ok, warn
from lopso.kernel.i18n import gettext as _
from lopso.kernel.settings import Settings

_LITTLE = 0.15  # of the disk
_VERY_LITTLE = 0.05
_SMALLEST = 500 * 1024 * 1024  # bytes
_KEY_FILE = 4096  # bytes; larger files are no keys


def check_secrets(settings: Settings, environment: Mapping[str, str]) -> Iterator[Diagnosis]:
    """The application's secret and the private key of backups."""
    if is_unfinished(settings.home):
        yield bad(
            _("Lần khôi phục trước bị dừng giữa chừng. Hãy chạy lại: lopso restore TỆP --key KHOÁ --replace")
        )
    file = settings.home / "secret"
    if environment.get("LOPSO_SECRET"):
        yield ok(_("Khoá của chương trình lấy từ LOPSO_SECRET."))
    elif file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield bad(_("Người khác trên máy đọc được %(file)s. Hãy chạy: chmod 600 %(file)s", file=file))
    else:
        yield ok(_("Khoá của chương trình nằm trong %(file)s, chỉ chủ máy đọc được.", file=file))
    folders = [settings.home, *([settings.backup.folder] if settings.backup else [])]
    for found in _private_keys(folders):
        yield bad(
            _("Khoá bí mật của bản sao lưu nằm trên máy chủ (%(file)s). Hãy chuyển đi nơi khác.", file=found)
        )


def check_disks(settings: Settings) -> Iterator[Diagnosis]:
    """Room where data and backups lie."""
    folders = [settings.home, *([settings.backup.folder] if settings.backup else [])]
    for folder in dict.fromkeys(folders):
        if not folder.is_dir():
            yield bad(_("Không có thư mục %(folder)s.", folder=folder))
            continue
        yield _room_in(folder)


def _room_in(folder: Path) -> Diagnosis:
    usage = shutil.disk_usage(folder)
    share = usage.free / usage.total
    said = {"folder": folder, "free": _gigabytes(usage.free), "percent": round(100 * share)}
    if share < _VERY_LITTLE or usage.free < _SMALLEST:
        return bad(_("Đĩa của %(folder)s gần đầy: còn %(free)s GB (%(percent)s %%).", **said))
    if share < _LITTLE:
        return warn(_("Đĩa của %(folder)s sắp đầy: còn %(free)s GB (%(percent)s %%).", **said))
    return ok(_("Đĩa của %(folder)s còn %(free)s GB (%(percent)s %%).", **said))


def _gigabytes(size: int) -> str:
    return str(round(size / 1024**3, 1)).replace(".", ",")


def _private_keys(folders: list[Path]) -> Iterator[Path]:
    for folder in folders:
        for file in folder.glob("*") if folder.is_dir() else ():
            if (
                file.is_file()
                and file.stat().st_size <= _KEY_FILE
                and b"AGE-SECRET-KEY-" in file.read_bytes()
            ):
                yield file
