"""A file cannot occupy the server: it is parsed elsewhere, within limits, two files at a time."""

import asyncio
import json
import time
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from learners.importing.registrations import REGISTRATIONS
from lopso.application.wiring import LISTENERS
from lopso.kernel import db as database
from lopso.kernel.workbook import turns
from lopso.kernel.workbook.child.limits import MAX_COLUMNS
from lopso.kernel.workbook.kinds import kind_named
from lopso.kernel.workbook.packing import unpacked
from lopso.kernel.workbook.parsing_process import parse_file
from lopso.kernel.workbook.reading import WorkbookRefused, read_workbook
from lopso.kernel.workbook.results import ParsedList
from lopso.kernel.workbook.turns import TooManyFiles, take_turn
from tests.kernel.workbook.test_reading import workbook
from trainers.importing.team_list import TEAM_LIST

CONTEXT = {"today": "2026-11-30", "rural": False}


def column(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def wide(columns: int, *rows: str) -> bytes:
    """A workbook of rows that say the same in every column."""
    return workbook(
        "".join(
            f'<row r="{r}">'
            + "".join(
                f'<c r="{column(c)}{r}" t="inlineStr"><is><t>{text}</t></is></c>'
                for c in range(1, columns + 1)
            )
            + "</row>"
            for r, text in enumerate(rows, 1)
        )
    )


async def parsed(data: bytes) -> ParsedList[Any]:
    return unpacked(
        json.loads((await parse_file(REGISTRATIONS, data, CONTEXT)).json), REGISTRATIONS.from_json
    )


@pytest.mark.parametrize("kind", [REGISTRATIONS, TEAM_LIST])
def test_kind_is_found_by_its_module(kind: Any) -> None:
    assert kind_named(kind.module, kind.name) is kind


async def test_list_comes_back_from_its_process_as_parsed() -> None:
    result = await parsed("Họ tên,Năm sinh,SĐT\nLê Thị Ánh,1962,0348990608\nHồ Sơn,2040,x\n".encode())

    assert [row.draft.full_name for row in result.good] == ["Lê Thị Ánh"]
    assert [row.reason for row in result.doubtful] == ["Năm sinh không hợp lý: 2040"]


async def test_wide_file_costs_this_process_nothing() -> None:
    data = wide(20_000, "Họ và tên", "Lê Văn")
    began, clock = time.process_time(), time.monotonic()
    result = await parsed(data)

    assert time.process_time() - began < 0.5
    assert time.monotonic() - clock < 30
    assert len(result.columns) <= MAX_COLUMNS


async def test_columns_beyond_the_limit_are_counted_and_not_read() -> None:
    (sheet,) = await read_workbook(wide(MAX_COLUMNS + 7, "Họ tên"))
    (text_table,) = await read_workbook((",".join(["Họ tên"] * (MAX_COLUMNS + 7)) + "\n").encode())

    for each in (sheet, text_table):
        assert (len(each.rows[0]), each.columns_cut) == (MAX_COLUMNS, 7)


async def test_control_characters_are_dropped() -> None:
    (sheet,) = await read_workbook("Họ tên,SĐT\nLê\x01 Ánh\x7f,\x02\n".encode())

    assert sheet.rows[1] == ["Lê Ánh"]


async def test_file_without_list_comes_back_as_outline() -> None:
    result = await parsed("Mặt hàng,Giá\nGạo,20000\n".encode())

    assert result.no_list.startswith("Không tìm thấy cột họ tên")
    assert [each.rows for each in result.outlines] == [(("Mặt hàng", "Giá"), ("Gạo", "20000"))]


async def test_plan_is_refused_as_another_kind_of_list() -> None:
    with pytest.raises(WorkbookRefused, match="Tệp này là kế hoạch mở lớp") as caught:
        await parsed("Nội dung,Địa điểm,Thứ,Giờ\nVNeID,Hội trường,T2,14h\n".encode())

    assert caught.value.reason == "no_table"


async def test_third_file_waits_for_one_of_two_turns(engine: AsyncEngine) -> None:
    sessions = database.session_maker(engine, LISTENERS)
    async with sessions() as first, sessions() as second, sessions() as third:
        await take_turn(first)
        await take_turn(second)
        with pytest.raises(TooManyFiles, match="Đang có hai danh sách khác được đọc"):
            await take_turn(third, seconds=0)

        waiting = asyncio.create_task(take_turn(third))
        await asyncio.sleep(2 * turns._BETWEEN)  # pyright: ignore[reportPrivateUsage]  (how long one wait is)
        assert not waiting.done()
        for _try in range(100):  # between two tries it holds no connection
            if not third.in_transaction():
                break
            await asyncio.sleep(0.01)
        assert not third.in_transaction()
        await first.rollback()
        await waiting
