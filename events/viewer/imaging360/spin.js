// <vitrine-spin>: a vehicle that turns under the finger. One file, no dependency, nothing from another host.
//
//   <script src="spin.js" defer></script>
//   <vitrine-spin src="manifest.json" label="Opel Corsa"><img src="first.jpg" alt="Opel Corsa, front"></vitrine-spin>
//
// Attributes: `src` (a manifest's address), `label`, `autoplay` (one turn, once seen), `reverse`, `deep-link` (read and
// keep `#a=105&z=2`). Instead of `src`: a child <script type="application/json">, or the property `manifest`.
// The manifest: that of a published set, or {frame_count, front_angle, direction, frames: [{url, frame, angle_deg, width,
// height, sizes: {"600": url}}], hotspots: [{type: "damage"|"feature", title, text, at: [{angle_deg, x, y}]}]}; x and y
// are shares of the picture, `frame` counts from 0, addresses start at the manifest. It opens at the first of `frames`.
// `angle`, `a` in links and what is said count from the front where that is known: 90 is the right side, or the left one
// where `direction` is "counter_clockwise".
// Frames that are missing are missing here too, and marked. What is said (the label, the slider's value, the link, the
// event `turn` {frame, angle}) is what is seen: it follows the picture, also while frames are still on their way. `frame`
// and `angle` are where it was turned to. Other events: `ready`, `fault`.
// Without JavaScript the child <img> stands there. A classic script, since a module from another host needs CORS.

