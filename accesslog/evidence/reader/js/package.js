// Verifying a package by steps 1, 2, 6 and most of 3 to 5 of its FORMAT.md. It reads files of the folder alone, none as a
// whole that may be large: what the page around it says changes nothing.

const chunkSize = 4 << 20, maxManifest = 16 << 20, maxSmall = 1 << 20, maxFindings = 200, maxLine = 128 << 10, maxPayload = 32 << 20;
const manifestFile = "manifest.json", signatureFile = "manifest.sig", sumsFile = "SHA256SUMS.txt", sumsSignature = "SHA256SUMS.sig", diaryDir = "proof/diary";
const recordFile = "ZAPISNIK_O_PREDAJI.pdf"; // it has the manifest's hash, so that can't list it; every package has it

// What operating systems leave in a folder or on a drive, as varuh-verify has it: files by names and by what they begin with (in
// hexadecimal; of a text behind a byte order mark and white space), folders at a root with nothing that is mistakable in them, and one
// with nothing but ._*. A * at the end stands for any end.
const systemFiles = [{"name": ".DS_Store", "begins": "0000000142756431", "text": false, "most": 1048576}, {"name": "._*", "begins": "0005160700020000", "text": false, "most": 8192}, {"name": ".apdisk", "begins": "3c3f786d6c", "text": true, "most": 65536}, {"name": ".directory", "begins": "5b", "text": true, "most": 65536}, {"name": "Desktop.ini", "begins": "5b", "text": true, "most": 65536}, {"name": "Thumbs.db", "begins": "d0cf11e0a1b11ae1", "text": false, "most": 16777216}, {"name": "desktop.ini", "begins": "5b", "text": true, "most": 65536}, {"name": "ehthumbs.db", "begins": "d0cf11e0a1b11ae1", "text": false, "most": 16777216}, {"name": "thumbs.db", "begins": "d0cf11e0a1b11ae1", "text": false, "most": 16777216}];
const systemFolders = ["$RECYCLE.BIN", "$Recycle.Bin", ".DocumentRevisions-V100", ".Spotlight-V100", ".TemporaryItems", ".Trash-*", ".Trashes", ".fseventsd", "System Volume Information", "lost+found"];
const bins = ["$RECYCLE.BIN", "$Recycle.Bin", ".Trash-*", ".Trashes"]; // around a package these may have anything
const mistakable = [".3gp", ".7z", ".avi", ".bat", ".cmd", ".com", ".exe", ".flv", ".gif", ".htm", ".html", ".jpeg", ".jpg", ".js", ".lnk", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".msi", ".mts", ".ogv", ".pdf", ".png", ".ps1", ".rar", ".scr", ".svg", ".ts", ".url", ".vbs", ".vob", ".webm", ".webp", ".wmv", ".xhtml", ".zip"];
const resourceFolder = "__MACOSX";
const renaming = "localizedfilenames"; // a section of desktop.ini, by which Windows shows other names for files
const called = (name, entry) => name === entry || entry.endsWith("*") && name.startsWith(entry.slice(0, -1)) && name.length >= entry.length;
const systemFolder = (name) => systemFolders.find((entry) => called(name, entry)) ?? (name === resourceFolder ? name : undefined);

/** leftover is of which kind a file of a system's is, and in which folder, if in one; undefined for another's. Around
 * a package a bin may have anything. */
async function leftover(path, file, outside = false) {
  const parts = path.split("/"), name = parts[parts.length - 1], inside = parts.length > 1 ? systemFolder(parts[0]) : undefined;
  const form = systemFiles.find((f) => called(name, f.name)), ends = name.toLowerCase().replace(/[. ]+$/, "");
  const kind = inside ?? form?.name, found = { path, kind, folder: inside && parts[0] };
  if (form !== undefined && (inside !== resourceFolder || form.name === "._*") && await formed(file, form)) return found;
  const harmless = !mistakable.some((end) => ends.endsWith(end)) || outside && bins.includes(inside);
  return inside !== undefined && inside !== resourceFolder && harmless ? found : undefined;
}

