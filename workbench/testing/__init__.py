"""The public test kit: what a pretend department is made of, and contract tests for lines and adapters.

The contracts are imported when they are asked for: pretend departments are small programs and need none of them.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .adapter_contract import AdapterContract
    from .line_contract import LineContract

__all__ = ["AdapterContract", "LineContract"]


def __getattr__(name: str) -> Any:
    if name == "LineContract":
        from .line_contract import LineContract  # it brings the whole workbench

        return LineContract
    if name == "AdapterContract":
        from .adapter_contract import AdapterContract  # as above

        return AdapterContract
    raise AttributeError(name)
