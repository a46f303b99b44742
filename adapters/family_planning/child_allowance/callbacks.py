"""How the pretend child allowance system reports decisions by itself: signed, at least once."""

import hashlib
import hmac
import json
import time
import urllib.request
from collections.abc import Callable

from workbench.testing.changes import Change, ChangeList
from workbench.testing.department import DepartmentHome

EVERY_SECONDS = 0.3
LONGEST_WAIT = 60.0


class Callbacks:
    """Tells every change to the address its claim came with, until that address says 2xx."""

    def __init__(
        self, home: DepartmentHome, changes: ChangeList, secret: str, write: Callable[[Change], dict[str, object]]
    ) -> None:
        self.home = home
        self.changes = changes
        self.secret = secret
        self.write = write
        self.path = home.folder / "called_back.txt"
        self.after = 0  # everything up to this number is told, or need not be
        self.tries: dict[int, int] = {}
        self.next_try: dict[int, float] = {}

    def run(self) -> None:
        """Call back for ever."""
        while True:
            self.tell_all()
            time.sleep(EVERY_SECONDS)

    def tell_all(self) -> None:
        """Tell what was not told yet; what fails is told again later, each time after a longer wait."""
        told = set(self.path.read_text().split()) if self.path.exists() else set()
        is_gapless = True
        for change in self.changes.since(self.after):
            is_told = str(change.number) in told or self.tell(change)
            is_gapless = is_gapless and is_told
            if is_gapless:
                self.after = change.number

    def tell(self, change: Change) -> bool:
        """Tell one change; true when it is told or nobody wants to be told."""
        address = str(change.entry.message.get("callbackUrl") or "")
        if not address:
            return True
        if self.next_try.get(change.number, 0) > time.time():
            return False
        if self.call(address, change):
            with self.path.open("a") as file:
                file.write(f"{change.number}\n")
            return True
        self.tries[change.number] = self.tries.get(change.number, 0) + 1
        self.next_try[change.number] = time.time() + min(2.0 ** self.tries[change.number] / 4, LONGEST_WAIT)
        return False

    def call(self, address: str, change: Change) -> bool:
        """Call one address; true when the other side took it."""
        faults = self.home.faults()
        if faults.get("no_callback") or not address.startswith(("http://", "https://")):
            return False
        sent = [self.post(address, change) for _ in range(2 if faults.get("duplicate_callback") else 1)]
        return all(sent)

    def post(self, address: str, change: Change) -> bool:
        faults = self.home.faults()
        message_id = f"{self.home.platform}-{change.number}"
        content = {"messageId": message_id, "changes": [self.write(change)]}
        body = json.dumps(content, ensure_ascii=False).encode()
        at = str(round((time.time() - (3600 if faults.get("stale_callback") else 0)) * 1000))
        secret = "forged" if faults.get("forged_callback") else self.secret
        text = "\n".join((message_id, at, hashlib.sha256(body).hexdigest()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Message-Id": message_id,
            "X-Timestamp": at,
            "X-Signature": hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest(),
        }
        request = urllib.request.Request(address, body, headers, method="POST")  # noqa: S310 - scheme checked above
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=5) as response:
                return bool(200 <= response.status < 300)
        except OSError:
            return False
