"""Ids sort in the order they were made, and never repeat."""

from workbench.store.ids import new_id


def test_ids_rise_in_the_order_they_were_made() -> None:
    made = [new_id() for _ in range(2000)]

    assert made == sorted(set(made))
    assert {len(one) for one in made} == {26}
