"""``lopso backup-key | backup | check-backup | restore``."""

import argparse
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from lopso.application.backup import encryption
from lopso.application.backup.check import CheckedBackup, check_backup
from lopso.application.backup.container import TableSum, read_frames, read_header
from lopso.application.backup.create import create_backup
from lopso.application.backup.errors import BackupFileRefused, BadBackupKey
from lopso.application.backup.files import written_whole
from lopso.application.backup.restore import restore
from lopso.application.backup.secret import forget_secret, prepare_secret, settle_secret
from lopso.application.installation import Installation, open_installation
from lopso.kernel import clock, formatting
from lopso.kernel.i18n import gettext as _


def add_commands(commands: Any) -> None:
    """Add these commands to the parser (argparse does not name the type of `commands`)."""
    key = commands.add_parser("backup-key", help="make the key pair of backups; keep the file off the server")
    key.add_argument("file", type=Path, help="where the private key goes; must not exist")
    key.set_defaults(run=_make_key)

    make = commands.add_parser("backup", help="back up database and secret into one encrypted file")
    make.add_argument("file", type=Path, help="must not exist")
    make.add_argument("--to", metavar="PUBLIC_KEY", action="append", default=[], help="LOPSO_BACKUP_KEY")
    make.add_argument("--json", action="store_true", help="print the rows of every table as JSON")
    make.set_defaults(run=_backup)

    check = commands.add_parser("check-backup", help="restore a backup into a scratch database and compare")
    check.add_argument("file", type=Path)
    check.add_argument("--key", metavar="FILE", type=Path, required=True, help="the private key")
    check.add_argument("--json", action="store_true", help="print the rows of every table as JSON")
    check.set_defaults(run=_check)

    back = commands.add_parser("restore", help="restore a backup; delivery is paused until resume-delivery")
    back.add_argument("file", type=Path)
    back.add_argument("--key", metavar="FILE", type=Path, required=True, help="the private key")
    back.add_argument("--replace", action="store_true", help="delete what the database holds")
    back.add_argument("--keep-secret", action="store_true", help="keep LOPSO_SECRET; printed cards end")
    back.add_argument("--json", action="store_true", help="print the rows of every table as JSON")
    back.set_defaults(run=_restore)


def _make_key(options: argparse.Namespace) -> int:
    key = encryption.new_private_key()
    public = encryption.public_key_of(key)
    with written_whole(options.file) as file:
        file.write(f"# public key: {public}\n{key}\n".encode())
    print(
        _(
            "Khoá bí mật đã ghi vào %(file)s. Hãy cất tệp này ngoài máy chủ, ít nhất hai nơi: mất khoá thì"
            " không mở được bản sao lưu.",
            file=options.file,
        )
    )
    print(f"LOPSO_BACKUP_KEY={public}")
    return 0


def _backup(options: argparse.Namespace) -> int:
    with open_installation() as installation:
        keys = options.to or installation.settings.backup_keys
        if not keys:
            raise BadBackupKey(
                _("Chưa có khoá công khai: chạy lopso backup-key, rồi đặt LOPSO_BACKUP_KEY hoặc dùng --to.")
            )
        made = create_backup(
            installation.database_url,
            installation.settings.secret,
            options.file,
            [encryption.read_public_key(each) for each in keys],
        )
    said = _(
        "Đã sao lưu vào %(file)s: %(rows)s dòng trong %(tables)s bảng, lúc %(when)s.",
        file=made.file,
        rows=formatting.number(made.rows),
        tables=len(made.sums),
        when=_when(made.taken_at),
    )
    _say(options, f"{said} {_checked_how(made.check)}", made.sums)
    return 0


def _check(options: argparse.Namespace) -> int:
    key = encryption.read_private_key(options.key)
    with open_installation() as installation, _opened(options.file) as file:
        found = check_backup(file, key, installation.database_url)
    said = _(
        "Bản sao lưu lúc %(when)s còn nguyên vẹn: %(rows)s dòng trong %(tables)s bảng.",
        when=_when(found.header.taken_at),
        rows=formatting.number(_rows(found)),
        tables=len(found.sums),
    )
    _say(options, f"{said} {_checked_how(found.check)}", found.sums)
    return 0


def _restore(options: argparse.Namespace) -> int:
    key = encryption.read_private_key(options.key)
    with (
        open_installation(own=True, destructive=True) as installation,
        _opened(options.file) as file,
        encryption.decrypted(file, key) as plain,
    ):
        frames = read_frames(plain)
        header = read_header(frames)
        with _secret_of(installation, header.secret, keep=options.keep_secret):
            done = restore(installation.database_url, header, frames, replace=options.replace)
    said = _(
        "Đã khôi phục dữ liệu lúc %(when)s: %(rows)s dòng trong %(tables)s bảng, khớp với bản sao lưu.",
        when=_when(done.taken_at),
        rows=formatting.number(done.rows),
        tables=len(done.sums),
    )
    paused = _(
        "Việc gửi tin nhắn và thư đang tạm dừng, mọi người phải đăng nhập lại."
        " Khi đã xem lại, chạy lopso resume-delivery: nhà mạng được hỏi trước, không tin nào gửi hai lần."
    )
    _say(options, f"{said}\n{paused}", done.sums)
    return 0


@contextmanager
def _secret_of(installation: Installation, secret: str, *, keep: bool) -> Generator[None]:
    settings = installation.settings
    prepare_secret(settings, secret, given=bool(os.environ.get("LOPSO_SECRET")), keep=keep)
    try:
        yield
    except Exception:
        forget_secret(settings.home)
        raise
    settle_secret(settings.home)


@contextmanager
def _opened(path: Path) -> Generator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupFileRefused(
            _("Không đọc được tệp %(file)s: %(why)s.", file=path, why=error.strerror)
        ) from error
    with file:
        yield file


def _say(options: argparse.Namespace, said: str, sums: Mapping[str, TableSum]) -> None:
    if options.json:
        print(json.dumps({name: each.as_json() for name, each in sums.items()}, indent=1))
    else:
        print(said)


def _checked_how(check: str) -> str:
    if check == "restored":
        return _("Đã khôi phục thử vào một cơ sở dữ liệu tạm và so từng bảng: khớp.")
    return _(
        "Đã đọc lại và so từng bảng: khớp. Tài khoản này không tạo được cơ sở dữ liệu tạm để khôi phục thử."
    )


def _rows(found: CheckedBackup) -> int:
    return sum(each.rows for each in found.sums.values())


def _when(moment: Any) -> str:
    return formatting.when(clock.local(moment))
