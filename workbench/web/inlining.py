"""Puts macros into the pages that call them, when a template is compiled and not when it is drawn.

A macro that is called for every cell of a list costs more than what it writes. So calls that stand by
themselves, `{{ ui.tag(…) }}` and `{% call ui.section(…) %}`, are replaced by the macro's body with the arguments
in place; what is constant then is decided at once: words, icons, branches. Names of a macro never meet those of
the page: they are numbered. A call inside a larger expression stays a call.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from jinja2 import Environment, TemplateAssertionError, nodes
from jinja2.optimizer import optimize

from .folding import Fold, clone

#: Loops over so many things that are written down are written out.
MOST_UNROLLED = 12


class Scope(dict[str, "Known | Scope"]):
    """The macros, and the modules of macros, that names stand for."""


@dataclass(frozen=True)
class Known:
    """A macro with the names its template knows."""

    macro: nodes.Macro
    home: Scope
    fold: Fold


@dataclass(frozen=True)
class Caller:
    """The body of a `{% call %}`, with the place it was written at."""

    block: nodes.CallBlock
    frame: "Frame"


@dataclass(frozen=True)
class Frame:
    """Where a statement stands: what names mean there."""

    scope: Scope
    fold: Fold
    names: dict[str, nodes.Expr] = field(default_factory=dict)
    caller: Caller | None = None
    in_macro: bool = False

    def inner(self) -> "Frame":
        return replace(self, scope=Scope(self.scope))


class Inliner:
    """Works on the templates of one environment."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._scopes: dict[str, Scope] = {}
        self._numbers = count(1)

    def inline(self, tree: nodes.Template, fold: Fold) -> nodes.Template:
        """Give a template with the macros it calls in their places."""
        body = self._body(tree.body, Frame(Scope(), fold))
        done = nodes.Template(body, lineno=tree.lineno)
        done.set_environment(self._environment)
        _drop_unused(done)
        return done

    def scope_of(self, name: str) -> Scope:
        """Give the macros a template offers to those who import it."""
        if name not in self._scopes:
            scope = self._scopes[name] = Scope()
            tree, fold = self._environment.parse_plain(name)  # type: ignore[attr-defined]
            for node in tree.body:
                self._learn(node, scope, fold)
        return self._scopes[name]

    def _learn(self, node: nodes.Node, scope: Scope, fold: Fold) -> None:
        """Take note of what a statement gives a name to."""
        match node:
            case nodes.Import(template=nodes.Const(value=str(name)), target=target, with_context=False):
                scope[target] = self.scope_of(name)
            case nodes.FromImport(template=nodes.Const(value=str(name)), names=names, with_context=False):
                offered = self.scope_of(name)
                for one in names:
                    real, alias = one if isinstance(one, tuple) else (one, one)
                    if real in offered:
                        scope[alias] = offered[real]
            case nodes.Macro(name=name):
                scope[name] = Known(node, scope, fold)
            case nodes.Assign(target=nodes.Name(name=name), node=value):
                found = _look_up(value, scope)
                scope.pop(name, None)
                if found is not None:
                    scope[name] = found

    def _body(self, body: Iterable[nodes.Node], frame: Frame) -> list[nodes.Node]:
        """Work through statements; what is written one after another is written at once."""
        done: list[nodes.Node] = []
        for node in (new for old in body for new in self._statement(old, frame)):
            if done and isinstance(node, nodes.Output) and isinstance(done[-1], nodes.Output):
                done[-1] = nodes.Output([*done[-1].nodes, *node.nodes], lineno=done[-1].lineno)
            else:
                done.append(node)
        return done

    def _statement(self, node: nodes.Node, frame: Frame) -> list[nodes.Node]:
        match node:
            case nodes.Output():
                return self._output(node.nodes, frame, node.lineno)
            case nodes.CallBlock() if (known := self._find(node.call, frame)) is not None:
                return self._put_in(known, node.call, frame, Caller(node, frame))
            case nodes.If():
                return self._if(node, frame)
            case nodes.For() if (items := self._few_items(node, frame)) is not None:
                return self._unroll(node, items, frame)
            case nodes.Include(template=nodes.Const(value=str(name)), ignore_missing=False, with_context=True):
                tree, fold = self._environment.parse_plain(name)  # type: ignore[attr-defined]
                return [_with([], [], self._body(tree.body, replace(frame, scope=Scope(), fold=fold)), node.lineno)]
        self._learn(node, frame.scope, frame.fold)
        return [self._other(node, frame)]

    def _other(self, node: nodes.Node, frame: Frame) -> nodes.Node:
        """Copy any other statement with what stands in it."""
        copied: nodes.Node = clone(node)
        inner = frame.inner()
        for name in _stored([node]):
            inner.scope.pop(name, None)
        for name, value in node.iter_fields():
            if isinstance(value, list) and value and isinstance(value[0], nodes.Stmt):
                setattr(copied, name, self._body(value, inner))
            elif isinstance(value, list):
                setattr(copied, name, [self._part(one, frame) for one in value])
            else:
                setattr(copied, name, self._part(value, frame))
        return copied

    def _part(self, value: Any, frame: Frame) -> Any:
        return self._expression(value, frame) if isinstance(value, nodes.Node) else value

    def _output(self, parts: Iterable[nodes.Expr], frame: Frame, line: int) -> list[nodes.Node]:
        done: list[nodes.Node] = []
        plain: list[nodes.Expr] = []
        for part in parts:
            inlined = self._written(part, frame)
            if inlined is None:
                plain.append(self._expression(part, frame))
                continue
            done += [nodes.Output(plain, lineno=line)] if plain else []
            done += inlined
            plain = []
        return done + ([nodes.Output(plain, lineno=line)] if plain else [])

    def _written(self, part: nodes.Expr, frame: Frame) -> list[nodes.Node] | None:
        """Give the statements that write what an expression would; None when it is not a macro's call."""
        match part:
            case nodes.Call(node=nodes.Name(name="caller")) if frame.caller is not None:
                return self._put_caller(part, frame, frame.caller)
            case nodes.Call() if (known := self._find(part, frame)) is not None:
                return self._put_in(known, part, frame, None)
            case nodes.CondExpr(expr1=first, expr2=second):
                if not any(self._find(call, frame) or _calls_caller(call) for call in _calls(part)):
                    return None
                other = [nodes.Output([second], lineno=part.lineno)] if second is not None else []
                return self._if(
                    nodes.If(part.test, [nodes.Output([first], lineno=part.lineno)], [], other, lineno=part.lineno),
                    frame,
                )
        return None

    def _if(self, node: nodes.If, frame: Frame) -> list[nodes.Node]:
        """Keep only the branches that are not decided yet."""
        branches: list[tuple[nodes.Expr, list[nodes.Node]]] = []
        for branch in (node, *node.elif_):
            asked: nodes.Expr = self._expression(branch.test, frame)
            test = optimize(asked.set_environment(self._environment), self._environment)
            if isinstance(test, nodes.Const) and not test.value:
                continue
            body = self._body(branch.body, frame.inner())
            if isinstance(test, nodes.Const):
                return _if_of(branches, body, node.lineno)
            branches.append((test, body))  # type: ignore[arg-type]
        return _if_of(branches, self._body(node.else_, frame.inner()), node.lineno)

    def _few_items(self, node: nodes.For, frame: Frame) -> list[nodes.Expr] | None:
        """Give what a loop goes over when that is written down, such as the columns of a table."""
        if node.else_ or node.test or node.recursive or not isinstance(node.target, nodes.Name):
            return None
        over = self._expression(node.iter, frame)
        if not isinstance(over, (nodes.Tuple, nodes.List)) or not 0 < len(over.items) <= MOST_UNROLLED:
            return None
        if "loop" in {name.name for one in node.body for name in one.find_all(nodes.Name)}:
            return None
        return over.items if all(map(_is_plain, over.items)) else None

    def _unroll(self, node: nodes.For, items: list[nodes.Expr], frame: Frame) -> list[nodes.Node]:
        name = node.target.name  # type: ignore[attr-defined]
        return [done for item in items for done in self._bind({name: item}, node.body, frame.inner(), node.lineno)]

    def _find(self, call: nodes.Expr, frame: Frame) -> Known | None:
        if not isinstance(call, nodes.Call) or call.dyn_args or call.dyn_kwargs:
            return None
        found = _look_up(call.node, frame.scope)
        return found if isinstance(found, Known) else None

    def _put_in(self, known: Known, call: nodes.Call, frame: Frame, caller: Caller | None) -> list[nodes.Node]:
        macro, home = known.macro, Frame(Scope(known.home), known.fold, {}, caller, in_macro=True)
        given = {arg.name: self._expression(value, frame) for arg, value in zip(macro.args, call.args, strict=False)}
        given |= {one.key: self._expression(one.value, frame) for one in call.kwargs}
        defaults = dict(zip([arg.name for arg in macro.args][::-1], macro.defaults[::-1], strict=False))
        for arg in macro.args:
            if arg.name not in given and arg.name not in defaults:
                raise TemplateAssertionError(f"{macro.name}() needs {arg.name}", call.lineno)
        values = {
            arg.name: given[arg.name] if arg.name in given else self._expression(defaults[arg.name], home)
            for arg in macro.args
        }
        return self._bind(values, macro.body, home, call.lineno)

    def _put_caller(self, call: nodes.Call, frame: Frame, caller: Caller) -> list[nodes.Node]:
        names = [arg.name for arg in caller.block.args]
        values = dict(zip(names, (self._expression(value, frame) for value in call.args), strict=True))
        return self._bind(values, caller.block.body, caller.frame.inner(), call.lineno)

    def _bind(self, values: dict[str, nodes.Expr], body: list[nodes.Node], frame: Frame, line: int) -> list[nodes.Node]:
        """Put values in the place of names; what is used several times, or in a loop, is worked out once before."""
        stored, names = set(_stored(body)), dict(frame.names)
        targets, bound = [], []
        for name, value in values.items():
            if name not in stored and (_is_plain(value) or _is_used_once(name, body, value)):
                names[name] = value
                continue
            fresh = f"{name}_{next(self._numbers)}"
            names[name] = nodes.Name(fresh, "load", lineno=line)
            targets.append(nodes.Name(fresh, "param", lineno=line))
            bound.append(value)
        for name in stored - set(values):
            names[name] = nodes.Name(f"{name}_{next(self._numbers)}", "load", lineno=line)
        done = self._body(body, replace(frame, names=names))
        return [_with(targets, bound, done, line)] if targets or stored else done

    def _expression(self, node: nodes.Node, frame: Frame) -> Any:
        """Copy an expression with names replaced and constants folded."""
        match node:
            case nodes.Name(name="caller") if frame.in_macro:
                return nodes.Const(frame.caller is not None, lineno=node.lineno)
            case nodes.Test(node=nodes.Name(name=name), name="defined") if frame.in_macro:
                is_known = frame.caller is not None if name == "caller" else name in frame.names
                if is_known or name == "caller":
                    return nodes.Const(is_known, lineno=node.lineno)
            case nodes.Name(name=name) if (value := frame.names.get(name)) is not None:
                if node.ctx == "load":
                    return clone(value)
                return nodes.Name(value.name, node.ctx, lineno=node.lineno)  # type: ignore[attr-defined]
            case nodes.NSRef(name=name, attr=attr) if isinstance(value := frame.names.get(name), nodes.Name):
                return nodes.NSRef(value.name, attr, lineno=node.lineno)
            case nodes.Call() if frame.in_macro and self._find(node, frame) is not None:
                raise TemplateAssertionError(
                    "write the call of a macro by itself, not inside an expression", node.lineno
                )
        copied = clone(node)
        for name, value in node.iter_fields():
            if isinstance(value, list):
                setattr(copied, name, [self._part(one, frame) for one in value])
            else:
                setattr(copied, name, self._part(value, frame))
        return frame.fold(copied)


