"""URLs as Go's `url.ParseRequestURI` reads them."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address

__all__ = ["scheme"]

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What a host may have; of ASCII nothing else, of other letters all.
_HOST = re.compile(r"(?:[A-Za-z0-9\-_.~!$&'()*+,;=:<>\"\]]|[^\x00-\x7f]|%25|%[89A-Fa-f][0-9A-Fa-f])+")
_USER = re.compile(r"(?:[A-Za-z0-9\-._:~!$&'()*+,;=@]|%[0-9A-Fa-f]{2})*")


def scheme(url: str) -> str | None:
    """The scheme of a URL as Go's `ParseRequestURI` finds it, in lower case; None for no URL with a host."""
    match = _SCHEME.match(url)
    if match is None or _CONTROL.search(url):
        return None
    rest = url[match.end() :].partition("?")[0]
    if not rest.startswith("//"):
        return None
    authority, _, path = rest[2:].partition("/")
    user, _, host = authority.rpartition("@")
    if _BROKEN_PERCENT.search(path) or not _USER.fullmatch(user) or not _is_host(host):
        return None
    return match[1].lower()


def _is_host(host: str) -> bool:
    if host.startswith("["):
        name, _, port = host[1:].rpartition("]")
        return _is_ipv6(name.partition("%25")[0]) and _is_port(port) is not None
    return _HOST.fullmatch(host) is not None and _is_port(host[host.rfind(":") :] if ":" in host else "") is not None


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except AddressValueError:
        return False
    return True


_is_port = re.compile(r"(?::[0-9]*)?").fullmatch
