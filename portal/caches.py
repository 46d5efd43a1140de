"""The Redis cache, without a new client at each call."""

from typing import Any

from django.core.cache.backends import redis


class RedisClient(redis.RedisCacheClient):
    """Keeps one client for each server.

    Django makes one at every call, which costs more than the answer does; a client holds no
    connection of its own, so threads may share it.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._clients: dict[int, Any] = {}

    def get_client(self, key: Any = None, *, write: bool = False) -> Any:
        """Return the client of the server for a reading or a writing."""
        pool = self._get_connection_pool(write)  # type: ignore[attr-defined]  # not in the stubs
        found = self._clients.get(id(pool))
        if found is None:
            found = self._clients[id(pool)] = self._client(  # type: ignore[attr-defined]
                connection_pool=pool
            )
        return found


class RedisCache(redis.RedisCache):
    """Django's, with that client."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = RedisClient
