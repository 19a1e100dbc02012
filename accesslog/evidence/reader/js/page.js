// What the page does: it plays, lets somebody choose the folder, verifies it, and holds the key against the paper.

const page = {
  data: JSON.parse(document.getElementById("data").textContent),
  folder: null, // Map of File by path
  within: "", // the folder that it is, where that is not the one that was chosen
  around: [], // what systems left around it
  choice: 0, // how often somebody chose
  examined: null, // Examination that ran to its end
  stop: null, // AbortController of one that runs
  playing: 0,
};
const element = (id) => document.getElementById(id);
const lang = () => document.documentElement.lang === "en" ? 1 : 0;

/** both sets a text in both languages; the stylesheet shows one. */
function both(into, pair) {
  into.replaceChildren(...pair.map((text, i) => made("span", { lang: i === 0 ? "sl" : "en" }, text)));
  return into;
}

function made(name, attributes, ...content) {
  const e = document.createElement(name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  e.append(...content);
  return e;
}

function speak(language) {
  document.documentElement.lang = language;
  document.title = page.data.titles[lang()];
  for (const b of document.querySelectorAll("[data-speak]")) b.setAttribute("aria-pressed", String(b.dataset.speak === language));
}

const size = (bytes) => {
  const [n, unit] = bytes < 1e6 ? [bytes / 1e3, "kB"] : bytes < 1e9 ? [bytes / 1e6, "MB"] : [bytes / 1e9, "GB"];
  return `${n.toFixed(1).replace(".", lang() === 0 ? "," : ".")} ${unit}`;
};

// Playing

function play(n, begin) {
  const clip = page.data.clips[n], path = clip.copy || clip.path, file = page.folder?.get(path), video = element("video");
  page.playing = n;
  element("cannot").hidden = true;
  if (video.src.startsWith("blob:")) URL.revokeObjectURL(video.src);
  video.src = file === undefined ? encodeURI(path) : URL.createObjectURL(file);
  both(element("playing"), filled(uiWords.plays, path, clip.camera));
  const whose = element("whose");
  whose.hidden = !clip.copy && page.examined === null;
  both(whose, clip.copy ? filled(uiWords.copy, path, clip.path) : uiWords.checked);
  for (const a of document.querySelectorAll("[data-clip]")) {
    if (Number(a.dataset.clip) === n) a.setAttribute("aria-current", "true"); else a.removeAttribute("aria-current");
  }
  if (begin) video.play().catch(() => { /* the event error tells why */ });
}

// Choosing

/**
 * chosen takes files with their paths, and finds the package among them: the folder nearest to the top that has a manifest, wrapped in
 * nothing but folders. With anything else around it, it is not verified, for somebody could believe that all was.
 */
async function chosen(list) {
  const marks = list.map((f) => f.path).filter((p) => /(^|\/)(manifest\.json|manifest\.sig|SHA256SUMS\.txt|SHA256SUMS\.sig)$/.test(p) && !thrown(p));
  const roots = marks.map((p) => p.slice(0, p.lastIndexOf("/") + 1)).sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const root = roots[0];
  const choice = ++page.choice, around = root === undefined ? [] : list.filter((f) => !f.path.startsWith(root)), left = [], others = [];
  for (const { path, file } of around) {
    const system = await leftover(beside(path, root), file, true);
    if (system !== undefined) left.push(system); else others.push(path);
  }
  if (choice !== page.choice) return; // somebody chose another meanwhile
  page.folder = root === undefined || others.length > 0 ? null : new Map(list.filter((f) => f.path.startsWith(root)).map((f) => [f.path.slice(root.length), f.file]));
  page.within = root === undefined || root === topOf(list) ? "" : root.slice(0, -1);
  page.around = left;
  if (others.length === 0) return verify();
  return verify(filled(others.some(disguised) ? words.disguised : words.around, page.within, others.slice(0, 3).join(", ") + (others.length > 3 ? ", …" : "")));
}

/** topOf is the folder that all files are of, as it was chosen; "" where they were dropped one by one. */
function topOf(list) {
  const top = list[0].path.slice(0, list[0].path.indexOf("/") + 1);
  return list.every((f) => f.path.startsWith(top)) ? top : "";
}

/** beside is a path as it is seen from the last folder that it has in common with another. */
function beside(path, root) {
  const parts = path.split("/"), folders = root.split("/");
  let n = 0;
  while (n < parts.length - 1 && parts[n] === folders[n]) n++;
  return parts.slice(n).join("/");
}

/** thrown tells whether a file lies in a folder of a system's, such as one of what was thrown away. */
const thrown = (path) => path.split("/").slice(0, -1).some((part) => systemFolder(part) !== undefined);

/** disguised tells whether a file is called as if it were a package's own. */
const disguised = (path) => /(^|\/)(1_preberi\.html|zapisnik_o_predaji\.pdf|manifest\.json|sha256sums\.txt|sha256sums\.sig|posnetki|proof)(\/|$)/.test(path.toLowerCase());

function picked(input) {
  return chosen(Array.from(input.files, (file) => ({ path: file.webkitRelativePath || file.name, file })));
}

/** dropped takes what was let go of. Chrome gives a page of a folder no File by the older way, Firefox has not got the newer. */
async function dropped(items) {
  const files = Array.from(items).filter((i) => i.kind === "file");
  const found = files.map((i) => ({ entry: i.webkitGetAsEntry(), handle: i.getAsFileSystemHandle?.().catch(() => null) })); // now: later they are gone
  const list = [];
  try {
    for (const { entry, handle } of found) {
      const h = await handle;
      if (h) await walkHandle(h, h.name, list);
      else if (entry) await walkEntry(entry, list);
    }
  } catch {
    both(stoppedText(), words.undropped);
    return;
  }
  await chosen(list);
}

async function walkHandle(handle, path, list) {
  if (handle.kind === "file") return void list.push({ path, file: await handle.getFile() });
  try {
    for await (const inner of handle.values()) await walkHandle(inner, `${path}/${inner.name}`, list);
  } catch (e) {
    if (!thrown(`${path}/`)) throw e; // into a system's folder it alone may look
  }
}

async function walkEntry(entry, list) {
  if (entry.isFile) {
    list.push({ path: entry.fullPath.replace(/^\//, ""), file: await new Promise((done, failed) => entry.file(done, failed)) });
    return;
  }
  const reader = entry.createReader();
  for (;;) { // it gives some hundred at a time
    const some = await new Promise((done, failed) => reader.readEntries(done, (e) => thrown(`${entry.fullPath}/`) ? done([]) : failed(e)));
    if (some.length === 0) return;
    for (const e of some) await walkEntry(e, list);
  }
}

// Verifying

/** verify runs over the folder; where there is none to run over, it says why. */
async function verify(refused = words.none) {
  page.stop?.abort();
  page.examined = null;
  element("result").hidden = true;
  element("stopped").hidden = true;
  if (page.folder === null) return void both(stoppedText(), refused);
  const stop = page.stop = new AbortController(), bar = element("bar");
  element("busy").hidden = false;
  let shown = 0;
  const moved = (done, total, path) => {
    bar.value = total > 0 ? done / total : 1;
    if (performance.now() - shown < 150) return;
    shown = performance.now();
    element("busy-text").textContent = filled(uiWords.progress, total > 0 ? Math.floor(100 * done / total) : 100, size(done), size(total), path)[lang()];
  };
  try {
    const examined = await new Examination(page.folder, moved, stop.signal, page.around).run();
    if (stop.signal.aborted) return;
    page.examined = examined;
    show(true);
    if (element("video").paused) play(page.playing, false);
  } catch (e) {
    if (e.name !== "AbortError") failed(e);
    else if (page.stop === stop) both(stoppedText(), uiWords.stopped);
  } finally {
    if (page.stop === stop) element("busy").hidden = true;
  }
}

function stoppedText() {
  const e = element("stopped");
  e.hidden = false;
  return e;
}

function failed(why) {
  both(stoppedText(), filled(words.failed, why.message || why.name || why));
}

const digits = () => element("fingerprint").value.toLowerCase().replace(/[\s\u00a0:-]/g, "");

/** typed says what is known of the fingerprint that somebody types. */
function typed() {
  const d = digits(), e = element("typed"), wrong = /[^0-9a-f]/.test(d) || d.length > 32, examined = page.examined;
  let [tone, text] = ["", d === "" ? null : filled(uiWords.typed, d.length)];
  if (wrong) [tone, text] = ["bad", uiWords.digits];
  else if (d.length === 32 && (examined === null || examined.manifest === null)) text = uiWords.keyWait;
  else if (d.length === 32) [tone, text] = d === examined.fingerprint ? ["good", uiWords.keySame] : ["bad", uiWords.keyOther];
  e.className = `typed ${tone}`;
  if (text === null) e.replaceChildren(); else both(e, text);
  element("fingerprint").setAttribute("aria-invalid", String(tone === "bad"));
  if (examined !== null) show(false);
}

const tones = { good: "good", bad: "bad", waiting: "warn", newer: "warn", yes: "good", no: "bad", elsewhere: "" };
const signs = { good: "✓", bad: "✗", waiting: "?", newer: "?", yes: "✓", no: "✗", elsewhere: "→" };

/** show tells the verdicts, by the fingerprint as it is typed now. */
function show(move) {
  const x = page.examined, d = digits(), judged = x.judged(/^[0-9a-f]{32}$/.test(d) ? d : "");
  const sum = element("sum"), where = element("where");
  where.hidden = page.within === "";
  both(where, filled(uiWords.where, page.within));
  sum.className = `sum ${tones[judged.sum]}`;
  sum.dataset.sum = judged.sum;
  sum.replaceChildren(made("span", { class: "sign", "aria-hidden": "true" }, signs[judged.sum]), both(made("span", {}), told[judged.sum]));
  element("verdicts").replaceChildren(...Object.entries(judged.states).map(([name, state]) => verdict(name, state, x.newer, judged.foreign)));
  const sorted = [...judged.findings].sort((a, b) => b.bad - a.bad);
  element("findings").replaceChildren(...sorted.map((f) => {
    const text = filled(words[f.code], ...f.values);
    return made("li", { class: f.bad ? "bad" : "", "data-code": f.code }, made("span", { class: "sign", "aria-hidden": "true" }, f.bad ? "✗" : "·"), both(made("span", {}), text));
  }));
  element("findings").hidden = judged.findings.length === 0;
  element("facts").hidden = x.manifest === null;
  if (x.manifest !== null) {
    element("manifest-hash").textContent = hex(x.manifestHash);
    element("key-print").textContent = x.fingerprint.match(/.{4}/g).join(" ");
    element("key-row").hidden = d.length !== 32; // or somebody copies it from here instead of from the paper
    element("package-id").textContent = x.manifest.id;
  }
  both(element("done"), filled(uiWords.done, x.files.size, size(Array.from(x.files.values()).reduce((n, f) => n + f.size, 0)), x.fragments));
  element("result").hidden = false;
  if (move) element("result-title").focus();
}

/** verdict is one of the three; foreign: nothing but the key is wrong, and the footage was not found to be other than it was. */
function verdict(name, state, newer, foreign) {
  const text = foreign ? verdictWords.otherKey : state === "waiting" ? verdictWords.waiting : newer ? verdictWords.newer : verdictWords[name][state];
  return made("li", { class: `verdict ${tones[state]}`, "data-verdict": name, "data-state": state },
    made("h3", {}, made("span", { class: "sign", "aria-hidden": "true" }, signs[state]), both(made("span", {}), verdictNames[name]), both(made("span", { class: "tag" }), foreign ? stateNames.waiting : stateNames[state])),
    both(made("p", {}), text));
}

// Beginning

document.documentElement.classList.add("scripted");
for (const b of document.querySelectorAll("[data-speak]")) b.addEventListener("click", () => speak(b.dataset.speak));
speak("sl");
for (const a of document.querySelectorAll("[data-clip]")) {
  a.addEventListener("click", (event) => {
    event.preventDefault();
    play(Number(a.dataset.clip), true);
  });
}
element("video").addEventListener("error", () => { element("cannot").hidden = false; both(element("cannot"), uiWords.cannot); });
element("folder").addEventListener("change", (event) => picked(event.target));
element("stop").addEventListener("click", () => page.stop?.abort());
element("fingerprint").addEventListener("input", typed);
element("drop").addEventListener("dragover", (event) => { event.preventDefault(); element("drop").classList.add("over"); });
element("drop").addEventListener("dragleave", () => element("drop").classList.remove("over"));
document.addEventListener("dragover", (event) => event.preventDefault()); // or a folder that is dropped beside would be opened
document.addEventListener("drop", (event) => {
  event.preventDefault();
  element("drop").classList.remove("over");
  dropped(event.dataTransfer.items);
});
if (page.data.clips.length > 0) play(0, false);
