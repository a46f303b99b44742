"""Turns an OpenAPI or WSDL file into the first draft of a platform.toml, for its author to complete.

The draft says what the file says: paths or operations, fields, where numbers and codes may stand. What no such file
says, such as what codes mean, is left as a question in a comment.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from lxml import etree

#: Words in names of theirs -> our key; what nobody guesses stays a question.
GUESSES: Mapping[str, tuple[str, ...]] = {
    "parcel.key": ("requestid", "ywbh", "bizno", "outerno", "idempotencykey", "serialno", "lsh", "externalid"),
    "parcel.case_no": ("caseno", "ajbh", "casenumber", "bjbh", "projid"),
    "parcel.item_code": ("itemcode", "item", "sxbm", "affaircode", "taskcode"),
    "parcel.accepted_at": ("acceptedat", "accepttime", "slsj", "submittime"),
    "parcel.worker_name": ("operator", "jbr", "worker", "handler"),
    "name": ("name", "xm", "applicantname", "sqrmc", "personname", "aac003"),
    "id_no": ("idno", "idcard", "zjhm", "sfzh", "certno", "idnumber", "gmsfhm", "aac147", "cardno"),
    "id_type": ("idtype", "zjlx", "certtype", "aac058"),
    "sex": ("sex", "gender", "xb", "aac004"),
    "birth_date": ("birthdate", "born", "csrq", "birthday", "dateofbirth", "aac006"),
    "phone": ("phone", "mobile", "lxdh", "tel", "telephone", "aae005"),
    "residence_address": ("address", "jzdz", "residence", "liveaddress", "aae006"),
    "hukou_address": ("hukouaddress", "hjdz", "registeredaddress"),
}
WORDS = {word: ours for ours, words in GUESSES.items() for word in words}
XS = "{http://www.w3.org/2001/XMLSchema}"
WS = "{http://schemas.xmlsoap.org/wsdl/}"


class CannotDraft(ValueError):
    """The file is neither an OpenAPI document in JSON nor a WSDL; the text says why."""


@dataclass(frozen=True)
class Question:
    """One thing the service can be asked, as its file describes it."""

    name: str
    method: str = "POST"
    path: str = ""
    fields: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()
    places: Mapping[str, str] = field(default_factory=dict)  # field -> query, path or header
    answers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Service:
    """What a file describes."""

    title: str
    way: str
    questions: tuple[Question, ...]
    token_path: str = ""


def read_service(path: Path) -> Service:
    """Read an OpenAPI document (JSON) or a WSDL; raises CannotDraft."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise CannotDraft(f"{path.name} cannot be read: {error.strerror}") from error
    if text.lstrip()[:1] == b"<":
        return _read_wsdl(path.name, text)
    try:
        document = json.loads(text.decode("utf-8"))
    except ValueError:
        raise CannotDraft(f"{path.name} is neither JSON nor XML; save a YAML description as JSON first") from None
    if not isinstance(document, dict) or "paths" not in document:
        raise CannotDraft(f"{path.name} is no OpenAPI document: it has no paths")
    return _read_openapi(document)


def _read_openapi(document: Mapping[str, Any]) -> Service:
    questions = []
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in ("get", "post", "put", "patch"):
                questions.append(_openapi_question(document, path, method.upper(), operation))
    flows = [
        flow.get("tokenUrl", "")
        for scheme in document.get("components", {}).get("securitySchemes", {}).values()
        for flow in scheme.get("flows", {}).values()
    ]
    token = next((re.sub(r"^https?://[^/]+", "", url) for url in flows if url), "")
    return Service(str(document.get("info", {}).get("title", "")), "rest", tuple(questions), token)


def _openapi_question(document: Mapping[str, Any], path: str, method: str, operation: Mapping[str, Any]) -> Question:
    places = {p["name"]: p["in"] for p in map(_resolver(document), operation.get("parameters", [])) if "name" in p}
    body = _resolver(document)(operation.get("requestBody", {})).get("content", {})
    schema: Any = next((part.get("schema", {}) for part in body.values()), {})
    leaves = list(_leaves(document, schema, ""))
    answers: list[str] = []
    for status, answer in operation.get("responses", {}).items():
        if status.startswith("2"):
            content = _resolver(document)(answer).get("content", {})
            shape: Any = next((part.get("schema", {}) for part in content.values()), {})
            answers += [name for name, _ in _leaves(document, shape, "")]
    return Question(
        operation.get("operationId") or f"{method.lower()} {path}",
        method,
        path,
        (*places, *(name for name, _ in leaves)),
        frozenset(name for name, needed in leaves if needed),
        places,
        tuple(answers),
    )


