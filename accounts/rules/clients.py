"""From where somebody logs in: what the throttle compares, and what a list of sessions shows."""

import ipaddress
from dataclasses import dataclass

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Mac OS X", "Mac"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True, slots=True)
class Client:
    """A browser that wants to log in.

    Attributes:
        address: what the throttle counts by (`lopso.web.client.client_address`).
        device: SHA-256 of the cookie that marks this browser, or None where it has none.
        user_agent: as the browser sends it.
    """

    address: str = ""
    device: bytes | None = None
    user_agent: str = ""


def device_words(user_agent: str) -> str:
    """ "Chrome, Android"; "" when the browser does not say. Only names: versions tell nobody anything."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    return ", ".join(each for each in (browser, system) if each)


def rough_address(address: str) -> str:
    """An address without its last part: enough to tell home from office, not to find anybody."""
    host = address.partition("/")[0]
    try:
        known = ipaddress.ip_address(host)
    except ValueError:
        return ""
    if known.version == 4:
        return host.rpartition(".")[0] + ".x"
    return ":".join(known.exploded.split(":")[:3]) + ":x"
