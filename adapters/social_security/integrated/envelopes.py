"""Envelopes of the pretend integrated system: reads messages safely, writes answers and faults."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree

WSDL = Path(__file__).parent / "service.wsdl"
TNS, SOAP = "urn:rs:case-exchange:1", "http://schemas.xmlsoap.org/soap/envelope/"
ENTITY = b'<!DOCTYPE x [<!ENTITY leak SYSTEM "file:///etc/hostname">]>'


class WrongMessage(Exception):
    """The message is not what the WSDL describes."""


def read_schema() -> Any:
    """Give the schema of the WSDL."""
    found: Any = etree.parse(str(WSDL)).find(".//{http://www.w3.org/2001/XMLSchema}schema")
    return etree.XMLSchema(found)


def read_message(body: bytes, schema: Any) -> tuple[dict[str, str], Any]:
    """Give the header's texts by name and the message; raises WrongMessage when it does not fit the schema."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, remove_comments=True)
    try:
        envelope: Any = etree.fromstring(body, parser)
        message = envelope.find(f"{{{SOAP}}}Body")[0]
        schema.assertValid(message)
    except (etree.LxmlError, TypeError, IndexError) as error:
        raise WrongMessage(type(error).__name__) from error
    header = envelope.find(f"{{{SOAP}}}Header")
    parts = () if header is None else header.iter("{*}*")
    return {etree.QName(part).localname: part.text or "" for part in parts}, message


def name_of(message: Any) -> str:
    """Give the operation a message asks for."""
    return etree.QName(message).localname


def text_at(message: Any, path: str) -> str:
    """Give the text at a path of element names; "" when there is none."""
    found = message.find("/".join(f"{{{TNS}}}{name}" for name in path.split("/")))
    return "" if found is None else found.text or ""


def text_of(message: Any) -> str:
    """Give a whole message as text."""
    return str(etree.tostring(message, encoding="unicode"))


def answer_element(name: str, values: Mapping[str, object]) -> Any:
    """Build an answer from values by element name; lists repeat the element."""
    namespaces: Any = {None: TNS}
    answer = etree.Element(f"{{{TNS}}}{name}", nsmap=namespaces)
    _write(answer, values)
    return answer


def _write(parent: Any, values: Mapping[str, object]) -> None:
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            child = etree.SubElement(parent, f"{{{TNS}}}{name}")
            if isinstance(one, Mapping):
                _write(child, one)
            else:
                child.text = str(one)


def fault_element(code: str, words: str, flag: str = "") -> Any:
    """Build a soap:Fault; `flag` goes into its detail."""
    fault = etree.Element(f"{{{SOAP}}}Fault", nsmap={"soap": SOAP})
    etree.SubElement(fault, "faultcode").text = f"soap:{code}"
    etree.SubElement(fault, "faultstring").text = words
    if flag:
        etree.SubElement(etree.SubElement(fault, "detail"), f"{{{TNS}}}errorFlag").text = flag
    return fault


def envelope_bytes(content: Any, charset: str, *, with_entity: bool = False) -> bytes:
    """Wrap an answer; `with_entity` puts a document type in front that reads a file."""
    envelope = etree.Element(f"{{{SOAP}}}Envelope", nsmap={"soap": SOAP})
    etree.SubElement(envelope, f"{{{SOAP}}}Body").append(content)
    body: Any = etree.tostring(envelope, xml_declaration=not with_entity, encoding=charset)
    return bytes(ENTITY + body.replace("成功".encode(), b"&leak;") if with_entity else body)
