"""``lopso doctor``: a sentence for each thing, and exit code 1 when one is broken."""

from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from lopso.application.doctor.command import diagnose
from lopso.application.installation import Installation
from lopso.kernel.clock import utc_now
from lopso.kernel.embedded import EmbeddedServer
from lopso.kernel.settings import Settings
from tests.application.shell import Shell
from tests.cluster import TEMPLATE

CLOSED = "http://127.0.0.1:9"

ALIVE = "INSERT INTO worker_heartbeat VALUES (gen_random_uuid(), now(), now())"
SILENT = "INSERT INTO worker_heartbeat VALUES (gen_random_uuid(), now(), now() - interval '5 minutes')"
PAUSED = "INSERT INTO delivery_pause (since, reason) VALUES (now(), 'by_hand')"
BACKED_UP = "INSERT INTO backup_run (began_at, file, checked) VALUES (now() - interval '{}', 'a', 'read')"


@pytest.fixture
def database_name(server: EmbeddedServer) -> str:
    server.drop_database("lopso_doctor")
    server.create_database("lopso_doctor", template=TEMPLATE)
    return "lopso_doctor"


@pytest.fixture
def lopso(server: EmbeddedServer, database_name: str, tmp_path: Path) -> Shell:
    return Shell(server.url(database_name).replace("+psycopg", ""), tmp_path)


def has(lopso: Shell, *statements: str) -> None:
    """Change the database."""
    with psycopg.connect(lopso.environment["LOPSO_DATABASE_URL"]) as connection:
        for each in statements:
            connection.execute(each.encode())


def test_whole_installation_is_well(lopso: Shell) -> None:
    has(lopso, ALIVE, BACKED_UP.format("1 hour"))
    code, out, err = lopso("doctor")
    assert (code, err) == (0, "")
    assert "✗" not in out
    for sentence in (
        "Cơ sở dữ liệu trả lời: PostgreSQL 18",
        "Cấu trúc dữ liệu đúng với phiên bản này.",
        "Đồng hồ máy này khớp",
        "Có lopso worker đang chạy.",
        "Việc gửi không bị tạm dừng.",
        "Bản sao lưu gần nhất:",
        "Khoá của chương trình",
        "Đĩa của",
        "Tin nhắn chỉ vào điện thoại thử",
        "Thư chỉ vào hộp thư thử",
    ):
        assert sentence in out


@pytest.mark.parametrize(
    ("statements", "sentence"),
    [
        ((), "✗ Không có lopso worker nào đang chạy: tin chờ"),
        ((SILENT,), "✗ Không có lopso worker nào đang chạy từ"),
        ((ALIVE, PAUSED), "! Việc gửi đang tạm dừng từ"),
        ((ALIVE,), "! Chưa có bản sao lưu nào."),
        ((ALIVE, BACKED_UP.format("3 days")), "! Bản sao lưu gần nhất đã cũ"),
        (("UPDATE alembic_version SET version_num = '0023'",), "✗ Cấu trúc dữ liệu cũ hơn"),
        (("UPDATE alembic_version SET version_num = '9999'",), "✗ Cơ sở dữ liệu thuộc một phiên bản"),
    ],
)
def test_each_trouble_in_the_database_has_its_sentence(
    lopso: Shell, statements: tuple[str, ...], sentence: str
) -> None:
    has(lopso, *statements)
    code, out, _err = lopso("doctor")
    assert sentence in out
    assert code == (1 if "✗" in out else 0)


def test_each_trouble_of_the_machine_has_its_sentence(lopso: Shell, tmp_path: Path) -> None:
    has(lopso, ALIVE)
    lopso.environment |= {
        "LOPSO_BACKUP_FOLDER": str(tmp_path / "none"),
        "LOPSO_BACKUP_KEY": "age1" + "q" * 58,
        "LOPSO_SMS_GATEWAY": "twilio",
        "LOPSO_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
        "LOPSO_TWILIO_AUTH_TOKEN": "t" * 32,
        "LOPSO_TWILIO_SENDER": "LopSo",
        "LOPSO_TWILIO_BASE_URL": CLOSED,
        "LOPSO_SMTP_HOST": "127.0.0.1",
        "LOPSO_SMTP_PORT": "9",
        "LOPSO_SMTP_FROM": "lop-so@example.vn",
    }
    lopso.environment.pop("LOPSO_SECRET", None)
    (tmp_path / "secret").write_text("s" * 40)
    (tmp_path / "secret").chmod(0o644)
    (tmp_path / "key").write_text("AGE-SECRET-KEY-1ABC\n")
    code, out, _err = lopso("doctor")
    assert code == 1
    for sentence in (
        "✗ Chưa có bản sao lưu nào.",
        "✗ Người khác trên máy đọc được",
        "✗ Khoá bí mật của bản sao lưu nằm trên máy chủ",
        "✗ Không có thư mục",
        "không trả lời (",
        "✗ Không dùng được máy chủ thư",
    ):
        assert sentence in out, out
    assert "t" * 32 not in out
    assert "AGE-SECRET" not in out


def test_database_that_does_not_answer_is_said_without_its_password(lopso: Shell) -> None:
    lopso.environment["LOPSO_DATABASE_URL"] = "postgresql://lopso:geheim@127.0.0.1:9/lopso"
    code, out, err = lopso("doctor")
    assert code == 1
    assert "✗ Cơ sở dữ liệu không trả lời" in out
    assert "geheim" not in out + err
    assert "Traceback" not in err


async def test_clock_that_is_wrong_is_told(
    server: EmbeddedServer, database_name: str, settings: Settings
) -> None:
    installation = Installation(settings, server.url(database_name))
    found = diagnose(installation, own_clock=lambda: utc_now() + timedelta(minutes=2))
    assert "✗ Đồng hồ máy này lệch 120 giây với cơ sở dữ liệu. Hãy bật đồng bộ giờ." in [
        each.line() async for each in found
    ]
