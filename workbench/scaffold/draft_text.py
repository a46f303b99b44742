"""Writes the draft of a platform.toml from what a service's file describes."""

import re
from collections.abc import Iterator
from pathlib import Path

from .draft import Question, Service, guess

#: Words in a question's name or path -> which part of the platform it may be.
PARTS = {
    "check": ("ping", "health", "status", "alive"),
    "collect": ("changes", "list", "results", "outcome", "since"),
    "find": ("query", "find", "get", "search", "{"),
    "lookup": ("person", "lookup", "population", "verify"),
}
CODES = ("code", "errorflag", "resultcode", "flag", "status")
TEXTS = ("message", "msg", "errortext", "errormsg", "remark")
NUMBERS = ("no", "number", "serialno", "id", "applicationno", "ywlsh", "slh")
SETTINGS = '  {{ key = "{0}", type = "{1}", label_zh = "{2}", label_en = "{3}" }},'


def write_draft(service: Service, platform_id: str, folder: Path) -> list[Path]:
    """Write platform.toml and the code maps below a folder; raises FileExistsError where there is one already."""
    folder.mkdir(parents=True)
    (folder / "codes").mkdir()
    files = {folder / "platform.toml": text_of(service, platform_id)}
    states = "ours,theirs,name\naccepted,?1,已受理\ngranted,?2,准予\nrefused,?3,不予\ncorrection,?4,退回补正\n"
    files[folder / "codes" / "status.csv"] = states
    for path, text in files.items():
        path.write_text(text, "utf-8")
    return list(files)


def text_of(service: Service, platform_id: str) -> str:
    """Write the whole file."""
    parts = dict(assign(service.questions))
    pushes = [question for name, question in parts.items() if name == "push"]
    lines = [*_head(service, platform_id, parts), *_signing(service), *_answer(pushes)]
    for name, question in parts.items():
        lines += _question("push.apply" if name == "push" else name, question, service.way)
    left = [question for question in service.questions if question not in parts.values()]
    if left:
        lines += ["", "# Not used yet; another operation would be [declared.push.<name>]:"]
        lines += [f"#   {question.method} {question.path or question.name}" for question in left]
    return "\n".join(lines) + "\n"


def assign(questions: tuple[Question, ...]) -> Iterator[tuple[str, Question]]:
    """Guess which question is which part: the one with the most fields hands parcels over."""
    rest = list(questions)
    takers = [question for question in rest if question.method != "GET"]
    if takers:
        push = max(takers, key=lambda question: len(question.fields))
        rest.remove(push)
        yield "push", push
    for part, words in PARTS.items():
        found = next((q for q in rest if any(word in f"{q.name} {q.path}".lower() for word in words)), None)
        if found:
            rest.remove(found)
            yield part, found


def _head(service: Service, platform_id: str, parts: dict[str, Question]) -> list[str]:
    abilities = [name for name in ("find", "collect") if name in parts]
    claimed = ", ".join(f'"{name}"' for name in ("push", *abilities))
    department = platform_id.partition(".")[0]
    return [
        f"# A first draft, written from the description of {_quoted(service.title)}. What holds ??? is yours;",
        "# `workbench check` finds the others. Every key is explained in the page about declared platforms.",
        f'id = "{platform_id}"',
        f'line = "{department}"',
        'name_zh = "???"',
        f'name_en = "{_quoted(service.title) or "???"}"',
        'department = "???"',
        f'way = "{service.way}"',
        'api = "1.0"',
        'confidence = "typical"',
        'owner = { name = "???" }',
        f"capabilities = [{claimed}]",
        'operations = ["apply"]',
        '# "key": sending the same parcel again makes no second entry; else "find", "natural" or "person-decides"',
        'repeat = "key"',
        "settings = [",
        SETTINGS.format("base_url", "url", "地址", "Address"),
        *([SETTINGS.format("client_id", "text", "应用标识", "Client id")] if service.token_path else []),
        *([SETTINGS.format("client_secret", "secret", "应用密钥", "Client secret")] if service.token_path else []),
        "]",
        "",
        "[declared]",
        'times = "%Y-%m-%d %H:%M:%S"  # how their answers write times; "iso" with an offset',
    ]


def _signing(service: Service) -> list[str]:
    if service.token_path:
        return ["", "[declared.signing]", f'token_path = "{service.token_path}"']
    return ["", "# [declared.signing.headers]   ??? how they know that a call is ours"]


def _answer(pushes: list[Question]) -> list[str]:
    answers = pushes[0].answers if pushes else ()
    code, text = _named(answers, CODES), _named(answers, TEXTS)
    lines = ["", "[declared.answer]"]
    lines += (
        [f'code = "{code}"', 'done = ["0"]  # ???']
        if code
        else ["# without a code of their own the HTTP status counts"]
    )
    lines += [f'text = "{text}"'] if text else []
    return [*lines, "", "[declared.errors]", '"400" = "refused"  # ??? their code -> what one does about it',
            '"401" = "needs_credentials"', '"503" = "try_later"']  # fmt: skip


def _question(part: str, question: Question, way: str) -> list[str]:
    lines = ["", f"[declared.{part}]"]
    lines += (
        [f'operation = "{question.name}"']
        if way == "soap"
        else [f'method = "{question.method}"', f'path = "{question.path}"']
    )
    fields = [name for name in question.fields if "[]" not in name]
    if part != "check":
        lines += ["map = [", *(_field(name, part, question) for name in fields), "]"]
    lines += _reading(part, question)
    return lines


def _field(name: str, part: str, question: Question) -> str:
    ours = _asked(name) if part in ("collect", "lookup") else ("parcel.key" if part == "find" else guess(name))
    place = question.places.get(name, "")
    more = f', place = "{place}"' if place and not (place == "query" and question.method == "GET") else ""
    more += ", required = true" if name in question.required and part.startswith("push") and ours else ""
    if ours:
        return f'  {{ theirs = "{name}", ours = "{ours}"{more} }},'
    return f'  # ??? {{ theirs = "{name}", ours = "…"{more} }},'


def _asked(name: str) -> str:
    word = name.lower()
    known = (("after", "cursor"), ("page", "cursor"), ("since", "cursor"), ("limit", "page"), ("size", "page"))
    people = (
        ("name", "question.name"),
        ("idno", "question.id_no"),
        ("cert", "question.id_no"),
        ("purpose", "question.purpose"),
    )
    return next((ours for part, ours in (*known, *people) if part in word), "")


def _reading(part: str, question: Question) -> list[str]:
    number = _named(question.answers, NUMBERS)
    if part.startswith("push") or part == "find":
        return [f'reference = "{number}"' if number else 'reference = "???"  # where the answer has their number']
    if part != "collect":
        return []
    rows = next((name.partition("[]")[0] for name in question.answers if "[]" in name), "???")
    inside = [name.partition("[].")[2] for name in question.answers if "[]." in name]
    known = {"number": NUMBERS, "key": ("requestid", "ywbh", "key"), "status": ("state", "status"), "text": TEXTS}
    lines = [f'rows = "{rows}"']
    for key, words in known.items():
        found = _named(tuple(inside), words)
        lines.append(f'{key} = "{found}"' if found else f'{key} = "???"')
    return lines


def _named(paths: tuple[str, ...], words: tuple[str, ...]) -> str:
    plain = {re.sub(r"[^a-z]", "", path.rpartition(".")[2].lower()): path for path in reversed(paths)}
    return next((plain[word] for word in words if word in plain and "[]" not in plain[word]), "")


def _quoted(text: str) -> str:
    return text.replace('"', "'").replace("\\", "").replace("\n", " ")
