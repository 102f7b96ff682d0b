"""daihou 贷后: where every loan stands, on any date, as known on any date."""
