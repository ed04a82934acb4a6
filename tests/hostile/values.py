"""Values that nobody types: what strangers and broken programs send in forms, addresses and headers."""

from hypothesis import strategies as st

_DIGITS = ("0", "-1", "1e999", "NaN", "Infinity", "0x10", "1_000", "1.5", "٣", "²", "１２", "9" * 19)
_LARGE = (str(2**31), str(2**63), "9" * 400, "9" * 5000, "-" + "9" * 5000)
_DAYS = ("2026-02-31", "0000-00-00", "9999-12-31", "0001-01-01", "31/12/0001", "2026-W01-1")
_MOMENTS = ("2026-11-26T00:00:00+99:99", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "24:00")
_CONTROLS = ("\0", "a\0b", "\x01", "\x1b[2J", "\r\nSet-Cookie: a=b", "\n", "\t", "\x7f", "\x85", "\u2028")
_UNICODE = ("\ufeff", "\u202eabc", "\ufffd", "e\u0302\u0301", "Ｐ", "😀" * 50, "ǅ", "İ", "ß", "\U0010ffff")
_MARKUP = ("<b>x", "{{7*191}}", "{% x %}", "%(n)s", "%s%n", "'; --", "\\", "\"'`", "${x}", "&#0;")
_PLACES = (
    "//evil.example",
    "/\\evil.example",
    "/%09/evil.example",
    "javascript:x",
    "../../etc/passwd",
)
_CODES = ("00000", "19789", "19753 ", "00000000-0000-0000-0000-000000000000", "null", "[]", "{}", "__proto__")
_LONG = ("x" * 3000, "Nguyễn " * 400, "a," * 2000, "[" * 3000)
_BYTES = (b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"a\xffb", b"%", b"%zz", b"\xc0\xaf")

TEXTS: tuple[str, ...] = (
    "", " ", *_DIGITS, *_LARGE, *_DAYS, *_MOMENTS, *_CONTROLS, *_UNICODE, *_MARKUP, *_PLACES, *_CODES, *_LONG
)  # fmt: skip

CORPUS: tuple[bytes, ...] = (*(text.encode() for text in TEXTS), *_BYTES)
"""As they stand in a body, before percent-encoding."""


def hostile() -> st.SearchStrategy[bytes]:
    """One value: of the corpus, or any text, or any bytes."""
    return st.one_of(
        st.sampled_from(CORPUS),
        st.sampled_from(CORPUS),
        st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")),
        st.binary(max_size=30),
    )
