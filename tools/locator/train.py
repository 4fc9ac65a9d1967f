"""Train the locator and write it as ONNX.

Needs what tools/locator/requirements.txt names and nothing of ours: pictures come from `tools.locator.pictures`.
Run as `python tools/locator/train.py OUT.onnx PICTURES.npz...`; one core takes about 15 minutes. `make locator`
does all of it and compares the file with the one that is kept.
"""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn
from torch.nn import functional

SEED = 2026
STEPS = 3600
SIDE = 400  # pixels of the picture that the written network takes
STRIDE = 8
REACH = 64.0  # pixels that an output of 1 is
BATCH = 16
ABSENT = -9999.0  # in place of a box that is none

# name: channels in, out, stride, size of the kernel, dilation. Every place sees 320 pixels of the picture.
LAYERS = {
    "a1": (1, 16, 2, 3, 1),
    "a2": (16, 24, 2, 3, 1),
    "b1": (24, 32, 2, 3, 1),
    "b2": (32, 32, 1, 3, 1),
    "c1": (32, 40, 2, 3, 1),
    "c2": (40, 40, 1, 3, 1),
    "d1": (40, 48, 2, 3, 1),
    "d2": (48, 48, 1, 3, 1),
    "d3": (48, 48, 1, 3, 2),
    "d4": (48, 32, 1, 1, 1),
    "c3": (40, 32, 1, 1, 1),
    "m1": (32, 32, 1, 3, 1),
}


class Locator(nn.Module):
    """From a picture to a map of 1/8 its size: whether a code's middle is here, and how far its four sides are."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleDict(
            {
                name: nn.Sequential(
                    nn.Conv2d(inward, outward, kernel, stride, kernel // 2 * far, far, bias=False),
                    nn.BatchNorm2d(outward),
                )
                for name, (inward, outward, stride, kernel, far) in LAYERS.items()
            }
        )
        self.head = nn.Conv2d(32, 5, 1)
        nn.init.constant_(self.head.bias[:1], -4.0)

    def forward(self, picture: Tensor) -> Tensor:
        """Return batch x 5 x rows x columns: a logit, then left, top, right, bottom in units of REACH."""
        run = lambda name, x: functional.relu(self.blocks[name](x))  # noqa: E731
        b = run("b2", run("b1", run("a2", run("a1", picture))))
        c = run("c2", run("c1", b))
        d = run("d4", run("d3", run("d2", run("d1", c))))
        c = run("c3", c) + functional.interpolate(d, size=c.shape[-2:], mode="nearest")
        b = b + functional.interpolate(c, size=b.shape[-2:], mode="nearest")
        return self.head(run("m1", b))


def targets(boxes: Tensor, side: int) -> tuple[Tensor, Tensor]:
    """Return the map wanted (batch x 5 x n x n) and how much each place counts: little at the rim of a code."""
    count = side // STRIDE
    at = (torch.arange(count) + 0.5) * STRIDE
    y, x = torch.meshgrid(at, at, indexing="ij")
    wanted = torch.zeros(len(boxes), 5, count, count)
    weight = torch.ones(len(boxes), count, count)
    for index, found in enumerate(boxes):
        for left, top, right, bottom in found[found[:, 0] > ABSENT].tolist():
            middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
            far = torch.maximum(
                (x - middle_x).abs() / max((right - left) / 2, STRIDE),
                (y - middle_y).abs() / max((bottom - top) / 2, STRIDE),
            )
            inside = (far <= 0.45) | (far == far.min())
            weight[index][(far < 0.9) & ~inside] = 0.1
            sides = torch.stack((x - left, y - top, right - x, bottom - y)) / REACH
            wanted[index, 0][inside] = 1
            wanted[index, 1:, inside] = sides[:, inside]
    return wanted, weight


def loss_of(given: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Focal loss for where, and how little two boxes overlap for how large."""
    here = wanted[:, 0]
    chance = torch.sigmoid(given[:, 0])
    entropy = functional.binary_cross_entropy_with_logits(given[:, 0], here, reduction="none")
    focal = entropy * (here + (1 - 2 * here) * chance).abs() ** 2 * (0.25 + 0.5 * here) * weight
    is_code = here > 0
    number = is_code.sum().clamp(min=1)
    sides, true = (
        given[:, 1:].permute(0, 2, 3, 1)[is_code].clamp(min=0.01),
        wanted[:, 1:].permute(0, 2, 3, 1)[is_code],
    )
    both = torch.minimum(sides, true).clamp(min=0.005)
    shared = (both[:, 0] + both[:, 2]) * (both[:, 1] + both[:, 3])
    area = (sides[:, 0] + sides[:, 2]) * (sides[:, 1] + sides[:, 3])
    whole = (true[:, 0] + true[:, 2]) * (true[:, 1] + true[:, 3])
    overlap = -torch.log(shared / (area + whole - shared).clamp(min=1e-4) + 1e-4)
    steady = functional.smooth_l1_loss(
        given[:, 1:].permute(0, 2, 3, 1)[is_code], true, reduction="sum", beta=0.1
    )
    return focal.sum() / number * 4 + overlap.sum() / number + 0.3 * steady / number


