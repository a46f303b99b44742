"""The HTTP machinery against a small real server that misbehaves as told."""

import gzip
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pytest
from waiting import PATIENCE, wait_for

from adapters.transports import rest
from adapters.transports.rest import Call, ClientCredentials, Reply
from adapters.transports.rest.client import MAX_BYTES, HttpClient
from workbench.api import BrokenPromise, NeedsCredentials, NeedsSettings, OutcomeUnknown, Receipt, TryLater
from workbench.api.manifest import PlatformManifest
from workbench.testing.samples import make_parcel

JSON = {"content-type": "application/json"}


class Site:
    """Answers each path with a function of the handler; counts requests by path."""

    def __init__(self, pages):
        site, self.asked, self.ended = self, [], 0

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                site.asked.append((self.command, self.path, body, dict(self.headers), self.client_address[1]))
                pages[self.path.partition("?")[0]](self)

            do_POST = do_GET  # noqa: N815 - a name of http.server

            def log_message(self, *args):
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def shutdown_request(self, request):
                super().shutdown_request(request)
                site.ended += 1

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def serve():
    sites = []

    def start(**pages):
        sites.append(Site({f"/{name}": page for name, page in pages.items()}))
        return sites[-1]

    yield start
    for site in sites:
        site.close()


@pytest.fixture
def client_of():
    clients = []

    def make(site, timeout=PATIENCE, **settings):
        clients.append(HttpClient({"base_url": site.url} | settings, timeout))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


def page(body=b"{}", status=200, **headers):
    def answer(handler):
        handler.send_response(status)
        for name, value in ({"Content-Type": "application/json"} | headers).items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def cut(handler):
    handler.close_connection = True


def drip(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _ in range(1000):
        try:
            handler.wfile.write(b"x")
            time.sleep(0.05)
        except OSError:
            return


def test_connection_is_kept(serve, client_of):
    site = serve(a=page())
    client = client_of(site)
    for _ in range(3):
        client.send(Call("GET", "/a"), lost=TryLater)
    assert len({port for *_, port in site.asked}) == 1


def test_connection_the_other_side_closed_is_opened_again(serve, client_of):
    site = serve(a=page(), last=lambda handler: page()(handler) or cut(handler))
    client = client_of(site)
    for path, ended in (("/a", 0), ("/last", 1), ("/a", 1), ("/a", 1)):
        assert client.send(Call("POST", path, body=b"message"), lost=OutcomeUnknown).status == 200
        wait_for(lambda ended=ended: site.ended == ended)  # the end of a connection takes a moment to arrive
    ports = [port for *_, port in site.asked]
    assert (ports[0] == ports[1], ports[1] == ports[2], ports[2] == ports[3]) == (True, False, True)


def test_packed_answer_is_unpacked_up_to_its_limit(serve, client_of):
    packed = {"Content_Encoding": "gzip"}
    site = serve(
        a=page(gzip.compress(b'{"ok":1}'), **packed), bomb=page(gzip.compress(b"0" * 10 * MAX_BYTES), **packed)
    )
    client = client_of(site)
    assert client.send(Call("GET", "/a"), lost=TryLater).json() == {"ok": 1}
    with pytest.raises(BrokenPromise):
        client.send(Call("GET", "/bomb"), lost=TryLater)


def test_answer_without_a_length_ends_with_its_connection(serve, client_of):
    def endless(handler):
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"ok":1}')
        handler.close_connection = True

    site = serve(a=endless)
    client = client_of(site)
    for _ in range(2):
        assert client.send(Call("GET", "/a"), lost=TryLater).json() == {"ok": 1}


