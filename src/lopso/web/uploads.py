"""Files that people upload and download."""

from litestar.datastructures import UploadFile
from litestar.response import Response

from lopso.web.request import Request

LARGEST_UPLOAD = 12 * 1024 * 1024
"""Bytes of a request with a file (``request_max_body_size=`` of its route); a ward's list is under 1 MB."""


async def uploaded(request: Request, name: str, *, most: int = -1) -> bytes | None:
    """The bytes of the file in field `name` of a form, at most `most`; None when no file was chosen.

    How large a request may be is its route's; what a workbook may hold is `lopso.kernel.workbook`'s.
    """
    file = (await request.form()).get(name)
    if not isinstance(file, UploadFile) or not file.filename:
        return None
    return await file.read(most)


def workbook_answer(content: bytes, name: str) -> Response[bytes]:
    """A workbook to keep; `name` is plain ASCII."""
    return Response(
        content,
        media_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
