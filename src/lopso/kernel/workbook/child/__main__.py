"""The process: standard input → JSON on standard output."""

import json
import sys
from typing import Any

from lopso.kernel.workbook.child.limits import MAX_FILE, FileRefused, limit_process
from lopso.kernel.workbook.child.sheets import sheets


def main() -> None:
    limit_process()
    try:
        data = sys.stdin.buffer.read(MAX_FILE + 1)
        answer: dict[str, Any] = {"sheets": sheets(data)}
    except FileRefused as refusal:
        answer = {"refused": str(refusal)}
    except MemoryError:
        answer = {"refused": "too_big"}
    json.dump(answer, sys.stdout, ensure_ascii=True, separators=(",", ":"))


if __name__ == "__main__":
    main()
