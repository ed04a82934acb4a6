"""What the database tells of the whole installation: texts, providers, workers, delivery, backups.

The worker is another process; whoever watches reads the same from every web process.
"""

import importlib
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from lopso.kernel.operations.backup_run import last_good_backup
from lopso.kernel.operations.heartbeat import SILENT_AFTER
from notifications.rules.delivery_problems import NEXT_STEP

_LIMIT = "SET LOCAL statement_timeout = '5s'"
_RECENT = timedelta(hours=24)

_DUE = text("""
    SELECT purpose, count(*) AS number, min(due_at) AS since FROM message
    WHERE state = 'planned' AND held_at IS NULL AND due_at <= :now GROUP BY purpose
""")
_OPEN = text("""
    SELECT state, count(*) AS number FROM message
    WHERE state = 'planned' OR state IN ('claimed', 'sending') OR state = 'ambiguous' GROUP BY state
""")
# Ward by ward, for the index begins with the ward.
_RECENT_TEXTS = text("""
    SELECT each.state, coalesce(each.provider, '') AS provider, each.state_reason AS reason,
           sum(number) AS number
    FROM ward CROSS JOIN LATERAL (
        SELECT state, provider, state_reason, count(*) AS number FROM message m
        WHERE m.ward_id = ward.id AND coalesce(m.first_due_at, m.due_at) BETWEEN :since AND :now
        GROUP BY state, provider, state_reason
    ) each GROUP BY 1, 2, 3
""")
_MAILS = text(
    "SELECT count(*) AS number, min(due_at) AS since FROM mail WHERE state = 'planned' AND due_at <= :now"
)
_PROVIDERS = text("SELECT name, health FROM gateway_state")
_WORKERS = text(
    "SELECT count(*) FILTER (WHERE seen_at > :alive) AS alive, max(seen_at) AS seen FROM worker_heartbeat"
)
_PAUSED = text("SELECT EXISTS (SELECT FROM delivery_pause WHERE resumed_at IS NULL)")

_FAILED = ("failed", "undelivered", "ambiguous")

Figures = Iterable[tuple[tuple[str, ...], float]]
"""Values of the labels, and the figure."""


async def installation_metrics(connection: AsyncConnection, *, now: datetime) -> bytes:
    """The figures in the text format of Prometheus; nine statements, each of five seconds at most."""
    library: Any = importlib.import_module("prometheus_client")
    registry = library.CollectorRegistry()
    registry.register(_Families(await _families(connection, now)))
    return library.generate_latest(registry)


class _Families:
    """What was read, as the library collects it."""

    def __init__(self, families: Iterable[Any]) -> None:
        self._families = families

    def collect(self) -> Iterator[Any]:
        yield from self._families


def _gauge(name: str, about: str, labels: tuple[str, ...], figures: Figures) -> Any:
    core: Any = importlib.import_module("prometheus_client.core")
    family = core.GaugeMetricFamily(f"lopso_{name}", about, labels=labels)
    for key, value in figures:
        family.add_metric(key, value)
    return family


async def _families(connection: AsyncConnection, now: datetime) -> list[Any]:
    await connection.execute(text(_LIMIT))
    return [
        *await _texts_due(connection, now),
        *await _texts_by_state(connection, now),
        *await _mails(connection, now),
        *await _workers(connection, now),
        *await _operations(connection, now),
    ]


async def _texts_due(connection: AsyncConnection, now: datetime) -> list[Any]:
    rows = (await connection.execute(_DUE, {"now": now})).all()
    numbers = [((row.purpose,), float(row.number)) for row in rows]
    ages = [((row.purpose,), (now - row.since).total_seconds()) for row in rows]
    return [
        _gauge("texts_due", "Texts that are due", ("purpose",), numbers),
        _gauge("text_queue_age_seconds", "Age of the oldest text that is due", ("purpose",), ages),
    ]


async def _texts_by_state(connection: AsyncConnection, now: datetime) -> list[Any]:
    rows = (await connection.execute(_OPEN)).all()
    recent = (await connection.execute(_RECENT_TEXTS, {"since": now - _RECENT, "now": now})).all()
    return [
        _gauge("texts_open", "Texts by state, however old", ("state",), _by_state(rows)),
        _gauge("texts_recent", "Texts due in the last 24 hours", ("state",), _by_state(recent)),
        _gauge(
            "provider_failures_recent",
            "Texts due in the last 24 hours that did not arrive or may not have",
            ("provider", "reason"),
            _failures(recent),
        ),
    ]


async def _mails(connection: AsyncConnection, now: datetime) -> list[Any]:
    row = (await connection.execute(_MAILS, {"now": now})).one()
    age = (now - row.since).total_seconds() if row.since else 0.0
    return [
        _gauge("mails_due", "Mails that are due", (), [((), row.number)]),
        _gauge("mail_queue_age_seconds", "Age of the oldest mail that is due", (), [((), age)]),
    ]


async def _workers(connection: AsyncConnection, now: datetime) -> list[Any]:
    health = (await connection.execute(_PROVIDERS)).all()
    up = [((row.name,), float(row.health != "down")) for row in health]
    row = (await connection.execute(_WORKERS, {"alive": now - SILENT_AFTER})).one()
    return [
        _gauge("provider_up", "Whether a provider takes texts", ("provider",), up),
        _gauge("workers_alive", "Workers seen lately", (), [((), row.alive)]),
        _gauge("worker_silence_seconds", "Time since a worker was seen", (), _age(row.seen, now)),
    ]


async def _operations(connection: AsyncConnection, now: datetime) -> list[Any]:
    paused = bool(await connection.scalar(_PAUSED))
    backup = await last_good_backup(connection)
    return [
        _gauge("delivery_paused", "Whether delivery is paused", (), [((), float(paused))]),
        _gauge("backup_age_seconds", "Age of the newest good backup", (), _age(backup, now)),
    ]


def _age(moment: datetime | None, now: datetime) -> Figures:
    """Absent where there was none: an alarm asks for that too."""
    return [] if moment is None else [((), (now - moment).total_seconds())]


def _by_state(rows: Iterable[Row[Any]]) -> Figures:
    return _summed(((row.state,), float(row.number)) for row in rows)


def _failures(rows: Iterable[Row[Any]]) -> Figures:
    failed = [row for row in rows if row.state in _FAILED and row.provider]
    return _summed(((row.provider, _kind(row.state, row.reason)), float(row.number)) for row in failed)


def _kind(state: str, reason: str) -> str:
    """One of a closed list: codes of providers are without number."""
    if state == "ambiguous":
        return "unknown"
    return reason if reason in NEXT_STEP else "other"


def _summed(figures: Figures) -> Figures:
    sums: dict[tuple[str, ...], float] = {}
    for key, value in figures:
        sums[key] = sums.get(key, 0) + value
    return sums.items()