def _look_up(node: nodes.Node, scope: Scope) -> Known | Scope | None:
    match node:
        case nodes.Name(name=name):
            return scope.get(name)
        case nodes.Getattr(node=nodes.Name(name=module), attr=attr):
            found = scope.get(module)
            return found.get(attr) if isinstance(found, Scope) else None
    return None


def _if_of(branches: list[tuple[nodes.Expr, list[nodes.Node]]], other: list[nodes.Node], line: int) -> list[nodes.Node]:
    if not branches:
        return other
    (test, body), *rest = branches
    more = [nodes.If(one, inside, [], [], lineno=line) for one, inside in rest]
    return [nodes.If(test, body, more, other, lineno=line)]


def _with(targets: list[nodes.Name], values: list[nodes.Expr], body: list[nodes.Node], line: int) -> nodes.Node:
    return nodes.With(targets, values, body, lineno=line)


def _stored(body: Iterable[nodes.Node]) -> Iterator[str]:
    """Name what statements give a value to."""
    for node in body:
        if isinstance(node, nodes.Name) and node.ctx in ("store", "param"):
            yield node.name
        yield from _stored(node.iter_child_nodes())


def _calls(node: nodes.Node) -> Iterator[nodes.Call]:
    if isinstance(node, nodes.Call):
        yield node
    for child in node.iter_child_nodes():
        yield from _calls(child)


