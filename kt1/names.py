"""Vietnamese names for a demonstration: invented people, made from common parts.

All text is in Unicode form NFC.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

__all__ = ["fictional_phone", "make_names"]

# Weighted by repetition, roughly as the names occur.
_FAMILIES = (
    *("Nguyễn",) * 8,
    *("Trần",) * 3,
    *("Lê",) * 3,
    *("Phạm",) * 2,
    *(
        "Hoàng",
        "Vũ",
        "Đặng",
        "Bùi",
        "Đỗ",
        "Ngô",
        "Dương",
        "Lý",
        "Nông",
        "Ma",
        "Hà",
        "Phùng",
        "Lương",
        "Triệu",
    ),
)
_MEN = ("Văn", "Đức", "Quang", "Minh", "Hữu", "Xuân", "Công", "Mạnh")
_MEN_GIVEN = (
    *("An", "Bình", "Cường", "Dũng", "Đạt", "Hải", "Hiếu", "Hùng", "Khánh", "Lâm", "Long", "Nam", "Phong"),
    *("Phúc", "Quân", "Sơn", "Thắng", "Thành", "Toàn", "Trung", "Tuấn", "Việt", "Vinh"),
)
_WOMEN = ("Thị", "Thu", "Ngọc", "Thanh", "Bích", "Kim", "Phương", "Hồng")
_WOMEN_GIVEN = (
    *("Anh", "Châu", "Dung", "Giang", "Hà", "Hạnh", "Hiền", "Hoa", "Huệ", "Hương", "Lan", "Linh", "Loan"),
    *("Mai", "Nga", "Nhung", "Oanh", "Quỳnh", "Thảo", "Thủy", "Trang", "Vân", "Yến"),
)


def make_names(count: int, rng: random.Random) -> list[str]:
    """That many different full names, women and men alike."""
    names: dict[str, None] = {}
    while len(names) < count:
        middles, givens = (_WOMEN, _WOMEN_GIVEN) if rng.random() < 0.5 else (_MEN, _MEN_GIVEN)
        names[f"{rng.choice(_FAMILIES)} {rng.choice(middles)} {rng.choice(givens)}"] = None
    return list(names)


def fictional_phone(serial: int) -> str:
    """A phone number that cannot ring: no Vietnamese subscriber number begins with 01 since 2018.

    Args:
        serial: 0 to 999,999.
    """
    return f"0100 {serial // 1000:03d} {serial % 1000:03d}"
