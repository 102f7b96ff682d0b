"""All families that are answered, in an order in which each comes after its inputs."""

from __future__ import annotations

from typing import Final

from daihou.monitoring.arrears.family import ARREARS
from daihou.monitoring.behaviour.family import BEHAVIOUR
from daihou.monitoring.catalogue import Catalogue
from daihou.monitoring.rollups.family import BORROWER, FACILITY, ORG, PRODUCT
from daihou.monitoring.terms.family import TERMS

LOAN: Final = (ARREARS, TERMS, BEHAVIOUR)
"""Those with one row a loan: together the columns of the snapshot."""

FAMILIES: Final = (*LOAN, BORROWER, FACILITY, ORG, PRODUCT)

CATALOGUE: Final = Catalogue(FAMILIES)