def test_answer_that_ends_early_is_lost(serve, client_of):
    def short(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n12345")
        handler.close_connection = True

    with pytest.raises(OutcomeUnknown):
        client_of(serve(a=short)).send(Call("POST", "/a", body=b"message"), lost=OutcomeUnknown)


def test_header_that_would_be_two_is_not_sent(serve, client_of):
    site = serve(a=page())
    with pytest.raises(NeedsSettings):
        client_of(site).send(Call("GET", "/a", headers={"X-Key": "a\r\nX-Other: b"}), lost=TryLater)
    assert site.asked == []


def test_path_goes_below_the_base_address(serve, client_of):
    site = serve(**{"gate/way/a": page()})
    client_of(site, base_url=site.url + "/gate/way/").send(Call("GET", "/a"), lost=TryLater)
    assert [path for _, path, *_ in site.asked] == ["/gate/way/a"]


def test_answer_too_big_is_a_broken_promise(serve, client_of):
    site = serve(a=page(b"x" * (MAX_BYTES + 1)))
    with pytest.raises(BrokenPromise):
        client_of(site).send(Call("GET", "/a"), lost=TryLater)


def test_answer_that_drips_is_given_up(serve, client_of):
    with pytest.raises(TryLater):  # read to its end, it would be whole
        client_of(serve(a=drip), timeout=0.3).send(Call("GET", "/a"), lost=TryLater)


def test_redirect_on_the_same_host_is_followed(serve, client_of):
    site = serve(a=page(status=307, Location="/b"), b=page(b'{"ok":1}'))
    reply = client_of(site).send(Call("POST", "/a", body=b"message"), lost=TryLater)
    assert reply.json() == {"ok": 1}
    assert [(method, body) for method, _, body, *_ in site.asked] == [("POST", b"message")] * 2


def test_redirect_in_a_circle_is_a_broken_promise(serve, client_of):
    site = serve(a=page(status=302, Location="/a"))
    with pytest.raises(BrokenPromise):
        client_of(site).send(Call("GET", "/a"), lost=TryLater)
    assert len(site.asked) == 3


def test_redirect_to_another_host_takes_nothing_there(serve, client_of):
    other = serve(b=page())
    site = serve(a=page(status=307, Location=f"{other.url}/b"))
    with pytest.raises(BrokenPromise):
        client_of(site).send(Call("POST", "/a", body=b"message"), lost=TryLater)
    assert other.asked == []


@pytest.mark.parametrize("lost", [TryLater, OutcomeUnknown])
def test_cut_answer_is_what_the_caller_says_it_is(serve, client_of, lost):
    with pytest.raises(lost):
        client_of(serve(a=cut)).send(Call("POST", "/a", body=b"message"), lost=lost)


def test_nothing_sent_is_never_unknown(serve, client_of):
    site = serve(a=page())
    client = client_of(site)
    site.close()
    with pytest.raises(TryLater):
        client.send(Call("POST", "/a", body=b"message"), lost=OutcomeUnknown)


def test_environment_does_not_choose_the_way(serve, client_of, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert client_of(serve(a=page())).send(Call("GET", "/a"), lost=TryLater).status == 200


def test_relay_of_the_settings_is_used(serve, client_of):
    relay = serve()
    relay.server.RequestHandlerClass.do_GET = page(b'{"relayed":1}')
    client = client_of(relay, base_url="http://inside.example.test", relay_url=relay.url)
    assert client.send(Call("GET", "/a"), lost=TryLater).json() == {"relayed": 1}


def test_authority_file_that_is_none_needs_settings(serve, client_of, tmp_path):
    site = serve()
    with pytest.raises(NeedsSettings):
        client_of(site, ca_file=str(tmp_path / "none.pem"))


PLATFORM = {
    "id": "test.rest", "line": "test", "name_zh": "测试", "name_en": "Test", "department": "测试", "way": "rest",
    "api": "1.0", "owner": {"name": "测试"}, "confidence": "typical", "capabilities": ["push"], "repeat": "key",
}  # fmt: skip


class Lender:
    """Lends secrets "1", "2", ... and signs with them."""

    def ask(self, settings, now):
        return Call("GET", "/secret")

    def read(self, reply, settings, now):
        return rest.Secret(str(reply.json()["secret"]), datetime.fromisoformat(reply.json()["ends"]))

    def sign(self, call, settings, secret, now):
        return Call("POST", call.path, body=secret.encode())


def adapter_of(site, repeat="key", **codec):
    platform = PlatformManifest.model_validate(PLATFORM | {"repeat": repeat})
    speaks = {"encode": lambda parcel: Call("POST", "/push", body=b"m"), "decode_receipt": read_receipt} | codec
    return rest.make_adapter(platform, {"base_url": site.url}, SimpleNamespace(**speaks))


def read_receipt(reply):
    if "expired" in reply.json():
        raise NeedsCredentials
    return Receipt("accepted", "R1")


@pytest.mark.parametrize(
    ("repeat", "error"),
    [("key", TryLater), ("find", TryLater), ("natural", TryLater), ("person-decides", OutcomeUnknown)],
)
@pytest.mark.parametrize("broken", [cut, page(status=500), page(status=502), page(status=504)])
def test_lost_answer_to_a_push_follows_what_the_platform_allows(serve, repeat, error, broken):
    adapter = adapter_of(serve(push=broken), repeat)
    with pytest.raises(error):
        adapter.push(make_parcel("XX-001"))
    adapter.close()


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, NeedsCredentials),
        (403, NeedsCredentials),
        (429, TryLater),
        (503, TryLater),
        (404, BrokenPromise),
        (418, BrokenPromise),
    ],
)
def test_status_becomes_an_error_by_recovery(serve, status, error):
    adapter = adapter_of(serve(push=page(status=status, Retry_After="soon")), "person-decides")
    with pytest.raises(error):
        adapter.push(make_parcel("XX-001"))
    adapter.close()


