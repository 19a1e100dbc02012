// Key frames of a viewing, one at a time, drawn into a canvas: for scrubbing, for speeds above 2, and where the browser
// can't play what the camera sends. Each has its entry, as all that is seen.

import { Problem } from './api.js';
import { language, t } from './words.js';

/** A picture that this browser can't show: type says what it is. */
export class Unshowable extends Error {
  constructor(type) {
    super(`this browser can't show ${type}`);
    this.type = type;
  }
}

export class Stills {
  constructor(canvas, address) {
    Object.assign(this, { canvas, address, config: '' });
  }

  /** Draws the key frame at or before a moment, and promises when it was taken. While one is on its way, another one isn't
   * asked for: then it promises undefined, and next has the moment. */
  async show(moment) {
    this.next = this.asking && moment;
    if (this.asking) return undefined;
    this.asking = new AbortController();
    try {
      const { at, codec, description, data } = await this.ask(moment, this.asking.signal);
      if (codec === 'mp4v.6C') await this.drawn(await createImageBitmap(new Blob([data], { type: 'image/jpeg' })));
      else await this.decode({ codec, description }, data);
      return at;
    } finally {
      this.asking = undefined;
    }
  }

  async ask(moment, signal) {
    const unreachable = { title: t('common.unreachable'), detail: t('common.unreachable-how') };
    try {
      const answer = await fetch(`${this.address}?at=${new Date(moment).toISOString()}&chunk=true`, { signal, cache: 'no-store', headers: { 'Accept-Language': language } });
      if (!answer.ok) throw new Problem({ ...unreachable, status: answer.status, ...await answer.json().catch(() => ({})) });
      return read(await answer.arrayBuffer());
    } catch (error) {
      if (error.name === 'AbortError' || error instanceof Problem) throw error;
      throw new Problem(unreachable);
    }
  }

  /** Decodes one key frame by WebCodecs. */
  async decode(config, data) {
    if (!('VideoDecoder' in globalThis) || !(await VideoDecoder.isConfigSupported(config)).supported) throw new Unshowable(config.codec);
    const shown = new Promise((resolve, reject) => {
      this.output = (frame) => { this.drawn(frame); resolve(); };
      this.failed = reject;
    });
    if (this.decoder?.state !== 'configured' || this.config !== String([config.codec, config.description])) {
      this.decoder?.state !== 'closed' && this.decoder?.close();
      this.decoder = new VideoDecoder({ output: (frame) => this.output(frame), error: (error) => this.failed(error) });
      this.decoder.configure(config);
      this.config = String([config.codec, config.description]);
    }
    this.decoder.decode(new EncodedVideoChunk({ type: 'key', timestamp: 0, data }));
    await this.decoder.flush();
    await shown;
  }

  drawn(picture) {
    this.canvas.width = picture.displayWidth ?? picture.width;
    this.canvas.height = picture.displayHeight ?? picture.height;
    this.canvas.getContext('2d').drawImage(picture, 0, 0);
    picture.close();
  }

  close() {
    this.asking?.abort();
    if (this.decoder && this.decoder.state !== 'closed') this.decoder.close();
  }
}

/** Reads the message of a still, as package playback describes it. */
function read(buffer) {
  const head = new DataView(buffer);
  const at = Number(head.getBigUint64(8));
  const payload = new Uint8Array(buffer, 16, head.getUint32(4));
  const zero = payload.indexOf(0);
  const codec = new TextDecoder().decode(payload.subarray(0, zero));
  const size = payload[zero + 1] << 8 | payload[zero + 2];
  const begin = zero + 3;
  return { at, codec, description: size ? payload.slice(begin, begin + size) : undefined, data: payload.slice(begin + size) };
}
