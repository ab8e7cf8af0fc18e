// What a reader changes in a network: gates held still, shifted or cut; words in another order.
import { sigmoid } from "./math.js";

export class Play {
  // clamp: value that the gate is held at, or null. shift: added to its bias. unit: which unit; null for all of them.
  // cut: the step at which nothing is written, or null.
  constructor({ clamp = null, shift = 0, unit = null, cut = null } = {}) {
    Object.assign(this, { clamp, shift, unit, cut });
  }

  get idle() {
    return this.clamp === null && this.shift === 0 && this.cut === null;
  }

  concerns(k) {
    return this.unit === null || this.unit === k;
  }

  clamps(k) {
    return this.clamp !== null && this.concerns(k);
  }

  cuts(t) {
    return this.cut === t;
  }

  // the gate that keeps, from what stands under its sigmoid
  keep(sum, k) {
    if (!this.concerns(k)) return sigmoid(sum);
    return this.clamp !== null ? this.clamp : sigmoid(sum + this.shift);
  }
}

// The order of `count` things with the ones at two places swapped.
export function swapped(count, first, second) {
  const order = Array.from({ length: count }, (_, place) => place);
  [order[first], order[second]] = [order[second], order[first]];
  return order;
}

// The order with what stands from `middle` on brought to the front.
export function halvesSwapped(count, middle) {
  const order = Array.from({ length: count }, (_, place) => place);
  return [...order.slice(middle), ...order.slice(0, middle)];
}
