"""The process where none can be forked: `work.answer` from standard input to standard output."""

import sys

from lopso.kernel.workbook.child.limits import limit_process

limit_process()

from lopso.kernel.workbook.parsing_process.work import answer  # noqa: E402  (limited first)

if __name__ == "__main__":
    sys.stdout.buffer.write(answer(sys.stdin.buffer.read()))
