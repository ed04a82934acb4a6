"""Commands without a given database beside a running demo: whose database they use, and that they say so."""

import os
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from lopso.application import running_demo
from lopso.application.demo import run
from lopso.application.installation import DATABASE, open_installation
from lopso.application.running_demo import RunningDemo, registered, running_demos
from lopso.kernel import embedded
from lopso.kernel.embedded import EmbeddedServer
from lopso.kernel.settings import SettingsError

URL = "http://127.0.0.1:8080"


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """An account whose own data folder is empty, and no LOPSO variables."""
    for name in [name for name in os.environ if name.startswith("LOPSO_")]:
        monkeypatch.delenv(name)
    with tempfile.TemporaryDirectory(prefix="lopso-test-") as name:
        Path(name).chmod(0o755)
        monkeypatch.setenv("XDG_DATA_HOME", name)
        yield Path(name) / "lopso"


@pytest.fixture
def server(account: Path) -> Generator[EmbeddedServer]:
    """The embedded server of that account, as a demo starts it."""
    started = embedded.start(account / "postgres", durable=False)
    started.create_database(running_demo.DATABASE)
    yield started
    started.stop()


@pytest.fixture
def demo(account: Path, server: EmbeddedServer) -> Generator[RunningDemo]:
    running = RunningDemo(account, URL)
    with registered(running):
        yield running


def set_up(server: EmbeddedServer) -> None:
    """What 'lopso db upgrade' leaves, as far as it matters here."""
    server.create_database(DATABASE)
    with psycopg.connect(server.url(DATABASE).replace("+psycopg", "")) as connection:
        connection.execute("CREATE TABLE alembic_version AS SELECT '0001'::text AS version_num")


def used(*, own: bool = False) -> tuple[str, bool]:
    """Name of the database a command uses, and whether it runs as a demo."""
    with open_installation(own=own) as installation:
        name = installation.database_url.partition("?")[0].rpartition("/")[2]
        return name, installation.settings.demo


def test_command_beside_the_demo_uses_its_database_and_says_so(
    demo: RunningDemo, server: EmbeddedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.create_database(DATABASE)  # an empty one that an earlier command left
    assert used() == (running_demo.DATABASE, True)
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert f"the running demo at {URL}, in {demo.home}" in said
    assert "LOPSO_DEMO=0" in said


def test_backup_key_is_taken_beside_the_demo_but_no_provider(
    demo: RunningDemo, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOPSO_BACKUP_KEY", "age1example")
    monkeypatch.setenv("LOPSO_SMS_GATEWAY", "twilio")
    with open_installation() as installation:
        assert installation.settings.backup_keys == ("age1example",)
        assert installation.settings.gateway == "sandbox"


def test_own_installation_comes_before_the_demo_until_one_chooses(
    demo: RunningDemo,
    server: EmbeddedServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up(server)
    assert used() == (DATABASE, False)
    said = capsys.readouterr().err
    assert f"your own installation in {demo.home}, not the running demo at {URL}" in said
    assert "LOPSO_DEMO=1" in said
    monkeypatch.setenv("LOPSO_DEMO", "1")
    assert used() == (running_demo.DATABASE, True)
    monkeypatch.setenv("LOPSO_DEMO", "0")
    assert used() == (DATABASE, False)


@pytest.mark.usefixtures("demo")
def test_what_serves_or_sets_up_never_uses_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    assert used(own=True) == (DATABASE, False)
    monkeypatch.setenv("LOPSO_DEMO", "0")
    assert used() == (DATABASE, False)


@pytest.mark.usefixtures("demo")
def test_given_database_is_used_without_a_word_but_named_before_it_is_changed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOPSO_DATABASE_URL", "postgresql://anna:geheim@db.example.org/lopso_city")
    assert used() == ("lopso_city", False)
    assert capsys.readouterr().err == ""
    with open_installation(destructive=True):
        assert capsys.readouterr().err == (
            "lopso: using the database lopso_city on db.example.org (LOPSO_DATABASE_URL).\n"
        )


def test_without_a_demo_the_embedded_database_is_named(
    account: Path, server: EmbeddedServer, capsys: pytest.CaptureFixture[str]
) -> None:
    with registered(RunningDemo(account, URL)):
        pass  # it has ended, its file is left
    assert running_demos() == []
    assert used() == (DATABASE, False)
    assert f"the embedded database in {account}" in capsys.readouterr().err


def test_demo_with_a_home_of_its_own_is_found_without_naming_it(
    account: Path, demo: RunningDemo, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = account.parent / "another account folder"
    with registered(RunningDemo(elsewhere, "http://127.0.0.1:9090")):
        assert [each.home for each in running_demos()] == sorted([demo.home, elsewhere])
        monkeypatch.setenv("LOPSO_DEMO", "1")
        with pytest.raises(SettingsError, match="LOPSO_HOME"), ExitStack() as stack:
            stack.enter_context(open_installation())
        monkeypatch.setenv("LOPSO_HOME", str(account))
        assert used() == (running_demo.DATABASE, True)


def test_running_demo_is_not_begun_anew_under_it(demo: RunningDemo) -> None:
    with pytest.raises(SettingsError, match=URL):
        run(port=8081, reset=True)
    assert running_demos() == [RunningDemo(demo.home, URL)]
