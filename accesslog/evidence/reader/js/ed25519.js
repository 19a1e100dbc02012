// Ed25519 (RFC 8032), verifying alone. It refuses and takes what Go's crypto/ed25519 does, which signed and verifies
// elsewhere: S must be below the group's order (or one signature could be written in several ways); R is compared as
// bytes, so it has one form; a key of small order is a key. Browsers disagree about the last, so none of theirs is asked,
// and some have none: two or three signatures take milliseconds here.

const P = (1n << 255n) - 19n;
const L = (1n << 252n) + 27742317777372353535851937790883648493n;
const mod = (a) => { const r = a % P; return r < 0n ? r + P : r; };

function power(base, exponent) {
  let result = 1n;
  for (let b = mod(base), e = exponent; e > 0n; e >>= 1n, b = mod(b * b)) if (e & 1n) result = mod(result * b);
  return result;
}

const D = mod(-121665n * power(121666n, P - 2n));
const rootOfMinusOne = power(2n, (P - 1n) / 4n);
const neutral = [0n, 1n, 1n, 0n];

/** sum of points, each as X, Y, Z, T with x = X/Z, y = Y/Z, xy = T/Z; it is complete, so it doubles, too. */
function plus(p, q) {
  const a = mod((p[1] - p[0]) * (q[1] - q[0])), b = mod((p[1] + p[0]) * (q[1] + q[0]));
  const c = mod(2n * p[3] * q[3] * D), d = mod(2n * p[2] * q[2]);
  const e = b - a, f = d - c, g = d + c, h = b + a;
  return [mod(e * f), mod(g * h), mod(f * g), mod(e * h)];
}

/** timesBoth is s times the point p, and k times q, in one walk over the bits of both. */
function timesBoth(s, p, k, q) {
  const choice = [neutral, p, q, plus(p, q)], bits = (n) => n.toString(2).padStart(256, "0"), a = bits(s), b = bits(k);
  let result = neutral;
  for (let i = 0; i < 256; i++) {
    result = plus(result, result);
    const which = Number(a[i]) + 2 * Number(b[i]);
    if (which > 0) result = plus(result, choice[which]);
  }
  return result;
}

const littleEndian = (bytes) => bytes.reduceRight((n, b) => (n << 8n) | BigInt(b), 0n);

/** pointOf reads one; null if no point is written so. Like Go's, it takes a y above P − 1 for the one that it is. */
function pointOf(bytes) {
  const n = littleEndian(bytes), y = mod(n & ((1n << 255n) - 1n)), negative = n >> 255n;
  const u = mod(y * y - 1n), v = mod(D * y * y + 1n);
  let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
  const square = mod(v * x * x);
  if (square !== u) {
    if (square !== mod(-u)) return null;
    x = mod(x * rootOfMinusOne);
  }
  if ((x & 1n) !== negative) x = mod(-x);
  return [x, y, 1n, mod(x * y)];
}

function bytesOf(point) {
  const over = power(point[2], P - 2n), x = mod(point[0] * over);
  let y = mod(point[1] * over) | ((x & 1n) << 255n);
  return Uint8Array.from({ length: 32 }, () => { const b = Number(y & 255n); y >>= 8n; return b; });
}

const base = pointOf(Uint8Array.from({ length: 32 }, (_, i) => i === 0 ? 0x58 : 0x66));

/** verified tells whether a signature of 64 bytes is of the message, by a public key of 32. */
function verified(key, message, signature) {
  if (key.length !== 32 || signature.length !== 64) return false;
  const a = pointOf(key), r = signature.subarray(0, 32), s = littleEndian(signature.subarray(32));
  if (a === null || s >= L) return false;
  const k = littleEndian(sha512(joined(r, key, message))) % L;
  const minusA = [mod(-a[0]), a[1], a[2], mod(-a[3])];
  return same(bytesOf(timesBoth(s, base, k, minusA)), r);
}

const same = (a, b) => a.length === b.length && a.every((v, i) => v === b[i]);
