"""How long labels take: each format alone, and 1,000 as one PDF."""

import json
import random
import time
from pathlib import Path

import labels
from custody.label import UNSEALED, issue_label
from custody.s10 import make_number

OUT = Path("build/bench/labels.json")
PLACES = (
    "Sở Nội vụ tỉnh Tuyên Quang",
    "Văn phòng Ủy ban nhân dân tỉnh Tuyên Quang",
    "Ủy ban nhân dân xã Sơn Thủy, tỉnh Tuyên Quang",
    "Ban Quản lý dự án đầu tư xây dựng công trình giao thông tỉnh Tuyên Quang",
)


def make_faces(count: int) -> list[labels.LabelFace]:
    """Different labels, seeded."""
    chance = random.Random(1)
    faces = []
    for serial in range(count):
        signed = issue_label(
            number=make_number(serial * 99_991 % 10**8),
            instance=0,
            day=1000,
            nonce=chance.randbytes(6),
            kid4=b"\1\2\3\4",
            seal_commitment=UNSEALED,
            seed=bytes(32),
        )
        urgency = chance.randrange(3)
        faces.append(
            labels.face_of(
                signed,
                sender=chance.choice(PLACES),
                recipient=chance.choice(PLACES),
                secrecy=chance.randrange(4),
                urgency=urgency,
                due_ms=1_795_161_600_000 + serial * 60_000 if urgency else None,
            )
        )
    return faces


def main() -> dict[str, float]:
    """Measure, print a table, write the numbers."""
    faces = make_faces(1000)
    labels.sheet(faces[:1])  # typefaces are loaded once
    figures: dict[str, float] = {}
    for fmt in labels.FORMATS:
        start = time.perf_counter()
        data = [labels.render(face, fmt) for face in faces[:50]]
        figures[f"label_{fmt}_ms"] = (time.perf_counter() - start) / len(data) * 1000
        figures[f"label_{fmt}_bytes"] = sum(map(len, data)) / len(data)
    start = time.perf_counter()
    document = labels.sheet(faces)
    figures["labels_1000_pdf_s"] = time.perf_counter() - start
    figures["labels_1000_pdf_bytes"] = len(document)
    start = time.perf_counter()
    labels.sheet(faces, page="a4-105x57")
    figures["labels_1000_a4_s"] = time.perf_counter() - start
    print(f"{'format':8}{'ms a label':>12}{'bytes':>10}")
    for fmt in labels.FORMATS:
        print(f"{fmt:8}{figures[f'label_{fmt}_ms']:12.1f}{figures[f'label_{fmt}_bytes']:10.0f}")
    print(f"1,000 labels as one vector PDF: {figures['labels_1000_pdf_s']:.2f} s, {len(document):,} bytes")
    print(f"1,000 labels of 100 x 50 mm on A4: {figures['labels_1000_a4_s']:.2f} s")
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return figures


if __name__ == "__main__":
    main()
