"""The desk's settings under test: a home of each test process's own, quick password hashing, static files as they lie."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

os.environ["DAIHOU_HOME"] = _home = tempfile.mkdtemp(prefix="daihou-desk-")
atexit.register(shutil.rmtree, _home, ignore_errors=True)

from daihou.desk.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
"""Files are served from where they lie; nothing is collected."""
