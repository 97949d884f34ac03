const startCode = Buffer.from([0, 0, 1]);

/**
 * The NAL units of an Annex B stream as views, without start codes and trailing zero bytes. Empty units
 * are skipped; at most `maxUnits` (default 256) are given. Never throws.
 */
export function splitAnnexB(data: Uint8Array, maxUnits = 256): Buffer[] {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const units: Buffer[] = [];
  let at = bytes.indexOf(startCode);
  while (at >= 0 && units.length < maxUnits) {
    const from = at + startCode.length;
    at = bytes.indexOf(startCode, from);
    // A NAL unit never ends with a zero byte (H.264 §7.4.1): zeros belong to the next start code.
    let end = at < 0 ? bytes.length : at;
    while (end > from && bytes[end - 1] === 0) end -= 1;
    if (end > from) units.push(bytes.subarray(from, end));
  }
  return units;
}
