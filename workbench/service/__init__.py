"""The room of those who run the workbench: does it live, is it ready, how is it doing."""
