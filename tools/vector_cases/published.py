"""Ciphertexts that others made."""

from __future__ import annotations

from tools.vector_cases.case import Case, Group

__all__ = ["PUBLISHED"]

_KEY, _TEXT = "Password123", "This is a test text message"

PUBLISHED = Group(
    name="published",
    operation="decrypt",
    comment="Printed in the project's blog post on end-to-end encryption (2024-01-21); its programs made them.",
    source="blog post of the project, 2024-01-21",
    flags=("Published",),
    cases=(
        Case(
            "a message to the phone",
            key=_KEY,
            ciphertext="Qk3XGN5+Ax38Ig01m4AqaP6Y0b0wYpCXtx59sU23uVLWUU/c7axF7LozDg==",
            gives=_TEXT,
        ),
        Case(
            "a message that the phone received",
            key=_KEY,
            ciphertext="bdmZ7n6JVf/ST+SoNlSaOGUL1DcL5705ETw8GAB4llYBgE9HOOL+Pu/h+w==",
            gives=_TEXT,
        ),
    ),
)
