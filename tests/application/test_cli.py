"""The command line, run as people run it: a process of its own, exit code, output."""

import json
from pathlib import Path

import pytest

from lopso.application.cli import main
from lopso.kernel.embedded import EmbeddedServer
from lopso.kernel.paths import shipped
from tests.application.shell import Shell
from tests.cluster import TEMPLATE

LISTS = shipped("data") / "example" / "phu-xuan"


@pytest.fixture
def lopso(server: EmbeddedServer, tmp_path: Path) -> Shell:
    server.drop_database("lopso_cli")
    server.create_database("lopso_cli", template=TEMPLATE)
    url = server.url("lopso_cli").replace("postgresql+psycopg://", "postgresql://")
    return Shell(url, tmp_path)


def test_commands_set_up_a_ward(lopso: Shell) -> None:
    assert lopso.program("db", "upgrade")[:2] == (0, "The database is up to date.\n")
    assert lopso("db", "check")[:2] == (0, "The database is up to date.\n")
    added = lopso(
        *("user", "add", "--name", "Lê Thị Thu Hà", "--email", "ha@example.org"),
        *("--role", "coordinator", "--ward", "19753", "--password-stdin"),
        typed="qua cầu Trường Tiền\n",
    )
    assert added[0] == 0, added
    for what, file in (("learners", "hoc-vien.xlsx"), ("teams", "to-cong-nghe-so.xlsx")):
        code, out, err = lopso("import", what, LISTS / file, "--ward", "19753", "--json")
        assert code == 0, err
        first = json.loads(out)
        assert first["read"] == first["saved"] + first["already_known"] + first["doubtful"]
        assert first["saved"] > 100
        assert len(first["doubts"]) >= first["doubtful"]
        assert {"row", "field", "reason"} <= set(first["doubts"][0])

        again = json.loads(lopso("import", what, LISTS / file, "--ward", "19753", "--json")[1])
        assert (again["saved"], again["read"], again["doubtful"]) == (0, first["read"], first["doubtful"])


def test_import_says_how_many_private_numbers_were_left_out(lopso: Shell, tmp_path: Path) -> None:
    lopso("db", "upgrade")
    rows = (
        "Họ và tên,Năm sinh,Ghi chú",
        "Nhữ Thị Na,1960,CCCD 046160001234",
        "Lã Văn Bê,1961,STK 0123456789012",
    )
    (tmp_path / "list.csv").write_text("\n".join(rows), encoding="utf-8")

    code, out, err = lopso("import", "learners", tmp_path / "list.csv", "--ward", "19753")

    assert (code, err) == (0, "")
    assert "Đã lưu 2 người" in out
    assert "Đã bỏ 2 số giấy tờ, tài khoản hoặc thẻ" in out


def test_refusal_is_one_sentence_and_exit_code_1(lopso: Shell) -> None:
    lopso("db", "upgrade")
    people = LISTS / "hoc-vien.xlsx"
    refusals: list[tuple[tuple[str | Path, ...], str]] = [
        (("import", "learners", "not-there.xlsx", "--ward", "19753"), "Không mở được tệp này."),
        (("import", "learners", Path(__file__), "--ward", "19753"), "lopso: "),
        (("import", "learners", people, "--ward", "99999"), "Không có phường, xã mang mã 99999."),
        (("user", "add", "--name", "A", "--password-stdin"), "mật khẩu"),
    ]
    for arguments, sentence in refusals:
        code, out, err = lopso(*arguments, typed="12345678\n")
        assert (code, out) == (1, "")
        assert sentence.lower() in err.lower()
        assert "Traceback" not in err


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LOPSO_DATABASE_URL", "mysql://x"),
        ("LOPSO_PUBLIC_URL", "lop-so"),
        ("LOPSO_SMS_GATEWAY", "pigeon"),
        ("LOPSO_SMS_ROUTE_SERVICE", "sandbox,pigeon"),
        ("LOPSO_SMS_ROUTE_OPERATIONS", "sandbox,sandbox"),
        ("LOPSO_SMS_RATE", "fast"),
        ("LOPSO_SMS_RATE_TWILIO", "0"),
        ("LOPSO_SMS_GATEWAY", "twilio"),
        ("LOPSO_SECRET", "short"),
        ("LOPSO_DEMO", "yes"),
        ("LOPSO_LOG_FORMAT", "xml"),
    ],
)
def test_wrong_setting_stops_the_start_with_a_sentence_naming_it(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    variable: str,
    value: str,
) -> None:
    monkeypatch.setenv("LOPSO_HOME", str(tmp_path))
    monkeypatch.setenv(variable, value)
    assert main(["serve"]) == 1
    said = capsys.readouterr().err
    assert variable.removesuffix("_GATEWAY") in said
    assert said.count("\n") == 1
