// SHA-256 and SHA-512 (FIPS 180-4), for where a browser gives a page of a folder no WebCrypto, and for files that are too
// large to be hashed in one piece.

// The constants are the first 64 bits behind the point of the roots of the first primes; SHA-256 has the first 32 of them.
const primes = [];
for (let n = 2; primes.length < 80; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);

/** rootBits are 64 bits behind the point of the root of n of a degree, found by halving. */
function rootBits(n, degree) {
  const want = BigInt(n) << (64n * degree);
  let low = 0n, high = 1n << 70n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** degree <= want) low = middle; else high = middle;
  }
  return low & ((1n << 64n) - 1n);
}

const cubes = primes.map((p) => rootBits(p, 3n)), squares = primes.slice(0, 8).map((p) => rootBits(p, 2n));
const upper = (list) => Int32Array.from(list, (v) => Number(v >> 32n) | 0);
const lower = (list) => Int32Array.from(list, (v) => Number(v & 0xffffffffn) | 0);
const K = upper(cubes), KL = lower(cubes), H = upper(squares), HL = lower(squares);

/** padded is what follows the last whole block of a message: the rest, a bit, and the length. */
function padded(rest, length, block) {
  const size = rest.length + 1 + block / 8 <= block ? block : 2 * block;
  const b = new Uint8Array(size);
  b.set(rest);
  b[rest.length] = 0x80;
  new DataView(b.buffer).setBigUint64(size - 8, BigInt(length) * 8n);
  return b;
}

/** Sha256 takes a message piece by piece. */
class Sha256 {
  constructor() {
    this.state = H.slice();
    this.words = new Int32Array(64);
    this.rest = new Uint8Array(0);
    this.length = 0;
  }

  write(bytes) {
    this.length += bytes.length;
    let from = 0;
    if (this.rest.length > 0) {
      from = Math.min(64 - this.rest.length, bytes.length);
      this.rest = joined(this.rest, bytes.subarray(0, from));
      if (this.rest.length < 64) return this;
      this.blocks(this.rest);
    }
    const whole = from + (bytes.length - from - ((bytes.length - from) % 64));
    this.blocks(bytes.subarray(from, whole));
    this.rest = bytes.slice(whole);
    return this;
  }

  sum() {
    this.blocks(padded(this.rest, this.length, 64));
    return bigEndian(this.state);
  }

  blocks(bytes) {
    const w = this.words, s = this.state, view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += 64) {
      for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
      for (let i = 16; i < 64; i++) {
        const x = w[i - 15], y = w[i - 2];
        const a = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const b = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[i] = (w[i - 16] + a + w[i - 7] + b) | 0;
      }
      let [a, b, c, d, e, f, g, h] = s;
      for (let i = 0; i < 64; i++) {
        const t = (h + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7))) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const u = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10))) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        h = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
      }
      s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
    }
  }
}

/** sha512 hashes a message with words of 64 bits as pairs of 32: BigInt would take seconds for a manifest of 16 MiB. */
function sha512(message) {
  const sh = H.slice(), sl = HL.slice(), wh = new Int32Array(80), wl = new Int32Array(80);
  const whole = message.length - (message.length % 128);
  const part = (bytes) => {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < bytes.length; at += 128) block512(sh, sl, wh, wl, view, at);
  };
  part(message.subarray(0, whole));
  part(padded(message.subarray(whole), message.length, 128));
  const words = new Int32Array(16);
  for (let i = 0; i < 8; i++) { words[2 * i] = sh[i]; words[2 * i + 1] = sl[i]; }
  return bigEndian(words);
}

/** rotated are the 32 upper bits of a word of 64 turned right by n; the lower ones are those of (low, high). */
const rotated = (high, low, n) => n < 32 ? (high >>> n) | (low << (32 - n)) : (low >>> (n - 32)) | (high << (64 - n));

/** sumOf adds words of 64 bits, given as high, low, high, low …, into out. */
function sumOf(out, ...words) {
  let low = 0, high = 0;
  for (let i = 0; i < words.length; i += 2) { high += words[i]; low += words[i + 1] >>> 0; }
  out[1] = low | 0;
  out[0] = (high + Math.floor(low / 4294967296)) | 0;
}

function block512(sh, sl, wh, wl, view, at) {
  const out = [0, 0], sigma = (h, l, a, b, c) => [rotated(h, l, a) ^ rotated(h, l, b) ^ (c < 0 ? h >>> -c : rotated(h, l, c)),
    rotated(l, h, a) ^ rotated(l, h, b) ^ (c < 0 ? (l >>> -c) | (h << (32 + c)) : rotated(l, h, c))];
  for (let i = 0; i < 16; i++) { wh[i] = view.getInt32(at + 8 * i); wl[i] = view.getInt32(at + 8 * i + 4); }
  for (let i = 16; i < 80; i++) {
    const a = sigma(wh[i - 15], wl[i - 15], 1, 8, -7), b = sigma(wh[i - 2], wl[i - 2], 19, 61, -6);
    sumOf(out, wh[i - 16], wl[i - 16], a[0], a[1], wh[i - 7], wl[i - 7], b[0], b[1]);
    wh[i] = out[0]; wl[i] = out[1];
  }
  const h = Array.from(sh), l = Array.from(sl); // a to h
  for (let i = 0; i < 80; i++) {
    const e = sigma(h[4], l[4], 14, 18, 41), a = sigma(h[0], l[0], 28, 34, 39), t = [0, 0];
    sumOf(t, h[7], l[7], e[0], e[1], (h[4] & h[5]) ^ (~h[4] & h[6]), (l[4] & l[5]) ^ (~l[4] & l[6]), K[i], KL[i], wh[i], wl[i]);
    sumOf(out, t[0], t[1], a[0], a[1], (h[0] & h[1]) ^ (h[0] & h[2]) ^ (h[1] & h[2]), (l[0] & l[1]) ^ (l[0] & l[2]) ^ (l[1] & l[2]));
    const first = out.slice();
    sumOf(out, h[3], l[3], t[0], t[1]);
    for (const list of [h, l]) { list.pop(); list.unshift(0); }
    h[0] = first[0]; l[0] = first[1]; h[4] = out[0]; l[4] = out[1];
  }
  for (let i = 0; i < 8; i++) { sumOf(out, sh[i], sl[i], h[i], l[i]); sh[i] = out[0]; sl[i] = out[1]; }
}

function bigEndian(words) {
  const b = new Uint8Array(4 * words.length), view = new DataView(b.buffer);
  words.forEach((w, i) => view.setInt32(4 * i, w));
  return b;
}

function joined(...parts) {
  const b = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) { b.set(p, at); at += p.length; }
  return b;
}

/** sha256 hashes bytes that are in memory: by WebCrypto where the browser has it for this page and it works. */
async function sha256(bytes) {
  try {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  } catch {
    return new Sha256().write(bytes).sum(); // it is not there, or refuses pages of a folder
  }
}
