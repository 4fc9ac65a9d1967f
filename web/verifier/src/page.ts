/** The page: a file is chosen or dropped, and what `verifyDossier` finds is shown. Nothing is sent or stored. */

import { hasNative } from "./ed25519";
import { CustodyError } from "./errors";
import { type Language, speak, spoken, t } from "./i18n";
import { parseVkey } from "./note";
import { parsePolicy, type TrustPolicy } from "./quorum";
import { type Trust, verifyDossier } from "./verify";
import { h, type Run, showReport } from "./view";

let chosen: File | null = null;
let run: Run | null = null;
let turn = 0;

const byId = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

/** The words that stand in the page itself. */
function words(): Record<string, string> {
  return {
    title: t("Verify a dossier"),
    intro: t("This page checks the evidence file of one item by itself. It needs no network, asks no server and sends nothing."),
    choose: t("Choose the evidence file, or drop it here"),
    stays: t("It stays on this device."),
    paper: t("What you have on paper"),
    type: t("Type the keys from your own paper, not from the file. Without them everything is checked but whose log it is."),
    logKey: t("Log key"),
    roots: t("Root fingerprints, one a line"),
    policy: t("Witness policy, where you ask for a quorum"),
    apart: t("Written apart from the service's own code, after docs/spec. Both must give the same digest."),
  };
}

/** Write all words of the page anew. */
function draw(): void {
  const said = words();
  document.documentElement.lang = spoken();
  document.title = `Trạm · ${said["title"]}`;
  for (const element of document.querySelectorAll<HTMLElement>("[data-t]")) {
    element.textContent = said[element.dataset["t"] ?? ""] ?? "";
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-language]")) {
    button.setAttribute("aria-pressed", String(button.dataset["language"] === spoken()));
  }
  byId("result").replaceChildren(...(run ? showReport(run) : []));
}

/** What the reader typed from paper; complains below the fields where it cannot be read. */
function trustTyped(): Trust | null {
  const logKey = byId<HTMLInputElement>("log-key").value.trim();
  const roots = byId<HTMLTextAreaElement>("roots").value.split(/[\n,;]+/).map((one) => one.replace(/\s+/g, "").toLowerCase()).filter(Boolean);
  let error = "";
  if (roots.some((root) => !/^[0-9a-f]{16}$/.test(root))) {
    error = t("A root fingerprint has 16 digits and letters a to f, one key a line.");
  }
  try {
    if (logKey) {
      parseVkey(logKey);
    }
  } catch (problem) {
    if (!(problem instanceof CustodyError)) {
      throw problem;
    }
    error = t("The log key is not readable: name+id+key, as it stands on your paper.");
  }
  const written = byId<HTMLTextAreaElement>("policy").value;
  let policy: TrustPolicy | null = null;
  try {
    policy = written.trim() ? parsePolicy(written) : null;
  } catch (problem) {
    if (!(problem instanceof CustodyError)) {
      throw problem;
    }
    error = `${t("The witness policy is not readable.")} ${problem.message}`;
  }
  byId("trust-error").textContent = error;
  byId("trust-error").hidden = !error;
  return error ? null : { logKey, roots: new Set(roots), policy };
}

async function verify(): Promise<void> {
  const trust = trustTyped();
  turn += 1;
  const mine = turn;
  if (!chosen || !trust) {
    run = null;
    draw();
    return;
  }
  document.body.dataset["state"] = "busy";
  const began = performance.now();
  const data = new Uint8Array(await chosen.arrayBuffer());
  const report = await verifyDossier(data, trust);
  const made = { name: chosen.name, report, ms: performance.now() - began, isNative: await hasNative() };
  if (mine === turn) {
    run = made;
    draw();
    document.body.dataset["state"] = "done";
  }
}

async function choose(file: File | undefined): Promise<void> {
  if (file) {
    chosen = file;
    await verify();
    document.getElementById("verdict")?.scrollIntoView({ block: "start" });
  }
}

function listen(): void {
  byId<HTMLInputElement>("file").addEventListener("change", (event) => void choose((event.target as HTMLInputElement).files?.[0]));
  for (const id of ["log-key", "roots", "policy"]) {
    byId(id).addEventListener("input", () => void verify());
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-language]")) {
    button.addEventListener("click", () => {
      speak(button.dataset["language"] as Language);
      draw();
      trustTyped();
    });
  }
  const drop = byId("drop");
  for (const name of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      event.preventDefault();
      drop.toggleAttribute("data-over", name === "dragenter" || name === "dragover");
    });
  }
  document.addEventListener("drop", (event) => void choose(event.dataTransfer?.files[0]));
}

speak(new URLSearchParams(location.search).get("lang") === "en" ? "en" : "vi");
draw();
if (typeof crypto === "object" && "subtle" in crypto) {
  listen();
} else {
  byId("drop").replaceWith(h("p", { class: "alarm" }, t("This browser has no WebCrypto here: nothing can be checked. Open the file in a current browser.")));
}
