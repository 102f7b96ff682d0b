"""Settings of the Django project, all taken from the home and the environment. DAIHOU_HOME must name the home."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.desk.contacts.server import gateway
from daihou.desk.metrics.lines import logging_of
from daihou.desk.notices.server import address_of, mail_server
from daihou.desk.webhooks.allowed import allowed

BASE = Path(__file__).parent


def _home_path() -> Path:
    stated = os.environ.get("DAIHOU_HOME")
    if not stated:
        raise DaihouError(
            "The desk does not know its home.",
            "Start it with `daihou serve`, or set DAIHOU_HOME.",
            zh=("未指定数据目录。", "请用 `daihou serve` 启动，或设置 DAIHOU_HOME。"),
        )
    return Path(stated).expanduser().resolve()


def _secret(path: Path) -> str:
    """The key that signs sessions: made once, readable by its owner alone; who comes second reads what the first wrote."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    if not path.exists():
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_urlsafe(64), "ascii")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text("ascii")


HOME = open_home(_home_path())
SECRET_KEY = _secret(HOME.path / "desk.secret")
DEBUG = False
HTTPS = os.environ.get("DAIHOU_HTTPS", "") == "1"
"""Whether people reach the desk by https: then cookies travel by it alone."""
ALLOWED_HOSTS = os.environ.get("DAIHOU_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
DESK_URL = address_of(os.environ, https=HTTPS, hosts=ALLOWED_HOSTS)
"""What links in notices begin with."""
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if HTTPS else []

INSTALLED_APPS = [
    "daihou.desk.people",
    "daihou.desk.audit",
    "daihou.desk.vault",
    "daihou.desk.jobs",
    "daihou.desk.portfolio",
    "daihou.desk.deliveries",
    "daihou.desk.governance",
    "daihou.desk.scoring",
    "daihou.desk.signals",
    "daihou.desk.alerts",
    "daihou.desk.notices",
    "daihou.desk.webhooks",
    "daihou.desk.contacts",
    "daihou.desk.casework",
    "daihou.desk.reviews",
    "daihou.desk.letters",
    "daihou.desk.reports",
    "daihou.desk.bureau",
    "daihou.desk.work",
    "daihou.desk.live",
    "daihou.desk.programs",
    "daihou.desk.apps.Desk",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.idp.oidc",
    "django_filters",
    "django_htmx",
]

MIDDLEWARE = [
    "daihou.desk.metrics.watched.Watched",
    "django.middleware.security.SecurityMiddleware",
    "daihou.api.straight.Straight",
    "django.middleware.gzip.GZipMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "daihou.desk.requests.Permissions",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "daihou.desk.requests.Language",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "daihou.desk.access.Access",
    "daihou.desk.requests.Failures",
]

ROOT_URLCONF = "daihou.desk.urls"
WSGI_APPLICATION = "daihou.desk.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "daihou.desk.shell.shell",
            ],
            "builtins": [
                "daihou.desk.templatetags.figures",
                "daihou.desk.templatetags.parts",
                "django.templatetags.i18n",
                "django.templatetags.static",
            ],
        },
    }
]

DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60, conn_health_checks=True)
    if os.environ.get("DATABASE_URL")
    else {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": HOME.path / "desk.sqlite3",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "desk_cache"}}
"""Shared by all web processes, so that limits on sign-in hold over all of them."""

STATIC_URL = "/static/"
STATIC_ROOT = HOME.path / "static"
"""Derived by `collectstatic` when the desk starts; may be deleted."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = HOME.files
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20

LANGUAGE_CODE = "en"
"""Of the source texts. Which one is shown: the user's own, else the browser's, else Chinese (requests.Language)."""
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = HOME.settings.timezone
FORMAT_MODULE_PATH = ["daihou.desk.formats"]
USE_THOUSAND_SEPARATOR = False  # templates ask for it by `count` and `amount`: a key or a width must stay as it is

AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("username", "name", "email")}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "daihou.desk.people.adapter.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
MFA_ADAPTER = "daihou.desk.people.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # people are entered by an administrator, nobody signs up
MFA_TOTP_ISSUER = "daihou 贷后"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "daihou.desk.errors.csrf_failure"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],  # Tabler's form marks and the QR code of an authenticator are data URLs
        "connect-src": [SELF],
        "media-src": [SELF],  # recordings beside a review
        "worker-src": [SELF],  # what keeps the form of a review without a network
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
_MAIL = mail_server(os.environ)
MAIL_READY = bool(_MAIL.host)
"""Whether a mail server is set up; without one notices stay at the desk."""
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.starttls, _MAIL.tls
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = _MAIL.sender
SMS_GATEWAY = gateway(os.environ)
"""Where text messages are handed over; without a host none are sent."""
HOOKS_ALLOWED = allowed(os.environ)
"""Where webhooks may go besides public addresses by https."""
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
MESSAGE_TAGS = {20: "blue", 25: "green", 30: "orange", 40: "red"}
"""The colours of `django.contrib.messages.constants` INFO, SUCCESS, WARNING and ERROR."""
LOGGING = logging_of(os.environ)
