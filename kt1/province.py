"""The demonstration province: invented, deterministic from a seed, of the size of a real one.

7 offices, 133 workers and 30 agencies are the figures that Tuyên Quang reported for 2019 (seed 002). The
province, its offices, bodies, people and phone numbers do not exist.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

from custody.roles import Role
from kt1.hours import Calendar
from kt1.names import fictional_phone, make_names
from kt1.register import Agency, Basis, Contact, Office, OfficeType, Person, Register, Route
from kt1.service import Secrecy

__all__ = ["CENTRE", "PERSONAS", "Persona", "make_province", "person_id"]

PROVINCE = "Lam Giang"
CENTRE = 990_100
_OPENED = date(2018, 1, 1)

# Outlying offices: code, name, minutes from the centre. The map is invented: it lies in the open sea.
_OUTLYING = (
    (990_200, "Bưu điện Hàm Phú", 45),
    (990_300, "Bưu điện Yên Lĩnh", 40),
    (990_400, "Bưu điện Sơn Hòa", 35),
    (990_500, "Bưu điện Chiêm Sơn", 90),
    (990_600, "Bưu điện Nà Hương", 140),
    (990_700, "Bưu điện Lâm Thượng", 160),
)
_SHIFTS = ((time(6), time(21)),)  # from the first van to the last
# Kilometres north and east of the centre.
_AT_KM = {
    CENTRE: (0, 0),
    990_200: (22, 6),
    990_300: (-9, 18),
    990_400: (-15, -8),
    990_500: (31, -27),
    990_600: (58, 20),
    990_700: (64, -31),
}
_ORIGIN = (10_600_000, 29_200_000)  # 16.0 N, 112.0 E, as a POSITION
_DEGREE_KM = (111.2, 106.9)  # of latitude, and of longitude there

# Trade, login, position, roles, how many at the centre and at each outlying office: 55 + 6 x 13 = 133.
_TRADES = (
    ("giaodich", "Giao dịch viên KT1", frozenset({Role.ISSUER, Role.CLERK}), 20, 5),
    ("buuta", "Bưu tá KT1", frozenset({Role.COURIER}), 25, 6),
    ("kiemsoat", "Kiểm soát viên", frozenset({Role.SUPERVISOR}), 4, 1),
    ("baove", "Nhân viên an ninh", frozenset({Role.SECURITY}), 4, 1),
    ("thanhtra", "Thanh tra viên", frozenset({Role.INSPECTOR}), 2, 0),
)

# Bodies of the province: those of the centre first, then two for each outlying office.
_CENTRAL_BODIES = (
    ("Văn phòng Tỉnh ủy", Basis.APPENDIX_I),
    ("Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh", Basis.APPENDIX_I),
    ("Văn phòng Ủy ban nhân dân tỉnh", Basis.APPENDIX_I),
    ("Ban Tổ chức Tỉnh ủy", Basis.APPENDIX_I),
    ("Ủy ban Kiểm tra Tỉnh ủy", Basis.APPENDIX_I),
    ("Ban Tuyên giáo và Dân vận Tỉnh ủy", Basis.APPENDIX_I),
    ("Ban Nội chính Tỉnh ủy", Basis.APPENDIX_I),
    ("Công an tỉnh", Basis.APPENDIX_I),
    ("Bộ Chỉ huy Quân sự tỉnh", Basis.APPENDIX_I),
    ("Tòa án nhân dân tỉnh", Basis.APPENDIX_II),
    ("Viện kiểm sát nhân dân tỉnh", Basis.APPENDIX_II),
    ("Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", Basis.APPENDIX_II),
    ("Sở Nội vụ", Basis.APPENDIX_II),
    ("Sở Tài chính", Basis.APPENDIX_II),
    ("Sở Khoa học và Công nghệ", Basis.APPENDIX_II),
    ("Sở Y tế", Basis.APPENDIX_II),
    ("Thanh tra tỉnh", Basis.APPENDIX_II),
    ("Công ty Điện lực tỉnh", Basis.PERMIT),
)
_OUTLYING_BODIES = ("Đảng ủy xã", "Ủy ban nhân dân xã")
_STREETS = ("đường Bình Thuận", "đường 17 tháng 8", "phố Tân Trào", "đường Trần Phú", "phố Lê Duẩn")
_RECEIVER_SECRECY = {Basis.APPENDIX_I: Secrecy.A, Basis.APPENDIX_II: Secrecy.A, Basis.PERMIT: Secrecy.C}


@dataclass(frozen=True, slots=True)
class Persona:
    """A sign-in for a first walk through the demonstration.

    Attributes:
        login: sign-in name.
        part: English msgid, what this person does in the walk.
    """

    login: str
    part: str


PERSONAS = (
    Persona("giaodich1", "counter clerk at the centre: accepts envelopes and prints labels"),
    Persona("buuta1", "courier at the centre"),
    Persona("buuta2", "another courier at the centre"),
    Persona("vanthu1", "receives for the Office of the Provincial Party Committee"),
    Persona("vanthu2", "receives for the Office of the Provincial Assembly"),
    Persona("kiemsoat1", "supervisor at the centre: sees the wall page and decides on breaks"),
    Persona("kiemsoat2", "second supervisor, countersigns decisions"),
    Persona("baove1", "security: seizes and releases"),
    Persona("thanhtra1", "inspector: reads and verifies everything"),
    Persona("giaodich21", "counter clerk at the outlying office Hàm Phú"),
    Persona("buuta26", "courier at the outlying office Hàm Phú"),
)


def person_id(seed: int, login: str) -> bytes:
    """The 8 pseudonymous bytes of a person of the demonstration."""
    return hashlib.sha256(f"KT1-PERSON-v1\0{seed}\0{login}".encode()).digest()[:8]


def _offices() -> tuple[Office, ...]:
    centre = Office(
        code=CENTRE,
        name=f"Bưu điện trung tâm {PROVINCE}",
        province=PROVINCE,
        type=OfficeType.CENTRE,
        kt1_from=_OPENED,
        address=f"Số 1 {_STREETS[0]}, {PROVINCE}",
        position=_at(CENTRE),
    )
    return (
        centre,
        *(
            Office(
                code=code,
                name=name,
                province=PROVINCE,
                type=OfficeType.OUTLYING,
                kt1_from=_OPENED,
                address=f"Trung tâm {name.removeprefix('Bưu điện ')}, {PROVINCE}",
                position=_at(code),
            )
            for code, name, _ in _OUTLYING
        ),
    )


def _at(office: int, number: int = 0) -> tuple[int, int]:
    """The position of an office, or of the body of that number, within three kilometres of it."""
    north, east = map(float, _AT_KM[office])
    if number:
        north, east = north + (number * 7 % 11 - 5) / 2.5, east + (number * 5 % 13 - 6) / 3
    return (
        _ORIGIN[0] + round(north / _DEGREE_KM[0] * 100_000),
        _ORIGIN[1] + round(east / _DEGREE_KM[1] * 100_000),
    )


def _routes() -> tuple[Route, ...]:
    pairs = [(code, minutes) for code, _, minutes in _OUTLYING]
    out = [Route(code=n, origin=CENTRE, destination=c, minutes=m) for n, (c, m) in enumerate(pairs, 1)]
    back = [Route(code=n, origin=c, destination=CENTRE, minutes=m) for n, (c, m) in enumerate(pairs, 11)]
    return (*out, *back)


def _workers(seed: int, day: date, rng: random.Random, names: list[str]) -> list[Person]:
    people = []
    for trade, position, roles, central, outlying in _TRADES:
        places = [CENTRE] * central + [code for code, _, _ in _OUTLYING for _ in range(outlying)]
        for number, office in enumerate(places, start=1):
            login = f"{trade}{number}"
            vetted, trained, committed = _expiries(day, rng)
            people.append(
                Person(
                    id=person_id(seed, login),
                    login=login,
                    name=names.pop(),
                    roles=roles,
                    office=office,
                    vetted_until=vetted,
                    trained_until=trained,
                    committed_until=committed,
                    secrecy_max=Secrecy.A,
                    position=position,
                )
            )
    return people


def _expiries(day: date, rng: random.Random) -> list[date]:
    return [day + timedelta(days=rng.randint(200, 1_500)) for _ in range(3)]


def _bodies(day: date, rng: random.Random) -> list[Agency]:
    places = [(name, basis, CENTRE) for name, basis in _CENTRAL_BODIES]
    for code, office, _ in _OUTLYING:
        commune = office.removeprefix("Bưu điện ")
        places += [(f"{body} {commune}", Basis.APPENDIX_II, code) for body in _OUTLYING_BODIES]
    agencies = []
    for number, (name, basis, office_code) in enumerate(places, start=1):
        is_permit = basis is Basis.PERMIT
        agencies.append(
            Agency(
                code=number,
                name=name,
                address=f"Số {rng.randint(2, 300)} {rng.choice(_STREETS)}, {PROVINCE}",
                office=office_code,
                basis=basis,
                active_from=_OPENED,
                permit_number=f"27/{day.year}/CPT" if is_permit else "",
                permit_expires=day + timedelta(days=365) if is_permit else None,
                position=_at(office_code, number),
            )
        )
    return agencies


def _receivers(
    seed: int, day: date, rng: random.Random, agencies: list[Agency], names: list[str]
) -> list[Person]:
    """One clerk for each body under its own number, then a second one for each central body."""
    holders = agencies + [agency for agency in agencies if agency.office == CENTRE]
    people = []
    for number, agency in enumerate(holders, start=1):
        login = f"vanthu{number}"
        vetted, trained, committed = _expiries(day, rng)
        people.append(
            Person(
                id=person_id(seed, login),
                login=login,
                name=names.pop(),
                roles=frozenset({Role.RECIPIENT}),
                office=agency.office,
                agency=agency.code,
                vetted_until=vetted,
                trained_until=trained,
                committed_until=committed,
                secrecy_max=_RECEIVER_SECRECY[agency.basis],
                position="Văn thư - bảo mật",
            )
        )
    return people


def _contacts(day: date, serial: int, receiver: Person, leader: str) -> tuple[Contact, ...]:
    since = date(day.year, 1, 1)
    listed = ((receiver.name, receiver.position), (leader, "Lãnh đạo trực"))
    return tuple(
        Contact(name=name, position=position, phone=fictional_phone(serial + n), valid_from=since)
        for n, (name, position) in enumerate(listed)
    )


def make_province(seed: int, *, day: date) -> Register:
    """The register of the demonstration province: 7 offices, 133 workers, 30 agencies with their receivers.

    Args:
        seed: the same seed and day make the same province.
        day: the day on which it is made; every qualification is valid for at least 200 days from it.
    """
    rng = random.Random(f"KT1-PROVINCE-v1/{seed}")
    names = make_names(240, rng)
    workers = _workers(seed, day, rng, names)
    agencies = _bodies(day, rng)
    receivers = _receivers(seed, day, rng, agencies, names)
    return Register(
        offices=_offices(),
        agencies=tuple(
            replace(agency, contacts=_contacts(day, 10 * agency.code, receiver, names.pop()))
            for agency, receiver in zip(agencies, receivers, strict=False)
        ),
        people=(*workers, *receivers),
        routes=_routes(),
        duty=Calendar(hours=_SHIFTS),
    )
