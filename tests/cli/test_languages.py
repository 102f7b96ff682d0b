"""Every error is told in English and in Chinese."""

from __future__ import annotations

import ast
import pickle
import re
from pathlib import Path

import pytest

from daihou.book.errors import DaihouError
from daihou.book.home import open_home
from daihou.cli.main import main
from daihou.policies.buckets import buckets
from daihou.runs import export

CHINESE = re.compile(r"[\u4e00-\u9fff]")
SOURCES = sorted((Path(__file__).parents[2] / "src" / "daihou").rglob("*.py"))
VARIABLES = {"zh"}
"""Names by which a Chinese text made elsewhere is passed on."""


def raised() -> list[tuple[str, ast.Call]]:
    return [
        (f"{path.name}:{node.lineno}", node)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "DaihouError"
    ]


def chinese(part: ast.expr) -> bool:
    if isinstance(part, ast.Name):
        return part.id in VARIABLES
    return any(isinstance(node, ast.Constant) and CHINESE.search(str(node.value)) for node in ast.walk(part))


def test_every_error_is_written_in_chinese_too() -> None:
    calls = raised()
    assert len(calls) > 90
    for place, call in calls:
        given = [keyword.value for keyword in call.keywords if keyword.arg == "zh"]
        assert given, place
        if isinstance(given[0], ast.Tuple):  # else passed on whole
            assert len(given[0].elts) == 2, place
            assert all(chinese(part) for part in given[0].elts), place


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("explain", "X9"), ("错误: 没有贷款 X9。", "处理: 请核对编号")),
        (
            ("intake", "nowhere.csv", "--table", "loans"),
            ("错误: 文件无法读取", "位置: nowhere.csv", "处理: 请核对文件名和读取权限。"),
        ),
        (("contract", "lones"), ("错误: 没有表“lones”。", "loans")),
        (("run", "--as-of", "yesterday"), ("错误: “yesterday”不是日期。", "处理: 写法如 2026-03-14。")),
        (("export", "colours", "-o", "x.csv"), ("错误: 没有表 colours。", "可用的表")),
    ],
)
def test_the_command_line_tells_it_in_chinese(
    words: tuple[str, ...],
    told: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DAIHOU_LANG", "zh")
    monkeypatch.setenv("DAIHOU_HOME", str(tmp_path))
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert all(text in said for text in told), said


def test_a_misspelt_key_of_a_policy_and_a_wrong_setting_are_told_in_chinese(tmp_path: Path) -> None:
    with pytest.raises(DaihouError) as caught:
        buckets("steps", "policy: steps\nmeaning: x\nversion: []\n", "steps.yaml")
    assert caught.value.zh[0] == "未知的键：version。"
    (tmp_path / "daihou.toml").write_text('cut_off = "late"\n')
    with pytest.raises(DaihouError) as caught:
        open_home(tmp_path, {})
    assert "日切时间“late”不是" in caught.value.zh[0]


def test_an_error_travels_between_processes_whole() -> None:
    error = DaihouError("What.", "Do.", "Here", zh=("何事。", "怎办。"))
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (str(again), again.place, again.zh) == (str(error), "Here", ("何事。", "怎办。"))


def test_a_fault_of_ours_never_passes_for_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A scheduler takes exit code 1 for done with warnings; Python gives it to any crash."""
    monkeypatch.setenv("DAIHOU_HOME", str(tmp_path))
    monkeypatch.setattr(export, "tables", lambda: 1 / 0)
    with pytest.raises(SystemExit) as ended:
        main(("export", "loans", "-o", str(tmp_path / "x.csv")))
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "ZeroDivisionError" in said
    assert "fault in daihou" in said
