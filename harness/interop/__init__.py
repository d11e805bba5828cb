"""Interop of the end-to-end cipher: vectors, what implementations make of them, and how to ask any of them."""

__all__: list[str] = []
