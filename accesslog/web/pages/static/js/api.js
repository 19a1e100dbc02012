// The API, see /api/v1/openapi.json. Everything that a page knows it has from here.

import { unsaved } from './unsaved.js';
import { language, t } from './words.js';

const prefix = '/api/v1';

/** What was answered in the place of what was asked for (RFC 9457), in the reader's language. */
export class Problem extends Error {
  constructor({ type = '', title, detail = '', status = 0, field = '', reason = '', wait = 0 }) {
    super(title);
    Object.assign(this, { id: type.split('/').pop(), title, detail, status, field, reason, wait });
  }
  /** All that is to be said of it, in one piece. */
  get said() {
    return this.reason ? `${this.title}: ${sentence(this.reason)}` : [this.title, this.detail].filter(Boolean).join('. ');
  }
  /** What is to be said of it at the field that it is about. */
  get short() {
    return this.reason ? sentence(capital(this.reason)) : this.said;
  }
  /** Where one can log in beside a page that must not be left, since what was typed there is not saved; undefined otherwise. */
  get logIn() {
    return this.id === 'no-session' && unsaved() ? `/login?language=${language}` : undefined;
  }
}

const sentence = (text) => text + (/[.!?]$/.test(text) ? '' : '.');
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

export const get = (path, query, options) => ask('GET', path + queried(query), undefined, options);
export const post = (path, body, options) => ask('POST', path, body, options);
export const put = (path, body, options) => ask('PUT', path, body, options);
export const remove = (path, options) => ask('DELETE', path, undefined, options);

/** A path with values in it, escaped: path`/cameras/${id}/days`. */
export function path(parts, ...values) {
  return parts.reduce((all, part, i) => all + encodeURIComponent(values[i - 1]) + part);
}

/** Asks for something, and throws a Problem if it is refused. A session that has ended leads to the log-in, and back. */
export async function ask(method, path, body, options) {
  const answer = await inTurn(method, path, body, 'application/json', options);
  return answer.status === 204 ? undefined : whole(answer.json());
}

/** What is read of an answer. One that breaks off is none: whoever took it for one would show that there is nothing. */
async function whole(reading) {
  try {
    return await reading;
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw cutOff();
  }
}

const cutOff = () => new Problem({ title: t('common.cut-off'), detail: t('common.unreachable-how') });

/** Asks for a file or a text, as ask does; told gets how many bytes have come. */
export async function askFile(method, path, body, { signal, told } = {}) {
  const answer = await answered(method, path, body, '*/*', { signal });
  const name = /filename="([^"]+)"/.exec(answer.headers.get('Content-Disposition') ?? '')?.[1] ?? 'varuh';
  let count = 0;
  const counted = answer.body.pipeThrough(new TransformStream({
    transform(piece, onward) { count += piece.byteLength; told?.(count); onward.enqueue(piece); },
  }));
  return { name, blob: await whole(new Response(counted, { headers: { 'Content-Type': answer.headers.get('Content-Type') ?? '' } }).blob()) };
}

/** Sends a file as it is, and promises what is answered, as ask does; told gets how many bytes have gone. */
export function send(path, file, { signal, told } = {}) {
  return new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest(); // fetch does not tell how far it is
    const failed = (problem) => reject(new Problem({ title: t('common.unreachable'), detail: t('common.unreachable-how'), ...problem }));
    asked.upload.addEventListener('progress', (event) => told?.(event.loaded));
    asked.addEventListener('error', () => failed({}));
    asked.addEventListener('abort', () => reject(new DOMException('it was given up', 'AbortError')));
    asked.addEventListener('load', () => {
      if (asked.status >= 200 && asked.status < 300) {
        if (asked.response === null) reject(cutOff());
        else resolve(asked.response);
        return;
      }
      const said = asked.response ?? {};
      if (said.type?.endsWith('/no-session')) logInAgain();
      failed({ status: asked.status, ...said });
    });
    asked.open('POST', prefix + path);
    asked.responseType = 'json';
    asked.setRequestHeader('Accept', 'application/json');
    asked.setRequestHeader('Accept-Language', language);
    asked.setRequestHeader('Content-Type', file.type || 'application/octet-stream');
    signal?.addEventListener('abort', () => asked.abort());
    asked.send(file);
  });
}

const most = 6; // that are read at once: the appliance takes eight of a person, and lets a few more wait
const waiting = [];
let reading = 0;

/** Waits until there is a place among those that are read, in the order of asking. */
async function place(signal) {
  if (reading >= most) {
    await new Promise((taken, reject) => {
      waiting.push(taken);
      signal?.addEventListener('abort', () => {
        const i = waiting.indexOf(taken);
        if (i >= 0) waiting.splice(i, 1);
        reject(signal.reason);
      });
    });
  }
  reading++;
}

function leave() {
  reading--;
  waiting.shift()?.();
}

/** Does what answered does; what is only read waits for its place, and is asked for once more if that was too much at once. */
async function inTurn(method, ...asked) {
  if (method !== 'GET') return answered(method, ...asked);
  const { signal } = asked.at(-1) ?? {};
  await place(signal);
  try {
    return await answered(method, ...asked);
  } catch (error) {
    if (error.id !== 'at-once') throw error;
    await new Promise((done) => setTimeout(done, 1000 * (error.wait || 1)));
    return await answered(method, ...asked);
  } finally {
    leave();
  }
}

async function answered(method, path, body, accept, { signal } = {}) {
  const init = { method, signal, headers: { Accept: accept, 'Accept-Language': language } };
  if (body !== undefined) {
    init.headers['Content-Type'] = 'application/json';
    init.body = JSON.stringify(body);
  }
  const answer = await reached(prefix + path, init);
  if (answer.ok) return answer;
  const said = await answer.json().catch(() => ({}));
  const problem = new Problem({ title: t('common.unreachable'), status: answer.status, ...said });
  if (problem.id === 'no-session') logInAgain();
  throw problem;
}

async function reached(address, init) {
  try {
    return await fetch(address, init);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new Problem({ title: t('common.unreachable'), detail: t('common.unreachable-how') });
  }
}

/** Leads to the log-in, which leads back, unless that would lose what was typed. What stands behind # is told to nobody. */
function logInAgain() {
  if (location.pathname === '/login' || unsaved()) return;
  location.assign(`/login?language=${language}&next=${encodeURIComponent(location.pathname)}${location.hash}`);
}

function queried(query) {
  const wanted = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== '');
  return wanted.length ? `?${new URLSearchParams(wanted)}` : '';
}
