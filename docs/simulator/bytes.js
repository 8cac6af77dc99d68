// Bytes, squeezed and as text.

/** What a link or a file may hold once it is unpacked: far more than any scenario, and little for a browser. */
const MOST_BYTES = 4_000_000;

/** Compresses bytes without a header around them. */
export function deflated(bytes) {
  return through(new CompressionStream("deflate-raw"), bytes);
}

/** Undoes `deflated`, or the compression of a file; fails on what is damaged or too large. */
export function inflated(bytes, format = "deflate-raw") {
  return through(new DecompressionStream(format), bytes);
}

/** Writes bytes in letters that a link may hold. */
export function toBase64Url(bytes) {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Undoes `toBase64Url`, and plain base64; fails on other letters. */
export function fromBase64(text) {
  return Uint8Array.from(atob(text.trim().replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

async function through(transform, bytes) {
  const parts = [];
  let length = 0;
  const reader = new Blob([bytes]).stream().pipeThrough(transform).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.length;
    if (length > MOST_BYTES) throw new RangeError("too large");
    parts.push(part.value);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
