"""Forms: declared once as a struct, read with every mistake at its field, shown again as typed.

docs/forms.md shows how. A field without a default is required; with one, left empty it has that value.
"""

from lopso.web.forms.declaration import schema_of
from lopso.web.forms.fields import (
    Choice,
    Context,
    Day,
    Email,
    FieldType,
    FormId,
    FormToken,
    Id,
    Many,
    Mistake,
    Money,
    PageNumber,
    PersonName,
    Phone,
    ReturnPath,
    RowId,
    Secret,
    Text,
    Tick,
    TimeOfDay,
    WholeNumber,
)
from lopso.web.forms.form import Form
from lopso.web.forms.typed import Typed

__all__ = [
    "Choice",
    "Context",
    "Day",
    "Email",
    "FieldType",
    "Form",
    "FormId",
    "FormToken",
    "Id",
    "Many",
    "Mistake",
    "Money",
    "PageNumber",
    "PersonName",
    "Phone",
    "ReturnPath",
    "RowId",
    "Secret",
    "Text",
    "Tick",
    "TimeOfDay",
    "Typed",
    "WholeNumber",
    "schema_of",
]
