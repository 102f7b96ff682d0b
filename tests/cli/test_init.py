"""`daihou init` from outside: a home of a kind of lender, and a first administrator with a password for one sign-in."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from cli.conftest import Run

SIGN_IN = """
import sys
from daihou.cli.desk import collect_static, django_ready
django_ready()
collect_static()
from django.conf import settings
settings.ALLOWED_HOSTS = ["testserver"]
from django.test import Client
browser = Client()
given, chosen = sys.argv[1], "a password of one's own"
browser.post("/accounts/login/", {"login": "admin", "password": given})
print(browser.get("/jobs/").headers["Location"])
browser.post("/accounts/password/change/", {"oldpassword": given, "password1": chosen, "password2": chosen})
print(browser.get("/jobs/").status_code)
again = Client()
again.post("/accounts/login/", {"login": "admin", "password": given})
print(again.get("/jobs/").headers["Location"])
"""


def password(said: str) -> str:
    found = re.search(r"(?:first sign-in: |首次登录密码：)(\S+)", said)
    assert found, said
    return found[1]


def test_it_makes_a_home_of_the_kind_of_lender_and_says_what_comes_next(run: Run, tmp_path: Path) -> None:
    ended = run("init", "--profile", "trust")
    assert ended.returncode == 0, ended.stderr
    assert 'profile = "trust"' in (tmp_path / "home" / "daihou.toml").read_text()
    assert "User: admin" in ended.stdout
    assert "daihou serve" in ended.stdout
    assert len(password(ended.stdout)) == 19


@pytest.mark.usefixtures("tables")
def test_the_password_signs_in_once_and_must_be_changed(run: Run, tmp_path: Path) -> None:
    given = password(run("init", DAIHOU_LANG="zh").stdout)
    environment = {"DAIHOU_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    ended = subprocess.run([sys.executable, "-c", SIGN_IN, given], env=environment, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    first, changed, old = ended.stdout.split()
    assert first == "/accounts/password/change/"
    assert changed == "200"
    assert old.startswith("/accounts/login/")


@pytest.mark.usefixtures("tables")
def test_it_enters_no_second_administrator(run: Run) -> None:
    assert run("init").returncode == 0
    ended = run("init")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("Error: The desk has users already.\nDo: ")


def test_it_changes_no_kind_of_lender_that_has_facts(run: Run, tmp_path: Path) -> None:
    (tmp_path / "good.csv").write_text("payment_id,loan_id,paid_on,amount\nP1,L1,2026-02-01,1\n")
    assert run("intake", "good.csv", "--table", "payments").returncode == 0
    ended = run("init", "--profile", "online")
    assert ended.returncode == 2
    assert "has facts" in ended.stderr
    assert 'profile = "bank"' in (tmp_path / "home" / "daihou.toml").read_text()


@pytest.mark.usefixtures("tables")
def test_a_locked_database_is_said_clearly(run: Run, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "home" / "desk.sqlite3", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        ended = run("init")
        other.execute("ROLLBACK")
    other.close()
    assert ended.returncode == 2
    assert "The database is locked by another program" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_an_address_that_is_no_database_is_said_clearly(run: Run) -> None:
    for url, said in (
        ("nonsense", "no address of a database"),
        ("postgres://nobody@127.0.0.1:1/none", "cannot be reached"),
    ):
        ended = run("init", DATABASE_URL=url)
        assert ended.returncode == 2
        assert said in ended.stderr
        assert "Traceback" not in ended.stderr
