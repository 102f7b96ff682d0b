"""Pages of portfolio."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.shortcuts import render

from daihou.desk.access import needs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@needs("portfolio.view")
def overview(request: HttpRequest) -> HttpResponse:
    """Not built yet."""
    return render(request, "base.html")


@needs("portfolio.view")
def loans(request: HttpRequest) -> HttpResponse:
    """Not built yet."""
    return render(request, "base.html")


@needs("portfolio.view")
def maturing(request: HttpRequest) -> HttpResponse:
    """Not built yet."""
    return render(request, "base.html")


@needs("portfolio.view")
def unpaid_interest(request: HttpRequest) -> HttpResponse:
    """Not built yet."""
    return render(request, "base.html")


@needs("portfolio.view")
def borrowers(request: HttpRequest) -> HttpResponse:
    """Not built yet."""
    return render(request, "base.html")


@needs("portfolio.view")
def compare(request: HttpRequest) -> HttpResponse:
    """Not built yet."""
    return render(request, "base.html")

