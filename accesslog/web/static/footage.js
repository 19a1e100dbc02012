// Plays footage of a viewing: one window of it, by its playlist and hls.js, with the session's cookie.
import "./hls.light.min.js";
import {Refused, Unplayable, language} from "./live.js";

export {Refused, Unplayable};

const {Hls} = globalThis;

/**
 * open plays the window at a playlist's url in a video element from a moment on (ms since 1970; the beginning if there is
 * none given), and resolves once the browser knows what to do with it. It rejects with Refused or Unplayable, or with
 * RangeError where there is nothing at that moment or after it. What goes wrong later is told to onerror, with the same
 * errors; then nothing more is loaded. Little is loaded ahead, and nothing before the moment: what is loaded counts as seen,
 * and has its entry.
 */
export function open(video, playlist, {at = -Infinity, signal, onerror = () => {}} = {}) {
  const hls = new Hls({enableWorker: false, autoStartLoad: false, maxBufferLength: 15, maxMaxBufferLength: 30, backBufferLength: 30,
    xhrSetup: (request) => request.setRequestHeader("Accept-Language", language())});
  const footage = new Footage(video, hls);
  return new Promise((opened, fail) => {
    let ready = false;
    const give = (e) => {
      hls.destroy();
      (ready ? onerror : fail)(e);
    };
    signal?.addEventListener("abort", () => {
      hls.destroy();
      fail(signal.reason);
    }, {once: true});
    hls.on(Hls.Events.ERROR, (_, e) => {
      if (e.fatal || e.response?.code >= 400) give(errorOf(e)); // what the appliance has answered it would answer again
    });
    hls.on(Hls.Events.LEVEL_LOADED, (_, e) => {
      footage.parts = e.details.fragments.map((f) => ({from: f.programDateTime, to: f.programDateTime + 1000 * f.duration, start: f.start}));
      try {
        hls.startLoad(footage.place(at).time);
      } catch (wrong) {
        give(wrong);
      }
    });
    hls.on(Hls.Events.BUFFER_CREATED, () => {
      ready = true;
      opened(footage);
    });
    hls.loadSource(playlist);
    hls.attachMedia(video);
  });
}

/** errorOf says what is wrong where hls.js gives up. */
function errorOf(e) {
  const {details} = Hls.ErrorTypes.MEDIA_ERROR === e.type ? e : {};
  if (details === Hls.ErrorDetails.MANIFEST_INCOMPATIBLE_CODECS_ERROR || details === Hls.ErrorDetails.BUFFER_ADD_CODEC_ERROR ||
    details === Hls.ErrorDetails.BUFFER_INCOMPATIBLE_CODECS_ERROR) {
    return new Unplayable(e.mimeType ?? "this footage");
  }
  if (e.response?.code) return new Refused(e.response.code, problemOf(e));
  return e.error ?? new Error(e.details);
}

/** problemOf is the problem (RFC 9457) in an answer, or nothing. */
function problemOf({networkDetails: request}) {
  try {
    const body = request.response;
    return JSON.parse(typeof body === "string" ? body : new TextDecoder().decode(body));
  } catch {
    return {}; // no answer came, or something between here and the appliance gave one
  }
}

/** Footage is a window that is being played. Moments are in ms since 1970. */
class Footage {
  constructor(video, hls) {
    this.video = video;
    this.hls = hls;
    this.parts = []; // {from, to, start}: what there is, and where in the element's time, which has no gaps
  }

  /** at is when what is shown was taken; NaN where there is nothing. */
  at() {
    const time = this.video.currentTime;
    const part = this.parts.findLast((p) => p.start <= time) ?? this.parts[0];
    return part ? part.from + 1000 * (time - part.start) : NaN;
  }

  /** place is where in the element's time a moment is, or the next one that there is. */
  place(moment) {
    const part = this.parts.find((p) => moment < p.to);
    if (!part) throw new RangeError("there is no footage of this moment or after it");
    const shown = Math.max(moment, part.from);
    return {shown, time: part.start + (shown - part.from) / 1000};
  }

  /** jump shows a moment, or the next one that there is, and resolves to that once it is shown. */
  async jump(moment) {
    const {shown, time} = this.place(moment);
    const seeked = new Promise((done) => this.video.addEventListener("seeked", done, {once: true}));
    this.video.currentTime = time;
    await seeked;
    return shown;
  }

  close() {
    this.hls.destroy();
  }
}
