// Files of weights: base64 to bytes whose hash is compared, safetensors (https://huggingface.co/docs/safetensors) to float32 arrays by name.
import { sha256 } from "./sha256.js";

// The bytes of a file of the manifest, {sha256, bytes, script}, from its base64.
export function decoded(text, file) {
  const bytes = fromBase64(text);
  const found = sha256(bytes);
  if (found === file.sha256 && bytes.length === file.bytes) return bytes;
  throw new Error(`The file's SHA-256 must be the one on the model's card. Expected: ${file.sha256}. Received: ${found}, in ${file.script}`);
}

export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let k = 0; k < binary.length; k++) bytes[k] = binary.charCodeAt(k);
  return bytes;
}

// The value of a 16-bit float.
function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

let halves = null;

// 16-bit floats, little-endian, as float32; all 65,536 values are computed once.
export function fromHalves(bytes) {
  halves ??= Float32Array.from({ length: 65536 }, (_, bits) => half(bits));
  const found = new Float32Array(bytes.length / 2);
  for (let k = 0; k < found.length; k++) found[k] = halves[bytes[2 * k] | (bytes[2 * k + 1] << 8)];
  return found;
}

// {name: {shape, data: Float32Array}}. Throws for what is not such a file of float16 or float32.
export function parseSafetensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.length >= 8 ? Number(view.getBigUint64(0, true)) : Infinity;
  if (!(8 + size <= bytes.length)) throw new Error("This is no safetensors file: its header does not fit into it");
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + size)));
  const found = {};
  for (const [name, about] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    const [from, to] = about.data_offsets;
    const data = bytes.slice(8 + size + from, 8 + size + to);
    const count = about.shape.reduce((product, length) => product * length, 1);
    const width = { F16: 2, F32: 4 }[about.dtype];
    if (!width || data.length !== width * count) {
      throw new Error(`Weights are float16 or float32 of their shape. Received: ${name}, ${about.dtype}, ${data.length} bytes`);
    }
    found[name] = { shape: about.shape, data: width === 2 ? fromHalves(data) : new Float32Array(data.buffer) };
  }
  return found;
}
