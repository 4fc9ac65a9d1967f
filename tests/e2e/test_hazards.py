"""What must not happen by a reader's keys, another tab, a lost network or a question left open."""

from __future__ import annotations

import re

from playwright.sync_api import Dialog, Page, Playwright, Request, expect

from tests.e2e.people import Someone, someone
from tests.e2e.site import PASSWORD, Site


def _digits(who: Someone, number: str) -> str:
    digits: str = who.page.request.get(f"{who.site.url}/api/v1/items/{number}").json()["label"]["digits"]
    return digits


def _state(who: Someone, number: str) -> str:
    state: str = who.page.request.get(f"{who.site.url}/api/v1/items/{number}").json()["state"]
    return state


def _choose_taker(who: Someone, login: str) -> None:
    who.act("hand_over")
    who.page.fill(".search", who.names[login])
    who.page.locator(".person", has_text=who.names[login]).first.click()
    expect(who.page.locator(".step h2")).to_be_focused()


def test_a_reader_amid_the_questions_signs_nothing(playwright: Playwright, site: Site) -> None:
    """Digits and Enter, an Enter held or struck twice: heard and said, but no handover."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN002001")
        digits = _digits(clerk, number)
        clerk.wedge(digits)
        _choose_taker(clerk, "buuta1")
        clerk.page.keyboard.press("Enter")
        clerk.page.wait_for_timeout(800)
        clerk.page.keyboard.press("Enter")
        expect(clerk.page.locator(".step h2")).to_be_visible()
        clerk.page.keyboard.type(digits, delay=1)
        clerk.page.keyboard.press("Enter")
        expect(clerk.page.locator(".not-now")).to_be_visible()
        assert _state(clerk, number) == "HELD"
        clerk.primary()
        clerk.recorded()
        expect(clerk.page.locator(".scan-body .next")).to_contain_text(clerk.names["buuta1"])


def _read_into(person: Someone, field: str, digits: str) -> None:
    """Let a reader type into a field: on a busy machine its keys may come at the pace of a person's, then once more."""
    for _ in range(5):
        person.page.fill(field, "")
        person.page.keyboard.type(digits)
        person.page.keyboard.press("Enter")
        if person.page.locator(".not-now").count():
            return


def test_a_label_read_into_the_seal_is_taken_out_again(playwright: Playwright, site: Site) -> None:
    """The seal is typed by a person; the envelope's own label or number is no seal."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN002002")
        digits = _digits(clerk, number)
        clerk.wedge(digits)
        clerk.give_to("buuta1")
    with someone(playwright, site, "buuta1") as courier:
        courier.wedge(digits)
        courier.act("receive")
        expect(courier.page.locator("#seal")).to_be_focused()
        _read_into(courier, "#seal", digits)
        expect(courier.page.locator(".not-now")).to_be_visible()
        expect(courier.page.locator("#seal")).to_have_value("")
        courier.page.fill("#seal", number)
        courier.page.wait_for_timeout(150)
        courier.page.keyboard.press("Enter")
        expect(courier.page.locator(".step .error")).not_to_be_empty()
        courier.read_seal("VN002002")
        expect(courier.page.locator(".compare")).to_be_focused()


def test_a_tab_of_one_who_signed_out_signs_nothing(playwright: Playwright, site: Site) -> None:
    """Signed out in one tab, the other is covered; a session that ended unseen is found out before a signature."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN002003")
        clerk.page.goto(f"{site.url}/scan#{number}")
        _choose_taker(clerk, "buuta1")
        clerk.page.context.clear_cookies()
        clerk.primary()
        expect(clerk.page.locator(".alarm")).to_contain_text("đăng xuất")
        other = Someone(clerk.page.context.new_page(), site, "giaodich1").page
        assert _state(clerk, number) == "HELD"
        expect(clerk.page.locator("dialog.locked")).to_have_count(0)
        other.locator("details.menu summary").click()
        other.locator("#sign-out button").click()
        expect(clerk.page.locator("dialog.locked")).to_be_visible()


def _fill_but(page: Page, *, marks: bool) -> None:
    keys = page.keyboard
    expect(page.locator("#sender")).to_be_focused()
    for text in ("so tai chinh", "van phong tinh uy", "Nguyễn Thị Văn Thư"):
        keys.type(text)
        keys.press("Enter")
    keys.press("1")
    if marks:
        keys.press("c")
        keys.press("1")


def test_a_question_left_open_is_asked_and_not_taken_as_none(playwright: Playwright, site: Site) -> None:
    """Mark and urgency unanswered: said at the question before anything is sent; Ctrl+Enter works from the error."""
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        page = clerk.page
        sent: list[str] = []
        page.on("request", lambda request: _note(request, sent))
        page.goto(f"{site.url}/counter")
        _fill_but(page, marks=False)
        page.fill("#seal", "VN002004")
        page.fill("#mass_g", "120")
        page.keyboard.press("Control+Enter")
        for name in ("secrecy", "urgency"):
            expect(page.locator(f"[data-error={name}]")).not_to_be_empty()
            tied = page.locator(f"fieldset[data-field={name}]").get_attribute("aria-describedby")
            assert tied == f"{name}-error"
        assert sent == []
        page.locator("button[type=submit]").focus()
        page.keyboard.press("Control+Enter")
        expect(page.locator("[data-error=secrecy]")).not_to_be_empty()
        for name, value in (("secrecy", "3"), ("urgency", "0")):
            page.locator(f"input[name={name}][value='{value}']").check()
        for name in ("declared_sealed", "declared_content", "declared_stamped"):
            page.locator(f"input[name={name}]").check()
        page.locator("button[type=submit]").focus()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#label-result .label-image")).to_be_visible()


