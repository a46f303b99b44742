"""A WSDL as a server reads it: which element opens which operation, and in which order an answer's parts stand."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
WS = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
EMPTY = {"boolean": "false", "int": "0", "integer": "0", "long": "0", "decimal": "0"}


class WrongMessage(Exception):
    """The message is not what the WSDL describes."""


class Service:
    """The document/literal operations of one WSDL with one schema inside."""

    def __init__(self, path: Path) -> None:
        self.source = path.read_bytes()
        root: Any = etree.fromstring(self.source, PARSER)
        schema: Any = root.find(f".//{XS}schema")
        self.root, self.schema_tree = root, schema
        # Read anew, so that prefixes declared around the schema count inside it.
        self.schema = etree.XMLSchema(etree.fromstring(etree.tostring(schema), PARSER))
        self.namespace = schema.get("targetNamespace", "")
        self.qualified = schema.get("elementFormDefault") == "qualified"
        self.inputs, self.outputs = self._elements("input"), self._elements("output")

    def _elements(self, side: str) -> dict[str, str]:
        """Give the element of each operation's message, by operation."""
        found = {}
        for operation in self.root.iter(f"{WS}operation"):
            message = operation.find(f"{WS}{side}")
            if message is None or not message.get("message"):
                continue
            part = self.root.find(f"{WS}message[@name='{_local(message.get('message'))}']/{WS}part")
            if part is not None and part.get("element"):
                found[operation.get("name")] = _local(part.get("element"))
        return found

    def read(self, body: bytes) -> tuple[dict[str, str], str, dict[str, Any]]:
        """Give header texts by name, the operation and its values; raises WrongMessage."""
        try:
            envelope: Any = etree.fromstring(body, PARSER)
            message = envelope.find(f"{{{SOAP}}}Body")[0]
            self.schema.assertValid(message)
        except (etree.LxmlError, TypeError, IndexError) as error:
            raise WrongMessage(type(error).__name__) from error
        header = envelope.find(f"{{{SOAP}}}Header")
        parts = () if header is None else header.iter("{*}*")
        texts = {etree.QName(part).localname.lower(): part.text or "" for part in parts}
        element = etree.QName(message).localname
        operation = next((name for name, known in self.inputs.items() if known == element), "")
        values = _values(message)
        return texts, operation, values if isinstance(values, dict) else {}

    def write(self, operation: str, values: Mapping[str, Any], charset: str = "UTF-8") -> bytes:
        """Write the answer of an operation, its parts in the order of the schema."""
        name = self.outputs[operation]
        declared = self.schema_tree.find(f"{XS}element[@name='{name}']")
        answer = etree.Element(f"{{{self.namespace}}}{name}", nsmap={None: self.namespace})  # type: ignore[dict-item]
        self._fill(answer, declared, values)
        return envelope_of(answer, charset)

    def _fill(self, parent: Any, declared: Any, values: Mapping[str, Any]) -> None:
        for part in self._parts(declared):
            name, given = part.get("name"), values.get(part.get("name"))
            if given is None and part.get("minOccurs") == "0":
                continue
            for one in given if isinstance(given, list) else [given]:
                child = etree.SubElement(parent, f"{{{self.namespace}}}{name}" if self.qualified else name)
                if self._parts(part):
                    self._fill(child, part, one if isinstance(one, Mapping) else {})
                else:
                    child.text = _text(one, _local(part.get("type", "")))

    def _parts(self, declared: Any) -> list[Any]:
        kind = declared.find(f"{XS}complexType")
        if kind is None and declared.get("type"):
            kind = self.schema_tree.find(f"{XS}complexType[@name='{_local(declared.get('type'))}']")
        return [] if kind is None else list(kind.iterfind(f"{XS}sequence/{XS}element"))


def envelope_of(content: Any, charset: str) -> bytes:
    """Wrap an answer or a fault."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(content)
    body: Any = etree.tostring(envelope, xml_declaration=True, encoding=charset)
    return bytes(body)


def fault(code: str, words: str, detail: Mapping[str, str] | None = None, charset: str = "UTF-8") -> bytes:
    """Write a soap:Fault."""
    content = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    etree.SubElement(content, "faultcode").text = f"soap:{code}"
    etree.SubElement(content, "faultstring").text = words
    for name, text in (detail or {}).items():
        etree.SubElement(etree.SubElement(content, "detail"), name).text = text
    return envelope_of(content, charset)


def _values(element: Any) -> Any:
    if not len(element):
        return element.text or ""
    values: dict[str, Any] = {}
    for child in element:
        name, value = etree.QName(child).localname, _values(child)
        if name in values:
            values[name] = [*(values[name] if isinstance(values[name], list) else [values[name]]), value]
        else:
            values[name] = value
    return values


def _text(value: object, kind: str) -> str:
    if value is None:
        return EMPTY.get(kind, "")
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def _local(name: str) -> str:
    return name.rpartition(":")[2]
