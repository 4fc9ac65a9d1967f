/** Building the page: elements by name, attributes and children. Text is always text, never markup. */

export type Child = Node | string | null | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | EventListener | undefined>>;

/** `el("button", {class: "action", onclick: go}, "Go")`; true sets an empty attribute, false and undefined none. */
export function el<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(key.slice(2), value);
    } else if (value !== undefined && value !== false) {
      element.setAttribute(key, value === true ? "" : String(value));
    }
  }
  element.append(...present(children));
  return element;
}

export function fill(element: Element, ...children: Child[]): void {
  element.replaceChildren(...present(children));
}

export function byId(id: string): HTMLElement | null {
  return document.getElementById(id);
}

const SVG = "http://www.w3.org/2000/svg";

/** A 24 x 24 drawing of one path, in the colour of the text. */
export function icon(path: string, label = ""): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  const shape = document.createElementNS(SVG, "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
}

function present(children: readonly Child[]): (Node | string)[] {
  return children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false);
}

/** The style of the scan page's pieces, on a page whose template does not link it. */
export function needStyle(href: string): void {
  if (!document.querySelector(`link[href^="${href}"]`)) {
    document.head.append(el("link", { rel: "stylesheet", href }));
  }
}
