"""The room of those who set the workbench up: lines, platforms, workers, tokens, the trail, the calendar."""
