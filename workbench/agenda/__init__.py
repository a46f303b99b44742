"""What falls due by a day or after an event: re-checks, automatic lists, consequences, samples of decided cases."""
