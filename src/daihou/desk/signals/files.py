"""A list of signals as CSV or as a workbook: typed, masked, with a watermark, and no cell that a spreadsheet would compute."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter
from django.conf import settings
from django.http import FileResponse, StreamingHttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from daihou.book import money
from daihou.desk.governance import labels
from daihou.desk.portfolio.sheets import BOM, FOOTER, safe
from daihou.desk.signals import views

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import IO

    from django.http.response import HttpResponseBase

    from daihou.desk.portfolio.sheets import Watermark
    from daihou.desk.signals.listing import Listing
