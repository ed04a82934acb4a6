"""Filters of templates."""

from markupsafe import Markup

from lopso.web.filters import unbroken, unbroken_page


def test_name_of_the_application_does_not_break() -> None:
    assert unbroken("Sử dụng Hue-S") == "Sử dụng Hue‑S"
    assert unbroken(Markup("Hue-S &amp; AI")) == Markup("Hue‑S &amp; AI")
    assert unbroken("Chợ số: mã QR") == "Chợ số: mã QR"
    assert unbroken("lúc 08h30 – 10h00") == "lúc 08h30\u00a0–\u2060\u00a010h00"


def test_page_keeps_what_may_be_sent_back() -> None:
    typed = '<input value="Hue-S 08h30 – 10h00"><textarea>Hue-S</textarea>'
    assert str(unbroken_page(f"{typed}<b>Hue-S</b>")) == f"{typed}<b>Hue\u2011S</b>"
