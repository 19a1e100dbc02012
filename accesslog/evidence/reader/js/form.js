// The forms of a package and of its diary, as their FORMAT.md say: nothing that is written otherwise is taken.

/** Malformed is thrown where something is not in its form. Its text is for whoever looks into it. */
class Malformed extends Error {}

function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Malformed("no UTF-8");
  }
}

/** canonical reads JSON of the one form: what is read is written again, and must be the same bytes. */
function canonical(bytes) {
  const text = textOf(bytes);
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Malformed("no JSON");
  }
  if (encoded(value) !== text) throw new Malformed("JSON in another form");
  return value;
}

function encoded(value, depth = 0) {
  if (depth > 16 || value === null) throw new Malformed("null, or too deep");
  if (Array.isArray(value)) return `[${value.map((v) => encoded(v, depth + 1)).join(",")}]`;
  if (typeof value === "object") {
    const names = Object.keys(value).sort();
    if (names.some((n) => !/^[\x20-\x7e]+$/.test(n))) throw new Malformed("an odd name");
    return `{${names.map((n) => `${JSON.stringify(n)}:${encoded(value[n], depth + 1)}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Malformed("a number that is no integer");
  if (typeof value === "string" && /\p{Surrogate}/u.test(value)) throw new Malformed("half a character");
  return JSON.stringify(value);
}

const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

function base64(bytes) {
  let s = "";
  for (const b of bytes) s += String.fromCharCode(b);
  return btoa(s);
}

/** unbase64 takes base64 with padding and unused bits zero, of so many bytes if that is said. */
function unbase64(text, size) {
  let bytes = null;
  try {
    bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  } catch { /* it is none */ }
  if (bytes === null || base64(bytes) !== text || (size !== undefined && bytes.length !== size)) throw new Malformed("no base64");
  return bytes;
}

const utf8 = (text) => new TextEncoder().encode(text);

/** keyOf reads a verifier key of a log: name+id+base64 of 1 ‖ public key. */
async function keyOf(line) {
  const at = line.indexOf("+"), name = line.slice(0, at), id = line.slice(at + 1, at + 9);
  if (at < 1 || /\s/.test(name) || line[at + 9] !== "+") throw new Malformed("no verifier key");
  const bytes = unbase64(line.slice(at + 10), 33);
  if (bytes[0] !== 1 || hex((await sha256(joined(utf8(`${name}\n`), bytes))).subarray(0, 4)) !== id) throw new Malformed("no verifier key of a log");
  return { line, name, id, public: bytes.subarray(1) };
}

/** fingerprintOf is what stands on paper, without its spaces. */
const fingerprintOf = async (line) => hex((await sha256(utf8(line))).subarray(0, 16));

const whole = (text) => {
  if (!/^(0|[1-9][0-9]{0,15})$/.test(text) || !Number.isSafeInteger(Number(text))) throw new Malformed("no number");
  return Number(text);
};

/** checkpointOf reads a signed note, and wants the signature of a key on it. */
function checkpointOf(bytes, key) {
  const note = textOf(bytes), end = note.lastIndexOf("\n\n"), text = note.slice(0, end + 1), lines = text.split("\n");
  if (end < 0 || lines.length !== 4 || !note.endsWith("\n") || lines[0] !== key.name) throw new Malformed("no checkpoint of this diary");
  const c = { size: whole(lines[1]), root: unbase64(lines[2], 32) };
  const signatures = note.slice(end + 2, -1).split("\n").map((line) => /^\u2014 (\S+) (\S+)$/u.exec(line));
  if (signatures.some((s) => s === null)) throw new Malformed("no signature of a checkpoint");
  const own = signatures.filter((s) => s[1] === key.name).map((s) => unbase64(s[2])).filter((b) => hex(b.subarray(0, 4)) === key.id);
  if (own.length !== 1 || !verified(key.public, utf8(text), own[0].subarray(4))) throw new Malformed("the signature of the checkpoint is wrong");
  return c;
}

const leafOf = (bytes) => sha256(joined(Uint8Array.of(0), bytes));
const nodeOf = (left, right) => sha256(joined(Uint8Array.of(1), left, right));

/** included tells whether a leaf is at an index of a tree (RFC 9162, section 2.1.3.2). */
async function included(leaf, index, size, hashes, root) {
  if (!(index >= 0 && index < size) || hashes.length > 63) return false;
  let n = BigInt(index), last = BigInt(size) - 1n, r = leaf;
  for (const h of hashes) {
    if (last === 0n) return false;
    if (n & 1n || n === last) {
      r = await nodeOf(h, r);
      while (!(n & 1n) && n > 0n) { n >>= 1n; last >>= 1n; }
    } else {
      r = await nodeOf(r, h);
    }
    n >>= 1n;
    last >>= 1n;
  }
  return last === 0n && same(r, root);
}

/** proofOf reads a tlog-proof: the leaf, its index, its path, and the checkpoint's bytes. */
function proofOf(bytes) {
  const text = textOf(bytes), end = text.indexOf("\n\n");
  const lines = text.slice(0, end).split("\n"), extra = /^extra (\S+)$/.exec(lines[1] ?? ""), index = /^index (\d+)$/.exec(lines[2] ?? "");
  if (end < 0 || lines[0] !== "c2sp.org/tlog-proof@v1" || extra === null || index === null) throw new Malformed("no tlog-proof");
  return { leaf: unbase64(extra[1]), index: whole(index[1]), hashes: lines.slice(3).map((h) => unbase64(h, 32)), note: utf8(text.slice(end + 2)) };
}

/** rootOfFrontier is the root of a tree of so many entries, made of the roots of its full subtrees. */
async function rootOfFrontier(bytes, size) {
  const lines = textOf(bytes).split("\n"), hashes = lines.slice(1, -1).map((h) => unbase64(h, 32));
  const bits = BigInt(size).toString(2).replace(/0/g, "").length;
  if (whole(lines[0]) !== size || lines[lines.length - 1] !== "" || hashes.length !== bits || bits === 0) throw new Malformed("no frontier");
  let root = hashes.pop();
  while (hashes.length > 0) root = await nodeOf(hashes.pop(), root);
  return root;
}
