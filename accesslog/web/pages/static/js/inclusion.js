// The proof that an entry is in the diary (C2SP tlog-proof over RFC 6962), checked by the browser's own cryptography: the
// entry's hash, the way from it to the root of a signed checkpoint, and the signature of the diary's key.

/** Reads a proof as the API gives it. What is not one throws a SyntaxError. */
export function parse(text) {
  const [head, origin] = parted(text, '\n\n');
  const [mark, ...lines] = head.split('\n');
  if (mark !== 'c2sp.org/tlog-proof@v1') throw new SyntaxError('no proof');
  const leaf = lines[0]?.startsWith('extra ') ? decode(lines.shift().slice(6)) : undefined;
  const index = /^index (\d+)$/.exec(lines.shift() ?? '');
  if (!leaf || !index) throw new SyntaxError('no entry in the proof');
  return { leaf, index: Number(index[1]), hashes: lines.map(decode), checkpoint: parseCheckpoint(origin) };
}

/** Reads a checkpoint: a signed note. */
export function parseCheckpoint(note) {
  const [text, signatures] = parted(note, '\n\n');
  const [origin, size, root] = text.split('\n');
  if (!origin || !/^\d+$/.test(size ?? '') || !root) throw new SyntaxError('no checkpoint');
  return {
    origin, size: Number(size), root: decode(root), text: `${text}\n`,
    signatures: signatures.split('\n').filter(Boolean).map((line) => {
      const found = /^\u2014 (\S+) (\S+)$/.exec(line);
      if (!found) throw new SyntaxError('no signature');
      const bytes = decode(found[2]);
      return { name: found[1], hash: hex(bytes.subarray(0, 4)), bytes: bytes.subarray(4) };
    }),
  };
}

/** Tells whether the tree of a checkpoint has a leaf of these bytes where the proof says so (RFC 9162, 2.1.3.2). */
export async function isIn({ leaf, index, hashes, checkpoint }) {
  let [at, last, hash] = [index, checkpoint.size - 1, await sha256(Uint8Array.of(0), leaf)];
  if (at > last) return false;
  for (const sibling of hashes) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      hash = await sha256(Uint8Array.of(1), sibling, hash);
      while (at % 2 === 0 && at !== 0) [at, last] = [at / 2, Math.floor(last / 2)];
    } else {
      hash = await sha256(Uint8Array.of(1), hash, sibling);
    }
    [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
  }
  return last === 0 && same(hash, checkpoint.root);
}

/**
 * Looks for the signature of one of the keys of a diary: {fingerprint, right}. right is undefined where the browser knows no
 * Ed25519. No key that fits gives undefined.
 */
export async function signer(checkpoint, keys) {
  for (const text of keys) {
    const key = await parseKey(text);
    const signature = checkpoint.signatures.find((one) => one.name === key.name && one.hash === key.hash);
    if (!signature || key.name !== checkpoint.origin || key.algorithm !== 1) continue;
    const fingerprint = await fingerprintOf(text);
    let right;
    try {
      const imported = await crypto.subtle.importKey('raw', key.bytes, { name: 'Ed25519' }, false, ['verify']);
      right = await crypto.subtle.verify({ name: 'Ed25519' }, imported, signature.bytes, new TextEncoder().encode(checkpoint.text));
    } catch (error) {
      if (error.name !== 'NotSupportedError') right = false;
    }
    return { fingerprint, right };
  }
  return undefined;
}

/** Tells whether a text has a hash, which is in base64. */
export const hasHash = async (text, hash) => same(await sha256(new TextEncoder().encode(text)), decode(hash));

/** What is compared with paper: the first 16 bytes of the SHA-256 of a key's text, in groups of four hexadecimal digits. */
export async function fingerprintOf(key) {
  return hex((await sha256(new TextEncoder().encode(key))).subarray(0, 16)).match(/.{4}/g).join(' ');
}

/** A verifier key, <name>+<hash>+<base64>, whose hash has to fit. */
async function parseKey(text) {
  const [name, rest] = parted(text, '+');
  const [hash, encoded] = parted(rest, '+');
  const bytes = decode(encoded);
  const fits = hex((await sha256(new TextEncoder().encode(`${name}\n`), bytes)).subarray(0, 4));
  if (fits !== hash) throw new SyntaxError('no key');
  return { name, hash, algorithm: bytes[0], bytes: bytes.subarray(1) };
}

async function sha256(...pieces) {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', await new Blob(pieces).arrayBuffer()));
}

const decode = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
const hex = (bytes) => [...bytes].map((one) => one.toString(16).padStart(2, '0')).join('');
const same = (one, other) => one.length === other.length && one.every((byte, i) => byte === other[i]);

/** The two parts of a text before and behind the first mark. */
function parted(text, mark) {
  const at = text.indexOf(mark);
  if (at < 0) throw new SyntaxError(`no ${JSON.stringify(mark)}`);
  return [text.slice(0, at), text.slice(at + mark.length)];
}