def lend(*secrets, ends="2999-01-01T00:00:00+00:00"):
    left = list(secrets)
    return lambda handler: page(f'{{"secret":"{left.pop(0)}","ends":"{ends}"}}'.encode())(handler)


def test_secret_is_borrowed_once_and_used_often(serve):
    site = serve(secret=lend(1), push=page())
    adapter = adapter_of(site, signing=Lender())
    for _ in range(3):
        adapter.push(make_parcel("XX-001"))
    assert [path for _, path, *_ in site.asked] == ["/secret", "/push", "/push", "/push"]
    adapter.close()


def test_secret_that_ended_is_borrowed_again(serve):
    site = serve(secret=lend(1, 2, ends="2020-01-01T00:00:00+00:00"), push=page())
    adapter = adapter_of(site, signing=Lender())
    for _ in range(2):
        adapter.push(make_parcel("XX-001"))
    assert [body for _, path, body, *_ in site.asked if path == "/push"] == [b"1", b"2"]
    adapter.close()


@pytest.mark.parametrize("refusal", [page(status=401), page(b'{"expired":1}')])
def test_refused_secret_is_renewed_once_and_no_more(serve, refusal):
    site = serve(secret=lend(1, 2), push=refusal)
    adapter = adapter_of(site, signing=Lender())
    with pytest.raises(NeedsCredentials):
        adapter.push(make_parcel("XX-001"))
    assert [path for _, path, *_ in site.asked] == ["/secret", "/push", "/secret", "/push"]
    adapter.close()


def test_secret_that_cannot_be_fetched_leaves_nothing_unknown(serve):
    adapter = adapter_of(serve(secret=cut), "person-decides", signing=Lender())
    with pytest.raises(TryLater):
        adapter.push(make_parcel("XX-001"))
    adapter.close()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b'{"error":"invalid_client"}', NeedsCredentials),
        (200, b'{"access_token":"","expires_in":60}', BrokenPromise),
        (200, b'{"access_token":"t","expires_in":"60"}', BrokenPromise),
        (200, b"[]", BrokenPromise),
    ],
)
def test_token_answer_that_is_none_is_an_error(status, body, error):
    with pytest.raises(error):
        ClientCredentials("/token").read(Reply(status, JSON, body), {}, datetime.now(UTC))


def test_client_secret_with_odd_characters_is_sent_as_the_standard_says():
    call = ClientCredentials("/token", "a b").ask({"client_id": "社:区", "client_secret": "p:w"}, datetime.now(UTC))
    assert call.headers["Authorization"] == "Basic JUU3JUE0JUJFJTNBJUU1JThDJUJBOnAlM0F3"
    assert call.body == b"grant_type=client_credentials&scope=a+b"
