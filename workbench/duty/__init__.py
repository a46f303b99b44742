"""The room of posts, cover, roster and the work that is offered."""
