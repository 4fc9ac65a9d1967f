"""Why the law wants a page: one sentence for each, with the text that it stands in.

The steps of the handheld have theirs in `web/client/src/teach/why.ts`.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

__all__ = ["Reason", "reason_of"]


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence and its source."""

    text: str
    source: str


def reason_of(subject: str) -> Reason:
    """Say why *subject* is wanted, in the language of the request.

    Raises:
        KeyError: nothing is known of the subject.
    """
    network = _("Decision 55/2016/QĐ-TTg; kept in Decision 32/2025/QĐ-TTg")
    handover = _("Circular 19/2017/TT-BTTTT, article 12")
    secrets = _("Law 29/2018/QH14, article 13; since 1 March 2026 Law 117/2025/QH15")
    return {
        "tracked": Reason(
            _(
                "KT1 items bear a code, are traced and strictly managed. An envelope that nobody "
                "scanned is one that nobody can find."
            ),
            network,
        ),
        "accept": Reason(
            _(
                "The post takes what is packed and sealed as it must be, names sender and recipient, "
                "and holds nothing banned."
            ),
            _("Law on Post 49/2010/QH12, article 11; {decision}").format(decision=network),
        ),
        "chain": Reason(
            _(
                "Who sends and who receives check and compare; every handover is entered and signed. "
                "This page shows all of them."
            ),
            secrets,
        ),
        "watch": Reason(
            _(
                "Signs of opening, exchange, loss or damage are reported at once: whoever answers for "
                "them must see them at once."
            ),
            handover,
        ),
        "stock": Reason(
            _(
                "Only a KT1 point labels KT1 items, so every number is accounted for, also one that "
                "is spoilt or lost."
            ),
            network,
        ),
        "readable": Reason(
            _("KT1 items bear a code and are traced by it: a code that no camera reads is none."), network
        ),
        "paper": Reason(
            _(
                "KT1 moves safely, fast, exactly and in time in every situation. What the pen wrote "
                "while no device worked is entered later, by who answers for it and a supervisor, and "
                "says so."
            ),
            f"{_('Decision 55/2016/QĐ-TTg')}; {handover}",
        ),
        "register": Reason(
            _(
                "Every handover is entered in a register of its own. A signed sheet in that register "
                "shows for years that the log is still the same."
            ),
            secrets,
        ),
        "device": Reason(
            _(
                "Only who was vetted, trained and bound to secrecy works with KT1. A device that "
                "signs is theirs alone, and was checked before its first use."
            ),
            _("Decision 32/2025/QĐ-TTg, on the people of the network"),
        ),
        "name": Reason(
            _(
                "Every handover is entered with the signatures of the one who gives and the one who "
                "takes. Under a borrowed name it proves nothing."
            ),
            handover,
        ),
        "closed": Reason(
            _("What is carried stays closed and sealed until it reaches whom it is for."), secrets
        ),
        "record": Reason(
            _(
                "Signs of opening, tearing, exchange, loss or damage: whoever receives makes a record "
                "and reports at once to the head of the body."
            ),
            handover,
        ),
    }[subject]
