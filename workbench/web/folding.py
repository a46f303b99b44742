"""What is known of a template before it is drawn: the words of its language, the addresses of static files."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from jinja2 import nodes


@dataclass(frozen=True)
class Fold:
    """Replaces what one language and one mount point decide; a line's own templates bring words of their own."""

    locale: str
    has_own_words: bool
    translate: Callable[[str], str]
    static_url: Callable[[str], str]

    def of_line(self) -> "Fold":
        """Give the same for a template that has words of its own."""
        return replace(self, has_own_words=True)

    def __call__(self, node: nodes.Node) -> nodes.Node:
        """Give a constant, or a simpler expression, in the place of a known call."""
        match node:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(text))], kwargs=[]):
                return node if self.has_own_words else nodes.Const(self.translate(text), lineno=node.lineno)
            case nodes.Call(node=nodes.Name(name="static_url"), args=[nodes.Const(value=str(path))]):
                return nodes.Const(self.static_url(path), lineno=node.lineno)
            case nodes.Call(node=nodes.Name(name="bilingual"), args=[zh, en]):
                return nodes.Or(en, zh, lineno=node.lineno) if self.locale == "en" else zh
            case nodes.Test(node=nodes.Name(name="csrf_token"), name="defined"):
                return nodes.Const(True, lineno=node.lineno)
            case nodes.Getattr(node=nodes.Dict() as mapping, attr=attr):
                return _entry(mapping, attr) or node
            case nodes.Filter(
                name="default", node=nodes.Getattr(node=nodes.Dict() as mapping, attr=attr), args=[given, *_]
            ):
                return node if _entry(mapping, attr) else given
        return node


def _entry(mapping: nodes.Dict, attr: str) -> nodes.Expr | None:
    """Find what a mapping that is written down holds."""
    found = [pair.value for pair in mapping.items if isinstance(pair.key, nodes.Const) and pair.key.value == attr]
    return found[-1] if found else None


def clone(node: Any) -> Any:
    """Copy one node; its parts are shared with the old one until they are replaced."""
    copied = object.__new__(type(node))
    copied.__dict__.update(node.__dict__)
    return copied