/** formed tells whether a file is what its name says. */
async function formed(file, form) {
  if (file.size > form.most) return false;
  let bytes;
  try {
    bytes = new Uint8Array(await file.slice(0, form.text ? form.most : 64).arrayBuffer());
  } catch (e) {
    if (!(e instanceof DOMException)) throw e;
    return false; // it can't be read
  }
  if (!form.text) return hex(bytes).startsWith(form.begins);
  const text = String.fromCharCode(...bytes).replace(/^(\xef\xbb\xbf|\xff\xfe|\xfe\xff)/, "").replace(/\0/g, "").replace(/^[ \t\r\n]+/, "");
  return hex(Uint8Array.from(text.slice(0, form.begins.length / 2), (c) => c.charCodeAt(0))) === form.begins && !text.toLowerCase().includes(renaming);
}

/** leftovers are findings about such files: a few, however many there are. */
function leftovers(list) {
  const kinds = new Map(), found = [];
  for (const { path, kind, folder } of list) {
    const all = kinds.get(kind) ?? { first: folder ?? path, folder, count: 0 };
    kinds.set(kind, all);
    all.count++;
  }
  for (const { first, folder, count } of kinds.values()) {
    if (folder !== undefined) found.push(["besideFolder", first, count]);
    else if (count > 1) found.push(["besideMore", first, count - 1]);
    else found.push(["beside", first]);
  }
  return found;
}

// Which verdicts a finding is against; others are notes.
const against = {
  missing: ["exported"], unreadable: ["exported"], large: ["exported"], changed: ["exported"], swapped: ["exported"], strange: ["exported"], sumsForm: ["exported"],
  sumsOther: ["exported"], sumsLine: ["exported"], sumWrong: ["exported"], manifestForm: ["exported", "disclosed", "unchanged"], signature: ["exported", "disclosed"], sumsSignature: ["exported"],
  otherKey: ["exported", "disclosed", "unchanged"], diary: ["disclosed", "unchanged"], disclose: ["disclosed"], disclosedOther: ["disclosed"], request: ["disclosed"], segmentGone: ["unchanged"],
  segmentOther: ["unchanged"], sidecar: ["exported", "unchanged"], fragment: ["exported", "unchanged"], order: ["exported", "unchanged"], index: ["exported"],
};

/** Examination is one run over the files of a folder: a Map of File by path. Around it may be what systems left. Nothing in it depends
 * on the fingerprint. */
class Examination {
  constructor(files, moved, signal, around = []) {
    Object.assign(this, { files, around, moved, signal, findings: [], manifest: null, key: null, fingerprint: "", newer: false, sums: null, hashes: new Map(), segments: new Map(),
      collected: new Map(), fragments: 0, bytes: 0, total: 0, done: 0 });
  }

  find(code, ...values) {
    if (this.findings.length < maxFindings) this.findings.push({ code, values: values.map(String), bad: code in against });
    else if (this.findings.length === maxFindings) this.findings.push({ code: "more", values: [], bad: false });
    // One that is left out counts all the same.
    if (code in against) for (const verdict of against[code]) this[`${verdict}Broken`] = true;
  }

  async run() {
    const raw = await this.small(manifestFile, maxManifest), signature = await this.small(signatureFile, 64);
    const sums = await this.small(sumsFile, maxManifest), closing = await this.small(sumsSignature, 64);
    this.readSums(sums);
    if (raw !== null) await this.readManifest(raw);
    if (this.newer) return this;
    if (this.manifest !== null) {
      if (signature !== null && !verified(this.key.public, raw, signature)) this.find("signature");
      if (sums !== null && closing !== null && !verified(this.key.public, sums, closing)) this.find("sumsSignature", sumsSignature, sumsFile);
      const clips = this.manifest.files.filter((f) => f.kind === "clip" && this.files.has(f.path));
      this.total = clips.reduce((n, f) => n + this.files.get(f.path).size, 0);
    }
    for (const file of this.files.values()) this.total += file.size;
    await this.hashFiles();
    await this.judgeSums();
    if (this.manifest !== null) {
      await this.whileReadable(diaryDir, () => this.diary(raw));
      for (const clip of this.manifest.clips) await this.clip(clip);
    }
    return this;
  }