def _calls_caller(call: nodes.Call) -> bool:
    return isinstance(call.node, nodes.Name) and call.node.name == "caller"


def _is_plain(value: nodes.Expr) -> bool:
    """Tell whether a value costs nothing and means the same wherever it stands."""
    if isinstance(value, nodes.Name):
        return value.name != "loop"
    if isinstance(value, (nodes.Tuple, nodes.List)):
        return all(map(_is_plain, value.items))
    if isinstance(value, nodes.Dict):
        return all(_is_plain(pair.key) and _is_plain(pair.value) for pair in value.items)
    return isinstance(value, nodes.Const)


def _is_used_once(name: str, body: list[nodes.Node], value: nodes.Expr) -> bool:
    if any(
        one.name == "loop" for one in (*value.find_all(nodes.Name), *([value] if isinstance(value, nodes.Name) else ()))
    ):
        return False
    return sum(_uses(name, node) for node in body) <= 1


def _uses(name: str, node: nodes.Node) -> int:
    """Count the uses of a name; one inside a loop, or inside what may be put into one, counts as many."""
    if isinstance(node, nodes.Name):
        return int(node.name == name and node.ctx == "load")
    inside = sum(_uses(name, child) for child in node.iter_child_nodes())
    return inside * 2 if isinstance(node, (nodes.For, nodes.CallBlock)) else inside


def _drop_unused(tree: nodes.Template) -> None:
    """Take out imports and macros that nothing refers to any more."""
    used = {name.name for name in tree.find_all(nodes.Name) if name.ctx == "load"}
    _drop(tree, used)


def _drop(node: nodes.Node, used: set[str]) -> None:
    for name, value in node.iter_fields():
        if isinstance(value, list):
            kept = [one for one in value if not _is_unused(one, used)]
            setattr(node, name, kept)
            for one in kept:
                if isinstance(one, nodes.Stmt):
                    _drop(one, used)


def _is_unused(node: Any, used: set[str]) -> bool:
    match node:
        case nodes.Import(target=target):
            return target not in used
        case nodes.FromImport(names=names):
            return not any((one[1] if isinstance(one, tuple) else one) in used for one in names)
    return False
