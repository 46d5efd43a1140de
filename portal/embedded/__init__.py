"""PostgreSQL and Valkey without installing anything: servers from wheels, run under ``var/``.

The first process of this checkout that asks for a URL starts a *keeper*, which starts the servers
and watches them. Each process that uses them holds a shared lock on one file, which the kernel
frees however that process ends; once nobody holds it, the keeper stops the servers and leaves.
So there is no list of users to go stale, and a ``kill -9`` of any part leaves nothing to mend.

Nothing here needs Django: settings call it while they load.
"""

from .client import Servers, database_url, redis_url
from .errors import EmbeddedServerError
from .layout import Layout

__all__ = ["EmbeddedServerError", "Layout", "Servers", "database_url", "redis_url"]
