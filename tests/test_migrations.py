"""The chain of migrations: from nothing it gives exactly the models, and a broken step leaves nothing."""

import warnings
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from lopso.application import migrate
from lopso.application.registry import metadata
from lopso.kernel.embedded import EmbeddedServer
from lopso.kernel.paths import shipped


@pytest.fixture
def empty_url(server: EmbeddedServer) -> str:
    name = "lopso_from_nothing"
    server.drop_database(name)
    server.create_database(name)
    return server.url(name)


def differences(url: str) -> list[object]:
    engine = create_engine(url)
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Computed default")  # alembic cannot change them, only say so
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        found: list[object] = compare_metadata(context, metadata)
    engine.dispose()
    return found


def test_revisions_are_known_by_their_files() -> None:
    """So that no command needs alembic to see whether the schema is current."""
    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")))
    scripts = ScriptDirectory.from_config(config)
    revisions = [each.revision for each in scripts.walk_revisions()]

    assert migrate.newest_revision() == scripts.get_current_head()
    assert [each for each in revisions if not migrate.knows(each)] == []
    assert not migrate.knows("9999")


def test_from_nothing_the_chain_gives_exactly_the_models(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    assert migrate.is_current(empty_url)
    assert differences(empty_url) == []


def test_down_to_nothing_and_up_again(empty_url: str) -> None:
    migrate.upgrade(empty_url)
    migrate.downgrade(empty_url)
    engine = create_engine(empty_url)
    with engine.connect() as connection:
        functions = connection.scalar(
            text(
                "SELECT count(*) FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace"
                " WHERE proname LIKE 'lopso%' AND nspname = 'public'"
            )
        )
    assert inspect(engine).get_table_names() == ["alembic_version"]
    assert functions == 0
    engine.dispose()
    migrate.upgrade(empty_url)
    assert differences(empty_url) == []


def test_a_step_that_breaks_leaves_nothing_behind(
    empty_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Generated revisions of the database layer once ran outside a transaction and half-applied."""
    chain = tmp_path / "migrations"
    (chain / "versions").mkdir(parents=True)
    for name in ("env.py", "script.py.mako"):
        (chain / name).write_text((shipped("migrations") / name).read_text())
    (chain / "versions" / "0001_breaks.py").write_text(
        "from alembic import op\nimport sqlalchemy as sa\n"
        "revision, down_revision, branch_labels, depends_on = '0001', None, None, None\n"
        "def upgrade():\n"
        "    op.create_table('half', sa.Column('n', sa.Integer))\n"
        "    op.execute('SELECT * FROM not_there')\n"
    )

    def another_chain(_name: str) -> Path:
        return chain

    monkeypatch.setattr(migrate, "shipped", another_chain)
    with pytest.raises(ProgrammingError):
        migrate.upgrade(empty_url)
    engine = create_engine(empty_url)
    assert "half" not in inspect(engine).get_table_names()
    engine.dispose()


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
def test_audit_entries_refuse_update_and_delete(empty_url: str, statement: str) -> None:
    migrate.upgrade(empty_url)
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO audit_entry (at, actor_name, action, subject, subject_id, facts)"
                " VALUES (now(), 'x', 'y', 'z', '1', '{}')"
            )
        )
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_copied_budgets_of_wards_go_and_their_hours_are_limited(empty_url: str) -> None:
    migrate.upgrade(empty_url, "0016")
    engine = create_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO ward (id, name, full_name, kind, slug, search)"
                " SELECT id, id, id, 'phường', id, '' FROM unnest(ARRAY['19753', '19804', '20014']) id"
            )
        )
        connection.execute(
            text(
                "INSERT INTO reminder_policy"
                " (ward_id, quiet_until, quiet_from, daily_cap, monthly_budget) VALUES"
                " (NULL, '07:00', '23:00', 6, 500), ('19753', '00:00', '23:59', 6, 500),"
                " ('19804', '08:00', '20:00', 4, 100), ('20014', '01:00', '05:00', 6, NULL)"
            )
        )
    migrate.upgrade(empty_url)

    kept = (
        "SELECT ward_id, quiet_until::text, quiet_from::text, daily_cap, monthly_budget::int"
        " FROM reminder_policy ORDER BY id"
    )
    with engine.connect() as connection:
        rows = connection.execute(text(kept)).all()
    engine.dispose()
    assert [tuple(row) for row in rows] == [
        (None, "07:00:00", "22:00:00", 6, 500),
        ("19753", "07:00:00", "22:00:00", None, None),
        ("19804", "08:00:00", "20:00:00", 4, 100),
        ("20014", "07:00:00", "22:00:00", None, None),
    ]
    migrate.downgrade(empty_url, "0016")