  async read(file, from, to) {
    if (this.signal.aborted) throw new DOMException("stopped", "AbortError");
    return new Uint8Array(await file.slice(from, to).arrayBuffer());
  }

  /** small reads a file of a bounded size; null if there is none, which is then a finding. */
  async small(path, most) {
    const file = this.files.get(path);
    if (file === undefined) return this.find("missing", path), null;
    if (file.size > most) return this.find("large", path), null;
    try {
      return await this.read(file, 0, file.size);
    } catch (e) {
      if (e.name === "AbortError") throw e;
      return this.find("unreadable", path), null;
    }
  }

  readSums(bytes) {
    if (bytes === null) return;
    this.sums = new Map();
    let text = "";
    try { text = textOf(bytes); } catch { /* no line of it is taken */ }
    const lines = text.split("\n"), names = [];
    for (const line of lines.slice(0, -1)) {
      const m = /^([0-9a-f]{64}) {2}([\x21-\x7e]{1,200})$/.exec(line);
      if (m === null) continue;
      names.push(m[2]);
      this.sums.set(m[2], m[1]);
    }
    const sorted = names.every((n, i) => i === 0 || names[i - 1] < n);
    if (!sorted || names.length !== lines.length - 1 || lines[lines.length - 1] !== "" || names.length === 0) this.find("sumsForm", sumsFile);
  }

  async readManifest(raw) {
    this.manifestHash = await sha256(raw);
    try {
      const m = canonical(raw);
      if (m.format !== "varuh package") throw new Malformed("no manifest of a package");
      if (m.v > 1) return void (this.newer = true);
      checkManifest(m);
      this.key = await keyOf(m.key);
      this.fingerprint = await fingerprintOf(m.key);
      this.manifest = m;
      for (const s of m.segments) this.segments.set(s.id, s);
    } catch (e) {
      if (!(e instanceof Malformed)) throw e;
      this.find("manifestForm", manifestFile);
    }
  }

  /** hashFiles holds the listed files against their chunks, and hashes the others that have a sum. */
  async hashFiles() {
    const listed = new Map((this.manifest?.files ?? []).map((f) => [f.path, f]));
    for (const f of listed.values()) {
      if (!this.files.has(f.path)) this.find("missing", f.path);
      else await this.whileReadable(f.path, () => this.listed(f));
    }
    for (const path of this.sums?.keys() ?? []) {
      if (listed.has(path)) continue;
      if (this.files.has(path)) await this.whileReadable(path, () => this.other(path));
      else if (path !== manifestFile && path !== signatureFile && path !== sumsFile && path !== sumsSignature) this.find("missing", path);
    }
  }

  async whileReadable(path, work) {
    try {
      await work();
    } catch (e) {
      if (e.name === "AbortError" || !(e instanceof DOMException)) throw e;
      this.find("unreadable", path);
    }
  }

  step(path, bytes) {
    this.done += bytes;
    this.moved(this.done, this.total, path);
  }

  async listed(f) {
    const file = this.files.get(f.path), chunks = [], others = this.manifest.files.filter((o) => o !== f && o.size === file.size);
    let at = -1;
    for (let from = 0; from < file.size; from += chunkSize) {
      const part = await this.read(file, from, Math.min(from + chunkSize, file.size)), n = chunks.length;
      chunks.push(base64(await sha256(part)));
      this.step(f.path, part.length);
      if (at < 0 && chunks[n] !== f.chunks[n]) at = n;
      if (at >= 0 && !others.some((o) => chunks.every((c, i) => c === o.chunks[i]))) break; // it is none of the package's
    }
    if (at < 0 && chunks.length === f.chunks.length && file.size === f.size) return;
    if (at < 0) at = Math.min(chunks.length, f.chunks.length);
    const other = others.find((o) => o.chunks.every((c, i) => c === chunks[i]));
    if (other !== undefined && file.size > 0) return this.find("swapped", f.path, other.path);
    const most = Math.max(file.size, f.size);
    this.find("changed", f.path, at * chunkSize, Math.max(at * chunkSize, Math.min(at * chunkSize + chunkSize, most) - 1), file.size, f.size);
  }

