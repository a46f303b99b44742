"""A platform that exists only in these tests, and an adapter that says what it is told to say."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from workbench.api import Batch, Capability, Health, Parcel, Question, Receipt, Task
from workbench.api.manifest import PlatformManifest
from workbench.api.parcels import Answer

PLATFORM = "test_office.window"


def make_manifest(**changed: Any) -> PlatformManifest:
    known: dict[str, Any] = {
        "id": PLATFORM,
        "line": "test_office",
        "name_zh": "测试窗口",
        "name_en": "Test window",
        "department": "测试局",
        "way": "rest",
        "api": "1.0",
        "owner": {"name": "信息中心"},
        "confidence": "typical",
        "capabilities": ["push", "find", "collect"],
        "repeat": "key",
        "settings": [
            {"key": "base_url", "type": "url", "label_zh": "地址", "label_en": "Address"},
            {"key": "app_secret", "type": "secret", "label_zh": "密钥", "label_en": "Secret"},
            {"key": "retries", "type": "number", "label_zh": "次", "label_en": "Times", "default": "3"},
            {
                "key": "zone",
                "type": "choice",
                "label_zh": "网络",
                "label_en": "Zone",
                "choices": ["inner", "outer"],
                "required": False,
            },
        ],
    }
    return PlatformManifest.model_validate(known | changed)


@dataclass
class ToldAdapter:
    """An adapter of this test suite: answers, or raises, what it was told, and remembers what it was asked."""

    answer: Any = field(default_factory=lambda: Receipt("accepted", "R1", datetime.now(UTC), b"<ok/>"))
    found: Any = None
    health: Any = field(default_factory=lambda: Health("up"))
    batch: Any = field(default_factory=Batch)
    capabilities: frozenset[Capability] = frozenset({Capability.PUSH, Capability.FIND, Capability.COLLECT})
    asked: list[str] = field(default_factory=list)

    def _say(self, asked: str, answer: Any) -> Any:
        self.asked.append(asked)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def check(self) -> Health:
        return self._say("check", self.health)

    def push(self, parcel: Parcel) -> Receipt:
        return self._say("push", self.answer)

    def find(self, key: str) -> Receipt | None:
        return self._say("find", self.found)

    def collect(self, cursor: str) -> Batch:
        return self._say("collect", self.batch)

    def lookup(self, question: Question) -> tuple[Answer, ...]:
        return ()

    def tasks(self, cursor: str) -> tuple[Task, ...]:
        return ()

    def close(self) -> None:
        self.asked.append("close")