(() => {
"use strict";

const BUDGET = 38e6; // bytes of decoded pictures that are open at once: a phone's browser dies of more, not of 24 JPEGs
const AT_ONCE = 4; // requests
const TRIES_AFTER_MS = [400, 1200]; // a frame that did not come is asked for again; then it counts as missing
const TELL_MS = 300; // between two changes of the address: browsers refuse more than 100 in 30 s
const COAST_S = 0.9; // a released turn has ended by then
const TURN_S = 9; // of the automatic turn
const MOST_ZOOM = 5;
const WIDEST = 2400; // pixels of a picture that is looked at closely
const SIDES = ["front", "right front", "right side", "right rear", "rear", "left rear", "left side", "left front"];

const mod = (value, n) => ((value % n) + n) % n;
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const apart = (a, b, n) => Math.min(mod(a - b, n), mod(b - a, n));
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** "right front, 45 degrees" for who goes clockwise; `sense` -1 goes the other way, and has the left front there. */
const inWords = (angle, sense = 1) => `${SIDES[Math.round(mod(sense * angle, 360) / 45) % 8]}, ${Math.round(mod(angle, 360))} degrees`;

/** 0, 12, 6, 18, 3, … of 24: halves, then quarters, so that at any moment what is there is evenly spread. */
function binaryOrder(n) {
  const found = new Set();
  for (let i = 0; found.size < n; i++) {
    let share = 0;
    for (let bits = i, step = 0.5; bits; bits >>= 1, step /= 2) share += bits & 1 ? step : 0;
    found.add(Math.floor(share * n));
  }
  return [...found];
}

/** Where a hotspot stands at an angle, or null where it is out of sight: before its first key and behind its last.
 *  Between two keys it moves as a point on a turntable does, x = .5 + A cos + B sin, which two keys settle. */
function placeOf(hotspot, angle) {
  const keys = hotspot.at ?? [];
  if (keys.length === 1) return apart(angle, keys[0].angle_deg, 360) <= (hotspot.span ?? 20) / 2 ? keys[0] : null;
  for (let i = 1; i < keys.length; i++) {
    const [from, to] = [keys[i - 1], keys[i]];
    const whole = mod(to.angle_deg - from.angle_deg + 180, 360) - 180;
    const done = (mod(angle - from.angle_deg + 180, 360) - 180) * Math.sign(whole || 1);
    if (done < 0 || done > Math.abs(whole)) continue;
    const share = whole ? done / Math.abs(whole) : 0;
    const [a, b] = Math.abs(whole) > 2 && Math.abs(whole) < 150 ? arcs(share, whole) : [1 - share, share];
    return { x: 0.5 + (from.x - 0.5) * a + (to.x - 0.5) * b, y: from.y * (1 - share) + to.y * share };
  }
  return null;
}

function arcs(share, degrees) {
  const whole = (Math.abs(degrees) * Math.PI) / 180;
  return [Math.sin((1 - share) * whole) / Math.sin(whole), Math.sin(share * whole) / Math.sin(whole)];
}

const EMPTY = "a manifest without frames";

/** The places of a turn; `null` is a gap. Throws where there is no frame at all. */
function placesOf(manifest, base) {
  const frames = manifest.frames.map((frame) => ({ url: frame.published?.name, ...frame.published, ...frame })).filter((frame) => frame.url ?? frame.sizes);
  const highest = Math.max(...frames.map((frame) => frame.frame ?? -1));
  const n = Math.max(manifest.frame_count ?? 0, highest + 1, highest < 0 ? frames.length : 0);
  const places = Array(n).fill(null);
  frames.forEach((frame, i) => {
    const angle = frame.angle_deg ?? frame.angle;
    const at = frame.frame ?? (angle === undefined ? i : Math.round((mod(angle, 360) * n) / 360) % n);
    const sizes = Object.entries(frame.sizes ?? {}).map(([width, url]) => [Number(width), url]);
    const all = [...sizes, ...(frame.url ? [[frame.width ?? 1200, frame.url]] : [])].sort((a, b) => a[0] - b[0]);
    const urls = all.map(([width, url]) => [width, new URL(url, base).href]);
    places[at] = { at, angle: angle ?? (360 * at) / n, urls, ratio: frame.width && frame.height ? frame.width / frame.height : null };
  });
  if (!places.some(Boolean)) throw new Error(EMPTY);
  return places;
}

/** Loads frames in binary order and keeps the decoded ones near the shown one, within the budget. */
class Reel {
  constructor(places, width, changed) {
    Object.assign(this, { places, width, changed, at: 0, open: new Map(), busy: 0, close: null, first: true });
    this.order = binaryOrder(places.length);
  }

  get loaded() {
    return this.places.filter((place) => place?.image || place?.failed).length;
  }

  /** The place nearest to `at` for which `fits`; of two equally far the earlier one. */
  nearest(at, fits) {
    const n = this.places.length;
    for (let far = 0; far <= n / 2; far++)
      for (const place of [this.places[mod(at - far, n)], this.places[mod(at + far, n)]])
        if (place && fits(place)) return place;
    return null;
  }

  show(at) {
    this.at = at;
    this.fill();
    return this.decodeAround();
  }

  /** The shown frame first and alone, so that it is there after one request; then the others, a few at a time. */
  fill() {
    const n = this.places.length;
    const start = this.nearest(this.at, (place) => !place.failed)?.at ?? 0;
    const order = [start, ...this.order.map((step) => (start + step) % n)];
    for (const at of order) {
      if (this.busy >= (this.first ? 1 : AT_ONCE)) return;
      const place = this.places[at];
      if (place && (!place.image || place.small) && !place.failed && !place.coming) this.load(place);
    }
  }

  async load(place) {
    place.coming = true;
    this.busy++;
    try {
      const [width, url] = this.fitting(place);
      const image = await fetched(url);
      const before = this.open.get(place);
      this.open.delete(place);
      Object.assign(place, { image, wide: width, small: false, coming: false, tries: 0 });
      await this.decodeAround();
      before?.then((bitmap) => bitmap.close()); // a smaller one, seen until now
    } catch {
      this.missed(place);
    }
    this.busy--;
    this.first = this.first && !this.open.size;
    this.changed();
    this.fill();
  }

  fitting(place) {
    return place.urls.find(([width]) => width >= this.width) ?? place.urls.at(-1);
  }

  missed(place) {
    const wait = TRIES_AFTER_MS[place.tries ?? 0];
    place.tries = (place.tries ?? 0) + 1;
    if (place.image || wait === undefined) Object.assign(place, { failed: !place.image, small: false, coming: false });
    else setTimeout(() => ((place.coming = false), this.ended || this.fill()), wait);
  }

  /** Ask once more for what did not come. */
  again() {
    for (const place of this.places) if (place?.failed) Object.assign(place, { failed: false, tries: 0 });
    this.fill();
  }

  /** The viewer has become larger: larger pictures, where there are any, take the place of those that are there. */
  widen(width) {
    if (width < this.width * 1.2) return;
    this.width = width;
    for (const place of this.places) if (place?.image) place.small = this.fitting(place)[0] > place.wide;
    this.fill();
  }

  /** Open the loaded frames nearest to the shown one as far as the budget goes; close all others. */
  async decodeAround() {
    const n = this.places.length;
    const near = this.places.filter((place) => place?.image).sort((a, b) => apart(a.at, this.at, n) - apart(b.at, this.at, n));
    let left = BUDGET - (this.close?.bytes ?? 0);
    const kept = near.filter((place) => (left -= size(place.image)) >= 0 || place === near[0]);
    for (const [place, bitmap] of this.open)
      if (!kept.includes(place)) this.open.delete(place), bitmap.then((it) => it.close());
    for (const place of kept)
      if (!this.open.has(place)) this.open.set(place, createImageBitmap(place.image).then((it) => ((place.bitmap = it), this.changed(), it)));
    await this.open.get(near[0]);
  }

  bitmapOf(place) {
    if (this.close?.bitmap && this.close.place === place) return this.close.bitmap;
    return this.open.has(place) && place.bitmap?.width ? place.bitmap : null; // a closed bitmap has no width
  }

  /** The largest picture of one frame, while somebody looks closely. */
  async closer(place) {
    const [width, url] = place.urls.at(-1);
    if (this.close?.place === place || width <= (place.image?.naturalWidth ?? 0)) return;
    this.farther();
    const close = (this.close = { place, bytes: 0, bitmap: null });
    const image = await fetched(url);
    const wide = Math.min(image.naturalWidth, WIDEST);
    close.bytes = size(image) * (wide / image.naturalWidth) ** 2;
    await this.decodeAround(); // makes room first
    const bitmap = await createImageBitmap(image, { resizeWidth: wide, resizeQuality: "high" });
    if (this.close === close) (close.bitmap = bitmap), this.changed();
    else bitmap.close();
  }

  farther() {
    this.close?.bitmap?.close();
    this.close = null;
  }

  end() {
    this.ended = true;
    this.farther();
    for (const bitmap of this.open.values()) bitmap.then((it) => it.close());
    this.open.clear();
  }
}

const size = (picture) => (picture.naturalWidth || picture.width) * (picture.naturalHeight || picture.height) * 4;

/** An <img> needs no CORS header of whoever keeps the pictures, and holds the compressed bytes until they are needed. */
async function fetched(url) {
  const image = new Image();
  image.decoding = "async";
  image.src = url;
  await image.decode();
  return image;
}

const ICONS = {
  back: "M15 5l-7 7 7 7", on: "M9 5l7 7-7 7", play: "M8 5l11 7-11 7z", pause: "M8 5v14M16 5v14", in: "M12 5v14M5 12h14",
  out: "M5 12h14", spots: "M12 8v.01M12 11v6M12 3a9 9 0 100 18 9 9 0 000-18z", full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  shut: "M6 6l12 12M18 6L6 18", damage: "M12 7v6M12 17v.01", feature: "M12 7v10M7 12h10",
};

/** An element by its name, its attributes and its children. Text stays text: nothing here is ever parsed as HTML. */
function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...children);
  return made;
}

