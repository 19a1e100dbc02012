// Plays what is recorded now: one answer that goes on, in chunks as package playback describes them, into a video
// element by Media Source Extensions.

/** Refused is an answer that is a problem (RFC 9457): status, and problem with its title and detail. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.title ?? `status ${status}`);
    this.name = "Refused";
    this.status = status;
    this.problem = problem;
  }
}

/** Unplayable is a stream that this browser can't decode: type says what it is. Another stream or stills can be shown. */
export class Unplayable extends Error {
  constructor(type) {
    super(`this browser can't play ${type}`);
    this.name = "Unplayable";
    this.type = type;
  }
}

/** language is that of the page, in which problems are told. */
export const language = () => document.documentElement.lang || navigator.language;

/** refusal is the error that an answer makes which is not a success. */
export async function refusal(answer) {
  let problem = {};
  try {
    problem = await answer.json();
  } catch (e) {
    if (e.name === "AbortError") throw e; // else what came is no problem: the status has to do
  }
  return new Refused(answer.status, problem);
}

/**
 * play shows the stream at a url in a video element until it ends or signal is aborted, and resolves to why: the word of
 * the stream's last chunk (see package playback), "cut" where it broke off on the way, "left" where signal was aborted.
 * It rejects with Refused or Unplayable, and leaves the last picture where it ends: whoever shows it says that it is old.
 *
 * onstate is told, with each fragment and when the picture stops: state "playing" or "waiting"; at, when what is shown was
 * taken (ms since 1970, by the appliance's clock); behind, how many seconds ago that is if the browser's clock is right.
 */
export async function play(video, url, {signal, onstate = () => {}} = {}) {
  const screen = new Screen(video, onstate);
  try {
    const answer = await fetch(url, {signal, cache: "no-store", credentials: "same-origin", headers: {"Accept-Language": language()}});
    if (!answer.ok) throw await refusal(answer);
    for await (const chunk of chunks(answer.body)) {
      if (signal?.aborted) return "left";
      if (chunk.kind === "I") await screen.begin(chunk);
      if (chunk.kind === "F") await screen.add(chunk);
      if (chunk.kind === "E") return new TextDecoder().decode(chunk.payload);
    }
    return "cut";
  } catch (e) {
    if (signal?.aborted) return "left";
    if (e instanceof TypeError) return "cut"; // what fetch and a stream say of a connection
    throw e;
  } finally {
    screen.close();
  }
}

const headLength = 16;
const mostPayload = 64 << 20; // bytes; a fragment has at most 32 MiB

/** chunks are those of a body. One that is not whole is not given. */
async function* chunks(body) {
  const reader = body.getReader();
  let held = new Uint8Array(0);
  const fill = async (n) => {
    const parts = [held];
    let size = held.length;
    while (size < n) {
      const {done, value} = await reader.read();
      if (done) return false;
      parts.push(value);
      size += value.length;
    }
    if (parts.length > 1) {
      held = new Uint8Array(size);
      let at = 0;
      for (const part of parts) {
        held.set(part, at);
        at += part.length;
      }
    }
    return true;
  };
  try {
    while (await fill(headLength)) {
      const head = new DataView(held.buffer, held.byteOffset, headLength);
      const length = head.getUint32(4);
      const chunk = {kind: String.fromCharCode(held[0]), flags: held[1], at: Number(head.getBigUint64(8))};
      if (length > mostPayload) throw new Error(`a chunk of ${length} bytes is none`);
      if (!await fill(headLength + length)) return;
      chunk.payload = held.subarray(headLength, headLength + length);
      held = held.subarray(headLength + length);
      yield chunk;
    }
  } finally {
    reader.cancel().catch(() => {}); // that nobody reads on is all it has to know
  }
}

const flagSound = 2;

// What is shown follows the newest fragment by as long as fragments take to come, and a little. Times are in seconds.
const margin = 0.15;
const beginning = 0.5; // what comes at first comes at once, and tells nothing of that
const arrivals = 10; // so many tell it
const mostNeeded = 5;
const mostApart = 1.5; // from where it should be; beyond, it jumps
const gain = 0.25; // speed for each second that it is apart
const slowest = 0.95, fastest = 1.15;
const kept = 10; // behind what is shown
const mostKept = 60; // where nothing is played

