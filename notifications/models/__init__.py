"""Tables of the room."""

from notifications.models.gateway import HEALTH, GatewayState
from notifications.models.learner_page import LearnerPage
from notifications.models.message import MESSAGE_STATES, RESOLUTIONS, DeliveryEvent, Message, MessageRecipient
from notifications.models.opt_out import TOPICS, OptOut
from notifications.models.policy import ReminderPolicy, WardMonth
from notifications.models.sandbox import SandboxText
from notifications.models.template import MESSAGE_CLASSES, MessageTemplate

__all__ = [
    "HEALTH",
    "MESSAGE_CLASSES",
    "MESSAGE_STATES",
    "RESOLUTIONS",
    "TOPICS",
    "DeliveryEvent",
    "GatewayState",
    "LearnerPage",
    "Message",
    "MessageRecipient",
    "MessageTemplate",
    "OptOut",
    "ReminderPolicy",
    "SandboxText",
    "WardMonth",
]
