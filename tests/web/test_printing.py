"""Labels straight to printers, labels printed in advance, and what is counted as a print."""

from __future__ import annotations

import io
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from PIL import Image

from custody import label
from custody.containers import manifest_leaf
from custody.event import ZERO, EventType, Field, ItemRef
from custody.merkle import root_of
from db import desk, registration, stock
from labels.printers import PrinterError
from labels.raster import write_png
from labels.trial import trial_digits, trial_drawings, trial_number
from tests.labels.press import parse_zpl, rasterise_pdf
from tests.labels.test_printers import Talker, Zebra
from tests.labels.test_printstate import HEALTHY
from tests.labels.test_render import zxing_texts
from tests.web.conftest import Clock
from tests.web.hands import Hand, acceptance, begin, json_of, seal_of
from web import printing
from web.service import Service

Hands = Callable[[str], Hand]
PRINTER = '[[printer]]\nname = "{name}"\ntitle="Máy quầy 1"\nkind = "tcp"\nhost = "127.0.0.1"\nport = {port}\n{more}'


def name_printer(data: Path, port: int, *, name: str = "quay-1", more: str = "") -> None:
    """Write the administrator's file."""
    (data / "printers.toml").write_text(PRINTER.format(name=name, port=port, more=more), encoding="utf-8")


def prints(clerk: Hand, number: str) -> list[tuple[str, str]]:
    """Format and reason of each print of a number's first label."""
    found = stock.stock_of(clerk.service.engine, number)
    uid = found[0].uid if found else bytes.fromhex(clerk.item(number)["uid"])
    return [(one["format"], one["reason"]) for one in desk.prints_of(clerk.service.engine, uid)]


def test_a_label_goes_straight_to_the_printer_and_is_counted(hand: Hands, data: Path) -> None:
    """The bytes that arrive are the label; a second print wants its reason, as from the browser."""
    clerk, walk, zebra = hand("giaodich1"), begin(hand("giaodich1")), Zebra()
    name_printer(data, zebra.port)
    listed = json_of(clerk.client.get("/api/v1/printers"))
    assert listed == {"printers": [{"name": "quay-1", "title": "Máy quầy 1", "paper": "100x70"}]}

    answer = clerk.client.post(f"/api/v1/labels/{walk.number}/print", json={"printer": "quay-1"})
    zebra.stop()

    assert json_of(answer) == {"printer": "quay-1", "prints": 1}
    assert zxing_texts(parse_zpl(zebra.got)) == {("QRCode", walk.digits), ("Code128", walk.number)}
    assert prints(clerk, walk.number) == [("zpl quay-1", "first print")]


def test_a_second_print_wants_its_reason_wherever_the_first_came_out(
    hand: Hands, data: Path, clock: Clock
) -> None:
    """Two prints of one label are two envelopes that look alike."""
    clerk, walk, zebra = hand("giaodich1"), begin(hand("giaodich1")), Zebra()
    name_printer(data, zebra.port)
    clerk.client.get(f"/labels/{walk.number}.pdf")
    clock.now_ms += 20 * 60_000
    address, body = f"/api/v1/labels/{walk.number}/print", {"printer": "quay-1"}
    refused = clerk.client.post(address, json=body)
    assert (refused.status_code, json_of(refused)["code"]) == (409, "reprint")
    again = clerk.client.post(address, json=body | {"reason": "kẹt giấy"})
    zebra.stop()
    assert json_of(again)["prints"] == 2
    assert prints(clerk, walk.number) == [("pdf", "first print"), ("zpl quay-1", "kẹt giấy")]


def test_a_printer_that_is_off_is_said_and_not_counted(hand: Hands, data: Path) -> None:
    """The clerk reads what to do, and may print elsewhere without a reason."""
    clerk, walk = hand("giaodich1"), begin(hand("giaodich1"))
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = int(server.getsockname()[1])
    name_printer(data, port)
    answer = clerk.client.post(f"/api/v1/labels/{walk.number}/print", json={"printer": "quay-1"})
    assert (answer.status_code, json_of(answer)["code"]) == (503, "printer")
    assert "Máy quầy 1" in json_of(answer)["detail"]
    assert prints(clerk, walk.number) == []


@pytest.mark.parametrize("code", ["printer-off", "printer-refused", "printer-queue", "printer-broke-off"])
@pytest.mark.parametrize("may_be_printed", [False, True])
def test_what_may_be_printed_is_counted(
    hand: Hands, data: Path, monkeypatch: pytest.MonkeyPatch, code: str, *, may_be_printed: bool
) -> None:
    """A part of a label on the floor is a label."""
    clerk, walk = hand("giaodich1"), begin(hand("giaodich1"))
    name_printer(data, 9)

    def fail(_: object) -> None:
        raise PrinterError("x", code=code, may_be_printed=may_be_printed)

    monkeypatch.setattr(printing, "open_printer", fail)
    answer = clerk.client.post(f"/api/v1/labels/{walk.number}/print", json={"printer": "quay-1"})
    assert answer.status_code == 503
    assert len(prints(clerk, walk.number)) == int(may_be_printed)


