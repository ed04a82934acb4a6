"""JSON bodies are read by the declarations of forms; each mistake is at its path."""

import tracemalloc
from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

import pytest
from msgspec import Struct

from lopso.kernel.errors import InvalidInput
from lopso.web.forms import Entries, FormId, InstantField, RowId, Tick, read_json

TODAY = date(2026, 11, 23)


class Entry(Struct, frozen=True, kw_only=True):
    row: RowId
    client_id: Annotated[UUID, FormId()]
    at: Annotated[datetime | None, InstantField()] = None
    offline: Tick = False


class Upload(Struct, frozen=True, kw_only=True):
    entries: Annotated[tuple[Entry, ...], Entries(Entry, most=2)] = ()


TOKEN = "5f7d3b52-2f6b-4f0a-8a0e-7a3c52c5b7a1"


def test_json_body_is_read_by_the_same_declarations() -> None:
    body = f'[{{"row": 7, "client_id": "{TOKEN}", "at": "2026-11-23T08:30+07:00", "offline": true}}]'.encode()
    entry = Entry(row=7, client_id=UUID(TOKEN), at=datetime(2026, 11, 23, 1, 30, tzinfo=UTC), offline=True)

    assert read_json(Upload, body, today=TODAY, bare_list="entries") == Upload(entries=(entry,))
    assert read_json(Upload, b"{}", today=TODAY) == Upload()


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", [""]),
        (b'{"entries": NaN}', [""]),
        (b"[" * 100_000, [""]),
        (rb'["\ud800"]', [""]),
        (b'{"entries": 1}', ["entries"]),
        (b'{"entries": [1, {}, {}]}', ["entries"]),
        (b'{"entries": [1]}', ["entries.0.row", "entries.0.client_id"]),
        (
            b'{"entries": [{"row": "7", "client_id": "x", "offline": 1}]}',
            ["entries.0.row", "entries.0.client_id", "entries.0.offline"],
        ),
        (
            b'{"entries": [{"row": 99999999999999999999, "client_id": null, "at": "2026"}]}',
            ["entries.0.row", "entries.0.client_id", "entries.0.at"],
        ),
    ],
)
def test_mistakes_in_a_json_body_are_at_their_paths(body: bytes, fields: list[str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_json(Upload, body, today=TODAY, bare_list="entries")
    assert list(refused.value.fields) == fields


@pytest.mark.parametrize("each", [b"[],", b"{},", b"0,"])
def test_json_body_of_too_many_values_is_refused_before_it_is_decoded(each: bytes) -> None:
    """Decoded, these two megabytes would take fifty times their size."""
    body = b'{"entries": [' + each * 600_000 + b"0]}"

    tracemalloc.start()
    try:
        with pytest.raises(InvalidInput) as refused:
            read_json(Upload, body, today=TODAY)
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert refused.value.fields == {"": "Trang gửi quá nhiều mục một lần. Xin chia nhỏ rồi gửi lại."}
    assert most < 1_000_000
