"""HEAD is answered wherever GET is: the same status and headers, no body (RFC 9110, 9.3.2)."""

from litestar.types import ASGIApp, HTTPScope, Message, Receive, Send

_TEMPLATE = "path_template"


async def answer_head(app: ASGIApp, scope: HTTPScope, receive: Receive, send: Send) -> None:
    """Let `app` answer a HEAD request as a GET, and leave out the body.

    Cookies are left out too: nobody sees this page, so a sentence that is shown once stays for the next.
    """
    # A copy: the server must still find HEAD, or it misses the bytes that Content-Length announces.
    asked: HTTPScope = {**scope, "method": "GET"}  # pyright: ignore[reportAssignmentType]  (a copy of a TypedDict is a dict)

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [pair for pair in message["headers"] if pair[0].lower() != b"set-cookie"]
        elif message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    try:
        await app(asked, receive, sending)
    finally:
        if _TEMPLATE in asked:  # by which metrics count
            scope[_TEMPLATE] = asked[_TEMPLATE]