def test_how_a_printer_is_is_said_in_words(hand: Hands, data: Path) -> None:
    """Paper out and off are two different things to do; which printers there are is the office's own."""
    clerk = hand("giaodich1")
    made = Talker(HEALTHY.replace(b"030,0,0", b"030,1,0"))
    name_printer(data, made.port)
    answer = clerk.client.get("/api/v1/printers/quay-1/state")
    made.stop()
    assert json_of(answer) == {"state": "trouble", "words": ["Máy in hết giấy."]}
    off = json_of(clerk.client.get("/api/v1/printers/quay-1/state"))
    assert off["state"] == "off"
    assert "Máy quầy 1" in off["words"][0]
    assert clerk.client.get("/api/v1/printers/quay-9/state").status_code == 404
    assert hand("vanthu1").client.get("/api/v1/printers/quay-1/state").status_code == 403


@pytest.mark.parametrize("more,name", [("offices = [1]", "quay-1"), ("", "other"), ("colour = 1", "quay-1")])
def test_only_printers_of_the_office_take_labels(hand: Hands, data: Path, more: str, name: str) -> None:
    """No request names an address, another office's printer, or one in a file with a fault."""
    clerk, walk = hand("giaodich1"), begin(hand("giaodich1"))
    name_printer(data, 9, more=more)
    answer = clerk.client.post(f"/api/v1/labels/{walk.number}/print", json={"printer": name})
    assert answer.status_code in {404, 503}
    assert prints(clerk, walk.number) == []
    assert clerk.client.get(f"/items/{walk.number}").status_code == 200


@pytest.mark.parametrize("query,height_mm", [("", 70), ("?layout=100x50", 50)])
def test_a_label_comes_in_the_size_that_is_asked_for(hand: Hands, query: str, height_mm: float) -> None:
    """An office has one roll, another the other."""
    walk = begin(hand("giaodich1"))
    answer = hand("giaodich1").client.get(f"/labels/{walk.number}.pdf{query}")
    (page,) = rasterise_pdf(answer.data, 203)
    assert page.shape[0] == pytest.approx(height_mm * 8, abs=1)
    assert hand("giaodich1").client.get(f"/labels/{walk.number}.pdf?layout=bag").status_code == 400


# -- labels printed in advance ------------------------------------------------------------------------------


def made_stock(clerk: Hand, count: int = 3, kind: str = "item") -> list[stock.Stock]:
    """Labels printed in advance at the clerk's office."""
    answer = clerk.client.post("/labels/stock", data={"count": count, "kind": kind})
    assert answer.status_code == 302
    batch = answer.location.partition("#")[2]
    return stock.LABELS.free(clerk.service.engine, clerk.office, batch)


