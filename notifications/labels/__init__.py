"""The ledger's codes in the reader's words, one file a noun; templates are given the whole."""

from notifications.labels.delivery import (
    PROBLEM_KINDS,
    health_labels,
    message_class_labels,
    problem_labels,
    provider_label,
)
from notifications.labels.messages import (
    STATE_GROUPS,
    group_labels,
    message_reason,
    purpose_label,
    reason_label,
    resolution_labels,
    shown_state,
    state_label,
    state_labels,
    text_parts,
)
from notifications.labels.news import news_label
from notifications.labels.reach import reach_label
from notifications.labels.recipients import (
    call_reason_labels,
    consent_labels,
    opt_out_source_labels,
    refused_topic_labels,
    topic_labels,
)

__all__ = [
    "PROBLEM_KINDS",
    "STATE_GROUPS",
    "call_reason_labels",
    "consent_labels",
    "group_labels",
    "health_labels",
    "message_class_labels",
    "message_reason",
    "news_label",
    "opt_out_source_labels",
    "problem_labels",
    "provider_label",
    "purpose_label",
    "reach_label",
    "reason_label",
    "refused_topic_labels",
    "resolution_labels",
    "shown_state",
    "state_label",
    "state_labels",
    "text_parts",
    "topic_labels",
]
