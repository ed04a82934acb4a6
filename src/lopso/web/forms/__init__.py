"""Forms: declared once as a struct, read with every mistake at its field, shown again as typed.

docs/forms.md shows how. A field without a default is required; with one, left empty it has that value.
"""

from lopso.web.forms.declaration import schema_of
from lopso.web.forms.field_type import Context, FieldType, Lenient, Many, Mistake
from lopso.web.forms.form import Form, read_leniently
from lopso.web.forms.json_body import Entries, read_json
from lopso.web.forms.shared import ListQuery, ReasonForm
from lopso.web.forms.text_fields import Email, FreeText, PersonName, Phone, ReturnPath, Secret, Text
from lopso.web.forms.typed import Typed
from lopso.web.forms.value_fields import (
    Choice,
    Day,
    FormId,
    FormToken,
    IdField,
    InstantField,
    Money,
    OneOfTwo,
    PageNumber,
    RowId,
    Tick,
    TimeOfDay,
    WholeNumber,
)

__all__ = [
    "Choice",
    "Context",
    "Day",
    "Email",
    "Entries",
    "FieldType",
    "Form",
    "FormId",
    "FormToken",
    "FreeText",
    "IdField",
    "InstantField",
    "Lenient",
    "ListQuery",
    "Many",
    "Mistake",
    "Money",
    "OneOfTwo",
    "PageNumber",
    "PersonName",
    "Phone",
    "ReasonForm",
    "ReturnPath",
    "RowId",
    "Secret",
    "Text",
    "Tick",
    "TimeOfDay",
    "Typed",
    "WholeNumber",
    "read_json",
    "read_leniently",
    "schema_of",
]
