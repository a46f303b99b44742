"""The twin as an application: routes and gate in one file, as one would write it by hand."""

import secrets
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, abort, g, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from ...catalogue.dictionary import load_dictionary
from ...identity.passwords import matches
from ...people.sensitivity import set_sensitivity
from ...settings import Settings
from ...store.ids import new_id
from . import accepting, case_page, finding, form_page, home_page, picker
from .database import Database
from .duties import Caller, Duties, stamp
from .matter import Matter

SESSION, FORM = "twin_session", "twin_form"
END_ALL = (
    "UPDATE sign_in SET ended_at = ?, ended_reason = 'signed in at another screen' "
    "WHERE worker_id = ? AND ended_at IS NULL"
)
START = (
    "INSERT INTO sign_in (token_digest, worker_id, sid, way, provider_id, provider_subject, provider_sid, created_at, "
    "seen_at, ended_reason) VALUES (?, ?, ?, 'local', '', '', '', ?, ?, '')"
)


def make_twin(settings: Settings) -> Flask:
    """Make the twin over the database of an installation."""
    app = Flask(__name__)
    keys = settings.keys()
    database = Database(settings.instance / "workbench.db")
    duties, matter = Duties(database, keys), Matter(database)
    set_sensitivity(load_dictionary().is_sensitive)
    app.extensions["twin"] = database
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    _install_gate(app, duties)
    _sign_in(app, database, duties)
    _screens(app, database, duties, matter)
    return app


def _install_gate(app: Flask, duties: Duties) -> None:
    @app.before_request
    def gate() -> AnyResponse | None:
        g.form_cookie = request.cookies.get(FORM) or secrets.token_hex(16)
        g.form_token = duties.token_of(g.form_cookie)
        if request.method == "POST" and not duties.is_own_form(
            request.cookies.get(FORM, ""), request.form.get("csrf_token", "")
        ):
            abort(400)
        if request.endpoint in ("sign_in", "enter"):
            return None
        found = duties.find_caller(request.cookies.get(SESSION, ""), (request.view_args or {}).get("hub", ""))
        if found is None:
            return redirect("/sign-in", 303)
        g.caller = found
        return None

    @app.after_request
    def keep_cookie(response: Response) -> Response:
        if FORM not in request.cookies:
            response.set_cookie(FORM, g.form_cookie, httponly=True, samesite="Lax")
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.context_processor
    def common() -> dict[str, Any]:
        return {"who": g.get("caller"), "form_token": g.form_token}


def _sign_in(app: Flask, database: Database, duties: Duties) -> None:
    @app.get("/sign-in")
    def sign_in() -> str:
        return render_template("sign_in.html")

    @app.post("/sign-in")
    def enter() -> AnyResponse | Response:
        import hashlib

        username, now = request.form["username"], datetime.now(UTC)
        buckets = [duties.keys.mark("sign_in.name", username), duties.keys.mark("sign_in.address", "127.0.0.1")]
        tried = database.all("SELECT failures FROM sign_in_attempt WHERE bucket IN (?, ?)", buckets)
        row = database.one("SELECT id, name, password_hash FROM worker WHERE username = ? AND is_active", (username,))
        if any(count >= 8 for (count,) in tried) or not row or not matches(request.form["password"], row[2]):
            return Response(render_template("sign_in.html", wrong=True), 422)
        token = secrets.token_urlsafe(32)
        with database.writing():
            database.change(END_ALL, (stamp(now), row[0]))
            database.change(START, (hashlib.sha256(token.encode()).digest(), row[0], new_id(), stamp(now), stamp(now)))
            duties.record(_nobody_at(row[0], username, row[1]), "sign-in", subject="local")
        response = redirect("/", 303)
        response.set_cookie(SESSION, token, httponly=True, samesite="Lax")
        return response


def _nobody_at(worker_id: str, username: str, name: str) -> Caller:
    from ...api.nouns import Worker

    return Caller(Worker(worker_id, username, name), "", "", "", 0)


def _screens(app: Flask, database: Database, duties: Duties, matter: Matter) -> None:
    @app.get("/h/<hub>/")
    def home(hub: str) -> Response | str:
        return _need("board") or home_page.show(database, duties, matter, g.caller)

    @app.post("/h/<hub>/search")
    def search(hub: str) -> Response | str:
        return _need("search") or finding.show(database, duties, matter, g.caller, request.form["q"].strip()[:100])

    @app.get("/h/<hub>/people/<person_id>/items")
    def items(hub: str, person_id: str) -> Response | str:
        return _need("accept") or picker.show(database, duties, matter, g.caller, person_id)

    @app.get("/h/<hub>/cases/<case_id>/form")
    def form(hub: str, case_id: str) -> Response | str:
        return _need("accept") or form_page.show(database, duties, matter, g.caller, case_id)

    @app.post("/h/<hub>/cases/<case_id>/accept")
    def accept(hub: str, case_id: str) -> AnyResponse | Response:
        if refused := _need("accept"):
            return refused
        accepting.accept(database, duties, matter, g.caller, case_id, request.form.get("accept_key", ""))
        return redirect(f"/h/{hub}/cases/{case_id}/receipt", 303)

    @app.get("/h/<hub>/cases/<case_id>")
    def case(hub: str, case_id: str) -> Response | str:
        return _need("see") or case_page.show(database, duties, matter, g.caller, case_id)


def _need(verb: str) -> Response | None:
    return None if g.caller.may(verb) else Response("", 403)