def _resolver(document: Mapping[str, Any]) -> Any:
    def resolve(part: Any) -> Any:
        for _ in range(20):  # references may point to references, never in a circle
            if not (isinstance(part, dict) and "$ref" in part):
                return part
            found: Any = document
            for name in part["$ref"].removeprefix("#/").split("/"):
                found = found.get(name, {}) if isinstance(found, dict) else {}
            part = found
        return {}

    return resolve


def _leaves(document: Mapping[str, Any], schema: Any, path: str, depth: int = 0) -> Iterator[tuple[str, bool]]:
    """Give the paths of a schema's values, and whether each is required."""
    schema = _resolver(document)(schema)
    for part in schema.get("allOf", []):
        yield from _leaves(document, part, path, depth)
    for name, below in schema.get("properties", {}).items():
        place, needed = f"{path}.{name}".strip("."), name in schema.get("required", ())
        inside = _resolver(document)(below)
        if depth < 6 and (inside.get("properties") or inside.get("allOf")):
            yield from _leaves(document, inside, place, depth + 1)
        elif depth < 6 and inside.get("type") == "array":
            yield f"{place}[]", needed
            rows = _leaves(document, inside.get("items", {}), "", depth + 1)
            yield from ((f"{place}[].{name}", needed) for name, needed in rows)
        else:
            yield place, needed


def _read_wsdl(name: str, text: bytes) -> Service:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        root: Any = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise CannotDraft(f"{name} is no XML: {error}") from error
    schema = root.find(f".//{XS}schema")
    if not root.tag.endswith("}definitions") or schema is None:
        raise CannotDraft(f"{name} is no WSDL with a schema inside")
    questions = []
    for operation in root.iterfind(f"{WS}portType/{WS}operation"):
        sent, heard = (_wsdl_leaves(root, schema, operation, side) for side in ("input", "output"))
        needed = frozenset(path for path, required in sent if required)
        fields, answers = tuple(path for path, _ in sent), tuple(path for path, _ in heard)
        questions.append(Question(operation.get("name"), fields=fields, required=needed, answers=answers))
    return Service(str(root.get("name") or ""), "soap", tuple(questions))


def _wsdl_leaves(root: Any, schema: Any, operation: Any, side: str) -> list[tuple[str, bool]]:
    message = operation.find(f"{WS}{side}")
    part = root.find(f"{WS}message[@name='{_local(message.get('message'))}']/{WS}part") if message is not None else None
    if part is None or not part.get("element"):
        return []
    return list(_elements(schema, schema.find(f"{XS}element[@name='{_local(part.get('element'))}']"), ""))


def _elements(schema: Any, declared: Any, path: str, depth: int = 0) -> Iterator[tuple[str, bool]]:
    if declared is None or depth > 6:
        return
    kind = declared.find(f"{XS}complexType")
    if kind is None and declared.get("type"):
        kind = schema.find(f"{XS}complexType[@name='{_local(declared.get('type'))}']")
    for part in () if kind is None else kind.iterfind(f"{XS}sequence/{XS}element"):
        many = part.get("maxOccurs") not in (None, "1")
        place = f"{path}.{part.get('name')}".strip(".") + ("[]" if many else "")
        below = list(_elements(schema, part, place, depth + 1))
        yield from below or [(place, part.get("minOccurs") != "0")]


def _local(name: str) -> str:
    return (name or "").rpartition(":")[2]


def guess(theirs: str) -> str:
    """Guess which of our keys a field of theirs means; "" when it cannot be told."""
    word = re.sub(r"[^a-z0-9]", "", theirs.rpartition(".")[2].lower())
    if word in WORDS:
        return WORDS[word]
    near = get_close_matches(word, WORDS, n=1, cutoff=0.85)
    return WORDS[near[0]] if near else ""
