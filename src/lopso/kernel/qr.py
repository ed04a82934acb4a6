"""QR codes, drawn as SVG."""

import io

import segno


def qr_svg(text: str) -> str:
    """The QR of `text` as an SVG that scales to its box; readable with a quarter of it damaged (level Q)."""
    target = io.BytesIO()
    segno.make_qr(text, error="q").save(
        target, kind="svg", border=2, omitsize=True, xmldecl=False, dark="#1e1a24", light="#ffffff"
    )
    return target.getvalue().decode()
