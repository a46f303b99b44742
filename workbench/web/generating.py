"""How the code of templates is written: what it gives is Jinja's to the letter, in fewer steps.

A value becomes escaped text and no `Markup`, a block one text and not a hundred, a look into a row one call.
"""

from collections.abc import Iterable
from keyword import iskeyword
from types import FunctionType
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, optimizeconst
from jinja2.runtime import markup_join
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]

#: What needs no escaping when it is written.
NUMBERS = frozenset({int, float, bool})


def plain(value: Any) -> str:
    """Give what stands on the page for a value."""
    kind = type(value)
    if kind is str:
        return _escape_inner(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    return str(value) if kind in NUMBERS else escape(value)


def joined(parts: tuple[Any, ...]) -> str:
    """Give `a ~ b ~ c`: as it stands where all are plain texts or numbers, else escaped as Jinja does."""
    for part in parts:
        if type(part) is not str and type(part) is not int:
            return markup_join(parts)
    return "".join([part if type(part) is str else str(part) for part in parts])


class Generator(CodeGenerator):
    """Writes the Python of one template; `environment` has `plain`, `joined`, `look`, `look_or` and `found`."""

    def write_commons(self) -> None:
        """Begin the function of a template or a block."""
        super().write_commons()
        self.writeline("plain, joined = environment.plain, environment.joined")
        self.writeline("look, look_or, found = environment.look, environment.look_or, environment.found")

    def blockvisit(self, body: Iterable[nodes.Node], frame: Frame) -> None:
        """Gather what a block writes: every piece that is yielded passes through all templates it extends."""
        if not frame.block_frame or frame.buffer is not None:
            super().blockvisit(body, frame)
            return
        self.buffer(frame)
        super().blockvisit(body, frame)
        self.writeline(f"yield concat({frame.buffer})")

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("plain(")

    @optimizeconst
    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: N802
        """Call a function of ours as it is; only what may want to know where it is called goes through Jinja."""
        if self._is_look_up(node):
            self._write_look_up(node, frame)
            return
        if forward_caller or not self._is_ours(node):
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        for named in node.kwargs:
            self.write(f"{named.key}=")
            self.visit(named.value, frame)
            self.write(", ")
        self.write(")")

    def _is_look_up(self, node: nodes.Call) -> bool:
        """Tell whether a call is `table.get(key)` or `table.get(key, other)`, as words of states are found."""
        is_bare = not node.kwargs and node.dyn_args is None and node.dyn_kwargs is None
        return is_bare and isinstance(node.node, nodes.Getattr) and node.node.attr == "get" and len(node.args) in (1, 2)

    def _write_look_up(self, node: nodes.Call, frame: Frame) -> None:
        assert isinstance(node.node, nodes.Getattr)  # noqa: S101 - asked before
        self.write("found(context, ")
        self.visit(node.node.node, frame)
        for argument in node.args:
            self.write(", ")
            self.visit(argument, frame)
        self.write(")")

    def _is_ours(self, node: nodes.Call) -> bool:
        known = self.environment.globals.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        is_spread = node.dyn_args is not None or node.dyn_kwargs is not None
        is_safe = all(named.key.isidentifier() and not iskeyword(named.key) for named in node.kwargs)
        return isinstance(known, FunctionType) and not hasattr(known, "jinja_pass_arg") and is_safe and not is_spread

    @optimizeconst
    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802 - the generator names it
        """Write texts put together."""
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super().visit_Concat(node, frame)
            return
        self.write("joined((")
        for part in node.nodes:
            self.visit(part, frame)
            self.write(", ")
        self.write("))")

    @optimizeconst
    def visit_Filter(self, node: nodes.Filter, frame: Frame) -> None:  # noqa: N802 - the generator names it
        """Write `row.name|default(constant)` as one look."""
        other = node.args[0] if len(node.args) == 1 and not node.kwargs else None
        if node.name != "default" or not isinstance(node.node, nodes.Getattr) or not isinstance(other, nodes.Const):
            super().visit_Filter(node, frame)
            return
        self.write("look_or(")
        self.visit(node.node.node, frame)
        self.write(f", {node.node.attr!r}, {other.value!r})")

    @optimizeconst
    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802 - the generator names it
        """Write a look into a row or an object."""
        self.write("look(")
        self.visit(node.node, frame)
        self.write(f", {node.attr!r})")
