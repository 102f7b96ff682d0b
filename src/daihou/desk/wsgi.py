"""The desk as a WSGI application: all of its pages; those that stay open to hear of news ask again and again. `asgi` keeps them open."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "daihou.desk.settings")
application = get_wsgi_application()

from daihou.desk.portfolio import warm  # noqa: E402 - after Django is set up

warm.start()
