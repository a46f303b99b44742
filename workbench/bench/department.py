"""One process that plays all departments: `python -m workbench.bench.department [DOWN_PLATFORM DOWN_SECONDS]`.

Of a hundred parcels 80 are answered in 20 ms, 15 in 200 ms, 4 fail once, and of one the answer is lost.
One platform is down at first. Without arguments all of them answer at once and well.
Their books are kept in memory; `GET /ledger` gives them.
"""

import asyncio
import json
import sys
import time
import zlib
from collections import defaultdict
from typing import Any

FAST, SLOW, LOST = 0.02, 0.2, 3.0


class Departments:
    """The books of all platforms."""

    def __init__(self, down: str = "", seconds: float = 0.0) -> None:
        self.down = down
        self.is_prompt = not down
        self.up_at = time.monotonic() + seconds
        #: platform -> parcel key -> our number; the times a key came again are counted apart.
        self.books: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self.cases: defaultdict[str, list[str]] = defaultdict(list)
        self.failed: set[str] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection until it ends."""
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                length = next((int(x[15:]) for x in head.lower().split("\r\n") if x.startswith("content-length:")), 0)
                path = head.split(" ", 2)[1]
                status, content = await self.answer(path, await reader.readexactly(length))
                body = json.dumps(content).encode()
                lines = (
                    f"HTTP/1.1 {status} X",
                    "Content-Type: application/json",
                    f"Content-Length: {len(body)}",
                    "",
                    "",
                )
                writer.write("\r\n".join(lines).encode() + body)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def answer(self, path: str, body: bytes) -> tuple[int, Any]:
        """Answer one request; paths are /<platform>/parcels, /<platform>/health and /ledger."""
        if path == "/ledger":
            return 200, {"books": self.books, "cases": self.cases}
        platform, _, what = path.strip("/").partition("/")
        if platform == self.down and time.monotonic() < self.up_at:
            return 503, {}
        return (200, {}) if what == "health" else await self.take(platform, json.loads(body))

    async def take(self, platform: str, content: dict[str, Any]) -> tuple[int, Any]:
        """Enter a parcel once; what happens to it is drawn from its key, the same in every run."""
        key, luck = content["key"], zlib.crc32(content["key"].encode()) % 100
        # The first parcel is never refused: a platform that is down again at once is closed for a minute, which would
        # measure patience.
        if luck in (95, 96, 97, 98) and self.books[platform] and not self.is_prompt and key not in self.failed:
            self.failed.add(key)
            return 503, {}
        known = key in self.books[platform]
        if not known:
            self.books[platform][key] = f"N{len(self.books[platform]) + 1:06d}"
            self.cases[f"{platform}|{content['case_no']}|{content['operation']}"].append(key)
        if not self.is_prompt:
            await asyncio.sleep(LOST if luck == 99 and not known else SLOW if luck >= 80 else FAST)
        return 200, {"reference": self.books[platform][key], "duplicate": known}


async def main(arguments: list[str]) -> None:
    """Listen on loopback, print the port, and answer until standard input ends."""
    departments = Departments(arguments[0], float(arguments[1])) if arguments else Departments()
    server = await asyncio.start_server(departments.serve, "127.0.0.1", 0, limit=1 << 20)
    print(server.sockets[0].getsockname()[1], flush=True)
    async with server:
        await asyncio.to_thread(sys.stdin.buffer.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
