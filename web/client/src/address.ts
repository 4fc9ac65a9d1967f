/** What the address of a page asks of it. */

/** What a link asks for in the fragment of its address; one that was cut off or altered is taken as it stands. */
export function askedFor(hash: string): string {
  const text = hash.replace(/^#/, "");
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
