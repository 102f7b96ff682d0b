"""The API: its routers, and how what goes wrong in them is answered."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, InterfaceError
from django.http import Http404
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from daihou.api.problems import Problem, Words, answered
from daihou.book.errors import DaihouError
from daihou.runs.log.store import LogError

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

LOG = logging.getLogger(__name__)

PREFIX: Final = "/api/v1/"

api: Final = NinjaAPI(
    title="daihou",
    version="1",
    description="Facts in; standings, signals, alerts, explanations and promises out. Amounts are decimals as text, dates are ISO 8601.",
    openapi_url=None,  # reference.py gives both out
    docs_url=None,
)


@api.exception_handler(Problem)
def _problem(request: HttpRequest, problem: Any) -> HttpResponse:
    return answered(request, problem)


@api.exception_handler(DaihouError)
def _wrong(request: HttpRequest, error: Any) -> HttpResponse:
    """What the caller can put right."""
    detail, remedy = Words(error.message, error.zh[0]), Words(error.remedy, error.zh[1])
    return answered(request, Problem("wrong_parameter", detail, remedy))


@api.exception_handler(LogError)
def _log(request: HttpRequest, error: Any) -> HttpResponse:
    LOG.error("log, request %s: %s", getattr(request, "id", ""), error)
    return answered(
        request,
        Problem(
            "unavailable",
            Words("The log cannot be written; nothing was accepted.", "事件日志无法写入，本次未接收任何内容。"),
            Words("Send it again in a moment, with the same idempotency key.", "请稍后以同一幂等键重新发送。"),
            headers={"Retry-After": "5"},
        ),
    )


@api.exception_handler(ValidationError)
def _parameters(request: HttpRequest, error: Any) -> HttpResponse:
    """What does not fit the description of an operation."""
    errors = [
        {"column": ".".join(str(part) for part in one["loc"][1:]), "reason": one["type"], "message": one["msg"]}
        for one in error.errors
    ]
    return answered(
        request,
        Problem(
            "wrong_parameter",
            Words("; ".join(f"{one['column']}: {one['message']}" for one in errors), "参数不符合接口说明。"),
            Words("See the description of the operation.", "请参阅接口说明。"),
            errors=errors,
        ),
    )


@api.exception_handler(Http404)
def _missing(request: HttpRequest, _error: Any) -> HttpResponse:
    return answered(request, missing())


@api.exception_handler(PermissionDenied)
def _denied(request: HttpRequest, _error: Any) -> HttpResponse:
    return answered(
        request,
        Problem(
            "not_permitted",
            Words("The roles of this program do not allow it.", "该程序的角色不允许此操作。"),
            Words("Ask an administrator for a role.", "请联系管理员授予角色。"),
        ),
    )


@api.exception_handler(HttpError)
def _http(request: HttpRequest, error: Any) -> HttpResponse:
    """What ninja itself refuses: a body that is no JSON."""
    return answered(
        request,
        Problem(
            "unreadable",
            Words(str(error), "请求内容无法读取。"),
            Words("Send JSON as described.", "请按接口说明发送 JSON。"),
        ),
    )


@api.exception_handler(DatabaseError)
@api.exception_handler(InterfaceError)
def _database(request: HttpRequest, error: Any) -> HttpResponse:
    LOG.error("database, request %s: %s", getattr(request, "id", ""), error)
    return answered(
        request,
        Problem(
            "unavailable",
            Words("The database is busy or out of reach; nothing was changed.", "数据库繁忙或不可用，未做任何更改。"),
            Words("Try again in a moment.", "请稍后重试。"),
            headers={"Retry-After": "5"},
        ),
    )


@api.exception_handler(Exception)
def _fault(request: HttpRequest, error: Any) -> HttpResponse:
    return fault(request, error)


def missing() -> Problem:
    """What is not there, or not for this caller."""
    return Problem(
        "not_found",
        Words(
            "There is no such address or record, or it lies outside what this program may see.",
            "地址或记录不存在，或不在该程序可见范围内。",
        ),
        Words("Check the address and the number.", "请检查地址与编号。"),
    )


def fault(request: HttpRequest, error: BaseException) -> HttpResponse:
    """A fault of ours; the log has its trace under the request's id."""
    LOG.error("fault, request %s", getattr(request, "id", ""), exc_info=error)
    return answered(
        request,
        Problem(
            "fault",
            Words("This is a fault in daihou, not yours.", "这是系统故障，并非请求有误。"),
            Words(
                "Try again; if it happens again, give an administrator the request id.",
                "请重试；如再次出现，请将请求编号告知管理员。",
            ),
        ),
    )
