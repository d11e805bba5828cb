"""The three parts of a URL that a request needs, and how a reference is resolved against a request."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from harness.http.values import Request

__all__ = ["DEFAULT_PORTS", "Url", "host_and_port", "parse_url", "resolve"]

DEFAULT_PORTS = {"http": 80, "https": 443}

# What okhttp leaves as it is in a path and in a query; everything else is percent-encoded as UTF-8.
_PATH_SAFE = "%/:@!$&'()*+,;=-._~[]"
_QUERY_SAFE = "%/?:@!$&()*+,;=-._~[]{}|^`\\"


_NO_HOST = re.compile(r"[\x00-\x20\x7f#%/:?@\[\\\]]")
_NAME_MAX, _LABEL_MAX = 253, 63


class Url(NamedTuple):
    """`authority` is host or host:port, in lower case, without user and default port; no fragment."""

    scheme: str
    authority: str
    target: bytes


def parse_url(text: str) -> Url | None:
    """The parts of an absolute http or https URL; None for anything else."""
    try:
        parts = urlsplit(text)
        authority, port = _canonical(parts.hostname or ""), parts.port
    except ValueError:  # a port that is no number, a bracket without its partner, a name that is none
        return None
    if parts.scheme not in DEFAULT_PORTS or not authority:
        return None
    if port is not None and port != DEFAULT_PORTS[parts.scheme]:
        authority += f":{port}"
    target = quote(parts.path, safe=_PATH_SAFE, errors="replace") or "/"
    if parts.query:
        target += "?" + quote(parts.query, safe=_QUERY_SAFE, errors="replace")
    return Url(parts.scheme, authority, target.encode("ascii"))


def _canonical(host: str) -> str:
    """In lower case and in ASCII; nothing for what okhttp takes for no host. Raises ValueError for some of it."""
    if ":" in host:
        return "" if "%" in host else f"[{host}]"
    name = unquote(host)
    name = name.lower() if name.isascii() else name.encode("idna").decode("ascii")
    labels = name.removesuffix(".").split(".")
    fits = len(name) <= _NAME_MAX and all(0 < len(label) <= _LABEL_MAX for label in labels)
    return name if fits and not _NO_HOST.search(name) else ""


def resolve(request: Request, reference: str) -> Url | None:
    """Where a `Location` leads from `request`; None if that is no http or https URL.

    Header values are latin-1 here, but okhttp reads them as UTF-8, so the bytes are read again.
    """
    text = reference.encode("latin-1", "replace").decode("utf-8", "replace").strip(" \t\r\n\f")
    try:
        return parse_url(urljoin(request.url, text))
    except ValueError:
        return None


def host_and_port(scheme: str, authority: str) -> tuple[str, int]:
    """Where to connect for an authority. Raises ValueError for a port that is no number."""
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        port = rest[1:]
    else:
        host, _, port = authority.partition(":")
    return host, int(port) if port else DEFAULT_PORTS[scheme]
