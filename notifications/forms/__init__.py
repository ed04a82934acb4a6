"""Forms of pages about messages, one file a noun."""

from notifications.forms.calls import CallForm, CallInstant
from notifications.forms.messages import ActionForm, MessageSearch, PreferenceForm, read_day
from notifications.forms.params import (
    ActionParams,
    ChangeParams,
    ClosureParams,
    DayParams,
    ExtensionParams,
    MonthParams,
    MoveParams,
    PageParams,
    ProblemParams,
    ReopeningParams,
    ReplacedAtQuery,
    SeriesChangeQuery,
)
from notifications.forms.policy import KINDS, BudgetForm, PolicyForm, TimesForm, read_policy

__all__ = [
    "KINDS",
    "ActionForm",
    "ActionParams",
    "BudgetForm",
    "CallForm",
    "CallInstant",
    "ChangeParams",
    "ClosureParams",
    "DayParams",
    "ExtensionParams",
    "MessageSearch",
    "MonthParams",
    "MoveParams",
    "PageParams",
    "PolicyForm",
    "PreferenceForm",
    "ProblemParams",
    "ReopeningParams",
    "ReplacedAtQuery",
    "SeriesChangeQuery",
    "TimesForm",
    "read_day",
    "read_policy",
]
