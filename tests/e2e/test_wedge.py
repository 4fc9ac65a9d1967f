"""A reader that types, in the real page: by place, by the field alone, slow, prefixed, and through an old layout."""

from __future__ import annotations

from playwright.sync_api import Playwright, expect

from tests.e2e.people import Someone, someone
from tests.e2e.site import Site

_LAYOUT = dict(zip("1234567890", "ăâêô\u0300\u0309\u0303\u0301\u0323đ", strict=True))

# what a browser sees of a key that an input method or a layout has: a place, and another character in the field
_HIDDEN_KEYS = """(keys) => {
  const field = document.querySelector('.wedge');
  for (const [key, code, text] of keys) {
    field.dispatchEvent(new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }));
    field.value += text;
    field.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true }));
}"""


def _ready(who: Someone) -> None:
    who.scan()
    expect(who.page.locator(".wedge")).to_be_focused()


def _shows(who: Someone, number: str) -> None:
    """The item's card is there, with its number in groups."""
    grouped = f"{number[:2]} {number[2:6]} {number[6:10]} {number[10]} {number[11:]}"
    expect(who.page.locator(".scan-body")).to_contain_text(grouped)
    expect(who.page.locator(".scan-body [data-action]").first).to_be_attached()


def test_whatever_a_reader_types_is_the_envelope_or_scan_again(playwright: Playwright, site: Site) -> None:
    """The table of scanner/wedge.json, in the page where couriers meet it."""
    with someone(playwright, site, "giaodich1") as clerk:
        number = clerk.accept(seal="VN008001")
        label = clerk.page.request.get(f"{site.url}/api/v1/items/{number}").json()["label"]["digits"]
        keyboard = clerk.page.keyboard

        _ready(clerk)
        keyboard.insert_text(label)  # commits like an input method (Android, DataWedge), and no Enter
        _shows(clerk, number)

        _ready(clerk)
        keyboard.type(label[:100])
        clerk.page.wait_for_timeout(300)  # a slow reader pauses in the middle
        keyboard.type(label[100:])
        keyboard.press("Enter")
        _shows(clerk, number)

        _ready(clerk)
        clerk.page.evaluate(
            _HIDDEN_KEYS, [[_LAYOUT[digit], f"Digit{digit}", _LAYOUT[digit]] for digit in label]
        )
        _shows(clerk, number)

        _ready(clerk)
        clerk.page.evaluate(_HIDDEN_KEYS, [["Process", f"Digit{digit}", ""] for digit in label])
        _shows(clerk, number)

        _ready(clerk)
        keyboard.insert_text("\u01afC0" + "".join(_LAYOUT.get(key, key) for key in number) + "\n")
        keyboard.press("Enter")
        _shows(clerk, number)  # the register has the one number that it can be

        _ready(clerk)
        keyboard.insert_text(f"{number[:2]}\u00f4{number[4:]}")
        keyboard.press("Enter")
        banner = clerk.page.locator(".scan-body")
        expect(banner).not_to_contain_text(number[6:10])
        expect(banner.locator("[data-action]:not(.pass-door *)")).to_have_count(0)


# what a reader does to a field, at its pace on any machine: keys, and an Enter that sends the form
_READ_INTO = """([selector, text]) => {
  const field = document.querySelector(selector);
  field.focus();
  const press = (key, code) => field.dispatchEvent(
    new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true }));
  for (const key of text) {
    if (press(key, `Digit${key}`)) {
      field.value += key;
    }
  }
  if (press('Enter', 'Enter')) {
    field.form.requestSubmit();
  }
}"""


def test_a_read_into_another_field_sends_nothing_and_is_told(playwright: Playwright, site: Site) -> None:
    """A password that is half a label, a search that leaves the page: a reader decides nothing there."""
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        page, label = clerk.page, "0240" * 56
        for text, kept, said in ((label, "", "lấy ra"), ("0817081708", "0817081708", "tự bấm Enter")):
            page.goto(f"{site.url}/items/")
            page.evaluate(_READ_INTO, ["#q", text])
            expect(page.locator(".field-read")).to_contain_text(said)
            expect(page.locator("#q")).to_have_value(kept)
            assert page.url == f"{site.url}/items/"
        page.context.clear_cookies()
        page.goto(f"{site.url}/sign-in")
        page.fill("input[name=login]", "giaodich1")
        page.evaluate(_READ_INTO, ["input[name=password]", label])
        expect(page.locator(".field-read")).to_contain_text("chưa gửi gì")
        expect(page.locator("input[name=password]")).to_have_value("")
        assert page.url == f"{site.url}/sign-in"
