"""The civil affairs case gateway: signed form POSTs with JSON inside."""