/** Screen is a video element with what is buffered for it. */
class Screen {
  constructor(video, onstate) {
    this.video = video;
    this.onstate = onstate;
    this.marks = []; // {media, at}: what was taken when, by time in the element
    this.recent = []; // how long after their beginning fragments came
    this.need = Infinity; // what has to be between taking and showing
    this.waits = () => this.tell("waiting");
    video.addEventListener("waiting", this.waits);
  }

  /** begin takes the init segment of a run. */
  async begin({payload}) {
    const zero = payload.indexOf(0);
    const type = new TextDecoder().decode(payload.subarray(0, zero));
    const init = payload.subarray(zero + 1);
    if (!source()?.isTypeSupported(type)) throw new Unplayable(type);
    if (!this.buffer || codecs(type) !== codecs(this.type)) await this.open(type);
    else if (type !== this.type) this.buffer.changeType(type);
    this.type = type;
    this.scales = timescales(init);
    this.fresh = true;
    await this.append(init);
  }

  /** open gives the element a new source. */
  async open(type) {
    const media = new (source())();
    this.release();
    this.address = URL.createObjectURL(media);
    Object.assign(this, {marks: [], recent: [], need: Infinity, first: undefined, asked: false});
    this.video.disableRemotePlayback = true; // ManagedMediaSource asks for it
    const opened = new Promise((done) => media.addEventListener("sourceopen", done, {once: true}));
    this.video.src = this.address;
    await opened;
    this.media = media;
    this.buffer = media.addSourceBuffer(type);
  }

  /** add takes a fragment. */
  async add({payload, flags, at}) {
    const now = Date.now();
    const sound = (flags & flagSound) !== 0;
    const began = decodeTime(payload, this.scales);
    if (this.fresh) { // time in the element goes on from run to run
      this.buffer.timestampOffset = this.end() - began;
      this.fresh = false;
    }
    if (!sound) this.marks.push({media: began + this.buffer.timestampOffset, at});
    this.learn((now - at) / 1000); // of sound as well: what is shown waits for it
    await this.append(payload);
    await this.evict();
    this.steer();
  }

  /** learn takes how long after its beginning a fragment came. */
  learn(took) {
    this.first ??= performance.now();
    if (performance.now() - this.first < 1000 * beginning) {
      this.need = Math.min(this.need, took);
      return;
    }
    this.recent.push(took);
    if (this.recent.length > arrivals) this.recent.shift();
    this.need = Math.min(Math.max(...this.recent), Math.min(...this.recent) + mostNeeded);
  }

  /** steer lets the picture be where it should be: in steps if it is far from there, else by its speed. */
  steer() {
    const {video} = this;
    const {buffered} = this.buffer;
    if (buffered.length === 0) return;
    const newest = buffered.length - 1;
    if (this.stuck(buffered)) video.currentTime = buffered.start(newest);
    const apart = this.behind() - this.need - margin;
    const settling = performance.now() - this.first < 1000 * beginning;
    if (apart > (settling ? 0.2 : mostApart)) {
      video.currentTime = Math.max(buffered.start(newest), Math.min(video.currentTime + apart, buffered.end(newest) - 0.05));
    }
    video.playbackRate = settling ? 1 : Math.min(fastest, Math.max(slowest, 1 + gain * apart));
    if (!this.asked) {
      this.asked = true;
      video.play().catch(() => this.tell("waiting")); // whoever leaves at once, or may not hear sound yet, sees no picture
    }
    this.tell(video.readyState > HTMLMediaElement.HAVE_CURRENT_DATA ? "playing" : "waiting");
  }

  /** stuck tells whether the picture stands before a hole. */
  stuck(buffered) {
    for (let i = 0; i < buffered.length; i++) {
      if (this.video.currentTime < buffered.end(i) - 0.05) return this.video.currentTime < buffered.start(i) - 0.001;
    }
    return false; // at the end of all
  }

