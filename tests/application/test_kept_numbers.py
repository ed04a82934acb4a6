"""Numbers of papers and accounts in notes saved by earlier versions: counted by ward, removed on demand."""

from pathlib import Path

import psycopg
import pytest

from lopso.kernel.embedded import EmbeddedServer
from tests.application.shell import Shell
from tests.cluster import TEMPLATE

NOTES = {
    "Nhữ Thị Na": "CCCD 046160001234, con gái đưa đi",
    "Lã Văn Bê": "STK 0123456789012",
    "Hồ Thị Mơ": "gọi 0912 345 678, sinh 12/03/1960",
}


@pytest.fixture
def lopso(server: EmbeddedServer, tmp_path: Path) -> Shell:
    server.drop_database("lopso_numbers")
    server.create_database("lopso_numbers", template=TEMPLATE)
    shell = Shell(server.url("lopso_numbers").replace("+psycopg", ""), tmp_path)
    assert shell("db", "upgrade")[0] == 0
    with psycopg.connect(shell.environment["LOPSO_DATABASE_URL"]) as connection:
        connection.cursor().executemany(
            "INSERT INTO learner (ward_id, full_name, name_key, sort_key, phone_kind, note, registered_at)"
            " VALUES ('19753', %s, 'x', 'x', 'none', %s, now())",
            list(NOTES.items()),
        )
    return shell


def kept(shell: Shell) -> list[str]:
    with psycopg.connect(shell.environment["LOPSO_DATABASE_URL"]) as connection:
        return [row[0] for row in connection.execute("SELECT note FROM learner ORDER BY id")]


def test_numbers_in_saved_notes_are_counted_and_not_printed(lopso: Shell) -> None:
    code, out, err = lopso("private-numbers")

    assert (code, err) == (0, "")
    assert "(19753): 2 số trong 2 dòng" in out
    assert "046160001234" not in out
    assert kept(lopso) == list(NOTES.values())
    assert "Còn 2 số giấy tờ" in lopso("doctor")[1]


def test_numbers_in_saved_notes_are_removed_with_an_audit_entry_a_row(lopso: Shell) -> None:
    assert "Không thấy số" in lopso("private-numbers", "--remove", "--ward", "20179")[1]
    code, out, _err = lopso("private-numbers", "--remove")

    assert (code, "Đã bỏ 2 số" in out) == (0, True)
    assert kept(lopso) == ["CCCD [đã bỏ số], con gái đưa đi", "STK [đã bỏ số]", NOTES["Hồ Thị Mơ"]]
    with psycopg.connect(lopso.environment["LOPSO_DATABASE_URL"]) as connection:
        entries = connection.execute(
            "SELECT ward_id, facts FROM audit_entry WHERE action = 'learner.private_numbers_removed'"
        ).fetchall()
    assert entries == [("19753", {"columns": ["note"], "numbers": 1})] * 2
    assert "Không thấy số" in lopso("private-numbers")[1]
    assert "Không thấy số" in lopso("doctor")[1]
