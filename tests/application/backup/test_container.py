"""The frames of a backup, and what is told of a file that is none."""

import io

import pytest

from lopso.application.backup.container import (
    END,
    ROWS,
    TableSum,
    compressed,
    frame,
    json_frame,
    read_frames,
    read_header,
)
from lopso.application.backup.errors import BackupDamaged

STREAM = b"".join(compressed([frame(ROWS, b"1\ta\n" * 100_000), json_frame(END, {"sequences": {}})]))


def test_frames_are_read_as_written() -> None:
    assert list(read_frames(io.BytesIO(STREAM))) == [
        (ROWS, b"1\ta\n" * 100_000),
        (END, b'{"sequences": {}}'),
    ]


@pytest.mark.parametrize("size", [1, 9, len(STREAM) // 2, len(STREAM) - 1])
def test_stream_cut_anywhere_is_refused(size: int) -> None:
    with pytest.raises(BackupDamaged):
        list(read_frames(io.BytesIO(STREAM[:size])))


def test_stream_that_is_no_gzip_is_refused() -> None:
    with pytest.raises(BackupDamaged):
        list(read_frames(io.BytesIO(b"SELECT 1; " * 100)))


def test_frame_of_absurd_size_is_refused_without_reading_it() -> None:
    with pytest.raises(BackupDamaged):
        list(read_frames(io.BytesIO(b"".join(compressed([b"R\xff\xff\xff\xff"])))))


def test_stream_without_header_is_refused() -> None:
    with pytest.raises(BackupDamaged):
        read_header(read_frames(io.BytesIO(STREAM)))


def test_sum_does_not_depend_on_the_order_or_the_chunks() -> None:
    assert TableSum().add(b"1\n2\n3\n") == TableSum().add(b"3\n1\n").add(b"2\n")
    assert TableSum().add(b"1\n2\n").checksum != TableSum().add(b"1\n3\n").checksum
    assert TableSum().add(b"1\n1\n").rows == 2