def registered(clerk: Hand, issued: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Sign the REGISTER that the service asks for."""
    extra = {int(key): value_of(value) for key, value in issued["register"].items()}
    fresh = {"uid": issued["uid"], "seq": -1, "head": ZERO.hex()}
    return clerk.act(EventType.REGISTER, fresh, extra | changes)


def value_of(value: Any) -> Any:
    """Bytes for hex."""
    if isinstance(value, str):
        return bytes.fromhex(value)
    return [value_of(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("form", ["digits", "number"])
def test_the_first_scan_binds_a_label_printed_in_advance(hand: Hands, form: str) -> None:
    """REGISTER carries that very label, signed without a seal, and the seal beside it; nothing is held."""
    clerk = hand("giaodich1")
    one = made_stock(clerk)[1]
    made = label.parse_label(one.label)
    assert made.seal_commitment == label.UNSEALED
    scanned = made.digits if form == "digits" else "zk " + made.number[2:]

    issued = json_of(clerk.client.post("/api/v1/labels", json=acceptance(stock=scanned)))
    result = registered(clerk, issued)

    assert (issued["number"], issued["digits"]) == (made.number, made.digits)
    assert (result["status"], result["findings"]) == ("stored", [])
    item = clerk.item(made.number)
    assert (item["verdict"], item["held"]) == ("INTACT", False)
    assert item["seal_commitment"] == seal_of(made.digits, "NP 123456").hex()
    assert registration.open_mismatches(clerk.service.engine) == []
    assert [b.bound for b in stock.LABELS.batches(clerk.service.engine, clerk.office)] == [1]


def test_another_seal_than_the_typed_one_is_held(hand: Hands) -> None:
    """The label binds no seal here, so the acceptance must: a device that signs another is found out."""
    clerk = hand("giaodich1")
    one = made_stock(clerk)[0]
    issued = json_of(clerk.client.post("/api/v1/labels", json=acceptance(stock=one.number)))
    other = seal_of(issued["digits"], "XX9999")
    result = clerk.act(
        EventType.REGISTER,
        {"uid": issued["uid"], "seq": -1, "head": ZERO.hex()},
        {int(key): value_of(value) for key, value in issued["register"].items()} | {Field.SEAL: [other, 0]},
    )
    assert result["status"] == "stored"
    assert [one.fields for one in registration.open_mismatches(clerk.service.engine)] == [("seal",)]


def test_a_label_that_was_never_registered_stays_nobodys(hand: Hands, app: Flask) -> None:
    """L05: genuinely signed, and still no item; the raw record says so, the counter's page does not know it."""
    clerk = hand("giaodich1")
    one = made_stock(clerk)[0]
    digits = label.parse_label(one.label).digits
    clerk.client.post(
        "/api/v1/scans", json={"text": digits, "format": "QRCode", "method": 1, "outcome": "ok"}
    )
    service: Service = app.extensions["tram"]
    (scan,) = desk.forged_scans(service.engine, since_ms=0)
    assert (scan.outcome, scan.uid) == ("not-registered", one.uid)
    assert clerk.client.get(f"/api/v1/items/{one.number}").status_code in {403, 404}


def why(clerk: Hand, text: str) -> str:
    """What the counter says of a label."""
    answer = clerk.client.post("/api/v1/labels", json=acceptance(stock=text))
    assert answer.status_code == 422, json_of(answer)
    (error,) = json_of(answer)["errors"]
    assert error["field"] == "stock"
    message: str = error["message"]
    return message


def test_what_cannot_be_bound_is_refused_with_its_reason(hand: Hands) -> None:
    """Bound, struck off, taken by a colleague, another office's, a bag's, unknown, misread, another label."""
    clerk, colleague, elsewhere = hand("giaodich1"), hand("giaodich2"), hand("giaodich3")
    bound, void, taken, mine, other = made_stock(clerk, 5)
    registered(clerk, json_of(clerk.client.post("/api/v1/labels", json=acceptance(stock=bound.number))))
    clerk.client.post("/labels/stock/void", data={"first": void.number, "reason": "rách"})
    assert colleague.office == clerk.office
    colleague.client.post("/api/v1/labels", json=acceptance(stock=taken.number))
    (bag,) = made_stock(clerk, 1, "bag")
    digits = label.parse_label(mine.label).digits
    site = clerk.service.site
    forged = label.issue_label(
        number=other.number, instance=0, day=1, nonce=bytes(6), kid4=bytes(4), seal_commitment=bytes(8),
        seed=site.label_key().seed,
    )  # fmt: skip

    said = [
        why(clerk, text) for text in (bound.number, void.number, taken.number, bag.number, "ZK000000005VN")
    ]
    said += [why(clerk, digits[:-1]), why(clerk, forged.digits)]
    if elsewhere.office != clerk.office:
        said.append(why(elsewhere, mine.number))

    assert len(set(said)) == len(said)
    assert all(said)
    again = clerk.client.post("/api/v1/labels", json=acceptance(stock=mine.number))
    twice = clerk.client.post("/api/v1/labels", json=acceptance(stock=mine.number))
    assert (again.status_code, twice.status_code) == (200, 200)  # the same clerk begins anew


def test_a_refused_form_takes_no_label(hand: Hands) -> None:
    """The label stays free for the next envelope."""
    clerk = hand("giaodich1")
    one = made_stock(clerk)[0]
    answer = clerk.client.post("/api/v1/labels", json=acceptance(stock=one.number, mass_g=0))
    assert answer.status_code == 422
    assert desk.draft_of(clerk.service.engine, one.number) is None


def test_stock_is_printed_on_sheets_from_the_free_place_and_counted(hand: Hands, data: Path) -> None:
    """The first print needs no reason, the second does; what is bound or struck off is left out."""
    clerk = hand("giaodich1")
    made = made_stock(clerk, 9)
    batch = made[0].number
    address = f"/labels/stock/{batch}/print"
    first = clerk.client.post(address, data={"paper": "a4-105x74", "start": 7})
    pages = rasterise_pdf(first.data, 203)
    assert [len(zxing_texts(page)) for page in pages] == [2 * 2, 2 * 7]
    assert clerk.client.post(address, data={"paper": "a4"}).status_code == 409
    clerk.client.post(
        "/labels/stock/void", data={"first": made[0].number, "last": made[6].number, "reason": "ướt"}
    )
    zebra = Zebra()
    name_printer(data, zebra.port, more='paper = "100x50"')
    again = clerk.client.post(address, data={"printer": "quay-1", "reason": "mực nhòe"})
    zebra.stop()
    assert again.status_code == 302
    assert zebra.got.count(b"^XA") == 2
    assert prints(clerk, made[8].number) == [("pdf", "stock"), ("zpl quay-1", "mực nhòe")]
    assert prints(clerk, batch) == [("pdf", "stock")]
    page = clerk.client.get("/labels/stock").text
    assert batch in page.replace(" ", "")


@pytest.mark.parametrize(
    "path,form",
    [
        ("/labels/stock", {"count": 0}),
        ("/labels/stock", {"count": 201}),
        ("/labels/stock/void", {"first": "ZK000000005VN", "reason": "x y z"}),
        ("/labels/stock/void", {"first": "ZK000000005VN", "reason": ""}),
        ("/labels/stock/ZK000000005VN/print", {"paper": "a4"}),
    ],
)
def test_what_makes_no_sense_is_refused(hand: Hands, path: str, form: dict[str, Any]) -> None:
    """In words, and without a number taken."""
    assert hand("giaodich1").client.post(path, data=form).status_code in {400, 409}


def test_stock_is_for_those_who_issue(hand: Hands) -> None:
    """A courier has no use for signed blanks."""
    for path in ("/labels/stock", "/labels/test"):
        assert hand("buuta1").client.get(path).status_code == 403
    assert hand("buuta1").client.post("/labels/stock", data={"count": 1}).status_code == 403
    assert (
        hand("vanthu1").client.get("/api/v1/printers").status_code == 403
    )  # a courier prints labels of bags


# -- the test page ------------------------------------------------------------------------------------------


def test_the_test_page_is_offered_for_every_paper_and_sent_to_a_printer(hand: Hands, data: Path) -> None:
    """And it is no print of a label."""
    clerk, zebra = hand("giaodich1"), Zebra()
    name_printer(data, zebra.port)
    page = clerk.client.get("/labels/test").text
    for paper in ("a4", "100x70", "100x50", "bag"):
        assert f"test.pdf?paper={paper}" in page
        assert clerk.client.get(f"/labels/test.pdf?paper={paper}").data.startswith(b"%PDF")
    assert clerk.client.get("/labels/test.zpl?paper=100x50&dpi=300").data.startswith(b"^XA")
    assert clerk.client.get("/labels/test.zpl?paper=a4").status_code == 400
    assert clerk.client.post("/labels/test", data={"printer": "quay-1"}).status_code == 302
    zebra.stop()
    assert zebra.got.count(b"^XA") == 7
    assert "Máy quầy 1" in page


def test_a_picture_of_the_test_page_says_which_sizes_are_read(hand: Hands) -> None:
    """The service's own decoder reads the page's codes out of a picture of the whole."""
    png = write_png(trial_drawings("a4")[0], 150)
    picture = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("L").save(picture, "JPEG", quality=85)
    picture.seek(0)
    answer = hand("giaodich1").client.post("/api/v1/decode", data={"image": (picture, "page.jpg")})
    texts = {symbol["text"] for symbol in json_of(answer)["symbols"]}
    assert {trial_digits(0.875), trial_digits(0.75), trial_number(0.375)} <= texts


def test_a_closed_bag_is_printed_with_its_count_and_the_office_that_opens_it(hand: Hands) -> None:
    """The label is of stock, bound by the CLOSE; where it goes the printing person says, for the log does not."""
    clerk = hand("giaodich1")
    (one,) = made_stock(clerk, 1, "bag")
    made = label.parse_label(one.label)
    walks = [begin(clerk), begin(clerk)]
    items = [clerk.item(walk.number) for walk in walks]
    refs = [ItemRef(bytes.fromhex(i["uid"]), i["seq"] + 1, bytes.fromhex(i["head"])) for i in items]
    leaves = [manifest_leaf(ref, bytes(16)) for ref in refs]
    closed = clerk.act(
        EventType.CLOSE,
        {"uid": made.uid.hex(), "seq": -1, "head": ZERO.hex()},
        {
            Field.LABEL_RAW: made.raw,
            Field.SEAL: [seal_of(made.digits, "T1"), 0],
            Field.MANIFEST: [root_of(leaves), len(leaves)],
        },
    )
    assert closed["status"] == "stored", closed
    address = f"/labels/{made.number}.pdf"

    assert clerk.client.get(address).status_code == 400
    answer = clerk.client.get(f"{address}?destination={clerk.office}")

    (page,) = rasterise_pdf(answer.data, 203)
    assert zxing_texts(page) == {("QRCode", made.digits), ("Code128", made.number)}
    assert page.shape[0] == pytest.approx(150 * 8, abs=1)
    assert 'name="destination"' in clerk.client.get(f"/items/{made.number}").text
    assert clerk.client.get(f"{address}?destination={clerk.office}&layout=100x70").status_code == 400
