"""The room of sign-on, rights and the trail."""
