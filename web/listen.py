"""Listening: whether an address is free, and the server that answers there until it is interrupted."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

__all__ = ["check_free", "serve_until_stopped"]


def check_free(host: str, port: int) -> None:
    """Refuse a port that somebody listens on: the server itself would share it without a word."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"{host}:{port} cannot be listened on ({error.strerror}); "
                "stop the service there, or give another --port"
            ) from error


def serve_until_stopped(
    load: Callable[[], Any],
    name: str,
    *,
    host: str,
    port: int,
    threads: int,
    backlog: int = 512,
    tls: tuple[Path | None, Path | None] | None = None,
) -> None:
    """Serve an application from one process.

    Args:
        load: makes the application, in the process that serves it.
        name: what it is called in the server's messages.
        host: address to listen on.
        port: port.
        threads: how many requests are answered at once.
        backlog: how many connections may wait.
        tls: certificate and key.
    """
    server = Granian(
        name,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=threads,
        backlog=backlog,
        workers_kill_timeout=5,
        log_level=LogLevels.error,
        ssl_cert=tls[0] if tls else None,
        ssl_key=tls[1] if tls else None,
    )
    server.serve(target_loader=load, wrap_loader=False)
