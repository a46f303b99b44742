"""The line of the Human Resources and Social Security Bureau: its items, as its department ships them."""
