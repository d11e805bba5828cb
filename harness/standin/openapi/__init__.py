"""What the stand-in serves, as an OpenAPI 3.1 document: `GET /openapi.json`.

It is made of the route table, the request models and the entities (`asking`, `entities`), with words of its own for
each route (`operations`). It is built when somebody first asks for it: no other module here is imported before.
"""

from __future__ import annotations

__all__: list[str] = []
