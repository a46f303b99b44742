"""Words of departments as both databases can hold them; all that was said is in the proof."""

LONGEST = 2000


def clean(text: str) -> str:
    """Drop what no text column holds (NUL, halves of characters) and what is too long."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:LONGEST]
