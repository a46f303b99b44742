"""The page about the rules of `workbench check` has a heading for each, and none for what does not exist."""

import re
from pathlib import Path

import workbench
from workbench.checks.finding import PAGE
from workbench.checks.rules import explain_rules

TEXT = (Path(workbench.__file__).with_name("docs") / PAGE).read_text("utf-8")


def test_every_rule_has_its_heading_and_no_other() -> None:
    assert sorted(re.findall(r"^## (.+)$", TEXT, re.MULTILINE)) == sorted(explain_rules())
