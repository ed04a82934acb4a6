"""The forms that a page shows, with the values in them."""

from collections.abc import Sequence
from html.parser import HTMLParser

from tests.hostile.targets import SeenForm


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[SeenForm] = []
        self._open: SeenForm | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            method = "POST" if "hx-post" in given else given.get("method", "get").upper()
            self._open = SeenForm(method, given.get("hx-post") or given.get("action", ""))
            self.forms.append(self._open)
        elif "hx-post" in given:
            self.forms.append(SeenForm("POST", given["hx-post"]))
        if self._open is not None:
            self._read_field(self._open, tag, given)

    def _read_field(self, form: SeenForm, tag: str, given: dict[str, str]) -> None:
        name, value = given.get("name", ""), given.get("value", "")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and value:
            form.fields.append((self._select, value))
        elif name and tag in ("input", "textarea", "button") and given.get("type") != "file":
            form.fields.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        if tag == "select":
            self._select = ""


def forms_in(page: str) -> Sequence[SeenForm]:
    """The forms of a page, and whatever posts by itself."""
    reader = _Forms()
    reader.feed(page)
    return [each for each in reader.forms if each.action.startswith("/")]
