"""Back up, restore elsewhere: the same rows, the same schema, the same secret; and what is refused."""

import resource
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from lopso.application import migrate
from lopso.application.backup.check import scratch_database
from lopso.application.backup.container import Header
from lopso.application.backup.create import create_backup
from lopso.application.backup.encryption import new_private_key, public_key_of, read_public_key
from lopso.application.backup.errors import BackupFileRefused, DatabaseInUse, NewerBackup
from lopso.application.backup.restore import restore
from lopso.kernel.embedded import EmbeddedServer
from tests.application.backup.installations import (
    SECRET,
    empty_database,
    make_key,
    old_database,
    ran,
    shell,
    sums,
    value,
)
from tests.application.shell import Shell
from tests.test_migrations import differences


@pytest.fixture(scope="module")
def source(server: EmbeddedServer) -> str:
    url = old_database(server, "lopso_backup_source")
    invited = (
        "INSERT INTO invitation (token_hash, user_id, created_at, expires_at)"
        " SELECT sha256('x'), min(id), now(), now() + interval '1 day' FROM app_user RETURNING 1"
    )
    value(url, invited)
    return url


@contextmanager
def files_of_at_most(size: int) -> Generator[None]:
    """As if the disk were full once a file has `size` bytes; Python hears of it as of a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@dataclass(frozen=True)
class Backup:
    """A backup of `source`, the file of its key, and rows and checksum by table."""

    file: Path
    key: Path
    sums: dict[str, Any]


@pytest.fixture(scope="module")
def backup(source: str, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    """One for all tests: making it takes as long as restoring it, which is how it is checked."""
    folder = tmp_path_factory.mktemp("backup")
    file, key = folder / "a.lopso", folder / "key"
    lopso = shell(source, folder / "server")
    return Backup(file, key, sums(lopso, "backup", file, "--to", make_key(lopso, key)))


@pytest.fixture
def lopso(source: str, tmp_path: Path) -> Shell:
    return shell(source, tmp_path / "server")


@pytest.fixture
def target(server: EmbeddedServer) -> str:
    return empty_database(server, "lopso_backup_target")


def test_older_backup_restores_elsewhere_row_by_row_and_is_migrated(
    backup: Backup, target: str, server: EmbeddedServer, tmp_path: Path
) -> None:
    assert backup.sums["learner"]["rows"] == 646
    assert backup.file.stat().st_mode & 0o777 == 0o600
    assert list(backup.file.parent.glob("*.partial")) == []

    elsewhere = shell(target, tmp_path / "elsewhere", secret=None)
    assert sums(elsewhere, "check-backup", backup.file, "--key", backup.key) == backup.sums
    back = sums(elsewhere, "restore", backup.file, "--key", backup.key)

    assert back == backup.sums
    url = server.url("lopso_backup_target")
    assert migrate.is_current(url)
    assert differences(url) == []
    assert (tmp_path / "elsewhere" / "secret").read_text() == SECRET
    assert value(target, "SELECT reason FROM delivery_pause WHERE resumed_at IS NULL") == "restored"
    assert value(target, "SELECT count(*) FROM login_session") == 0
    assert value(target, "SELECT count(*) FROM invitation WHERE ended_at IS NULL") == 0
    assert value(target, "SELECT count(*) FROM audit_entry WHERE action = 'database.restored'") == 1
    assert value(target, "SELECT max(id) FROM learner") < value(target, "SELECT nextval('learner_id_seq')")
    guards = "SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'"
    assert value(target, guards) == 0
    assert value(target, "SELECT count(*) FROM pg_database WHERE datname LIKE 'lopso_backup_check%'") == 0


def test_file_shows_nothing_without_the_key(backup: Backup) -> None:
    content = backup.file.read_bytes()
    assert content.startswith(b"age-encryption.org/v1\n-> X25519 ")
    assert SECRET.encode() not in content


def altered(content: bytes) -> bytes:
    """One bit in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


def cut(content: bytes) -> bytes:
    """Without its last piece."""
    return content[:-70_000]


def foreign(_content: bytes) -> bytes:
    """Some other file."""
    return b"PK\x03\x04" + b"\0" * 1000


