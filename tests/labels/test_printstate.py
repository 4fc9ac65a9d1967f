"""What printers say of themselves, as their makers write it down."""

import pytest

from labels.printstate import TROUBLES, StateError, read_host_status, read_lpstat

HEALTHY = (
    b"\x02030,0,0,0560,000,0,0,0,000,0,0,0\x03\r\n"
    b"\x02001,0,0,0,1,2,6,0,00000000,1,000\x03\r\n"
    b"\x021234,0\x03\r\n"
)


def _with(string: int, field: int) -> bytes:
    rows = [row.strip(b"\r\n").split(b",") for row in HEALTHY.replace(b"\x02", b"").split(b"\x03")[:2]]
    rows[string][field] = b"1"
    return b"".join(b"\x02" + b",".join(row) + b"\x03\r\n" for row in rows)


def test_a_printer_that_is_well_names_no_trouble() -> None:
    """The third string is a password and is not read."""
    assert read_host_status(HEALTHY) == ()


@pytest.mark.parametrize(
    "string, field, trouble",
    [
        (0, 1, "paper"),
        (0, 2, "paused"),
        (0, 5, "full"),
        (0, 9, "memory"),
        (0, 10, "cold"),
        (0, 11, "hot"),
        (1, 2, "cover"),
        (1, 3, "ribbon"),
    ],
)
def test_each_flag_of_the_guide_is_its_trouble(string: int, field: int, trouble: str) -> None:
    """ZPL II Programming Guide, ~HS: b, c, f, j, k, l of the first string, o and p of the second."""
    assert read_host_status(_with(string, field)) == (trouble,)


@pytest.mark.parametrize("field", [3, 4, 6, 7, 8])
def test_what_is_no_trouble_is_not_called_one(field: int) -> None:
    """Label length, labels waiting, a format on its way: all is well."""
    assert read_host_status(_with(0, field)) == ()


@pytest.mark.parametrize(
    "answer", [b"", b"\x02", b"\x02030,0,0\x03\r\n", HEALTHY[:40], b"HTTP/1.1 400 Bad Request"]
)
def test_another_answer_is_no_state(answer: bytes) -> None:
    """A printer of another make, or half an answer: not known, never well."""
    with pytest.raises(StateError):
        read_host_status(answer)


@pytest.mark.parametrize(
    "text, troubles",
    [
        ("printer Q is idle.  enabled since today\n\tAlerts: none", ()),
        ("printer Q is idle.  enabled since today\n\tDescription: Alerts: media-empty\n\tAlerts: none", ()),
        ("printer Q now printing Q-12.  enabled since today\n\tAlerts: toner-low-report", ()),
        ("printer Q is idle.  enabled since today\n\tAlerts: media-empty-error", ("paper",)),
        ("printer Q disabled since today -\n\treason unknown", ("paused",)),
        ("printer Q disabled since today -\n\tPaused\n\tAlerts: paused", ("paused",)),
        ("printer Q disabled since today -\n\tx\n\tAlerts: media-jam-error cover-open", ("cover", "jam")),
        ("printer Q is idle.  enabled since today\n\tWaiting\n\tAlerts: offline-report", ("offline",)),
        ("printer Q is holding new jobs.  enabled since today\n\tAlerts: hold-new-jobs", ("paused",)),
    ],
)
def test_a_queue_is_read_by_its_first_line_and_its_alerts(text: str, troubles: tuple[str, ...]) -> None:
    """`lpstat -l -p`, in the C locale; what an administrator called the queue is not read."""
    assert read_lpstat(text) == troubles
    assert set(troubles) <= set(TROUBLES)


@pytest.mark.parametrize("text", ["", "lpstat: Bad file descriptor", "scheduler is running"])
def test_what_describes_no_queue_is_no_state(text: str) -> None:
    """Not known, never well."""
    with pytest.raises(StateError):
        read_lpstat(text)
