// One frame: large, flickered against its neighbour, compared with what it replaced; and why the checks say what they say.

(() => {
"use strict";
const Review = (globalThis.Review ??= {});
const { make, thumb, number, counted, nameOf, call } = Review;
const FLICKER_MS = 280; // 1.8 flashes a second: WCAG 2.3.1 allows three
const calm = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
const ICON = { fail: "×", warn: "!", pass: "✓" };
const STATUS = { fail: "Fails", warn: "Doubtful", pass: "Passes" };

class Frame {
  /** `step(by)` goes on to another frame, for who has no keys. */
  constructor(host, step) {
    this.host = host;
    this.below = make("img", { class: "below", alt: "", hidden: true });
    this.above = make("img", { class: "above", alt: "", onload: () => (this.picture.style.aspectRatio = `${this.above.naturalWidth} / ${this.above.naturalHeight}`) });
    this.caption = make("p", { class: "caption", role: "status" });
    this.none = make("p", { class: "none", hidden: true });
    this.wipe = make("input", { type: "range", min: "0", max: "100", value: "50", "aria-label": "How much of the older frame is shown", oninput: () => this.wiped() });
    this.compare = make("label", { class: "wipe", hidden: true }, "Before ", this.wipe, " after");
    const steps = [["Frame before", "‹", -1], ["Frame after", "›", 1]].map(([label, sign, by]) => make("button", { class: by < 0 ? "step before" : "step after", "aria-label": label, title: label, onclick: () => step(by) }, sign));
    this.picture = make("div", { class: "picture" }, this.below, this.above, this.none, this.caption, steps);
    this.reasons = make("section", { class: "reasons", "aria-label": "Checks of this frame" });
    host.replaceChildren(this.picture, this.compare, this.reasons);
  }

  show(set, at) {
    this.rest();
    Object.assign(this, { set, at, place: set.places[at] });
    const { place } = this;
    this.above.hidden = !thumb(place.image, "1200");
    if (!this.above.hidden) this.above.src = thumb(place.image, "1200");
    this.above.alt = place.label;
    this.none.hidden = !this.above.hidden;
    this.none.textContent = place.image ? place.image.error?.message ?? "This frame is on its way." : "Nobody has sent this frame.";
    this.say("");
    this.facts = make("dl", { class: "facts" });
    this.reasons.replaceChildren(...this.why());
    clearTimeout(this.asking);
    if (place.image) this.asking = setTimeout(() => this.details(place, this.facts), 250); // not for each frame that is passed by
  }

  /** The same set once more, with addresses that hold for a while again. */
  renew(set) {
    Object.assign(this, { set, place: set.places[this.at] });
  }

  /** What only the frame's own address says. */
  async details({ image }, facts) {
    this.known ??= new Map();
    if (!this.known.has(image.id)) this.known.set(image.id, await call("GET", `/v1/images/${image.id}`).catch(() => image));
    facts.replaceChildren(...factsOf({ ...image, ...this.known.get(image.id) }).flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  }

  say(text) {
    this.caption.textContent = text;
    this.caption.classList.toggle("quiet", !text);
  }

  // -- flicker: the neighbour under the same eye tells what a number cannot

  get neighbour() {
    const { turn } = this.set;
    const after = turn.slice(this.at + 1).concat(turn.slice(0, this.at));
    return this.place.angle === null ? null : after.find((place) => thumb(place.image, "1200")) ?? null;
  }

  get flickers() {
    return Boolean(this.timer);
  }

  async flicker() {
    const other = this.neighbour;
    if (!other || this.above.hidden) return;
    this.still();
    this.below.src = thumb(other.image, "1200");
    this.below.hidden = false;
    await this.below.decode().catch(() => {});
    if (calm()) return this.swap(other);
    this.timer = setInterval(() => this.swap(other), FLICKER_MS);
  }

  swap(other) {
    const away = this.above.classList.toggle("away");
    this.say(away ? other.label : this.place.label);
  }

  rest() {
    clearInterval(this.timer);
    this.timer = null;
    this.above.classList.remove("away");
    this.still();
    this.say("");
  }

  // -- before and after of a retake

  get before() {
    return this.place.older.find((image) => thumb(image, "1200")) ?? null;
  }

  toggleCompare() {
    if (!this.compare.hidden) return this.rest();
    if (!this.before) return this.say("This frame was not shot again.");
    this.rest();
    this.below.src = thumb(this.before, "1200");
    this.below.hidden = this.compare.hidden = false;
    this.picture.classList.add("compared");
    this.say("Left the older frame, right the present one");
    this.wiped();
    this.wipe.focus();
  }

  wiped() {
    this.picture.style.setProperty("--wipe", `${this.wipe.value}%`);
    this.wipe.setAttribute("aria-valuetext", `${this.wipe.value} percent before`);
  }

  still() {
    this.below.hidden = this.compare.hidden = true;
    this.picture.classList.remove("compared");
  }

  // -- why

  why() {
    const { place } = this;
    const { image } = place;
    const bad = place.checks.filter((check) => check.status !== "pass");
    const good = place.checks.filter((check) => check.status === "pass");
    return [
      make("h2", {}, place.label),
      image?.review ? make("p", { class: `word ${image.review.passed ? "pass" : "fail"}` }, image.review.passed ? "A reviewer passed this frame: " : "A reviewer wants this frame again: ", make("q", {}, image.review.reason || "no reason given")) : null,
      image?.error ? reason({ name: "picture", status: "fail", ...image.error }) : null,
      !image ? make("p", {}, this.reshoot()?.remedy ?? "Shoot this frame from its station.") : null,
      image?.duplicate_of ? make("p", {}, `Shows the same as ${this.labelOf(image.duplicate_of)}.`) : null,
      make("ul", { class: "checks" }, bad.map(reason)),
      !bad.length && image && !image.error ? make("p", { class: "fine" }, good.length ? "Every check passes." : "Not checked yet.") : null,
      good.length ? make("details", {}, make("summary", {}, counted(good.length, "check passes", "checks pass")), make("ul", { class: "checks" }, good.map(reason))) : null,
      this.facts,
    ].filter(Boolean);
  }

  reshoot() {
    return this.set.session.set?.reshoot?.find((item) => item.index === this.at || (item.id && item.id === this.place.image?.id));
  }

  labelOf(id) {
    return this.set.places.find((place) => place.image?.id === id)?.label ?? "another frame";
  }
}

function reason(check) {
  const low = check.confidence !== undefined && check.confidence < 0.6;
  return make("li", { class: check.status },
    make("p", { class: "head" }, make("span", { class: `sign ${check.status}`, role: "img", "aria-label": STATUS[check.status] }, ICON[check.status]), make("strong", {}, nameOf(check.name)),
      check.score === null || check.score === undefined ? null : make("span", { class: "measured" }, `measured ${number(check.score)}`, check.threshold === null || check.threshold === undefined ? "" : ` · limit ${number(check.threshold)}`)),
    make("p", {}, check.message ?? ""), check.remedy ? make("p", { class: "remedy" }, check.remedy) : null,
    make("p", { class: "code" }, make("code", {}, check.code ?? ""), low ? " · not sure" : ""));
}

function factsOf(image) {
  const { exif = {} } = image;
  const exposure = [exif?.shutter && `${exif.shutter} s`, exif?.aperture, exif?.iso && `ISO ${exif.iso}`].filter(Boolean).join(" · ");
  const found = [["Size", image.width && `${image.width} × ${image.height}`], ["Exposure", exposure], ["Taken", (exif?.timestamp ?? image.created_at) && new Date(exif?.timestamp ?? image.created_at).toLocaleString()], ["Place known by", image.position_source?.replaceAll("_", " ")], ["Doubt", image.position_conflict], ["File", image.file_name]];
  return found.filter(([, value]) => value);
}

Object.assign(Review, { Frame });
})();