@pytest.mark.parametrize("damage", [altered, cut, foreign])
def test_damaged_file_is_refused_and_changes_nothing(
    backup: Backup, target: str, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    (tmp_path / "b.lopso").write_bytes(damage(backup.file.read_bytes()))

    elsewhere = shell(target, tmp_path / "elsewhere", secret=None)
    code, out, err = elsewhere("restore", tmp_path / "b.lopso", "--key", backup.key)

    assert (code, out) == (1, "")
    assert "hỏng" in err
    assert "Traceback" not in err
    assert value(target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    assert not (tmp_path / "elsewhere" / "secret.restored").exists()


def test_wrong_key_is_refused_with_a_sentence(
    lopso: Shell, backup: Backup, target: str, tmp_path: Path
) -> None:
    make_key(lopso, tmp_path / "other")
    wrong = ((tmp_path / "other", "Khoá này không mở được"), (backup.file, "Không đọc được tệp khoá"))
    for key, word in wrong:
        code, _out, err = shell(target, tmp_path / "elsewhere")("restore", backup.file, "--key", key)
        assert code == 1
        assert word in err


def test_database_with_data_is_kept_unless_told_otherwise(
    backup: Backup, target: str, server: EmbeddedServer, tmp_path: Path
) -> None:
    migrate.upgrade(server.url("lopso_backup_target"))
    elsewhere = shell(target, tmp_path / "elsewhere")

    code, _out, err = elsewhere("restore", backup.file, "--key", backup.key)
    assert code == 1
    assert "--replace" in err
    assert value(target, "SELECT count(*) FROM learner") == 0

    back = sums(elsewhere, "restore", backup.file, "--key", backup.key, "--replace")
    assert back == backup.sums
    assert migrate.is_current(server.url("lopso_backup_target"))


def test_newer_backup_is_refused_with_a_sentence(
    lopso: Shell, source: str, target: str, tmp_path: Path, server: EmbeddedServer
) -> None:
    server.drop_database("lopso_backup_newer")
    server.create_database("lopso_backup_newer", template="lopso_backup_source")
    newer = server.url("lopso_backup_newer").replace("+psycopg", "")
    value(newer, "UPDATE alembic_version SET version_num = '9999' RETURNING 1")
    public = make_key(lopso, tmp_path / "key")
    code, _out, err = shell(newer, tmp_path / "newer")("backup", tmp_path / "a.lopso", "--to", public)
    assert (code, "mới hơn" in err) == (1, True), err
    assert not (tmp_path / "a.lopso").exists()


def test_other_secret_is_refused_or_kept_when_told_so(backup: Backup, target: str, tmp_path: Path) -> None:
    elsewhere = shell(target, tmp_path / "elsewhere", secret="x" * 40)
    restore = ("restore", backup.file, "--key", backup.key)

    code, _out, err = elsewhere(*restore)
    assert (code, "--keep-secret" in err) == (1, True)
    assert value(target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0

    said = ran(elsewhere, *restore, "--keep-secret")
    assert "tạm dừng" in said
    assert not (tmp_path / "elsewhere" / "secret.restored").exists()


def test_existing_file_and_missing_key_are_refused(lopso: Shell, tmp_path: Path) -> None:
    public = make_key(lopso, tmp_path / "key")
    (tmp_path / "a.lopso").write_text("mine")
    for arguments, word in (
        (("backup", tmp_path / "a.lopso", "--to", public), "Đã có tệp"),
        (("backup", tmp_path / "none" / "a.lopso", "--to", public), "Không ghi được"),
        (("backup", tmp_path / "b.lopso"), "LOPSO_BACKUP_KEY"),
        (("backup", tmp_path / "b.lopso", "--to", "age1no"), "age1"),
        (("backup-key", tmp_path / "key"), "Đã có tệp"),
        (("restore", tmp_path / "none", "--key", tmp_path / "key"), "Không đọc được"),
    ):
        code, _out, err = lopso(*arguments)
        assert code == 1
        assert word in err, err
    assert (tmp_path / "a.lopso").read_text() == "mine"


def test_restore_of_a_newer_backup_changes_nothing(target: str, server: EmbeddedServer) -> None:
    url = server.url("lopso_backup_target")
    header = Header("9999", datetime.now(UTC), SECRET)
    with pytest.raises(NewerBackup, match="mới hơn"):
        restore(url, header, iter(()), replace=False)
    assert value(target, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0


def test_restore_is_refused_while_somebody_is_connected(target: str, server: EmbeddedServer) -> None:
    header = Header("0023", datetime.now(UTC), SECRET)
    with psycopg.connect(target), pytest.raises(DatabaseInUse):
        restore(server.url("lopso_backup_target"), header, iter(()), replace=True)


def test_role_that_may_make_no_database_is_told_how_its_backup_was_checked(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    url = empty_database(server, "lopso_backup_plain")
    with psycopg.connect(url.replace("//lopso@", "//postgres@"), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS lopso_plain")
        connection.execute("CREATE ROLE lopso_plain LOGIN NOCREATEDB PASSWORD 'plain'")
        connection.execute("ALTER DATABASE lopso_backup_plain OWNER TO lopso_plain")
    role = make_url(url).set(username="lopso_plain", password="plain").render_as_string(hide_password=False)
    lopso = shell(role, tmp_path / "plain")
    ran(lopso, "db", "upgrade")
    public = make_key(lopso, tmp_path / "key")

    said = ran(lopso, "backup", tmp_path / "a.lopso", "--to", public)
    checked = ran(lopso, "check-backup", tmp_path / "a.lopso", "--key", tmp_path / "key")

    for each in (said, checked):
        assert "Tài khoản này không tạo được cơ sở dữ liệu tạm để khôi phục thử." in each
        assert "khớp" in each


def test_scratch_database_waits_for_the_servers_own_processes(server: EmbeddedServer, source: str) -> None:
    with scratch_database(source) as scratch:
        assert scratch is not None
        busy = psycopg.connect(scratch.replace("lopso@", "postgres@"))  # as an autovacuum worker would be
        leaving = Timer(0.3, busy.close)
        leaving.start()
    leaving.join()
    left = "SELECT count(*) FROM pg_database WHERE starts_with(datname, 'lopso_backup_check')"
    assert value(source, left) == 0


def test_full_disk_is_said_and_leaves_no_file(source: str, tmp_path: Path) -> None:
    key = read_public_key(str(public_key_of(new_private_key())))
    with files_of_at_most(20_000), pytest.raises(BackupFileRefused, match="Không ghi được tệp"):
        create_backup(source, SECRET, tmp_path / "a.lopso", [key])
    assert list(tmp_path.iterdir()) == []