  async other(path) {
    const file = this.files.get(path);
    if (file.size <= chunkSize) {
      this.hashes.set(path, hex(await sha256(await this.read(file, 0, file.size))));
      return this.step(path, file.size);
    }
    const h = new Sha256();
    for (let from = 0; from < file.size; from += chunkSize) {
      h.write(await this.read(file, from, Math.min(from + chunkSize, file.size)));
      this.step(path, Math.min(chunkSize, file.size - from));
    }
    this.hashes.set(path, hex(h.sum()));
  }

  /** judgeSums holds all files against SHA256SUMS.txt, and names those that are in no list. */
  async judgeSums() {
    const listed = new Map((this.manifest?.files ?? []).map((f) => [f.path, f]));
    for (const [path, sum] of this.sums ?? []) {
      if (listed.has(path) && listed.get(path).sha256 !== sum) this.find("sumsOther", sumsFile, path);
      else if (this.hashes.has(path) && this.hashes.get(path) !== sum) this.find("sumWrong", path, sumsFile);
    }
    const left = [];
    for (const path of [...this.files.keys()].sort()) {
      const summed = this.sums === null || this.sums.has(path), diary = path.startsWith(`${diaryDir}/`), own = path === manifestFile || path === signatureFile;
      if (listed.has(path) || path === recordFile) {
        if (!summed) this.find("sumsLine", sumsFile, path);
        continue;
      }
      if (path === sumsFile || path === sumsSignature) continue;
      const system = await leftover(path, this.files.get(path));
      if (system !== undefined) left.push(system); // no signature covers it, whatever the sums say
      else if ((own || diary) ? !summed : this.manifest !== null) this.find("strange", path);
    }
    for (const found of [...leftovers(left), ...leftovers(this.around)]) this.find(...found);
    if (!this.files.has(recordFile) && this.sums?.has(recordFile) !== true) this.find("missing", recordFile);
  }

  /** diary holds the entries that are proven against the package: the disclosure, and the roots of what was recorded. */
  async diary(raw) {
    const at = (name) => `${diaryDir}/${name}`;
    const leaves = new Map();
    let disclose = null;
    try {
      const note = await this.part(at("checkpoint.txt")), tree = checkpointOf(note, this.key);
      const about = canonical(trimmed(await this.part(at("bundle.json"))));
      if (about.origin !== this.key.name || about.size !== tree.size || about.from !== tree.size || about.to !== tree.size) throw new Malformed("another bundle");
      if (!same(await rootOfFrontier(await this.part(at("frontier.txt")), tree.size), tree.root)) throw new Malformed("another tree");
      if (!textOf(await this.part(at("keys.txt"))).split("\n").includes(this.key.line)) throw new Malformed("the key is not listed");
      for (const path of [...this.files.keys()].sort()) {
        const m = /^proof\/diary\/pinned\/(\d{16})\.tlog-proof$/.exec(path);
        if (m === null) continue;
        const p = proofOf(await this.part(path)), leaf = canonical(p.leaf);
        if (leaf.v !== 1 || leaf.i !== p.index || Number(m[1]) !== p.index || !same(p.note, note)) throw new Malformed("another entry");
        if (!await included(await leafOf(p.leaf), p.index, tree.size, p.hashes, tree.root)) throw new Malformed("an entry is not in the tree");
        leaves.set(leaf.i, leaf);
        if (leaf.op === "disclose" && leaf.obj === base64(this.manifestHash)) disclose = leaf;
        if (leaf.op === "collect") await this.collect(leaf, at(`pinned/${m[1]}.manifest.json`));
      }
    } catch (e) {
      if (!(e instanceof Malformed) && !(e instanceof TypeError)) throw e; // the last: a member is not there
      this.find("diary", diaryDir);
    }
    this.judgeDiary(disclose, leaves);
  }

