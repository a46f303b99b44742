"""The templates of one language and one mount point, compiled with its words and with macros in their places."""

from threading import RLock
from typing import Any

from flask import Flask
from flask.templating import Environment
from jinja2 import StrictUndefined, Template, Undefined, nodes
from jinja2.loaders import BaseLoader
from jinja2.runtime import Context

from . import filters
from .compiled import CompiledOnce, Shelf
from .folding import Fold
from .generating import Generator, joined, plain
from .inlining import Inliner

#: What `{}.keys` and the like mean in a template.
OF_MAPPINGS = frozenset(dir(dict))


class PageEnvironment(Environment):
    """Jinja, with what is known of a language decided when a template is compiled."""

    code_generator_class = Generator
    plain, joined = staticmethod(plain), staticmethod(joined)

    def __init__(self, app: Flask, **options: Any) -> None:
        super().__init__(app, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, **options)
        self._inliner = Inliner(self)
        self._fold: Fold | None = None
        self._lines: frozenset[str] = frozenset()
        self._loaded: dict[str, Template] = {}
        self._loading = RLock()
        self.filters.update(filters.ALL)

    def decide(self, fold: Fold, mount: str, lines: frozenset[str], shelf: Shelf | None = None) -> None:
        """Say what may be folded, and where compiled templates are kept; those of lines bring words of their own."""
        self._fold, self._lines = fold, lines
        if not self.auto_reload:
            self.bytecode_cache = CompiledOnce(f"{fold.locale}\x1f{mount}\x1f{sorted(lines)}", shelf)

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:
        """Give a template; of many who ask for a new one, one compiles it and the others wait."""
        known = self._loaded.get(name) if type(name) is str else None
        if known is not None:
            return known
        with self._loading:
            found = super().get_template(name, parent, globals)
            if not self.auto_reload and type(name) is str:
                self._loaded[name] = found
        return found

    def parse_plain(self, name: str) -> tuple[nodes.Template, Fold]:
        """Read a template as it is written, with what may be folded in it."""
        loader: BaseLoader = self.loader  # type: ignore[assignment]
        source, filename, _fresh = loader.get_source(self, name)
        return super()._parse(source, name, filename), self._fold_of(name)

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        return self._inliner.inline(super()._parse(source, name, filename), self._fold_of(name or ""))

    def _fold_of(self, name: str) -> Fold:
        if self._fold is None:
            raise RuntimeError("nobody said what may be folded")
        return self._fold.of_line() if name.partition("/")[0] in self._lines else self._fold

    def look_or(self, obj: Any, attribute: str, other: Any) -> Any:
        """Look into a row, and give something else where it has nothing of that name."""
        if type(obj) is dict and attribute not in OF_MAPPINGS:
            found = obj.get(attribute, other)
        else:
            found = self.look(obj, attribute)
        return other if isinstance(found, Undefined) else found

    def look(self, obj: Any, attribute: str) -> Any:
        """Look into rows first: most of what pages show are mappings, and asking those for an attribute is dear."""
        if type(obj) is dict:
            if attribute in obj:
                return obj[attribute]
            if attribute not in OF_MAPPINGS:
                return self.undefined(obj=obj, name=attribute)
        else:
            try:
                return getattr(obj, attribute)
            except AttributeError:
                pass
        return self.getattr(obj, attribute)

    def found(self, context: Context, table: Any, *asked: Any) -> Any:
        """Give `table.get(key)` or `table.get(key, other)`; a plain table is asked without Jinja between."""
        if type(table) is dict and "get" not in table:
            return table.get(*asked)
        return context.call(self.look(table, "get"), *asked)
