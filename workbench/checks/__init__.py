"""The room that checks lines and platforms before they are used: one small function per rule.

Every finding names the file, the line where possible, the rule and what to write instead. A line in a
file is exempted by a comment above it: `# check: RULE because REASON`.
"""

from .finding import Finding
from .run import Checked, check_folder, check_installed

__all__ = ["Checked", "Finding", "check_folder", "check_installed"]
