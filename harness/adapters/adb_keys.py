"""The keys that this machine shows to devices, where adb keeps them."""

from __future__ import annotations

import contextlib
import getpass
import os
import secrets
import socket
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from harness.adb.keys import KEY_BITS, PrivateKey
from harness.errors import UsageError

__all__ = ["KEY_FILE", "VENDOR_KEYS", "generate_key", "load_keys", "user_name"]

KEY_FILE = Path(".android") / "adbkey"
"""In the user's home; `adbkey.pub` lies beside it."""

VENDOR_KEYS = "ADB_VENDOR_KEYS"
"""Further keys: files, and folders with files *.adb_key, separated as in PATH."""

_FOLDER_MODE = 0o750
_REMEDY = "give another key file, or set HOME to a folder that can be written"


def load_keys(
    files: Sequence[Path] = (), *, environ: Mapping[str, str] | None = None, home: Path | None = None
) -> list[PrivateKey]:
    """The keys to show, the one to offer first: `files`, or as adb does the user's own and those in $ADB_VENDOR_KEYS.

    The user's own key is generated if there is none. Raises UsageError for a file that cannot be used; one that
    $ADB_VENDOR_KEYS names is passed over, as by adb.
    """
    if files:
        return _each_once([_load(path) for path in files])
    own = (home or _home()) / KEY_FILE
    if not os.path.exists(own):  # never raises
        generate_key(own)
    return _each_once([_load(own), *_vendor_keys((os.environ if environ is None else environ).get(VENDOR_KEYS, ""))])


def generate_key(path: Path) -> None:
    """Makes a key at `path`, which only its owner may read, and its public half beside it. Never replaces one.

    Raises UsageError where nothing can be written.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = PrivateKey(key).public(user_name()) + b"\n"
    try:
        path.parent.mkdir(_FOLDER_MODE, parents=True, exist_ok=True)
        if _put(path, pem, 0o600):
            _put(path.with_name(f"{path.name}.pub"), public, 0o644)
    except OSError as error:
        raise UsageError(f"{path}: no key can be kept there ({error.strerror})", _REMEDY) from None


def user_name() -> str:
    """The comment behind a public key: user@host, as a device shows it."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a user without a name
        user = "unknown"
    return "".join(letter for letter in f"{user}@{socket.gethostname()}" if letter.isprintable() and letter != " ")


def _put(path: Path, content: bytes, mode: int) -> bool:
    """Writes a file whole, unless it is there: adb, or another of us, may make its own at the same time."""
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        fresh.unlink(missing_ok=True)
    return True


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        raise UsageError("the user has no home, where the key of adb would be", _REMEDY) from None


def _load(path: Path) -> PrivateKey:
    try:
        return PrivateKey.from_pem(path.read_bytes())
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", "give an adbkey that can be read") from None
    except UsageError as error:
        raise UsageError(f"{path}: {error.problem}", error.remedy) from None


def _vendor_keys(setting: str) -> Iterator[PrivateKey]:
    for path in (Path(word) for word in setting.split(os.pathsep) if word):
        for file in sorted(path.glob("*.adb_key")) if path.is_dir() else [path]:
            with contextlib.suppress(UsageError):
                yield _load(file)


def _each_once(keys: Sequence[PrivateKey]) -> list[PrivateKey]:
    return list({key.public_key().modulus: key for key in keys}.values())
