"""The hall: numbers drawn and called, appointments, waiting times, the screen on the wall."""
