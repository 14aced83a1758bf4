/** 16 or more random bytes; where they come from is the world's matter. */
export type RandomBytes = (count: number) => Uint8Array

/** An id of 122 random bits after a millisecond stamp: UUID version 7 (RFC 9562), so that ids made later sort later. */
export function makeId(now: number, randomBytes: RandomBytes): string {
  const bytes = randomBytes(16)
  for (let i = 0, rest = now; i < 6; i++, rest = Math.floor(rest / 256)) bytes[5 - i] = rest % 256
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytesToUuid(bytes)
}

/** An id that is the same wherever it is made from the same parts: 128 bits of cyrb-style mixing over their text, for `tx.newId`. */
export function makeDerivedId(...parts: readonly (string | number)[]): string {
  const text = JSON.stringify(parts)
  const words = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0x71374491]
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    for (let w = 0; w < 4; w++) words[w] = Math.imul((words[w] ?? 0) ^ code ^ (w * 0x85ebca6b), 0x01000193 + 2 * w) >>> 0
  }
  const bytes = new Uint8Array(16)
  for (let w = 0; w < 4; w++) {
    const word = mix((words[w] ?? 0) ^ mix(words[(w + 1) % 4] ?? 0))
    for (let b = 0; b < 4; b++) bytes[w * 4 + b] = (word >>> (b * 8)) & 0xff
  }
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytesToUuid(bytes)
}

// the finaliser of MurmurHash3: each bit of the input turns about half of the output
function mix(word: number): number {
  let x = word >>> 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return (x ^ (x >>> 16)) >>> 0
}

const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

function bytesToUuid(bytes: Uint8Array): string {
  let uuid = ''
  for (let i = 0; i < 16; i++) uuid += (i === 4 || i === 6 || i === 8 || i === 10 ? '-' : '') + (hexOfByte[bytes[i] ?? 0] ?? '')
  return uuid
}
