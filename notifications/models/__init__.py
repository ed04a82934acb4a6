"""Tables of the package."""

from notifications.models.gateway import HEALTH, GatewayState
from notifications.models.message import (
    MESSAGE_STATES,
    RESOLUTIONS,
    DeliveryEvent,
    Message,
    MessageRecipient,
    MessageSession,
)
from notifications.models.opt_out import TOPICS, InboundText, OptOut
from notifications.models.phone_call import PhoneCall
from notifications.models.policy import ReminderPolicy, ReminderTime, Replanning, WardMonth

__all__ = [
    "HEALTH",
    "MESSAGE_STATES",
    "RESOLUTIONS",
    "TOPICS",
    "DeliveryEvent",
    "GatewayState",
    "InboundText",
    "Message",
    "MessageRecipient",
    "MessageSession",
    "OptOut",
    "PhoneCall",
    "ReminderPolicy",
    "ReminderTime",
    "Replanning",
    "WardMonth",
]
