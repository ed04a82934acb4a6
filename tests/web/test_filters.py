"""Filters of templates."""

from markupsafe import Markup

from lopso.web.filters import unbroken


def test_name_of_the_application_does_not_break() -> None:
    assert unbroken("Sử dụng Hue-S") == "Sử dụng Hue‑S"
    assert unbroken(Markup("Hue-S &amp; AI")) == Markup("Hue‑S &amp; AI")
    assert unbroken("Chợ số: mã QR") == "Chợ số: mã QR"
