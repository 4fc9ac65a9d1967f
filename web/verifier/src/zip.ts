/** The one zip that a dossier is: files stored one after the other, no dates, nothing free to choose. */

import { type Bytes, concat, fromHex, fromUtf8, utf8 } from "./bytes";
import { FormatError } from "./errors";

const LOCAL = fromHex("504b030414000000000000002100");
const LOCAL_BYTES = 30;
const CENTRAL = fromHex("504b0102140314000000000000002100");
const END = fromHex("504b050600000000");
const MAX_FILES = 20_000;
const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) {
    crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return crc;
});

/** Names and contents as the local headers give them; throws FormatError. Only `writeZip` says whether all of it is right. */
export function readZip(data: Bytes): Map<string, Bytes> {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const files = new Map<string, Bytes>();
  let at = 0;
  while (at + LOCAL_BYTES <= data.length && view.getUint32(at, true) === 0x04034b50) {
    const size = view.getUint32(at + 18, true);
    const nameEnd = at + LOCAL_BYTES + view.getUint16(at + 26, true);
    if (nameEnd + size > data.length || files.size >= MAX_FILES) {
      throw new FormatError("dossier is not a readable zip");
    }
    files.set(nameOf(data.slice(at + LOCAL_BYTES, nameEnd)), data.slice(nameEnd, nameEnd + size));
    at = nameEnd + size;
  }
  return files;
}

function nameOf(bytes: Bytes): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw new FormatError("dossier has a file whose name is no text");
  }
}

/** The bytes of *files*, in their order. */
export function writeZip(files: ReadonlyMap<string, Bytes>): Bytes {
  const parts: Bytes[] = [];
  const directory: Bytes[] = [];
  let at = 0;
  for (const [name, content] of files) {
    const title = utf8(name);
    const sizes = numbers([crc32(content), 4], [content.length, 4], [content.length, 4], [title.length, 2], [0, 2]);
    parts.push(LOCAL, sizes, title, content);
    directory.push(CENTRAL, sizes, numbers([0, 2], [0, 2], [0, 2], [0o600 * 0x10000, 4], [at, 4]), title);
    at += LOCAL_BYTES + title.length + content.length;
  }
  const size = directory.reduce((sum, part) => sum + part.length, 0);
  const end = numbers([files.size, 2], [files.size, 2], [size, 4], [at, 4], [0, 2]);
  return concat(...parts, ...directory, END, end);
}

/** Little-endian numbers of so many bytes each. */
function numbers(...list: readonly (readonly [number, number])[]): Bytes {
  const out: number[] = [];
  for (const [value, bytes] of list) {
    for (let byte = 0; byte < bytes; byte += 1) {
      out.push(Math.floor(value / 256 ** byte) & 255);
    }
  }
  return Uint8Array.from(out);
}

function crc32(data: Bytes): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc = (CRC[(crc ^ byte) & 255] as number) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
