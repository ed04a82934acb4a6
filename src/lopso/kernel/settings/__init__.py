"""Settings, read once from ``LOPSO_*`` variables; docs/running.md lists them all."""

from lopso.kernel.settings.environment import from_env
from lopso.kernel.settings.model import (
    BackupSettings,
    BrandnameSettings,
    Settings,
    SmtpSettings,
    TwilioSettings,
)
from lopso.kernel.settings.variables import GATEWAYS, GatewayName, SettingsError

__all__ = [
    "GATEWAYS",
    "BackupSettings",
    "BrandnameSettings",
    "GatewayName",
    "Settings",
    "SettingsError",
    "SmtpSettings",
    "TwilioSettings",
    "from_env",
]