function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

const STYLE = new CSSStyleSheet(); // an inline <style> would need a hole in the page's policy
STYLE.replaceSync(`
:host { --ink: #1c1d1f; --paper: #f3f2ef; --glass: #fffffff0; --line: #00000026; --ring: #0b57d0; --mark: #8a4b00; display: block;
  position: relative; aspect-ratio: var(--ratio, 4 / 3); overflow: hidden; background: var(--paper); color: var(--ink);
  font: 500 .8125rem/1.4 system-ui, -apple-system, "Segoe UI", sans-serif; container-type: inline-size; direction: ltr; text-align: left; }
:host([hidden]), [hidden] { display: none !important; }
:host(:fullscreen) { aspect-ratio: auto; background: #111; }
slot, canvas, .stage { position: absolute; inset: 0; width: 100%; height: 100%; }
::slotted(img) { width: 100%; height: 100%; object-fit: contain; }
.stage { cursor: grab; touch-action: pan-y; user-select: none; -webkit-user-select: none; outline: none; }
.stage:active { cursor: grabbing; }
.stage.close { touch-action: none; cursor: move; }
:focus-visible { outline: 3px solid var(--ring); outline-offset: 2px; }
.stage:focus-visible { outline: none; }
.stage:focus-visible::after { content: ""; position: absolute; inset: 0; pointer-events: none; box-shadow: inset 0 0 0 3px var(--ring), inset 0 0 0 5px #fff; }
.bar { position: absolute; right: .5rem; bottom: .5rem; display: flex; gap: 2px; padding: 3px; border-radius: 999px;
  background: var(--glass); box-shadow: 0 0 0 1px var(--line), 0 2px 10px #0000001a; }
button { font: inherit; color: inherit; display: grid; place-items: center; width: 2.25rem; height: 2.25rem; padding: 0; border: 0;
  border-radius: 999px; background: none; cursor: pointer; }
button:hover { background: #0000000f; }
button[aria-disabled=true] { opacity: .4; cursor: default; }
svg { width: 1.15rem; height: 1.15rem; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.say { position: absolute; left: .75rem; bottom: .75rem; padding: .3rem .7rem; border-radius: 999px; background: var(--glass);
  box-shadow: 0 0 0 1px var(--line); pointer-events: none; font-variant-numeric: tabular-nums; }
.gap { position: absolute; left: .75rem; top: .75rem; max-width: calc(100% - 3rem); padding: .3rem .7rem; border-radius: .5rem;
  background: #fff6e6; color: var(--mark); box-shadow: inset 3px 0 0 var(--mark), 0 0 0 1px #8a4b0040; }
.gap button { display: inline; width: auto; height: auto; margin-left: .5rem; padding: .2rem .6rem; box-shadow: inset 0 0 0 1px; }
.load { position: absolute; left: 0; bottom: 0; height: 3px; width: 100%; transform-origin: left; background: #2f5d50; }
.spot { position: absolute; width: 1.75rem; height: 1.75rem; margin: -.875rem; background: #fff; color: #1d5e4e; box-shadow: 0 0 0 2px #1d5e4e, 0 1px 6px #0006; }
.spot.damage { color: #a3231a; box-shadow: 0 0 0 2px #a3231a, 0 1px 6px #0006; border-radius: .45rem; }
.spot[aria-expanded=true] { background: #1d5e4e; color: #fff; }
.spot.damage[aria-expanded=true] { background: #a3231a; }
.note { position: absolute; z-index: 1; right: .5rem; top: .5rem; width: min(20rem, calc(100% - 1rem)); box-sizing: border-box; max-height: calc(100% - 4.5rem);
  overflow: auto; padding: .9rem 3rem .9rem 1rem; border-radius: .75rem; background: #fff; box-shadow: 0 0 0 1px var(--line), 0 8px 30px #0003; }
.note p { margin: .15rem 0 0; font-weight: 400; overflow-wrap: anywhere; }
.note .kind { font-size: .75rem; color: #56534e; }
.note strong { font-size: .95rem; overflow-wrap: anywhere; }
.note button { position: absolute; right: .4rem; top: .4rem; }
@container (max-width: 26rem) { .note { left: .5rem; right: .5rem; top: auto; bottom: .5rem; width: auto; max-height: 70%; } .wide { display: none; } .say { bottom: auto; top: .75rem; } .gap { top: 3rem; } }
@media (prefers-reduced-motion: no-preference) { .load { transition: transform .2s, opacity .4s; } }
@media (forced-colors: active) { .bar, .say, .note, .gap, .spot { border: 1px solid; } .load { background: Highlight; forced-color-adjust: none; }
  .stage:focus-visible::after { border: 4px solid Highlight; } button[aria-disabled=true] { color: GrayText; opacity: 1; } }
`);

