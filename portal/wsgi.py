"""The WSGI entry point: all code is loaded here, once, before the first request.

Django would read the addresses, and with them every view, at a worker's first request. Loaded
now, before gunicorn forks (``--preload``), the workers share them; nothing here may connect to
the database. Then all of it is taken from the garbage collector's sight: it lives as long as the
process, and walking through 250,000 objects again and again stopped one request in a hundred for
a fifth of a second.
"""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings.production")

application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
