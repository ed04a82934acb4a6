"""Forms of pages about messages, one file a noun."""

from notifications.forms.messages import (
    ActionForm,
    ActivationForm,
    MessageSearch,
    PreferenceForm,
    WordingForm,
    WordingParams,
    read_day,
)
from notifications.forms.policy import KINDS, BudgetForm, PolicyForm, TimesForm, read_policy

__all__ = [
    "KINDS",
    "ActionForm",
    "ActivationForm",
    "BudgetForm",
    "MessageSearch",
    "PolicyForm",
    "PreferenceForm",
    "TimesForm",
    "WordingForm",
    "WordingParams",
    "read_day",
    "read_policy",
]