class VitrineSpin extends HTMLElement {
  static observedAttributes = ["src"];
  static inWords = inWords;
  static binaryOrder = binaryOrder;
  static placeOf = placeOf;
  #position = 0; // in frames, with fractions while it turns
  #zoom = 1;
  #pan = [0, 0]; // of the middle, in widths and heights of the picture
  #pointers = new Map();
  #motion = null;

  constructor() {
    super();
    this.attachShadow({ mode: "open" }).adoptedStyleSheets = [STYLE];
    this.canvas = make("canvas", { "aria-hidden": "true" });
    this.stage = make("div", { class: "stage", role: "slider", tabindex: "0", "aria-valuemin": "0", "aria-valuemax": "0", "aria-valuenow": "0" }, this.canvas);
    this.say = make("div", { class: "say", "aria-hidden": "true" });
    this.gap = make("div", { class: "gap", role: "status", hidden: true });
    this.line = make("div", { class: "load", "aria-hidden": "true" });
    this.spots = make("div", {});
    this.note = make("div", { class: "note", id: "note", role: "group", hidden: true });
    this.bar = make("div", { class: "bar", role: "group", "aria-label": "Controls", hidden: true },
      this.#button("back", "Turn back", () => this.#step(-1), "wide turns"), this.#button("play", "Turn by itself", () => this.#toggle(), "turns"),
      this.#button("on", "Turn on", () => this.#step(1), "wide turns"), this.#button("out", "Zoom out", () => this.#scale(1 / 1.5)),
      this.#button("in", "Zoom in", () => this.#scale(1.5)), this.#button("spots", "Next detail", () => this.#nextSpot()),
      this.#button("full", "Full screen", () => (document.fullscreenElement ? document.exitFullscreen() : this.requestFullscreen?.())));
    this.shadowRoot.append(make("slot"), this.stage, this.spots, this.say, this.gap, this.line, this.note, this.bar);
    this.#listen();
  }

  connectedCallback() {
    this.stage.setAttribute("aria-label", this.getAttribute("label") || "Vehicle, seen from all sides");
    this.#seen = new IntersectionObserver((entries) => this.#visible(entries.at(-1).isIntersecting));
    this.#seen.observe(this);
    this.#sized = new ResizeObserver(() => (this.reel?.widen(this.#wide), this.#draw()));
    this.#sized.observe(this);
    addEventListener("hashchange", this.#fromLink);
    addEventListener("online", this.#again);
  }
  #seen;
  #sized;

  disconnectedCallback() {
    this.#seen.disconnect();
    this.#sized.disconnect();
    removeEventListener("hashchange", this.#fromLink);
    removeEventListener("online", this.#again);
    this.#forget();
  }

  attributeChangedCallback(_, before) {
    if (before === null) return;
    this.#forget();
    if (this.isConnected) this.#seen.unobserve(this), this.#seen.observe(this);
  }

  get frame() { return mod(Math.round(this.#position), this.places?.length ?? 1); }
  set frame(value) { this.#halt(); this.#go(Number(value)); }
  /** From the front where that is known, else from the first frame; in degrees, in the order of capture. */
  get angle() { return this.places ? mod(this.#turned - this.front, 360) : 0; }
  set angle(value) { this.#halt(); this.#go((mod(Number(value) + this.front, 360) * this.places.length) / 360); }
  get #turned() { return (360 * this.frame) / this.places.length; }
  get #wide() { return this.clientWidth * Math.min(devicePixelRatio, 2); }
  get zoom() { return this.#zoom; }
  set zoom(value) { this.#scale(value / this.#zoom); }
  get openFrames() { return this.reel?.open.size ?? 0; }
  set manifest(value) { this.#forget(); this.#given = value; if (this.isConnected) this.#seen.unobserve(this), this.#seen.observe(this); }
  get manifest() { return this.#given ?? this.#read; }
  #given = null;
  #read = null; // what `src` led to

  // -- loading

  #visible(seen) {
    if (!seen) return this.#stop();
    this.#loading ??= this.#load().catch((fault) => this.#failed(fault));
    this.#draw();
  }
  #loading = null;
  #auto = false;

  async #load() {
    const inline = this.querySelector("script[type='application/json']");
    const src = this.getAttribute("src");
    const base = !this.#given && !inline && src ? new URL(src, document.baseURI).href : document.baseURI;
    const manifest = this.#given ?? (inline ? JSON.parse(inline.textContent) : await read(base));
    const places = placesOf(manifest, base);
    this.#read = manifest;
    this.places = places;
    const known = manifest.frames.find((frame) => Number.isFinite(frame.view_deg) && Number.isFinite(frame.angle_deg));
    this.front = manifest.front_angle ?? (known ? known.angle_deg - known.view_deg : 0);
    this.sense = manifest.direction === "counter_clockwise" ? -1 : 1;
    this.#position = Math.max(0, manifest.frames[0].frame ?? 0);
    this.#setSpots(manifest.hotspots ?? []);
    this.#shape(places.find(Boolean).ratio);
    this.stage.setAttribute("aria-valuemax", places.length - 1);
    const several = places.filter(Boolean).length > 1;
    for (const button of this.bar.querySelectorAll(".turns")) button.hidden = !several;
    this.bar.lastChild.hidden = !document.fullscreenEnabled; // an iPhone, or a frame that may not
    this.reel = new Reel(places, this.#wide, () => this.#draw());
    this.#fromLink();
    this.#auto = several && this.hasAttribute("autoplay") && !calm();
    this.reel.show(this.frame);
  }

  #failed(fault) {
    if (this.#broken) return;
    this.#broken = true;
    const none = fault.message === EMPTY;
    this.gap.replaceChildren(none ? "There are no pictures yet." : "The pictures cannot be loaded now.");
    if (!none) this.gap.append(make("button", { type: "button", onclick: this.#again }, "Try again"));
    this.gap.hidden = false;
    this.dispatchEvent(new CustomEvent("fault", { detail: String(fault) }));
  }
  #broken = false;

  /** What did not come is asked for again: somebody wants it, or the network is back. */
  #again = () => {
    if (this.#broken) this.gap.hidden = true;
    if (this.reel) this.#broken = false, this.reel.again(), this.#draw();
    else if (this.#broken) this.#forget(), this.#visible(true);
  };

  #forget() {
    this.#stop();
    this.reel?.end();
    clearTimeout(this.#later);
    this.reel = this.places = this.#loading = this.#said = null;
    this.#later = 0;
    this.#broken = this.#unlinked = false;
    this.say.textContent = "";
    this.stage.removeAttribute("aria-valuetext");
    this.bar.hidden = this.gap.hidden = this.note.hidden = true;
    this.shadowRoot.querySelector("slot").hidden = false;
  }

  #shape(ratio) {
    this.shaped = Boolean(ratio);
    if (ratio) this.style.setProperty("--ratio", ratio);
  }

  #ready(bitmap) {
    if (!this.shaped) this.#shape(bitmap.width / bitmap.height); // the manifest did not say
    this.bar.hidden = false;
    this.shadowRoot.querySelector("slot").hidden = true;
    this.dispatchEvent(new CustomEvent("ready"));
  }

  // -- turning

  #go(position) {
    if (!this.places) return;
    const before = this.frame;
    this.#position = position;
    if (this.frame !== before) {
      this.reel.farther();
      this.reel.show(this.frame);
    }
    this.#unlinked = true;
    this.#draw();
  }

  #step(by) { this.#halt(); this.#go(this.frame + by); }

  /** Runs until `at(seconds)` says null; one motion at a time. */
  #move(at) {
    this.#stop();
    const began = performance.now();
    const motion = (this.#motion = { frame: 0 });
    const tick = (now) => {
      if (this.#motion !== motion) return;
      const position = at(Math.max(0, (now - began) / 1000));
      if (position === null) return this.#stop();
      this.#go(position);
      motion.frame = requestAnimationFrame(tick);
    };
    motion.frame = requestAnimationFrame(tick);
  }

  #stop() {
    cancelAnimationFrame(this.#motion?.frame);
    if (this.#motion?.playing) this.#face("play", "Turn by itself");
    this.#motion = null;
    this.#draw();
  }

  /** Somebody takes over: it does not begin to turn by itself any more. */
  #halt() { this.#auto = false; this.#stop(); }

  #play() {
    const [from, n] = [this.#position, this.places.length];
    this.#move((s) => (s > TURN_S ? ((this.#auto = false), null) : from + (n * s) / TURN_S));
    this.#motion.playing = true;
    this.#face("pause", "Stop turning");
  }

  #toggle() {
    const playing = this.#motion?.playing;
    this.#halt();
    if (!playing) this.#play();
  }

  #face(name, label) {
    const button = this.bar.children[1];
    button.replaceChildren(icon(name));
    button.setAttribute("aria-label", label);
    button.title = label;
  }

  /** After a release the speed falls evenly to nothing. */
  #coast(speed) {
    const [from, v] = [this.#position, clamp(speed, -1.5 * this.places.length, 1.5 * this.places.length)];
    if (calm() || Math.abs(v) < 2) return;
    this.#move((s) => (s >= COAST_S ? null : from + ((v * COAST_S) / 3) * (1 - (1 - s / COAST_S) ** 3)));
  }

  // -- hands

  #listen() {
    const on = (name, act, options) => this.stage.addEventListener(name, act, options);
    on("pointerdown", (event) => this.#down(event));
    on("pointermove", (event) => this.#pointers.has(event.pointerId) && this.#moved(event));
    on("pointerup", (event) => this.#up(event));
    on("pointercancel", (event) => this.#pointers.delete(event.pointerId)); // the page scrolls from here
    on("dblclick", (event) => this.#scale(this.#zoom > 1 ? 1 / this.#zoom : 2.5, this.#at(event)));
    on("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
      event.preventDefault();
      this.#scale(Math.exp(-event.deltaY / 300), this.#at(event));
    }, { passive: false });
    this.shadowRoot.addEventListener("keydown", (event) => this.#key(event));
  }

  #down(event) {
    if (event.button || !this.places) return;
    this.#halt();
    this.stage.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, [event.clientX, event.clientY]);
    this.#trail = [];
  }
  #trail = [];

  #moved(event) {
    const before = [...this.#pointers.values()];
    const [x, y] = this.#pointers.get(event.pointerId);
    this.#pointers.set(event.pointerId, [event.clientX, event.clientY]);
    const after = [...this.#pointers.values()];
    if (after.length > 1) return this.#scale(span(after) / (span(before) || 1), this.#at(middle(after)));
    const { width, height } = this.getBoundingClientRect();
    if (this.#zoom > 1) return this.#drag((event.clientX - x) / width, (event.clientY - y) / height);
    // The car's surface follows the finger: who walks clockwise sees it go to the right.
    const turned = ((event.clientX - x) / width) * this.places.length * this.sense * (this.hasAttribute("reverse") ? -1 : 1);
    this.#trail = [...this.#trail, [event.timeStamp, turned]].filter(([at]) => event.timeStamp - at < 100);
    this.#go(this.#position + turned);
  }

  #up(event) {
    if (!this.#pointers.delete(event.pointerId) || this.#zoom > 1 || !this.places) return;
    const recent = this.#trail.filter(([at]) => event.timeStamp - at < 100); // who holds still lets go at rest
    if (recent.length > 1) this.#coast((1000 * recent.reduce((sum, [, by]) => sum + by, 0)) / Math.max(16, event.timeStamp - recent[0][0]));
  }

  #key(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || !this.places) return;
    const last = this.places.length - 1;
    const pan = event.shiftKey && this.#zoom > 1;
    const keys = {
      ArrowLeft: () => (pan ? this.#drag(0.1, 0) : this.#step(-1)), ArrowRight: () => (pan ? this.#drag(-0.1, 0) : this.#step(1)),
      ArrowDown: () => (pan ? this.#drag(0, -0.1) : this.#step(-1)), ArrowUp: () => (pan ? this.#drag(0, 0.1) : this.#step(1)),
      PageDown: () => this.#step(-Math.round((last + 1) / 8)), PageUp: () => this.#step(Math.round((last + 1) / 8)),
      Home: () => this.#step(-this.frame), End: () => this.#step(last - this.frame),
      "+": () => this.#scale(1.5), "=": () => this.#scale(1.5), "-": () => this.#scale(1 / 1.5),
      Escape: () => (this.note.hidden ? this.#scale(1 / this.#zoom) : this.#shut()),
    };
    if (!keys[event.key] || (event.key === "Escape" && this.note.hidden && this.#zoom === 1)) return;
    event.preventDefault();
    keys[event.key]();
  }

  /** Zoom by a factor around a point of the picture, which stays where it is. */
  #scale(by, [x, y] = [0.5, 0.5]) {
    if (!this.places) return;
    const zoom = clamp(this.#zoom * by, 1, MOST_ZOOM) < 1.02 ? 1 : clamp(this.#zoom * by, 1, MOST_ZOOM);
    const moved = 1 / this.#zoom - 1 / zoom;
    this.#pan = [this.#pan[0] + (x - 0.5) * moved, this.#pan[1] + (y - 0.5) * moved];
    this.#zoom = zoom;
    this.stage.classList.toggle("close", zoom > 1);
    if (zoom > 1) this.#halt();
    else this.reel.farther();
    this.bar.children[3].setAttribute("aria-disabled", zoom === 1);
    this.bar.children[4].setAttribute("aria-disabled", zoom === MOST_ZOOM);
    this.#drag(0, 0);
  }

  #drag(x, y) {
    const room = (1 - 1 / this.#zoom) / 2;
    this.#pan = [this.#pan[0] - x / this.#zoom, this.#pan[1] - y / this.#zoom].map((at) => clamp(at, -room, room));
    this.#unlinked = true;
    this.#draw();
  }

  #at(point) {
    const { left, top, width, height } = this.getBoundingClientRect();
    return [(point.clientX - left) / width, (point.clientY - top) / height];
  }

  // -- links: #a=105&z=2

  #fromLink = () => {
    if (!this.hasAttribute("deep-link") || !this.places) return;
    const asked = new URLSearchParams(location.hash.slice(1));
    const [angle, zoom] = [parseFloat(asked.get("a")), parseFloat(asked.get("z"))];
    if (Number.isFinite(angle)) this.angle = angle;
    if (Number.isFinite(zoom)) this.zoom = zoom;
  };

  /** Soon, and again as long as what is seen is not yet what was turned to. */
  #toLink() {
    if (!this.hasAttribute("deep-link") || !this.#unlinked || this.#later) return;
    this.#later = setTimeout(() => {
      this.#later = 0;
      if (!this.#said) return;
      this.#unlinked = Boolean(this.#motion) || !this.#said.settled;
      const asked = new URLSearchParams(location.hash.slice(1));
      asked.set("a", Math.round(this.#said.angle) % 360);
      this.#zoom > 1 ? asked.set("z", this.#zoom.toFixed(1)) : asked.delete("z");
      history.replaceState(history.state, "", `#${asked}`);
    }, TELL_MS);
  }
  #later = 0;
  #unlinked = false; // it was turned or zoomed since the address was written

  // -- hotspots

  #setSpots(hotspots) {
    this.hotspots = hotspots.map((hotspot, i) => {
      const kind = hotspot.type === "damage" ? "damage" : "feature";
      const button = make("button", { class: `spot ${kind}`, "aria-expanded": "false", "aria-controls": "note", "aria-label": `${kind}: ${hotspot.title}`,
        onclick: () => this.#open(i) }, icon(kind));
      return { ...hotspot, kind, button };
    });
    this.spots.replaceChildren(...this.hotspots.map(({ button }) => button));
    this.bar.children[5].hidden = !hotspots.length;
  }

  #open(i) {
    const { kind, title, text, button } = this.hotspots[i];
    this.#shut();
    this.note.replaceChildren(make("span", { class: "kind" }, `${kind === "damage" ? "Damage" : "Feature"} ${i + 1} of ${this.hotspots.length}`),
      make("p", { dir: "auto" }, make("strong", {}, String(title ?? ""))), make("p", { dir: "auto" }, String(text ?? "")), this.#button("shut", "Close", () => this.#shut()));
    this.note.setAttribute("aria-label", `${kind}: ${title}`);
    this.note.hidden = false;
    this.opened = i;
    button.setAttribute("aria-expanded", "true");
  }

  #shut() {
    this.note.hidden = true;
    this.hotspots?.[this.opened]?.button.setAttribute("aria-expanded", "false");
    if (this.note.contains(this.shadowRoot.activeElement)) this.stage.focus();
  }

  /** The way by keyboard to a detail that is out of sight. */
  #nextSpot() {
    const next = this.note.hidden ? 0 : (this.opened + 1) % this.hotspots.length;
    const keys = this.hotspots[next].at;
    this.angle = keys[Math.floor(keys.length / 2)].angle_deg - this.front;
    this.#open(next);
  }

  // -- drawing

  #shown() { return this.reel.nearest(this.frame, (place) => !place.failed); }

  #draw() {
    if (this.reel) this.#due ||= requestAnimationFrame(() => ((this.#due = 0), this.reel && this.#paint()));
  }
  #due = 0;

  #paint() {
    const meant = this.#shown();
    const near = this.reel.bitmapOf(meant) ? meant : this.reel.nearest(this.frame, (place) => this.reel.bitmapOf(place));
    if (near) this.#picture(this.reel.bitmapOf(near));
    if (near && this.bar.hidden) this.#ready(this.reel.bitmapOf(near));
    if (!meant) this.#failed(new Error("no frame could be loaded"));
    else if (near) this.#words(near, meant);
    if (near === meant && meant && this.#zoom > 1 && !this.#motion) this.reel.closer(meant).catch(() => {});
    const all = this.places.filter(Boolean).length;
    this.line.style.transform = `scaleX(${this.reel.loaded / all})`;
    this.line.style.opacity = this.reel.loaded === all ? 0 : 1;
    // A turn through frames that are not there would jump; it begins when all are, unless somebody starts it.
    if (this.#auto && !this.#motion && near && this.reel.loaded === all) this.#play();
    if (near) for (const hotspot of this.hotspots) this.#put(hotspot.button, placeOf(hotspot, (360 * near.at) / this.places.length));
    this.#toLink();
  }

  #picture(bitmap) {
    const [width, height] = [this.clientWidth, this.clientHeight].map((css) => Math.round(css * Math.min(devicePixelRatio, 2)));
    if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
    const context = this.canvas.getContext("2d");
    const scale = Math.min(width / bitmap.width, height / bitmap.height) * this.#zoom;
    context.imageSmoothingQuality = "high";
    context.clearRect(0, 0, width, height);
    const [x, y] = [width / 2 - this.#pan[0] * this.#zoom * width, height / 2 - this.#pan[1] * this.#zoom * height];
    context.drawImage(bitmap, x - (bitmap.width * scale) / 2, y - (bitmap.height * scale) / 2, bitmap.width * scale, bitmap.height * scale);
  }

  /** Says what is seen: `near`. Where it stays so because the frame that it was turned to is missing, that too. */
  #words(near, meant) {
    const n = this.places.length;
    const settled = near === meant;
    const lacks = settled && meant.at !== this.frame;
    const [frame, angle] = [lacks ? this.frame : near.at, mod((360 * near.at) / n - this.front, 360)];
    const words = inWords(angle, this.sense);
    this.stage.setAttribute("aria-valuenow", frame);
    this.stage.setAttribute("aria-valuetext", `${words}${lacks ? `, frame ${frame + 1} is missing` : ""}${this.#zoom > 1 ? `, zoom ${this.#zoom.toFixed(1)}` : ""}`);
    this.say.textContent = words.replace(/, (\d+) degrees/, " · $1°");
    this.gap.hidden = !lacks;
    if (lacks) this.gap.textContent = `Frame ${frame + 1} of ${n} is missing; frame ${near.at + 1} is shown.`;
    const turned = this.#said && this.#said.frame !== frame;
    this.#said = { frame, angle, settled };
    if (turned) this.dispatchEvent(new CustomEvent("turn", { detail: { frame, angle } }));
  }
  #said = null;

  #put(button, place) {
    const at = place && [place.x, place.y].map((share, i) => 0.5 + (share - 0.5 - this.#pan[i]) * this.#zoom);
    button.hidden = !at || at.some((share) => share < 0 || share > 1);
    if (!button.hidden) Object.assign(button.style, { left: `${100 * at[0]}%`, top: `${100 * at[1]}%` });
  }

  #button(name, label, act, kind = null) {
    return make("button", { type: "button", class: kind, "aria-label": label, title: label, onclick: act }, icon(name));
  }
}

async function read(url) {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`manifest: ${answer.status}`);
  return answer.json();
}

const span = ([a, b]) => Math.hypot(a[0] - b[0], a[1] - b[1]);
const middle = ([a, b]) => ({ clientX: (a[0] + b[0]) / 2, clientY: (a[1] + b[1]) / 2 });

customElements.get("vitrine-spin") ?? customElements.define("vitrine-spin", VitrineSpin);
})();
