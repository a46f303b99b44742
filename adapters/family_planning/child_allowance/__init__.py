"""The child allowance system: takes a claim with a ticket at once and decides later."""
