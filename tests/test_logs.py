"""What access lines may say."""

import logging

from lopso.application import logs


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def test_access_lines_carry_neither_secrets_nor_what_was_searched_for() -> None:
    logs.conceal_secrets()
    logger, kept = logging.getLogger("uvicorn.access"), Lines()
    level = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(kept)
    try:
        secret = "wNiNUK2Mad9miazHzX16o6W0lrA3se51hT8dGNazBAc4"
        for path in (
            f"/lich-rieng/{secret}.ics",
            f"/loi-moi/{secret}",
            "/webhook/twilio/3f2504e0-4f89-41d3-9a0c-0305e82c3301",
            "/nguoi-hoc/19753?q=0912345678",
            "/buoi/12/diem-danh",
        ):
            logger.info('%s - "%s %s HTTP/%s" %d', "10.0.0.1:5000", "GET", path, "1.1", 200)
    finally:
        logger.removeHandler(kept)
        logger.setLevel(level)
    assert [line.split('"')[1] for line in kept.lines] == [
        "GET /lich-rieng/….ics HTTP/1.1",
        "GET /loi-moi/… HTTP/1.1",
        "GET /webhook/twilio/… HTTP/1.1",
        "GET /nguoi-hoc/19753 HTTP/1.1",
        "GET /buoi/12/diem-danh HTTP/1.1",
    ]
