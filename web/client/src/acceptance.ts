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
