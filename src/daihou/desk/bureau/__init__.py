"""Credit reports 征信查询: authorisations of people, queries that passed the gate, what bureaus answered."""
