"""What is loaded when it is first needed: apps say at the start who knows what, and no process waits for what it never asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Later:
    """A function by the dotted name under which it is found once it is called."""

    path: str

    def __call__(self, *values: Any) -> Any:
        """What the function answers."""
        return self.found(*values)

    @property
    def found(self) -> Any:
        """The function."""
        return import_string(self.path)
