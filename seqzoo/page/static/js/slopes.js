// Losses of a network's answer: functions from the head's outputs to dL/d(outputs).
import { sigmoid, softmax } from "./math.js";

// Of cross-entropy against the class `target`: one output for two classes, else one a class. Without a target it is against the
// class that is least probable there: what the network would have to learn if it were wrong.
export function crossEntropySlope(target = null) {
  return (outputs) => {
    if (outputs.length === 1) return [sigmoid(outputs[0]) - (target ?? (outputs[0] > 0 ? 0 : 1))];
    const shares = softmax(outputs);
    const right = target ?? shares.indexOf(Math.min(...shares));
    return shares.map((share, index) => share - (index === right ? 1 : 0));
  };
}

// Of the mean squared error against `target`.
export const squaredErrorSlope = (target) => (outputs) => Array.from(outputs, (value) => (2 * (value - target)) / outputs.length);

// Of the first output itself.
export const ownSlope = () => (outputs) => Array.from(outputs, (_, index) => (index === 0 ? 1 : 0));

export const SLOPES = { cross: crossEntropySlope, square: squaredErrorSlope, own: ownSlope };
