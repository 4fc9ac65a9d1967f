/** Printing a label: its PDF in a frame nobody sees, or in a tab where frames are not printed. */

export function printLabel(number: string): void {
  document.getElementById("print-frame")?.remove();
  const frame = document.createElement("iframe");
  frame.id = "print-frame";
  frame.className = "sr";
  frame.setAttribute("aria-hidden", "true");
  frame.tabIndex = -1;
  frame.addEventListener("load", () => {
    try {
      frame.contentWindow?.focus();
      frame.contentWindow?.print();
    } catch {
      window.open(`/labels/${number}.pdf`, "_blank", "noopener");
    }
  });
  frame.src = `/labels/${number}.pdf`;
  document.body.append(frame);
}
