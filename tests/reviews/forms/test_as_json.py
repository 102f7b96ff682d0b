"""The form as the phone takes it: one language, nothing of points and findings, always the same."""

from __future__ import annotations

import json

import pytest

from daihou.reviews.forms.as_json import Language, client
from reviews.forms.shop import shop, shops


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_client_is_plain_json_and_always_the_same(language: Language) -> None:
    said = client(shop(), language)
    assert json.loads(json.dumps(said)) == said
    assert json.dumps(client(shops().versions[0].values, language)) == json.dumps(said)


def test_each_language_has_its_own_texts_only() -> None:
    chinese, english = (
        json.dumps(client(shop(), "zh"), ensure_ascii=False),
        json.dumps(client(shop(), "en"), ensure_ascii=False),
    )
    assert "半停业" in chinese
    assert "Partly" not in chinese
    assert "Partly" in english
    assert english.isascii()


def test_who_answers_does_not_see_what_an_answer_brings() -> None:
    said = json.dumps(client(shop(), "en"))
    assert not any(word in said for word in ("points", "finding", "business_stopped", "bands", "suggestion"))


def test_a_question_carries_what_the_page_needs() -> None:
    said = {one["id"]: one for section in client(shop(), "zh")["sections"] for one in section["questions"]}
    assert said["turnover"] == {
        "id": "turnover",
        "kind": "money",
        "label": "流水",
        "required": True,
        "when": {"op": "!=", "of": [{"answer": "open"}, {"value": "closed"}]},
        "measures": ["inflow_3m"],
        "least": 0,
        "most": 100_000_000,
        "compare": "last",
        "needs_reason": [{"direction": "fall", "share": 0.2, "told_in": "why"}],
    }
    assert said["why"]["choices"][2] == {"code": "nobody_knows", "label": "不明", "alone": True}
    assert said["willingness"]["labels"] == ["甲", "乙", "丙", "丁", "戊"]
    assert said["staff"]["unit"] == "人"
    assert said["photos"]["evidence"] == {
        "least": 2,
        "kinds": ["photo"],
        "asked": [{"code": "front", "label": "门头"}, {"code": "stock", "label": "存货"}],
    }
    assert said["why_orders"]["required"] is False
    assert said["where"] == {"id": "where", "kind": "place", "label": "位置", "required": False}
