// What a test drives in the page that it has opened on a site: it logs in, opens viewings, plays them by the site's own
// scripts, and reads what is shown. It stands in the page as globalThis.drive.
(async () => {
  const footage = await import("/static/footage.js");
  const live = await import("/static/live.js");
  const video = document.createElement("video");
  const canvas = document.createElement("canvas");
  Object.assign(video, {muted: true, playsInline: true});
  Object.assign(canvas, {width: 640, height: 360});
  document.body.replaceChildren(video, canvas);
  const at = canvas.getContext("2d", {willReadFrequently: true});
  let opened, failed, leave, ended;

  const frame = () => new Promise((done) => requestAnimationFrame(done));

  // corner is where the number is burned in, as brightness by pixel.
  function corner() {
    at.drawImage(video, 0, 0);
    const {data} = at.getImageData(0, 296, 240, 48);
    let text = "";
    for (let i = 0; i < data.length; i += 4) text += String.fromCharCode(Math.round(0.299 * data[i] + 0.587 * data[i + 1] + 0.114 * data[i + 2]));
    return btoa(text);
  }

  // told is an error in a line: its class, and what it says beside the text.
  function told(e) {
    return [e.name, e.status, e.problem?.type, e.type].filter((x) => x !== undefined).join(" ");
  }

  globalThis.drive = {
    async api(method, path, body) {
      const answer = await fetch("/api/v1" + path, {method, headers: {"Content-Type": "application/json"}, body: body === null ? undefined : JSON.stringify(body)});
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : null;
    },

    // footage opens a playlist, from a moment on if one is given, and gives the number of its parts.
    async footage(playlist, at) {
      opened?.close();
      opened = failed = null;
      opened = await footage.open(video, playlist, {at: at || undefined, onerror: (e) => { failed = e; }});
      return opened.parts.length;
    },

    // jump shows a moment, in ms since 1970.
    async jump(moment) {
      const shown = await opened.jump(moment);
      await frame();
      await frame();
      return {at: shown, pixels: corner()};
    },

    // play plays from where it stands until a moment of the day, and gives the picture where it then stands.
    async play(until, rate) {
      video.playbackRate = rate;
      await video.play();
      while (opened.at() < until && !failed) await frame();
      if (failed) throw failed;
      const paused = new Promise((done) => video.addEventListener("pause", done, {once: true}));
      video.pause();
      await paused;
      return drive.jump(opened.at()); // what was drawn last may be some pictures old
    },

    // live plays what is recorded now, until stop.
    live(path) {
      opened?.close();
      opened = null;
      leave = new AbortController();
      drive.states = [];
      ended = live.play(video, path, {signal: leave.signal, onstate: (s) => drive.states.push({...s, offset: s.at - 1000 * video.currentTime})});
      ended.catch(() => {}); // stop tells it
    },

    // looks reads the picture that is shown, each so many ms: when it was read (ms since 1970), and how much behind the
    // script says that it is.
    async looks(count, apart) {
      const list = [];
      for (let next = performance.now(); list.length < count;) {
        const pixels = await new Promise((done, fail) => {
          ended.then((word) => fail(new Error(`the stream ended: ${word}`)), fail);
          video.requestVideoFrameCallback(() => done(corner()));
        });
        if (performance.now() < next || drive.states.length === 0) continue;
        next = performance.now() + apart;
        list.push({pixels, now: Date.now(), behind: drive.states.at(-1).behind});
      }
      return list;
    },

    // source is the address of what the element plays, once that is another one than before.
    async source(before) {
      while (video.src === before) await frame();
      return video.src;
    },

    // newRun waits until pictures of another run are shown: between two there is a gap, which the element's time has not.
    async newRun() {
      const {offset} = drive.states.at(-1);
      while (drive.states.at(-1).offset < offset + 100) await frame();
    },

    // stop leaves a live stream, and gives the word with which it ended.
    async stop() {
      leave.abort();
      return ended;
    },

    // ended is the word with which a live stream ends by itself, or what is wrong with it.
    ended: () => ended.catch(told),

    // refused is what is wrong with a playlist, and "" where nothing is.
    refused: (playlist) => drive.footage(playlist).then(() => "", told),

    // lost is what goes wrong when a moment is jumped to.
    async lost(moment) {
      opened.jump(moment); // it is never shown
      while (!failed) await frame();
      return told(failed);
    },
  };
  return true;
})()
