"""An installation whose clock stands in a file, its departments, and the people who sit at it.

The departments decide when a journey says so, in their own books, so that a case can wait for them.
"""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, expect
from product import PATIENCE, Product, eventually
from timetable import expected_clock, row
from visitor import Visitor

from workbench.store.clock import SHANGHAI
from workbench.testing.department import DepartmentHome, Entry


def move_clock(file: Path, moment: str) -> None:
    """Let every process of the installation jump to a moment of the hub's wall clock."""
    wanted = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)
    minutes = (wanted - datetime.now(SHANGHAI)).total_seconds() / 60
    partial = file.with_suffix(".part")
    partial.write_text(str(round(minutes + 0.5)))
    partial.replace(file)


@dataclass
class Town:
    """The installation, its departments, and the people who sit at it, each in a browser window of their own."""

    product: Product
    chromium: Browser
    clock: Path
    seated: dict[tuple[str, str], Visitor] = field(default_factory=dict)
    windows: list[BrowserContext] = field(default_factory=list)

    def on(self, moment: str) -> None:
        """Move the clock; it never goes back."""
        move_clock(self.clock, moment)

    def at(self, username: str, hub: str = "wutong") -> Visitor:
        """Give somebody's window; they sign in when they first come."""
        if (username, hub) not in self.seated:
            context = self.chromium.new_context(
                locale="zh-CN", viewport={"width": 1366, "height": 768}, accept_downloads=True
            )
            context.set_default_timeout(PATIENCE)
            self.windows.append(context)
            self.seated[username, hub] = Visitor.at(context, self.product, username, hub)
        return self.seated[username, hub]

    def home(self, platform: str) -> DepartmentHome:
        """The books of a department."""
        return DepartmentHome(self.product.instance / "departments" / platform, platform)

    def held(self, platform: str, case_no: str, operation: str = "apply") -> Entry:
        """Wait until a department holds a case."""
        return eventually(
            lambda: self.home(platform).by_case(case_no, operation),
            lambda: f"{platform} holds {case_no}; {self.product.log}",
        )  # fmt: skip

    def decide(self, platform: str, case_no: str, status: str) -> Entry:
        """Let a department come to a state of a case it holds."""
        entry = self.held(platform, case_no)
        self.home(platform).decide(entry.key, status)
        return entry

    def act(self, username: str, case_id: str, action: str, reason: str, *, hub: str = "wutong", **said: str) -> None:
        """Press a button of a case's page, with what stands beside it."""
        visitor = self.at(username, hub)
        visitor.open_case(case_id)
        form = visitor.page.locator("form#action")
        form.locator("[name=reason]").fill(reason)
        for name, value in said.items():
            form.locator(f"[name={name}]").fill(value)
        visitor.act(form.locator(f"button[value={action}]"))

    def see_clock(self, username: str, case_id: str, name: str, *, hub: str = "wutong") -> None:
        """Compare a clock on its page with the table that was counted by hand."""
        wanted, visitor = expected_clock(name), self.at(username, hub)
        visitor.go(f"cases/{case_id}/clocks")
        card = visitor.page.locator(f"main section[id^='clock-{wanted.kind}-']")
        due = card.locator(".card__head .tag").first.inner_text().strip()
        rows = {
            line.locator("dt").inner_text(): line.locator("dd").first.inner_text()
            for line in card.locator(".summary__row").all()
        }
        assert wanted.differs_from(due, rows) == [], f"{name}: {rows}"

    def see_due(self, username: str, case_id: str, name: str, *, hub: str = "wutong") -> None:
        """The day on the case's own page is the table's day."""
        visitor = self.at(username, hub)
        visitor.open_case(case_id)
        expect(visitor.page.locator("#progress")).to_contain_text(row("clock", name)["due"].isoformat())
