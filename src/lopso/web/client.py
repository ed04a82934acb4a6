"""Where a request comes from."""

import ipaddress

from lopso.web.request import Request


def client_address(request: Request) -> str:
    """The client's address as limits count it (`limited_address`).

    Forwarded headers count only where they come from a proxy that ``LOPSO_TRUSTED_PROXY`` names (the server
    puts them in place, `lopso.application.serving`).
    """
    return limited_address(request.client.host if request.client else "")


def limited_address(host: str) -> str:
    """One IPv4 address, or one IPv6 network of 64 bits, which is what one customer has; else "unknown"."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return str(address.ipv4_mapped)
        return str(ipaddress.IPv6Network((address, 64), strict=False))
    return str(address)
