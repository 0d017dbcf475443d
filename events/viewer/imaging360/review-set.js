// A session's frames as a reviewer looks at them: places of a turn with their present frame, its older ones, its checks.

(() => {
"use strict";
const Review = (globalThis.Review ??= {});
const ORDER = { fail: 0, warn: 1, pass: 2 };
const WORDS = { fail: "fails", warn: "is doubtful", pass: "passes" };
const sideOf = (angle, sense) => customElements.get("vitrine-spin").inWords(angle, sense).replace(/, .*/, "");

/** An element by its name, its attributes and its children; `on…` are listeners. Text stays text. */
function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

/** The same for SVG. */
function draw(name, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A frame's checks, the worst first: [{name, status, score, threshold, code, message, remedy, confidence}]. */
const checksOf = (image) =>
  Object.entries(image?.qc ?? {})
    .filter(([, check]) => check && check.status)
    .map(([name, check]) => ({ name, ...check }))
    .sort((a, b) => ORDER[a.status] - ORDER[b.status] || a.name.localeCompare(b.name));

/** What counts of a place: a person's word, else its worst check. "gap" where there is no frame. */
function statusOf(image) {
  if (!image) return "gap";
  if (image.error || image.status === "failed") return "fail";
  if (image.review) return image.review.passed ? "pass" : "fail";
  if (image.status === "pending" || image.status === "processing") return "coming";
  return checksOf(image)[0]?.status ?? "pass";
}

const newer = (a, b) => Number(b.current !== false) - Number(a.current !== false) || String(b.created_at).localeCompare(String(a.created_at));

/** {session, turn: [place], stills: [place], …}; a place: {at, angle, label, image, older, status, checks}. */
function setOf(session, images) {
  const list = session.shot_list ?? {};
  const named = images.filter((image) => image.shot_name);
  const rest = images.filter((image) => !named.includes(image));
  const known = list.studio360?.frame_count ?? list.walk360?.frame_count ?? (session.mode === "stills" ? 0 : 24);
  const n = Math.max(known, ...rest.map((image) => (image.frame ?? -1) + 1));
  const front = session.set?.front_frame ?? null;
  const zero = front === null || !n ? 0 : (360 * front) / n;
  const sense = session.set?.direction === "counter_clockwise" ? -1 : 1;
  const turn = Array.from({ length: session.mode === "stills" ? 0 : n }, (_, at) => {
    const angle = (360 * at) / n;
    return place(at, angle, `Frame ${at + 1}, ${Math.round(angle)} degrees, ${sideOf(angle - zero, sense)}`, rest.filter((image) => image.frame === at));
  });
  const shots = [...new Set([...(list.stills ?? []), ...named.map((image) => image.shot_name)])];
  const stills = shots.map((shot, i) => place(turn.length + i, null, shot.replaceAll("_", " "), named.filter((image) => image.shot_name === shot)));
  const loose = rest.filter((image) => session.mode === "stills" || image.frame === null);
  const unplaced = loose.map((image, i) => place(turn.length + stills.length + i, null, `Without a place: ${image.file_name ?? image.id}`, [image]));
  const places = [...turn, ...stills, ...unplaced];
  return { session, turn, stills: [...stills, ...unplaced], places, front: zero, sense, frontKnown: front !== null };
}

function place(at, angle, label, images) {
  const [image = null, ...older] = [...images].sort(newer);
  return { at, angle, label, image, older, status: statusOf(image), checks: checksOf(image) };
}

/** What a person hears of a place: its label and what is the matter with it. */
function spoken(place) {
  if (place.status === "gap") return `${place.label}: missing`;
  if (place.status === "coming") return `${place.label}: on its way`;
  if (place.image.review) return `${place.label}: ${place.image.review.passed ? "passed" : "to be shot again"} by a reviewer`;
  const bad = place.checks.filter((check) => check.status !== "pass").map((check) => `${nameOf(check.name)} ${WORDS[check.status]}`);
  return `${place.label}: ${place.image.error ? "cannot be used" : bad.join(", ") || "passes"}`;
}

const nameOf = (check) => check.replaceAll("_", " ");
const thumb = (image, width) => image?.thumb_urls?.[width] ?? image?.thumb_urls?.["600"] ?? image?.thumb_urls?.["1200"] ?? "";

/** 0.0123 and 451.7 in as many digits as say something. */
const number = (value) => (value === null || value === undefined ? "–" : Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 1 ? value.toFixed(1) : String(Number(value.toPrecision(2))));

/** What `<vitrine-spin>` takes. */
const manifestOf = (set) => ({
  frame_count: set.turn.length,
  front_angle: set.front,
  direction: set.sense < 0 ? "counter_clockwise" : "clockwise",
  frames: set.turn.filter((place) => thumb(place.image, "1200")).map((place) => ({ frame: place.at, angle_deg: place.angle, url: thumb(place.image, "1200") })),
});

/** Such as "1 frame is" and "3 frames are". */
const counted = (count, one, many) => `${count} ${count === 1 ? one : many}`;

Object.assign(Review, { make, draw, setOf, spoken, nameOf, thumb, number, counted, manifestOf });
})();
