"""All families that are answered, in an order in which each comes after its inputs."""

from __future__ import annotations

from typing import Final

from daihou.monitoring.arrears.family import ARREARS
from daihou.monitoring.behaviour.family import BEHAVIOUR
from daihou.monitoring.bureau.family import BUREAU
from daihou.monitoring.cash_flow.family import CASH_FLOW
from daihou.monitoring.catalogue import Catalogue
from daihou.monitoring.collection.family import COLLECTION
from daihou.monitoring.customer.family import CUSTOMER
from daihou.monitoring.events.family import EVENTS
from daihou.monitoring.market.family import MARKET
from daihou.monitoring.models.family import MODEL
from daihou.monitoring.reviews.family import REVIEWS
from daihou.monitoring.rollups.family import BORROWER, FACILITY, ORG, PRODUCT
from daihou.monitoring.score.family import SCORE
from daihou.monitoring.terms.family import TERMS

LOAN: Final = (ARREARS, TERMS, BEHAVIOUR)
"""Those with one row a loan: together the columns of the snapshot."""

OF_BORROWER: Final = (BORROWER, CUSTOMER, CASH_FLOW, EVENTS, COLLECTION, REVIEWS, BUREAU, SCORE)
"""Those with one row a borrower: with the market's, together the columns of a borrower's row."""

FAMILIES: Final = (*LOAN, *OF_BORROWER, MARKET, FACILITY, ORG, PRODUCT, MODEL)

CATALOGUE: Final = Catalogue(FAMILIES)