  /** judgeAsking looks for the entries that lead, by their refs, from the export back to who asked for it. */
  judgeAsking(leaves) {
    let at = this.manifest.export, leaf = leaves.get(at);
    if (leaf?.op !== "export") return this.find("request", at);
    while (leaf.ref !== undefined && leaf.ref < at) {
      at = leaf.ref;
      leaf = leaves.get(at);
      if (leaf === undefined) return this.find("request", at);
    }
    if (leaf.ref !== undefined || typeof leaf.op !== "string" || !leaf.op.startsWith("request.")) this.find("request", at);
  }

  judgeDiary(disclose, leaves) {
    const m = this.manifest;
    this.judgeAsking(leaves);
    if (disclose === null) this.find("disclose");
    else if (disclose.ref !== m.export) this.find("disclosedOther", disclose.i, m.export);
    for (const s of m.segments) {
      const c = this.collected.get(s.id);
      if (c === undefined) this.find("segmentGone", s.id, s.camera);
      else if (c.root !== s.root || c.records !== s.records || c.camera !== s.camera || c.stream !== s.stream || c.entry !== s.collect) this.find("segmentOther", s.id, s.camera, c.entry);
    }
  }

  /** part is a file of the diary. */
  async part(path) {
    const file = this.files.get(path);
    if (file === undefined || file.size > maxManifest) throw new Malformed(`${path} is missing or too large`);
    return this.read(file, 0, file.size);
  }

  async collect(leaf, path) {
    const bytes = await this.part(path);
    if (base64(await sha256(bytes)) !== leaf.obj) throw new Malformed("another manifest of an entry");
    const m = canonical(bytes);
    for (const s of [...m.segments, ...(m.late ?? [])]) {
      if (s.root !== undefined) this.collected.set(s.id, { camera: m.camera, stream: s.stream, records: s.records, root: s.root, entry: leaf.i });
    }
  }

  /** clip holds each fragment of a clip against the root of its segment. */
  async clip(c) {
    const film = this.files.get(c.path), sidecar = this.files.get(c.sidecar);
    if (film === undefined || sidecar === undefined) return; // that was said
    await this.whileReadable(c.path, async () => {
      const walk = { clip: c, film, line: 0, fragment: 0, at: await this.samplesOf(film), segment: null, record: 0, sequence: -1, lost: 0, silent: 0, sounds: new Set() };
      if (walk.at < 0) return this.find("index", c.path, c.sidecar);
      for await (const line of this.lines(sidecar)) if (!await this.record(walk, line)) return;
      if (walk.at !== film.size || walk.fragment !== c.fragments) this.find("index", c.path, c.sidecar);
      if (walk.silent !== (c.silent ?? 0)) this.find("index", c.path, c.sidecar);
      if (walk.lost > 0) this.find("lost", c.path, walk.lost);
      if (walk.silent > 0) this.find("silent", c.path);
    });
  }

  /** samplesOf is where the samples begin: ftyp, moov, and the head of mdat, which goes on to the end; -1 if it is not so. */
  async samplesOf(film) {
    let at = 0;
    for (const name of ["ftyp", "moov", "mdat"]) {
      const b = await this.read(film, at, at + 8);
      if (b.length < 8 || String.fromCharCode(...b.subarray(4)) !== name) return -1;
      const size = new DataView(b.buffer).getUint32(0);
      if (name === "mdat") return at + size === film.size ? at + 8 : -1;
      at += Math.max(size, 8);
    }
  }

