/** Rules about time: the claimed time between what the device had seen and when the log took it. */

import type { Hit, Step } from "./step";

/** T01-T03, T07 and M05. */
export function* time(step: Step): Generator<Hit> {
  const { claimedMs, anchor } = step.event;
  const { parent, seen } = step;
  const eps = step.policy.eps_ms;
  if (parent && claimedMs < parent.event.claimedMs - eps) {
    yield ["T01", `${parent.event.claimedMs - claimedMs} ms before the event it follows`];
  }
  if (seen && claimedMs < seen.timeMs - eps) {
    yield ["T02", `${seen.timeMs - claimedMs} ms before a checkpoint it had seen`];
  }
  if (claimedMs > step.entry.loggedMs + eps) {
    yield ["T03", `${claimedMs - step.entry.loggedMs} ms after the log took it`];
  }
  if (!anchor) {
    yield ["T07", "no checkpoint is cited"];
  } else if (seen?.root !== anchor.root) {
    yield ["M05", `the checkpoint of size ${anchor.size} that it cites is not this log's`];
  }
}
