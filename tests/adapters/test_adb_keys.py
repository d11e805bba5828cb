from __future__ import annotations

import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from harness.adapters.adb_keys import KEY_FILE, generate_key, load_keys, user_name
from harness.adb.keys import PrivateKey, PublicKey
from harness.errors import UsageError
from tests.adapters.adb_peer import pem


def another_pem() -> bytes:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def shown(*keys: bytes) -> list[str]:
    return [repr(PrivateKey.from_pem(key)) for key in keys]


def test_where_there_is_no_key_one_is_made_that_only_its_owner_reads(tmp_path: Path) -> None:
    (made,) = load_keys(environ={}, home=tmp_path)
    path = tmp_path / KEY_FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_bytes().startswith(b"-----BEGIN PRIVATE KEY-----")  # PKCS#8, as adb has it
    public = path.with_name("adbkey.pub").read_bytes()
    assert PublicKey.parse(public) == made.public_key()
    assert public.endswith(f" {user_name()}\n".encode())
    assert sorted(each.name for each in path.parent.iterdir()) == ["adbkey", "adbkey.pub"]
    assert [repr(key) for key in load_keys(environ={}, home=tmp_path)] == [repr(made)]


def test_a_key_that_is_there_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "adbkey"
    path.write_bytes(pem())
    generate_key(path)
    assert path.read_bytes() == pem()
    assert [each.name for each in tmp_path.iterdir()] == ["adbkey"]


def test_two_that_make_a_key_at_the_same_time_have_the_same_one(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: load_keys(environ={}, home=tmp_path), range(2))
    assert list(map(repr, first)) == list(map(repr, second))


def test_the_users_own_key_is_the_first_and_those_of_the_environment_follow(tmp_path: Path) -> None:
    (tmp_path / ".android").mkdir()
    (tmp_path / KEY_FILE).write_bytes(pem())
    folder = tmp_path / "vendor"
    folder.mkdir()
    one, two = another_pem(), another_pem()
    (folder / "a.adb_key").write_bytes(one)
    (folder / "again.adb_key").write_bytes(pem())
    (folder / "broken.adb_key").write_bytes(b"nonsense")
    (folder / "other.txt").write_bytes(two)
    (tmp_path / "single").write_bytes(two)
    environ = {"ADB_VENDOR_KEYS": f"{folder}:{tmp_path / 'missing'}::{tmp_path / 'single'}"}
    assert [repr(key) for key in load_keys(environ=environ, home=tmp_path)] == shown(pem(), one, two)


def test_files_that_are_given_are_the_only_ones(tmp_path: Path) -> None:
    path = tmp_path / "mine"
    path.write_bytes(pem())
    assert [repr(key) for key in load_keys([path], environ={}, home=tmp_path / "none")] == shown(pem())
    assert not (tmp_path / "none").exists()


def elliptic() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: b"-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n", "no private key in PEM"),
        (lambda: b"", "no private key in PEM"),
        (elliptic, "not an RSA key"),
        (None, "No such file"),
    ],
)
def test_a_file_that_is_no_key_is_refused_by_its_name(
    content: Callable[[], bytes] | None, words: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine"
    if content is not None:
        path.write_bytes(content())
    with pytest.raises(UsageError, match=f"mine: {words}") as caught:
        load_keys([path])
    assert caught.value.remedy
    assert "c2VjcmV0" not in repr(caught.value)


def test_where_no_key_can_be_kept_that_is_said(tmp_path: Path) -> None:
    (tmp_path / ".android").write_bytes(b"a file where the folder would be")
    with pytest.raises(UsageError, match="no key can be kept there") as caught:
        load_keys(environ={}, home=tmp_path)
    assert caught.value.remedy


def test_a_key_that_was_made_is_of_the_kind_that_devices_take(tmp_path: Path) -> None:
    generate_key(tmp_path / "adbkey")
    key = load_pem_private_key((tmp_path / "adbkey").read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    assert (key.key_size, key.public_key().public_numbers().e) == (2048, 65537)
