"""The room that measures: the product beside a hand-written twin, on the same server and the same database."""
