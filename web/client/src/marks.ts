/** Marks in the browser's timeline for who measures how a page starts: the first of each, a camera would fill it. */

const marked = new Set<string>();

export function markFirst(name: string): void {
  if (!marked.has(name)) {
    marked.add(name);
    performance.mark(name);
  }
}
