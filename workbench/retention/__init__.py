"""How long what residents told is kept, and how it is erased: listed by a job, released by a person."""