def turned(pictures: Tensor, boxes: Tensor, turns: int, *, mirrored: bool) -> tuple[Tensor, Tensor]:
    """Turn a batch by quarters and perhaps mirror it: a QR code in a mirror is still one to find."""
    side = pictures.shape[-1]
    none = boxes[..., :1] <= ABSENT
    for _ in range(turns):
        pictures = torch.rot90(pictures, 1, (-2, -1))
        left, top, right, bottom = boxes.unbind(-1)
        boxes = torch.stack((top, side - right, bottom, side - left), -1)
    if mirrored:
        pictures = pictures.flip(-1)
        left, top, right, bottom = boxes.unbind(-1)
        boxes = torch.stack((side - right, top, side - left, bottom), -1)
    return pictures, torch.where(none, torch.tensor(ABSENT), boxes)


def train(files: list[Path], *, steps: int) -> tuple[Locator, dict[str, str]]:
    """Return the network after so many batches, and what it was made of.

    One thread: the same pictures and steps give the same bits on processors with the same vector instructions, and
    a network as good on others.
    """
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(mode=True)
    chance = np.random.default_rng(SEED)
    data = [np.load(file) for file in files]
    taught = [np.concatenate([part[name] for part in data]) for name in ("pictures", "boxes")]
    digest = hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in taught)).hexdigest()
    made = {"seed": str(SEED), "steps": str(steps), "pictures": f"{len(taught[0])} sha256:{digest}"}
    print(made, flush=True)
    pictures, boxes = (torch.from_numpy(part) for part in taught)
    held_back = 256
    net = Locator().to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, weight_decay=1e-3)
    mean = 0.0
    for step in range(1, steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = 3e-3 * min(1.0, step / 150) * (0.5 + 0.5 * np.cos(np.pi * step / steps)) + 1e-5
        chosen = torch.from_numpy(chance.integers(held_back, len(pictures), BATCH))
        batch = pictures[chosen, None].float() / 255
        batch, wanted = turned(
            batch, boxes[chosen], int(chance.integers(4)), mirrored=bool(chance.integers(2))
        )
        loss = loss_of(net(batch), *targets(wanted, batch.shape[-1]))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        mean += (float(loss.detach()) - mean) * max(0.02, 1 / step)
        if step % 100 == 0:
            print(f"step {step} of {steps}, loss {mean:.3f}", flush=True)
        if step % 500 == 0:
            judge(net, pictures[:held_back], boxes[:held_back])
    judge(net, pictures[:held_back], boxes[:held_back])
    return net.eval(), made


@torch.no_grad()
def judge(net: Locator, pictures: Tensor, boxes: Tensor) -> None:
    """Print how often the best place of a picture lies on a code, and how well the box fits."""
    net.eval()
    hits, fits, total, alarms, empty = 0, 0.0, 0, 0, 0
    for picture, found in zip(pictures, boxes, strict=True):
        (answer,) = net(picture[None, None].float() / 255)
        where = int(answer[0].argmax())
        row, column = divmod(where, answer.shape[-1])
        score = float(torch.sigmoid(answer[0, row, column]))
        true = [box for box in found.tolist() if box[0] > ABSENT]
        if not true:
            empty += 1
            alarms += score > 0.3
            continue
        total += 1
        x, y = (column + 0.5) * STRIDE, (row + 0.5) * STRIDE
        left, top, right, bottom = (answer[1:, row, column] * REACH).tolist()
        box = (x - left, y - top, x + right, y + bottom)
        best = max(overlap(box, other) for other in true)
        hits += score > 0.3 and best > 0.5
        fits += best
    net.train()
    print(
        f"held back: {hits} of {total} found, mean overlap {fits / total:.3f}; {alarms} of {empty} empty ones",
        flush=True,
    )


def overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the intersection of two boxes over their union."""
    wide = min(one[2], other[2]) - max(one[0], other[0])
    high = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(0.0, wide) * max(0.0, high)
    both = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return shared / (both - shared)


def write_onnx(net: Locator, path: Path, made: dict[str, str]) -> None:
    """Write the network with each normalisation folded into its convolution, weights as 32-bit floats.

    Args:
        net: the network.
        path: the file.
        made: what it was made of, which the file then says.
    """
    nodes, weights = [], []

    def keep(name: str, values: np.ndarray) -> str:
        weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def convolve(name: str, source: str, weight: Tensor, bias: Tensor, *, rectified: bool = True) -> str:
        _, _, stride, kernel, far = LAYERS.get(name, (32, 5, 1, 1, 1))
        out = f"{name}_sum" if rectified else name
        nodes.append(
            helper.make_node(
                "Conv",
                [source, keep(f"{name}_w", weight.numpy()), keep(f"{name}_b", bias.numpy())],
                [out],
                kernel_shape=[kernel, kernel],
                strides=[stride, stride],
                pads=[kernel // 2 * far] * 4,
                dilations=[far, far],
            )
        )
        if rectified:
            nodes.append(helper.make_node("Relu", [out], [name]))
        return name

    def block(name: str, source: str) -> str:
        conv, norm = net.blocks[name]
        scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        weight = conv.weight * scale[:, None, None, None]
        bias = norm.bias - norm.running_mean * scale
        return convolve(name, source, weight.detach(), bias.detach())

    def widen(name: str, source: str, size: int) -> str:
        sizes = keep(f"{name}_size", np.array((1, 32, size, size), np.int64))
        nodes.append(
            helper.make_node(
                "Resize", [source, "", "", sizes], [name], mode="nearest",
                coordinate_transformation_mode="asymmetric", nearest_mode="floor",
            )
        )  # fmt: skip
        return name

    b = block("b2", block("b1", block("a2", block("a1", "picture"))))
    c = block("c2", block("c1", b))
    d = block("d4", block("d3", block("d2", block("d1", c))))
    eighth = SIDE // STRIDE
    nodes.append(helper.make_node("Add", [block("c3", c), widen("d_wide", d, eighth // 2)], ["c_sum"]))
    nodes.append(helper.make_node("Add", [b, widen("c_wide", "c_sum", eighth)], ["b_all"]))
    convolve("map", block("m1", "b_all"), net.head.weight.detach(), net.head.bias.detach(), rectified=False)
    graph = helper.make_graph(
        nodes,
        "locator",
        [helper.make_tensor_value_info("picture", TensorProto.FLOAT, [1, 1, SIDE, SIDE])],
        [helper.make_tensor_value_info("map", TensorProto.FLOAT, [1, 5, eighth, eighth])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    helper.set_model_props(model, made)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def main() -> None:
    """Train and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("pictures", type=Path, nargs="+")
    parser.add_argument("--steps", type=int, default=STEPS)
    arguments = parser.parse_args()
    net, made = train(arguments.pictures, steps=arguments.steps)
    print(f"{sum(weight.numel() for weight in net.parameters()):,} parameters")
    write_onnx(net, arguments.out, made)


if __name__ == "__main__":
    main()
