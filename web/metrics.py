"""Figures for Prometheus; no name, number or office is ever a label (metadata is sensitive)."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

__all__ = ["APPENDED", "LATENCY", "LOG_SIZE", "REGISTRY", "REQUESTS"]

REGISTRY = CollectorRegistry()
REQUESTS = Counter("tram_requests_total", "Requests by status class", ["status"], registry=REGISTRY)
LATENCY = Histogram("tram_request_seconds", "Time of a request", registry=REGISTRY)
APPENDED = Counter("tram_entries_total", "Entries by what became of them", ["status"], registry=REGISTRY)
LOG_SIZE = Gauge("tram_log_size", "Entries in the log", registry=REGISTRY)
