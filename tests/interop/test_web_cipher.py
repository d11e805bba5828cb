"""web/cipher.mjs in a real browser: all recorded cases, and where it cannot work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from harness import cipher
from harness.interop import protocol
from harness.interop.asking import calls_of
from harness.interop.calls import Decrypt
from tests.house.sources import ROOT
from tests.interop.browser import INSECURE, said_by_page
from tests.interop.test_runners import recorded, shown, vectors

CIPHER = (ROOT / "harness" / "interop" / "runners" / "web" / "cipher.mjs").read_bytes()
PAGE = """<!doctype html><meta charset="utf-8"><script type="module">
import {decrypt, encrypt, importKey} from "./cipher.mjs";
async function said() {
    %s
}
const error = (error) => ({error: error.name, message: error.message});
await fetch("/", {method: "POST", body: JSON.stringify(await said().catch(error))});
</script>"""
ALL = """const calls = await (await fetch("./calls.json")).json();
    const ask = async (call) => {
        const key = await importKey(call.key);
        if (call.op === "decrypt") return {text: await decrypt(key, call.ciphertext)};
        return {ciphertext: await encrypt(key, call.text, Uint8Array.from(call.iv))};
    };
    return Promise.all(calls.map((call) => ask(call).catch((error) => ({error: error.name}))));"""


def said(script: str, folder: Path, host: str = "127.0.0.1", **files: bytes) -> Any:
    page = {"page.html": (PAGE % script).encode(), "cipher.mjs": CIPHER}
    return said_by_page(page | {f"{name}.json": content for name, content in files.items()}, "page.html", folder, host)


def test_a_browser_gives_every_recorded_case_as_the_phone_does(tmp_path: Path) -> None:
    cases = [*vectors("decrypt"), *vectors("encrypt")]
    calls = []
    for vector in cases:
        call = calls_of(vector)[0]
        fields = {"op": "decrypt", "ciphertext": call.ciphertext} if isinstance(call, Decrypt) else {"op": "encrypt"}
        more = {"text": call.text, "iv": list(call.iv or b"")} if not isinstance(call, Decrypt) else {}
        calls.append({"key": call.key, **fields, **more})
    answers = said(ALL, tmp_path, calls=json.dumps(calls).encode())
    assert len(answers) == 570
    wrong = [
        f"{vector.id} {vector.comment}: recorded {recorded('web', vector)}, got {answer}"
        for vector, answer in zip(cases, answers, strict=True)
        if recorded("web", vector) != shown(protocol.outcome({"id": 1, **answer}, calls_of(vector)[0]))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.soak
def test_a_browser_draws_another_iv_each_time(tmp_path: Path) -> None:
    script = """const key = await importKey("Password123");
    return Promise.all(Array.from({length: 100}, () => encrypt(key, "Hello")));"""
    envelopes = said(script, tmp_path)
    assert [cipher.decrypt("Password123", envelope) for envelope in envelopes] == ["Hello"] * 100
    assert len({envelope[:21] for envelope in envelopes}) == 100


@pytest.mark.soak
def test_a_browser_has_no_cfb(tmp_path: Path) -> None:
    script = """const raw = new Uint8Array(32);
    return await crypto.subtle.importKey("raw", raw, "%s", false, ["encrypt"]).then(() => ({error: ""}));"""
    errors = {name: said(script % name, tmp_path) for name in ("AES-CFB", "AES-CFB128", "AES-CBC", "AES-CTR")}
    assert {name: said["error"] for name, said in errors.items()} == {
        "AES-CFB": "NotSupportedError", "AES-CFB128": "NotSupportedError", "AES-CBC": "", "AES-CTR": "",
    }  # fmt: skip
    assert "Unrecognized name" in errors["AES-CFB"]["message"]


@pytest.mark.soak
def test_a_page_that_is_not_secure_has_no_webcrypto_and_is_told_so(tmp_path: Path) -> None:
    told = said("return await importKey('k').then(() => ({error: ''}));", tmp_path, INSECURE)
    assert (told["error"], "https:" in told["message"]) == ("NoWebCrypto", True)
    assert said("return {subtle: typeof crypto.subtle};", tmp_path, INSECURE) == {"subtle": "undefined"}


@pytest.mark.soak
def test_a_key_is_kept_by_indexeddb_and_never_handed_out(tmp_path: Path) -> None:
    script = """const done = (request) => new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const opening = indexedDB.open("keys");
    opening.onupgradeneeded = () => opening.result.createObjectStore("keys");
    const database = await done(opening);
    const store = () => database.transaction("keys", "readwrite").objectStore("keys");
    await done(store().put(await importKey("Password123"), "mine"));
    const kept = await done(store().get("mine"));
    const text = await decrypt(kept, await encrypt(kept, "Hello"));
    const read = (key) => crypto.subtle.exportKey("raw", key).then(() => "", (error) => error.name);
    return {text, errors: await Promise.all([kept.cbc, kept.ctr].map(read)), shown: JSON.stringify(kept)};"""
    told = said(script, tmp_path)
    assert told == {"text": "Hello", "errors": ["InvalidAccessError"] * 2, "shown": '{"cbc":{},"ctr":{}}'}
