// What the browser test drives: it logs in, opens a viewing, plays its playlist, jumps to moments and reads what is shown.
"use strict";

const video = document.querySelector("video");
const canvas = document.querySelector("canvas");
let hls, failed;

async function api(method, path, body) {
  const answer = await fetch("/api/v1" + path, {method, headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

async function open(credentials, ask) {
  await api("POST", "/session", credentials);
  return api("POST", "/viewings", ask);
}

// attach plays a playlist, and resolves once it is loaded.
function attach(playlist) {
  if (hls) hls.destroy();
  hls = new Hls({enableWorker: true});
  return new Promise((loaded, fail) => {
    hls.on(Hls.Events.ERROR, (_, e) => {
      if (e.fatal) fail(failed = new Error(`${e.details} ${e.error} ${e.response && e.response.code}`));
    });
    hls.on(Hls.Events.LEVEL_LOADED, (_, e) => loaded(e.details.fragments.length));
    hls.loadSource(playlist);
    hls.attachMedia(video);
  });
}

// jump shows a moment, in ms since 1970, and gives the corner of the picture in which its number is.
async function jump(moment) {
  const parts = hls.levels[0].details.fragments;
  const part = parts.find(p => p.programDateTime <= moment && moment < p.programDateTime + 1000 * p.duration);
  if (!part) throw new Error("no part has this moment");
  const seeked = new Promise(done => video.addEventListener("seeked", done, {once: true}));
  video.currentTime = part.start + (moment - part.programDateTime) / 1000;
  await seeked;
  return shown();
}

// play plays from where it stands until a moment of the player's time, and gives the picture shown last with its time.
async function play(until, rate) {
  let time;
  const note = (_, picture) => { time = picture.mediaTime; video.requestVideoFrameCallback(note); };
  video.requestVideoFrameCallback(note);
  video.playbackRate = rate;
  await video.play();
  while (video.currentTime < until && !failed) await new Promise(done => requestAnimationFrame(done));
  if (failed) throw failed;
  const paused = new Promise(done => video.addEventListener("pause", done, {once: true}));
  video.pause();
  await paused;
  const pixels = await shown();
  return {time, pixels};
}

// shown is the corner with the number, as brightness by pixel, once it is drawn.
async function shown() {
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  const at = canvas.getContext("2d", {willReadFrequently: true});
  at.drawImage(video, 0, 0);
  const {data} = at.getImageData(0, 296, 240, 48);
  let text = "";
  for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]));
  return btoa(text);
}