def _note(request: Request, sent: list[str]) -> None:
    if request.url.endswith("/api/v1/labels"):
        sent.append(request.url)


def test_no_agency_is_chosen_that_was_not_meant(playwright: Playwright, site: Site) -> None:
    """A name that is not there stays and says so; of several that fit none is taken without an arrow."""
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        page = clerk.page
        page.goto(f"{site.url}/counter")
        sender = page.locator("#sender")
        expect(sender).to_be_focused()
        for text in ("khong co co quan nay", "so"):
            page.fill("#sender", text)
            page.keyboard.press("Enter")
            expect(sender).to_be_focused()
            expect(page.locator("#sender-list .hint")).to_be_visible()
            assert page.locator("select[name=sender]").input_value() == ""
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Enter")
        assert page.locator("select[name=sender]").input_value()


def test_a_label_is_shown_once_the_service_has_the_event(playwright: Playwright, site: Site) -> None:
    """The network is lost right after accepting: no broken picture; a pill waits; the label comes by itself."""
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        page = clerk.page
        page.route("**/api/v1/events", lambda route: route.abort())
        page.goto(f"{site.url}/counter")
        _fill_but(page, marks=True)
        page.fill("#seal", "VN002005")
        page.fill("#mass_g", "120")
        for name in ("declared_sealed", "declared_content", "declared_stamped"):
            page.locator(f"input[name={name}]").check()
        page.keyboard.press("Control+Enter")
        expect(page.locator("#label-result .result[data-tone=info]")).to_be_visible()
        expect(page.locator("#label-result .label-image")).to_have_count(0)
        expect(page.locator("#outbox")).to_be_visible()
        page.unroute("**/api/v1/events")
        expect(page.locator("#label-result .label-image")).to_be_visible()
        expect(page.locator("#outbox")).to_be_hidden()


def test_what_was_typed_outlives_the_session_and_is_not_left_by_mistake(
    playwright: Playwright, site: Site
) -> None:
    """Signed out at the counter: a link to sign in elsewhere, the form kept; another language asks first."""
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        page = clerk.page
        page.goto(f"{site.url}/counter")
        _fill_but(page, marks=True)
        page.fill("#seal", "VN002006")
        page.fill("#mass_g", "120")
        asked: list[str] = []
        page.on("dialog", lambda dialog: _decline(dialog, asked))
        page.locator("details.menu summary").click()
        page.locator("button[name=lang][value=en]").click()
        page.wait_for_timeout(500)
        assert asked == ["beforeunload"]
        page.context.clear_cookies()
        page.locator("details.menu summary").click()
        page.locator("#seal").focus()
        page.keyboard.press("Control+Enter")
        link = page.locator("#acceptance-error a[href='/sign-in'][target=_blank]")
        expect(link).to_be_visible()
        expect(page.locator("#seal")).to_have_value("VN002006")


def _decline(dialog: Dialog, asked: list[str]) -> None:
    asked.append(dialog.type)
    dialog.dismiss()


def test_a_clock_that_is_off_is_said_wherever_one_signs(playwright: Playwright, site: Site) -> None:
    """Ten minutes ahead: the counter says so before the first signature, and so does the scan page."""
    with someone(playwright, site, "giaodich1") as clerk:
        clerk.page.add_init_script("const now = Date.now; Date.now = () => now() + 600_000")
        for path in ("counter", "scan"):
            clerk.page.goto(f"{site.url}/{path}")
            expect(clerk.page.locator(".alarm", has_text="10")).to_be_visible()


def test_a_decision_stands_first_and_a_second_signature_that_does_not_count_is_no_success(
    playwright: Playwright, site: Site
) -> None:
    """On a broken item the supervisor decides; a courier as second signer is recorded, and shown as a finding."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN002007")
        digits = _digits(clerk, number)
        clerk.wedge(digits)
        clerk.give_to("buuta1")
    with someone(playwright, site, "buuta1") as courier:
        courier.wedge(digits)
        courier.act("receive")
        courier.read_seal("VN002008")
        courier.page.locator(".action.danger").click()
        expect(courier.page.locator(".result[data-tone=warn]")).to_be_visible()
    with someone(playwright, site, "kiemsoat1", phone=False) as supervisor:
        page = supervisor.page
        page.goto(f"{site.url}/items/{number}")
        first = page.locator("#item-actions .action").first
        expect(first).to_have_attribute("data-action", "override")
        first.click()
        page.fill("#reason", "đã xem")
        supervisor.primary()
        page.locator(".person").first.click()
        for password in ("sai", PASSWORD):
            page.fill("#witness-login", "buuta1")
            page.fill("#witness-password", password)
            supervisor.primary()
            if password == "sai":
                expect(page.locator("#witness-error")).not_to_be_empty()
        expect(page.locator("#item-actions .result[data-tone=warn]")).to_be_visible()
        expect(page.locator("#item-actions .finding").first).to_be_visible()


def test_a_place_stays_where_it_was_and_colours_change_on_the_spot(
    playwright: Playwright, site: Site
) -> None:
    """A new browser knows its person's place from the first load; the display changes without one."""
    with someone(playwright, site, "vanthu2") as recipient:
        place = recipient.page.locator(".scan-bar .place")
        recipient.scan()
        expect(place).to_be_visible()
        first = place.inner_text()
        recipient.page.reload()
        expect(place).to_have_text(re.compile(re.escape(first.splitlines()[-1])))
        recipient.page.evaluate("window.stays = true")
        recipient.page.locator("details.menu summary").click()
        recipient.page.locator("[data-set-theme=dark]").click()
        expect(recipient.page.locator("html")).to_have_attribute("data-theme", "dark")
        assert recipient.page.evaluate("window.stays") is True
        recipient.page.reload()
        expect(recipient.page.locator("html")).to_have_attribute("data-theme", "dark")
