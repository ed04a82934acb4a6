"""Reading what was printed: the addresses behind the QR codes of a PDF, and its words."""

import io
from typing import Any

from pypdf import PdfReader


def addresses(pdf: bytes) -> list[str]:
    """The links of a PDF, sheet by sheet."""
    found: list[str] = []
    for sheet in PdfReader(io.BytesIO(pdf)).pages:
        notes: Any = sheet.get("/Annots") or []
        found += [str(note.get_object()["/A"]["/URI"]) for note in notes]
    return found


def words(pdf: bytes) -> list[str]:
    """The words of each sheet, on one line."""
    return [" ".join(sheet.extract_text().split()) for sheet in PdfReader(io.BytesIO(pdf)).pages]