  /** lines are those of a file, of which no more than some MiB are in memory. */
  async *lines(file) {
    let rest = new Uint8Array(0);
    for (let from = 0; from < file.size; from += maxSmall) {
      const bytes = joined(rest, await this.read(file, from, Math.min(from + maxSmall, file.size)));
      let begin = 0;
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, begin)) {
        yield bytes.subarray(begin, end);
        begin = end + 1;
      }
      rest = bytes.slice(begin);
      if (rest.length > maxLine) break;
    }
    if (rest.length > 0) yield null; // a line without an end
  }

  /** record takes a line of a sidecar; false if nothing behind it can be told. */
  async record(walk, line) {
    const { clip: c } = walk;
    walk.line++;
    let r, boxes, salt, path, withheld = null;
    try {
      if (line === null || line.length > maxLine) throw new Malformed("no line");
      r = canonical(line);
      boxes = unbase64(r.boxes);
      salt = unbase64(r.salt, 32);
      path = r.path.map((h) => unbase64(h, 32));
      if (r.withheld !== undefined) withheld = unbase64(r.withheld, 32);
      if (r.n === 0 ? typeof r.segment !== "string" : boxes.length < 136 || boxes.length !== 120 + 16 * wordAt(boxes, 112)) throw new Malformed("no record");
    } catch (e) {
      if (!(e instanceof Malformed) && !(e instanceof TypeError)) throw e;
      return this.find("sidecar", c.sidecar, walk.line), false;
    }
    return r.n === 0 ? this.begin(walk, r, boxes, salt, path) : this.fragment(walk, r, boxes, salt, path, withheld);
  }

  async begin(walk, r, boxes, salt, path) {
    const before = walk.segment, s = this.segments.get(r.segment);
    if (s === undefined || s.camera !== walk.clip.camera || s.stream !== walk.clip.stream) return this.find("sidecar", walk.clip.sidecar, walk.line), false;
    if (before !== null && walk.record !== before.records - 1) return this.find("order", walk.clip.path, walk.fragment + 1), false;
    walk.first = before === null;
    walk.segment = s;
    walk.record = 0;
    walk.sounds = soundsOf(boxes);
    return this.proven(walk, 0, boxes, await sha256(new Uint8Array(0)), salt, path, walk.clip.sidecar, 0);
  }

  async fragment(walk, r, boxes, salt, path, withheld) {
    const { clip: c, segment: s } = walk, sequence = wordAt(boxes, 52), at = walk.at;
    if (s === null || withheld !== null && !walk.sounds.has(wordAt(boxes, 12))) return this.find("sidecar", c.sidecar, walk.line), false;
    if (withheld === null) walk.fragment++;
    const begins = walk.record === 0 && walk.first; // a clip may begin in the middle of its first segment
    if ((!begins && r.n !== walk.record + 1) || (walk.sequence >= 0 && sequence !== walk.sequence + 1)) return this.find("order", c.path, walk.fragment), false;
    Object.assign(walk, { record: r.n, sequence });
    if (withheld !== null) { // sound that stayed behind: that it was recorded is proven all the same
      walk.silent++;
      return this.proven(walk, r.n, boxes, withheld, salt, path, c.sidecar, 0);
    }
    if (r.lost === true) walk.lost++;
    let size = 0;
    for (let i = 0; i < wordAt(boxes, 112); i++) size += wordAt(boxes, 124 + 16 * i);
    if (size > maxPayload) return this.find("sidecar", c.sidecar, walk.line), false;
    const samples = await this.read(walk.film, at, at + size);
    walk.at += size;
    this.step(c.path, samples.length);
    if (samples.length !== size || !await this.proven(walk, r.n, boxes, await sha256(samples), salt, path, c.path, at)) return false;
    this.fragments++;
    this.bytes += size;
    return true;
  }

  /** proven tells whether a record is the one whose leaf is under the segment's root; digest is that of its samples. */
  async proven(walk, n, boxes, digest, salt, path, file, at) {
    const leaf = await leafOf(joined(salt, await sha256(boxes), digest));
    if (path.length <= 20 && await included(leaf, n, walk.segment.records, path, unbase64(walk.segment.root, 32))) return true;
    return this.find("fragment", file, walk.fragment, at), false;
  }

  /** judged are the verdicts once somebody has typed a fingerprint, or none. No verdict is good before that. */
  judged(typed) {
    const other = typed.length === 32 && this.manifest !== null && typed !== this.fingerprint, confirmed = typed.length === 32 && typed === this.fingerprint && this.manifest !== null;
    const findings = other ? [{ code: "otherKey", values: [], bad: true }, ...this.findings] : this.findings;
    const state = (verdict, sound) => {
      if (this.newer) return "elsewhere";
      if (other || this.manifest === null || this[`${verdict}Broken`] === true) return "no";
      return confirmed ? sound : "waiting";
    };
    const states = { exported: state("exported", "yes"), disclosed: state("disclosed", "yes"), unchanged: state("unchanged", "elsewhere") };
    const bad = findings.some((f) => f.bad) || Object.values(states).includes("no");
    return { states, findings, foreign: other && !this.findings.some((f) => f.bad) && !["exported", "disclosed", "unchanged"].some((name) => this[`${name}Broken`]), sum: bad ? "bad" : this.newer ? "newer" : confirmed ? "good" : "waiting" };
  }
}

