"""Practice: the real page over nothing real. What is done there reaches neither the outbox nor the log."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Playwright, expect

from custody.event import EventType, Field
from custody.label import parse_digits
from tests.e2e.hands import Device
from tests.e2e.people import Someone, someone
from tests.e2e.site import Site

pytestmark = pytest.mark.browser

_NET = b"practice"
_KEPT = """async () => {
    const database = await new Promise((resolve, reject) => {
        const request = indexedDB.open("tram");
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    const count = {};
    for (const name of database.objectStoreNames) {
        count[name] = await new Promise((resolve) => {
            const request = database.transaction(name).objectStore(name).getAllKeys();
            request.onsuccess = () => resolve(request.result.map(String).filter((key) => !key.startsWith('tour:')));
        });
    }
    database.close();
    return count;
}"""


def _task(page: Page, name: str, step: str = "on") -> None:
    expect(page.locator(f".course[data-task='{name}'][data-step='{step}']")).to_be_visible()
    expect(page.locator(".practice-band")).to_be_in_viewport()


def _scan(page: Page, which: int = 0) -> None:
    page.locator("[data-scan]").nth(which).click()


def _seal(who: Someone, which: int = 0) -> str:
    """Type what stands on the seal of the envelope that is drawn."""
    shown = who.page.locator(".course .seal-strip b").nth(which).inner_text()
    who.read_seal(shown)
    return shown


def _course(who: Someone) -> None:
    page = who.page
    _task(page, "receive")
    _scan(page)
    who.act("receive")
    _seal(who)
    who.page.locator("#practice .scan .action.primary").click()
    _task(page, "receive", "done")
    page.locator("[data-action=next-task]").click()
    _task(page, "hand-over")
    _scan(page)
    who.act("hand_over")
    page.locator(".person").first.click()
    page.locator("#practice .scan .action.primary").click()
    _task(page, "hand-over", "done")
    page.locator("[data-action=next-task]").click()


def _wrong_seal(who: Someone) -> None:
    """First signed all the same, which is said to be wrong; then refused, as is right."""
    page = who.page
    _task(page, "wrong-seal")
    _scan(page)
    who.act("receive")
    _seal(who)
    page.locator(".action.danger").click()
    _task(page, "wrong-seal", "wrong")
    page.locator("[data-action=again]").click()
    _task(page, "wrong-seal")
    _scan(page)
    who.act("receive")
    _seal(who)
    page.locator("#practice .scan .action.primary").click()
    page.locator(".pick").first.click()
    page.locator("#practice .scan .action.primary").click()
    _task(page, "wrong-seal", "done")
    page.locator("[data-action=next-task]").click()


def _round(who: Someone) -> None:
    page = who.page
    _task(page, "round")
    page.locator("[data-round=receive]").click()
    for which in range(3):
        _scan(page, which)
        expect(page.locator(f".round[data-done='{which + 1}']")).to_be_visible()
    page.locator("[data-action=go-on]").click()
    for which in range(3):
        expect(page.locator(".seals .count")).to_contain_text(f"{which + 1} / 3")
        page.fill("#seal", page.locator(".course .seal-strip b").nth(which).inner_text())
        page.locator("[data-seal='0']").click()
    page.locator("#practice .scan .action.primary").click()
    _task(page, "round", "done")


def test_the_course_is_walked_with_no_network_and_leaves_nothing(playwright: Playwright, site: Site) -> None:
    """Received, handed over, wrong seal, forged label, a round: nothing of it is kept, sent or asked for."""
    with someone(playwright, site, "buuta1") as learner:
        page = learner.page
        learner.scan()
        expect(page.locator(".scan-bar .place")).to_be_visible()
        before = page.evaluate(_KEPT)
        page.goto(f"{site.url}/practice")
        _task(page, "receive")
        page.context.set_offline(True)
        _course(learner)
        _wrong_seal(learner)
        _task(page, "forged")
        _scan(page)
        _task(page, "forged", "done")
        expect(page.locator(".result[data-tone=bad]")).to_be_visible()
        page.locator("[data-action=next-task]").click()
        _round(learner)
        page.locator("[data-action=next-task]").click()
        expect(page.locator(".course[data-step=over]")).to_be_visible()
        after = page.evaluate(_KEPT)
        page.context.set_offline(False)
    assert {name: after[name] for name in ("keys", "outbox", "receipts")} == {
        name: before[name] for name in ("keys", "outbox", "receipts")
    }
    assert set(after["settings"]) - set(before["settings"]) <= {"practised"}


def test_a_practice_label_is_known_for_what_it_is_in_earnest(playwright: Playwright, site: Site) -> None:
    """It is no forged label to be reported, and no envelope either."""
    with someone(playwright, site, "buuta1") as learner:
        page = learner.page
        page.goto(f"{site.url}/practice")
        digits = page.locator("[data-digits]").first.get_attribute("data-digits")
        assert digits
        assert parse_digits(digits).kid4 == b"PRAC"
        learner.wedge(digits)
        expect(page.locator(".result[data-tone=info]")).to_contain_text("Nhãn thực hành")
        expect(page.locator(".reported")).to_have_count(0)


def test_the_service_refuses_an_event_of_practice(site: Site) -> None:
    """Signed for the network of practice, even by a certified key of a real holder: E07, and not in the log."""
    clerk = Device(site, "giaodich1")
    item = clerk.accept("VP1001")
    offer = {Field.OFFEREE: clerk.id, Field.EXPIRY: 60}
    raw = clerk.sign(EventType.OFFER, clerk.item(item.number), offer, net=_NET)
    (result,) = clerk.send(raw)

    assert (result["status"], result["index"]) == ("refused", None)
    assert result["error"]["code"] == "E07"
    assert clerk.item(item.number)["state"] == "HELD"


def test_the_walk_is_offered_once_and_ends_with_the_first_read(playwright: Playwright, site: Site) -> None:
    """Refused, it is offered no more to that person; from the menu it comes again, and no read waits for it."""
    item = Device(site, "giaodich1").accept("VP1002")
    with someone(playwright, site, "giaodich1") as clerk:
        page = clerk.page
        clerk.scan()
        page.locator("[data-action=no-tour]").click()
        clerk.scan()
        expect(page.locator("[data-round=hand_over]")).to_be_visible()
        expect(page.locator("[data-action=no-tour]")).to_have_count(0)
        page.locator(".menu > summary").click()
        page.locator('.menu a[href="/scan?tour"]').click()
        page.locator("[data-action=tour-next]").click()
        expect(page.locator(".tour-target")).to_have_count(1)
        page.keyboard.type(item.digits)
        page.keyboard.press("Enter")
        expect(page.locator("[data-action=hand_over]")).to_be_visible()
        expect(page.locator(".tour")).to_have_count(0)
