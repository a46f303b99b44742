"""The line of the Disabled Persons' Federation: its items, as its department ships them."""
