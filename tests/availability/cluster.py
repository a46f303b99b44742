"""Three PostgreSQL nodes under Patroni in strict synchronous mode, with etcd, all on this machine and ended with it."""

import json
import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from postgres import find_programs, unprivileged

from workbench.faults.town import children_of, wait_for
from workbench.testing.ports import free_port

#: Seconds after which a leader that says nothing is replaced, and between two looks of Patroni.
TTL, LOOP = 20, 5
NODES, ROLES = 3, ["primary", "replica", "replica"]
DATABASE = "workbench"


@dataclass
class Node:
    """One PostgreSQL server and its Patroni."""

    name: str
    folder: Path
    port: int
    rest: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def everything(self) -> list[int]:
        """List the processes of the node: Patroni, the server, its children."""
        found = [self.process.pid, *children_of(self.process.pid)] if self.process else []
        with suppress(FileNotFoundError):
            server = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
            found += [server, *children_of(server)]
        return found

    def signal(self, number: int) -> None:
        """Send a signal to everything of the node."""
        for pid in self.everything:
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def ask(self, path: str, order: dict[str, Any] | None = None, *, timeout: float = 3) -> Any:
        """Ask Patroni's own interface; None when it does not answer."""
        body = json.dumps(order).encode() if order else None
        asked = Request(f"http://127.0.0.1:{self.rest}{path}", body, {"Content-Type": "application/json"})
        with suppress(OSError, URLError, ValueError), urlopen(asked, timeout=timeout) as answer:
            said = answer.read().decode()
            return said if order else json.loads(said)
        return None


@dataclass
class Cluster:
    """The nodes and their etcd."""

    folder: Path
    owner: list[str]
    etcd_port: int
    nodes: list[Node]
    etcd: "subprocess.Popen[bytes] | None" = None
    programs: Path = field(default_factory=lambda: find_programs() or Path("/usr/bin"))

    @property
    def url(self) -> str:
        """Give the URL that names all nodes; whoever leads is written to."""
        hosts = "&".join(f"host=127.0.0.1:{node.port}" for node in self.nodes)
        return f"postgresql+psycopg://postgres@/{DATABASE}?{hosts}&target_session_attrs=read-write&connect_timeout=3"

    def start(self) -> None:
        """Start everything and wait until there is a leader with a synchronous standby."""
        peer = f"http://127.0.0.1:{free_port()}"
        client = f"http://127.0.0.1:{self.etcd_port}"
        named = ["--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer]
        named += ["--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}"]
        self.etcd = self._run(["etcd", "--enable-v2=true", "--data-dir", self.folder / "etcd", *named], "etcd")
        for node in self.nodes:
            self.start_node(node)
        wait_for(self.is_whole, 180, "a leader and two standbys")

    def start_node(self, node: Node) -> None:
        """Start one node, again after it was killed."""
        file = self.folder / f"{node.name}.json"
        file.write_text(json.dumps(self._config(node)))
        node.process = self._run(["patroni", file], node.name)

    def _run(self, command: list[Any], name: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen([*self.owner, *command], stdout=log, stderr=log, start_new_session=True)

    def _config(self, node: Node) -> dict[str, Any]:
        """Write what Patroni is told; JSON is YAML too."""
        settings = {
            "ttl": TTL,
            "loop_wait": LOOP,
            "retry_timeout": 5,
            "synchronous_mode": True,
            "synchronous_mode_strict": True,
            "postgresql": {"use_pg_rewind": True, "parameters": {"max_connections": 200, "wal_log_hints": "on"}},
        }
        trusted = ["local all all trust", "host all all 127.0.0.1/32 trust", "host replication all 127.0.0.1/32 trust"]
        account = {"password": "cluster"}
        return {
            "scope": "workbench",
            "name": node.name,
            "etcd": {"host": f"127.0.0.1:{self.etcd_port}"},
            "restapi": {"listen": f"127.0.0.1:{node.rest}", "connect_address": f"127.0.0.1:{node.rest}"},
            "bootstrap": {"dcs": settings, "initdb": [{"encoding": "UTF8"}, {"auth": "trust"}], "pg_hba": trusted},
            "postgresql": {
                "listen": f"127.0.0.1:{node.port}",
                "connect_address": f"127.0.0.1:{node.port}",
                "data_dir": str(node.folder / "data"),
                "bin_dir": str(self.programs),
                "pg_hba": trusted,
                "pgpass": str(node.folder / "pgpass"),
                "authentication": {
                    "superuser": account | {"username": "postgres"},
                    "replication": account | {"username": "replicator"},
                    "rewind": account | {"username": "rewinder"},
                },
                "parameters": {"unix_socket_directories": str(node.folder)},
            },
        }

    def members(self) -> list[dict[str, Any]]:
        """List the members as the first node that answers sees them."""
        for node in self.nodes:
            if found := node.ask("/cluster"):
                return list(found["members"])
        return []

    def leader(self) -> Node | None:
        """Give the node that leads, if there is one."""
        for node in self.nodes:
            said = node.ask("/patroni")
            if said and said.get("role") in ("master", "primary") and said.get("state") == "running":
                return node
        return None

    def is_whole(self) -> bool:
        """Tell whether one leads and all others follow, one of them synchronously: each node says so itself."""
        own = [node.ask("/patroni") or {} for node in self.nodes]
        if sorted(said.get("role", "").replace("master", "primary") for said in own) != ROLES:
            return False  # a leader that was frozen may still believe that it leads
        seen = [member["role"] for member in self.members() if member["state"] in ("running", "streaming")]
        return len({said.get("timeline") for said in own}) == 1 and len(seen) == NODES and "sync_standby" in seen

    def switch_over(self) -> None:
        """Hand the lead over, as an admin does before maintenance."""
        leader = self.leader()
        if leader is None:
            raise LookupError("nobody leads")
        sync = next(member["name"] for member in self.members() if member["role"] == "sync_standby")
        leader.ask("/switchover", {"leader": leader.name, "candidate": sync}, timeout=60)

    def close(self) -> None:
        """End everything that was started here."""
        for node in self.nodes:
            node.signal(signal.SIGCONT)
            node.signal(signal.SIGKILL)
        if self.etcd:
            self.etcd.kill()
        for process in (self.etcd, *(node.process for node in self.nodes)):
            if process:
                process.wait(30)
        time.sleep(0.5)
        shutil.rmtree(self.folder, ignore_errors=True)


def make_cluster(folder: Path) -> Cluster:
    """Prepare three nodes below a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    owner = unprivileged(folder)
    nodes = []
    for number in range(1, NODES + 1):
        home = folder / f"node{number}"
        home.mkdir(mode=0o700)
        if owner:
            shutil.chown(home, owner[1].partition("=")[2])
        nodes.append(Node(f"node{number}", home, free_port(), free_port()))
    return Cluster(folder, owner, free_port(), nodes)