  /** at is when what is shown was taken, by the appliance's clock, in ms since 1970. */
  at() {
    const {currentTime} = this.video;
    const mark = this.marks.findLast((m) => m.media <= currentTime) ?? this.marks[0];
    return mark ? mark.at + 1000 * (currentTime - mark.media) : NaN;
  }

  behind() {
    return (Date.now() - this.at()) / 1000;
  }

  end() {
    const {buffered} = this.buffer;
    return buffered.length ? buffered.end(buffered.length - 1) : 0;
  }

  tell(state) {
    this.onstate({state, at: this.at(), behind: this.behind()});
  }

  append(data) {
    return this.change((buffer) => buffer.appendBuffer(data));
  }

  /** evict lets go of what was shown. */
  async evict() {
    const {buffered} = this.buffer;
    const from = Math.max(this.video.currentTime - kept, this.end() - mostKept);
    if (buffered.length && buffered.start(0) < from - kept) {
      await this.change((buffer) => buffer.remove(0, from));
      while (this.marks.length > 1 && this.marks[1].media < from) this.marks.shift();
    }
  }

  /** change does something to the buffer and waits until it is done. */
  change(what) {
    return new Promise((done, fail) => {
      const {buffer, video} = this;
      const end = () => {
        buffer.removeEventListener("updateend", end);
        if (video.error) fail(new Error(video.error.message));
        else done();
      };
      buffer.addEventListener("updateend", end);
      what(buffer);
    });
  }

  /** close ends it; the last picture stays. */
  close() {
    this.video.removeEventListener("waiting", this.waits);
    this.video.playbackRate = 1;
    if (this.media?.readyState === "open" && !this.buffer.updating) this.media.endOfStream();
    if (this.address) URL.revokeObjectURL(this.address);
  }

  release() {
    if (this.address) URL.revokeObjectURL(this.address);
  }
}

/** source is what this browser has for media that scripts feed; iPhones have the managed one only. */
function source() {
  return globalThis.ManagedMediaSource ?? globalThis.MediaSource;
}

/** codecs counts those in a media type. */
function codecs(type) {
  return type.split(",").length;
}

/** boxes are those in bytes (ISO/IEC 14496-12, section 4.2): type and content. */
function* boxes(bytes) {
  for (let at = 0; at + 8 <= bytes.length;) {
    const view = new DataView(bytes.buffer, bytes.byteOffset + at);
    const size = view.getUint32(0);
    if (size < 8) return; // 64-bit sizes and "to the end" are not written
    yield [String.fromCharCode(...bytes.subarray(at + 4, at + 8)), bytes.subarray(at + 8, at + size)];
    at += size;
  }
}

/** inside are the boxes at a path. */
function* inside(bytes, ...path) {
  for (const [type, content] of boxes(bytes)) {
    if (type !== path[0]) continue;
    if (path.length === 1) yield content;
    else yield* inside(content, ...path.slice(1));
  }
}

function view(bytes) {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** timescales are those of an init segment's tracks, by their numbers. */
function timescales(init) {
  const scales = new Map();
  for (const track of inside(init, "moov", "trak")) {
    const [tkhd] = inside(track, "tkhd");
    const [mdhd] = inside(track, "mdia", "mdhd");
    scales.set(view(tkhd).getUint32(tkhd[0] === 1 ? 20 : 12), view(mdhd).getUint32(mdhd[0] === 1 ? 20 : 12));
  }
  return scales;
}

/** decodeTime is when a fragment begins in its run, in seconds. */
function decodeTime(fragment, scales) {
  const [traf] = inside(fragment, "moof", "traf");
  const [tfhd] = inside(traf, "tfhd");
  const [tfdt] = inside(traf, "tfdt");
  const time = tfdt[0] === 1 ? Number(view(tfdt).getBigUint64(4)) : view(tfdt).getUint32(4);
  return time / scales.get(view(tfhd).getUint32(4));
}
