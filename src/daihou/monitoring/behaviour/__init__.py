"""Behaviour: how a borrower has paid on one loan, day by day and due date by due date."""
