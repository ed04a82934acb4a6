"""Forms of pages about messages, one file a noun."""

from notifications.forms.messages import ActionForm, MessageSearch, PreferenceForm, read_day
from notifications.forms.policy import KINDS, BudgetForm, PolicyForm, TimesForm, read_policy

__all__ = [
    "KINDS",
    "ActionForm",
    "BudgetForm",
    "MessageSearch",
    "PolicyForm",
    "PreferenceForm",
    "TimesForm",
    "read_day",
    "read_policy",
]
