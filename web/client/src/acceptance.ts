/** What an acceptance must say before it is sent. Pure. */

/** Questions whose answer may be "none", but must be given. */
const CHOSEN = ["kind", "secrecy", "urgency"] as const;
const FILLED = ["sender", "recipient", "clerk_name", "seal", "mass_g"] as const;

/** The questions that *values* leave open, in the order of the form. */
export function unanswered(values: Readonly<Record<string, unknown>>): string[] {
  const open = new Set<string>([
    ...CHOSEN.filter((name) => typeof values[name] !== "number"),
    ...FILLED.filter((name) => !values[name] || String(values[name]).trim() === ""),
  ]);
  return ["sender", "recipient", "clerk_name", "kind", "secrecy", "urgency", "seal", "mass_g"].filter((name) => open.has(name));
}

/** Whether a label printed in advance was scanned into the form. */
export function isOfStock(values: Readonly<Record<string, unknown>>): boolean {
  return written(values) !== "";
}

/** Whether the label that came back is the one that was scanned, by its digits or its number. */
export function isScanned(values: Readonly<Record<string, unknown>>, issued: { readonly number: string; readonly digits: string }): boolean {
  return [issued.number, issued.digits].includes(written(values));
}

/** Whether a label was signed without a seal: the registration alone binds it to one. */
export function isUnsealed(commitment: Uint8Array): boolean {
  return commitment.every((byte) => byte === 0);
}

function written(values: Readonly<Record<string, unknown>>): string {
  return String(values["stock"] ?? "").replace(/\s/g, "").toUpperCase();
}
