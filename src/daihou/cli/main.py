"""The `daihou` command: a table of commands, each imported only when it is called, and how errors look."""

from __future__ import annotations

import sys
import traceback
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer

from daihou.book.errors import DaihouError
from daihou.cli.errors import show
from daihou.cli.language import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

COMMANDS: dict[str, tuple[str, str, str]] = {
    "contract": (
        "daihou.cli.contract:command",
        "Write an empty template of a table, with meanings.",
        "输出某张表的空白模板及字段含义。",
    ),
    "intake": ("daihou.cli.intake:command", "Take in files of facts.", "导入数据文件。"),
    "run": ("daihou.cli.run:command", "Measure every loan on a date.", "计量某日全部贷款。"),
    "history": ("daihou.cli.history:command", "Measure every loan on many dates.", "一次计量多个日期。"),
    "export": ("daihou.cli.export:command", "Write a table to a file.", "导出数据表。"),
    "init": ("daihou.cli.init:command", "Make a home and its first administrator.", "建立数据目录和首个管理员。"),
    "serve": ("daihou.cli.serve:command", "Open the desk in the browser.", "启动浏览器工作台。"),
    "stream": (
        "daihou.cli.stream:command",
        "Judge events as they come; bring them in from Kafka.",
        "实时研判事件；从 Kafka 接入。",
    ),
    "demo": ("daihou.cli.demo:command", "Show it on a book with a story.", "用示例数据演示。"),
    "simulate": ("daihou.cli.simulate:command", "Make an invented book of any size.", "生成任意规模的模拟贷款组合。"),
    "explain": ("daihou.cli.explain:command", "Explain where one loan stands.", "解释一笔贷款的状况。"),
    "rules": (
        "daihou.cli.rules:app",
        "Warning rules: list, check, publish and export them; suggest thresholds, backtest.",
        "预警规则：列出、检查、发布、导出；测算阈值、回测。",
    ),
    "models": (
        "daihou.cli.models:app",
        "Scoring models: train, validate, approve, score, monitor.",
        "评分模型：训练、验证、审批、评分、监测。",
    ),
    "audit": ("daihou.cli.audit:command", "Verify or write out the audit log.", "核验或导出审计日志。"),
    "bureau": ("daihou.cli.bureau:command", "Bring in credit reports as files.", "征信：以文件方式录入报告。"),
    "vault": ("daihou.cli.vault:command", "Rotate keys, erase people.", "保险库：轮换密钥、删除个人信息。"),
}
"""Command name -> where its function is (or, of a command with commands of its own, its app), and its line of help in English and Chinese."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 done but not all was good, 2 wrong usage or nothing done."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    wanted = next((word for word in given if not word.startswith("-")), None)
    app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(_daihou)
    for name, (place, en, zh) in COMMANDS.items():
        loaded = _loaded(place) if name == wanted else _stand_in
        if isinstance(loaded, typer.Typer):
            app.add_typer(loaded, name=name, help=text(en, zh))
        else:
            app.command(name, help=text(en, zh))(loaded)
    try:
        app(given, prog_name="daihou")
    except DaihouError as error:
        show(error)
        sys.exit(2)
    except Exception:  # noqa: BLE001 - whatever broke, nothing was put in place: that is 2, where Python's own 1 would pass for done
        traceback.print_exc()
        typer.secho(
            text(
                "This is a fault in daihou: please report the lines above.", "这是 daihou 的程序错误，请反馈以上信息。"
            ),
            err=True,
            fg="red",
        )
        sys.exit(2)


def _daihou() -> None:
    """Daihou 贷后: where every loan stands, on any date, as known on any date."""


def _stand_in() -> None:
    """Stand in the overview for a command that was not called, so that its module need not be imported."""


def _loaded(place: str) -> Callable[..., Any] | typer.Typer:
    module, _, function = place.partition(":")
    loaded: Callable[..., Any] | typer.Typer = getattr(import_module(module), function)
    return loaded


if __name__ == "__main__":
    main()
