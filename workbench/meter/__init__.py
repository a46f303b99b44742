"""The second-entry meter: what was filled from data, typed once, typed again elsewhere, and what that saves."""
