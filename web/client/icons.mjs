// The icons of the installed app as PNG, drawn from web/static/icon.svg by distances: no tool, no library. Reads what
// that file is made of (rect, circle, path of M H V L and Z, fill, stroke) and refuses anything else.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";

/** name -> side in px, and how much of it the drawing takes; the ground of what is less than whole fills the square. */
const ICONS = { "icon-192": [192, 1], "icon-512": [512, 1], "icon-maskable-512": [512, 0.72], "icon-180": [180, 0.86] };

export async function buildIcons(svgFile, out) {
  const drawing = readDrawing(await readFile(svgFile, "utf8"));
  for (const [name, [side, share]] of Object.entries(ICONS)) {
    await writeFile(join(out, `${name}.png`), png(paint(drawing, side, share), side));
  }
}

/** The shapes in their order, each with the distance in units from a point to its edge, negative inside. */
export function readDrawing(svg) {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]);
  const inherited = [{}];
  const shapes = [];
  for (const [, close, tag, text, closed] of svg.matchAll(/<(\/?)(\w+)((?:\s[^<>]*?)?)(\/?)>/g)) {
    const own = Object.fromEntries([...text.matchAll(/([\w-]+)="([^"]*)"/g)].map((match) => [match[1], match[2]]));
    const style = { ...inherited.at(-1), ...own };
    if (tag === "g") {
      close ? inherited.pop() : inherited.push(style);
    } else if (tag !== "svg") {
      if (close || !closed) {
        throw new Error(`<${tag}> with content is not drawn here`);
      }
      shapes.push(...shapesOf(tag, style));
    }
  }
  return { size, shapes };
}

function shapesOf(tag, style) {
  const filled = style.fill !== "none";
  if (tag === "rect") {
    const [x, y, w, h, rx] = ["x", "y", "width", "height", "rx"].map((name) => Number(style[name] ?? 0));
    return [{ colour: colourOf(style.fill), ground: w === h && x === 0 && y === 0, distance: (px, py) => boxed(px - x - w / 2, py - y - h / 2, w / 2, h / 2, rx) }];
  }
  if (tag === "circle") {
    const [cx, cy, r] = ["cx", "cy", "r"].map((name) => Number(style[name]));
    return [{ colour: colourOf(style.fill), distance: (px, py) => long(px - cx, py - cy) - r }];
  }
  if (tag === "path" && !filled && style.stroke) {
    const lines = linesOf(style.d);
    const half = Number(style["stroke-width"]) / 2; // caps and joins are round, as the file says
    return [{ colour: colourOf(style.stroke), distance: (px, py) => lines.reduce((least, line) => Math.min(least, toLine(px, py, line)), Infinity) - half }];
  }
  throw new Error(`<${tag}> is not drawn here`);
}

/** The straight lines of a path: [x1, y1, x2, y2]. */
function linesOf(d) {
  const lines = [];
  let [x, y, startX, startY] = [0, 0, 0, 0];
  for (const [, command, text] of d.matchAll(/([MmHhVvLlZz])([^A-Za-z]*)/g)) {
    const numbers = (text.match(/-?(?:\d+\.?\d*|\.\d+)/g) ?? []).map(Number);
    const isRelative = command === command.toLowerCase();
    const kind = command.toUpperCase();
    const step = kind === "H" || kind === "V" ? 1 : 2;
    if (kind === "Z") {
      lines.push([x, y, startX, startY]);
    }
    for (let at = 0; at < numbers.length; at += step) {
      const [first, second] = numbers.slice(at, at + 2);
      const nextX = kind === "V" ? x : first + (isRelative ? x : 0);
      const nextY = kind === "H" ? y : (kind === "V" ? first : second) + (isRelative ? y : 0);
      if (kind === "M" && at === 0) {
        [startX, startY] = [nextX, nextY];
      } else {
        lines.push([x, y, nextX, nextY]);
      }
      [x, y] = [nextX, nextY];
    }
  }
  return lines;
}

function long(x, y) {
  return Math.sqrt(x * x + y * y); // many times faster than Math.hypot
}

function toLine(px, py, line) {
  const x1 = line[0];
  const y1 = line[1];
  const dx = line[2] - x1;
  const dy = line[3] - y1;
  const along = Math.min(1, Math.max(0, ((px - x1) * dx + (py - y1) * dy) / (dx * dx + dy * dy || 1)));
  return long(px - x1 - along * dx, py - y1 - along * dy);
}

function boxed(dx, dy, halfW, halfH, radius) {
  const x = Math.abs(dx) - halfW + radius;
  const y = Math.abs(dy) - halfH + radius;
  return long(Math.max(x, 0), Math.max(y, 0)) + Math.min(Math.max(x, y), 0) - radius;
}

function colourOf(text) {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text)?.[1];
  if (!hex) {
    throw new Error(`colour ${text} is not drawn here`);
  }
  return (hex.length === 3 ? [...hex].map((digit) => digit + digit) : hex.match(/../g)).map((pair) => parseInt(pair, 16));
}

/** RGBA rows; edges are as soft as one pixel. */
function paint({ size, shapes }, side, share) {
  const unit = size / (side * share); // of a pixel
  const from = (size - side * unit) / 2;
  const pixels = new Uint8Array(side * side * 4);
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      const x = from + (column + 0.5) * unit;
      const y = from + (row + 0.5) * unit;
      const at = (row * side + column) * 4;
      for (const { colour, distance, ground } of shapes) {
        const cover = ground && share < 1 ? 1 : Math.min(1, Math.max(0, 0.5 - distance(x, y) / unit));
        const below = pixels[at + 3] / 255;
        const alpha = cover + below * (1 - cover);
        for (let channel = 0; channel < 3 && alpha > 0; channel += 1) {
          pixels[at + channel] = Math.round((colour[channel] * cover + pixels[at + channel] * below * (1 - cover)) / alpha);
        }
        pixels[at + 3] = Math.round(alpha * 255);
      }
    }
  }
  return pixels;
}

/** The PNG of RGBA rows (PNG, third edition: 5.6, 7.2, 11.2). */
function png(pixels, side) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 6, 0, 0, 0], 8);
  const rows = Buffer.alloc(side * (side * 4 + 1));
  for (let row = 0; row < side; row += 1) {
    rows.set(pixels.subarray(row * side * 4, (row + 1) * side * 4), row * (side * 4 + 1) + 1);
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk("IHDR", header), chunk("IDAT", deflateSync(rows, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const whole = Buffer.alloc(body.length + 8);
  whole.writeUInt32BE(data.length, 0);
  body.copy(whole, 4);
  whole.writeUInt32BE(crc(body), body.length + 4);
  return whole;
}

/** CRC-32 of PNG, annex D; node has one of its own only from 20.15 on. */
function crc(data) {
  let rest = ~0;
  for (const byte of data) {
    rest ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
    }
  }
  return ~rest >>> 0;
}
