"""The bench of cash flow: the peer, which is a statement of SQL, comes to the sums of the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench import flows
from daihou.book.home import open_home

if TYPE_CHECKING:
    from pathlib import Path


def test_the_kernel_and_the_peer_have_the_same_sums(tmp_path: Path) -> None:
    home = open_home(tmp_path, {})
    flows.make(home, 20_000)
    ours, theirs = flows.one(home)["sums"], flows.peer(home)["sums"]
    assert ours == theirs
    assert all(theirs.values())