const wordAt = (bytes, at) => new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(at);
const trimmed = (bytes) => bytes[bytes.length - 1] === 10 ? bytes.subarray(0, -1) : bytes;

/** soundsOf are the ids of the tracks of sound in an init record. */
function soundsOf(init) {
  const found = new Set();
  let track = 0;
  const walk = (from, to) => {
    for (let at = from; at + 8 <= to; ) {
      const size = wordAt(init, at), name = String.fromCharCode(...init.subarray(at + 4, at + 8));
      if (size < 8 || at + size > to) return;
      if (name === "moov" || name === "trak" || name === "mdia") walk(at + 8, at + size);
      if (name === "tkhd") track = wordAt(init, at + 20);
      if (name === "hdlr" && String.fromCharCode(...init.subarray(at + 16, at + 20)) === "soun") found.add(track);
      at += size;
    }
  };
  walk(0, init.length);
  return found;
}

/** checkManifest refuses what no writer lists: names that lead elsewhere, or one twice, and clips that are no files of it. */
function checkManifest(m) {
  const want = (ok, what) => { if (!ok) throw new Malformed(what); };
  const texts = (o, ...names) => names.every((n) => typeof o[n] === "string");
  want(m.v === 1 && texts(m, "key", "id", "made") && Number.isInteger(m.export) && [m.files, m.clips, m.segments, m.gaps, m.asked].every(Array.isArray), "members");
  const names = new Set(), kinds = new Map();
  for (const f of m.files) {
    want(texts(f, "path", "kind", "sha256") && Number.isInteger(f.size) && f.size >= 0 && Array.isArray(f.chunks), "a file");
    want(f.chunks.length === Math.ceil(f.size / chunkSize) && f.chunks.every((h) => unbase64(h, 32)), "chunks");
    want(f.chunks.length !== 1 || hex(unbase64(f.chunks[0])) === f.sha256, "a hash");
    want(!names.has(f.path.toLowerCase()) && /^[\x21-\x7e]{1,200}$/.test(f.path) && !/[\\:*?"<>|]/.test(f.path) && f.path.split("/").every((p) => p !== "" && !p.endsWith(".")), "a name");
    names.add(f.path.toLowerCase());
    kinds.set(f.path, f.kind);
  }
  for (const c of m.clips) {
    want(texts(c, "path", "sidecar", "camera", "stream") && kinds.get(c.path) === "clip" && kinds.get(c.sidecar) === "sidecar", "a clip");
    kinds.delete(c.path);
    kinds.delete(c.sidecar);
  }
  want(![...kinds.values()].some((k) => k === "clip" || k === "sidecar"), "a clip that is none");
  for (const s of m.segments) want(texts(s, "id", "camera", "stream", "root") && Number.isInteger(s.records) && unbase64(s.root, 32).length === 32, "a segment");
}
