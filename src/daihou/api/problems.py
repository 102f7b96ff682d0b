"""What went wrong, as RFC 9457 says it: `application/problem+json`, with what to do about it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.http import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest

MEDIA_TYPE: Final = "application/problem+json"
REFERENCE: Final = "/api/v1/docs"
"""The page that explains every type of problem: its address with `#CODE` is the type."""


class Words(NamedTuple):
    """A text in both languages."""

    en: str
    zh: str


NOTHING: Final = Words("", "")


class Type(NamedTuple):
    """A type of problem: its status of HTTP and its title."""

    status: int
    title: Words


TYPES: Final[dict[str, Type]] = {
    "unreadable": Type(400, Words("The request cannot be read", "请求无法读取")),
    "wrong_parameter": Type(400, Words("A parameter is wrong", "参数有误")),
    "unauthorized": Type(401, Words("No valid token", "令牌无效")),
    "scope_missing": Type(403, Words("The token lacks the scope", "令牌缺少权限范围")),
    "not_permitted": Type(403, Words("The program may not do this", "该程序无此权限")),
    "not_found": Type(404, Words("Nothing here", "未找到")),
    "wrong_method": Type(405, Words("The address does not take this method", "该地址不支持此方法")),
    "not_acceptable": Type(406, Words("No such form of the answer", "无此返回格式")),
    "conflict": Type(409, Words("It has changed meanwhile", "数据已变更")),
    "key_reused": Type(409, Words("The idempotency key was used for something else", "幂等键已用于其他请求")),
    "gone": Type(410, Words("No longer kept", "已不再保存")),
    "length_missing": Type(411, Words("The length is not stated", "未注明长度")),
    "too_large": Type(413, Words("Too large", "请求过大")),
    "unknown_media": Type(415, Words("No such form of the request", "不支持的请求格式")),
    "refused": Type(422, Words("Nothing could be taken in", "未能接收")),
    "act_refused": Type(422, Words("Not allowed as things stand", "当前不允许此操作")),
    "revision_missing": Type(428, Words("The revision is not stated", "未注明版本")),
    "too_often": Type(429, Words("Too many requests or rows", "请求或行数过多")),
    "slow_down": Type(429, Words("The log is behind; slow down", "事件日志积压，请放慢")),
    "fault": Type(500, Words("A fault in daihou", "系统故障")),
    "full": Type(503, Words("The log takes nothing in at the moment", "事件日志暂停接收")),
    "unavailable": Type(503, Words("A store does not answer", "存储暂不可用")),
}
"""Every type of problem that the API answers with."""


@dataclass(slots=True)
class Problem(Exception):  # noqa: N818 - the standard calls it a problem
    """A problem to answer with: a type, what is wrong here, what to do, and where it is about rows, which."""

    type: str
    detail: Words
    remedy: Words = NOTHING
    errors: Sequence[Mapping[str, Any]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    """Members of its own."""

    @property
    def status(self) -> int:
        """Of HTTP."""
        return TYPES[self.type].status


def answered(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The answer that says a problem, in the language of the request."""
    response = HttpResponse(
        json.dumps(body(request, problem), ensure_ascii=False, separators=(",", ":")),
        status=problem.status,
        content_type=MEDIA_TYPE,
    )
    response["Cache-Control"] = "no-store"
    for name, value in problem.headers.items():
        response[name] = value
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001 - a program's mistake is no event of ours
    return response


def body(request: HttpRequest, problem: Problem) -> dict[str, Any]:
    """The members of a problem."""
    place = 1 if chinese(request) else 0
    found: dict[str, Any] = {
        "type": f"{REFERENCE}#{problem.type}",
        "title": TYPES[problem.type].title[place],
        "status": problem.status,
        "detail": problem.detail[place],
        "remedy": problem.remedy[place],
        "request_id": getattr(request, "id", ""),
    }
    if problem.errors:
        found["errors"] = list(problem.errors)
    return found | dict(problem.more)


def chinese(request: HttpRequest) -> bool:
    """Whether a program asks for Chinese; without a wish it is spoken to in English."""
    return request.headers.get("Accept-Language", "").lower().startswith("zh")
