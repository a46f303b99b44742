"""The commands of the command line, one module each; `workbench.cli` names them."""
