// The ring: frames at their angles as on a clock, gaps as gaps, and inside it sharpness and exposure as curves around.

(() => {
"use strict";
const Review = (globalThis.Review ??= {});
const { make, draw, spoken, thumb, number } = Review;
const R = { frames: 0.418, sharpness: [0.235, 0.335], exposure: [0.135, 0.215] }; // of the ring's width
const CROWDED = 36; // from more frames on pictures would be too small: then bars, and a picture for each 24th of the turn
const MARKS = { fail: "×", warn: "!", gap: "?", coming: "…", pass: "" };
const at = (angle, r) => [0.5 + r * Math.sin((angle * Math.PI) / 180), 0.5 - r * Math.cos((angle * Math.PI) / 180)];

/** Fills `host` with a set. `choose(at)` is called with a place's number. Returns what moves the selection. */
function ring(host, set, choose) {
  const options = set.places.map((place) => option(place, set, choose));
  const turn = make("div", { class: "clock" }, curves(set), options.slice(0, set.turn.length), set.turn.length > CROWDED ? around(set, choose) : null, middle(set));
  const stills = make("div", { class: "stills" }, options.slice(set.turn.length));
  const list = make("div", { role: "listbox", "aria-label": "Frames", class: "ring" }, set.turn.length ? turn : null, set.stills.length ? stills : null);
  host.replaceChildren(list);
  return (chosen, focus) => {
    options.forEach((each, i) => {
      each.setAttribute("aria-selected", String(i === chosen));
      each.tabIndex = i === chosen ? 0 : -1;
    });
    if (focus || list.contains(document.activeElement)) options[chosen]?.focus();
  };
}

function option(place, set, choose) {
  const picture = place.image && thumb(place.image, "150");
  const made = make("div", { role: "option", class: `place ${place.status}`, "aria-label": spoken(place), title: spoken(place), tabindex: "-1", onclick: () => choose(place.at) },
    picture ? make("img", { src: picture, alt: "", draggable: "false" }) : null, make("span", { class: "mark", "aria-hidden": "true" }, MARKS[place.status]),
    place.angle === null ? make("span", { class: "name", "aria-hidden": "true" }, place.label) : null);
  if (place.angle !== null && set.turn.length > CROWDED) {
    const [x, y] = at(place.angle, 0.385);
    made.classList.add("bar");
    made.querySelector("img")?.remove();
    Object.assign(made.style, { left: `${100 * x}%`, top: `${100 * y}%`, width: `${(2 * Math.PI * 38.5 * 0.8) / set.turn.length}%`, transform: `translate(-50%, -50%) rotate(${place.angle}deg)` });
  } else if (place.angle !== null) {
    const [x, y] = at(place.angle, R.frames);
    // As large as neighbours leave room for: the circle's length, shared.
    const width = Math.min(11.5, (2 * Math.PI * R.frames * 100 * 0.9) / set.turn.length);
    Object.assign(made.style, { left: `${100 * x}%`, top: `${100 * y}%`, width: `${width}%` });
  }
  return made;
}

/** Small pictures outside of the bars, for who looks for a side; the bars are what is chosen by keyboard. */
function around(set, choose) {
  const every = Math.ceil(set.turn.length / 24);
  return set.turn.filter((place) => place.at % every === 0 && thumb(place.image, "150")).map((place) => {
    const [x, y] = at(place.angle, 0.464);
    const picture = make("img", { class: "beside", src: thumb(place.image, "150"), alt: "", draggable: "false", onclick: () => choose(place.at) });
    Object.assign(picture.style, { left: `${100 * x}%`, top: `${100 * y}%` });
    return picture;
  });
}

/** Both curves, with their thresholds as dashed circles, and where the front is. */
function curves(set) {
  const svg = draw("svg", { viewBox: "0 0 1 1", "aria-hidden": "true", class: "curves" });
  if (set.frontKnown) {
    const [x, y] = at(set.front, 0.352);
    svg.append(draw("path", { class: "front", d: "M0 -.014 L.012 .01 L-.012 .01 Z", transform: `translate(${x} ${y}) rotate(${set.front})` }));
  }
  for (const name of ["sharpness", "exposure"]) svg.append(curve(set, name));
  return svg;
}

function curve(set, name) {
  const [low, high] = R[name];
  const points = set.turn.map((place) => ({ place, check: place.checks.find((check) => check.name === name) })).filter(({ check }) => Number.isFinite(check?.score));
  const group = draw("g", { class: `curve ${name}` }, draw("circle", { class: "rim", cx: 0.5, cy: 0.5, r: low }), draw("circle", { class: "rim", cx: 0.5, cy: 0.5, r: high }));
  if (!points.length) return group;
  const thresholds = points.map(({ check }) => check.threshold).filter(Number.isFinite);
  const values = [...points.map(({ check }) => check.score), ...thresholds];
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const radius = (value) => low + ((value - least) / (most - least || 1)) * (high - low);
  for (const threshold of new Set(thresholds.map((value) => value.toPrecision(3)))) group.append(draw("circle", { class: "threshold", cx: 0.5, cy: 0.5, r: radius(Number(threshold)) }));
  // Where a frame is missing the line is broken.
  const step = 360 / set.turn.length;
  let path = "";
  points.forEach(({ place, check }, i) => {
    const joined = i && place.angle - points[i - 1].place.angle < step * 1.5;
    path += `${joined ? "L" : "M"}${at(place.angle, radius(check.score)).map((each) => each.toFixed(4)).join(" ")}`;
  });
  if (points.length === set.turn.length) path += "Z";
  group.append(draw("path", { class: "line", d: path }));
  for (const { place, check } of points)
    if (check.status !== "pass") {
      const [cx, cy] = at(place.angle, radius(check.score));
      group.append(draw("circle", { class: `dot ${check.status}`, cx, cy, r: 0.009 }));
    }
  group.append(draw("title", {}, document.createTextNode(`${name}: ${number(least)} to ${number(most)}`)));
  return group;
}

/** What the whole comes to. */
function middle(set) {
  const count = (status) => set.places.filter((place) => place.status === status).length;
  const [bad, gaps, doubtful, coming] = ["fail", "gap", "warn", "coming"].map(count);
  const head = bad + gaps || (coming ? coming : "✓");
  const tail = bad + gaps ? "to shoot again" : coming ? "on their way" : doubtful ? "passes, with doubts" : "all pass";
  return make("div", { class: "middle" }, make("strong", {}, String(head)), make("span", {}, tail));
}

/** The same in words and numbers, for who does not see the ring: one row for each frame. */
function table(set) {
  const cell = (place, name) => {
    const check = place.checks.find((each) => each.name === name);
    return make("td", { class: check?.status }, number(check?.score));
  };
  return make("table", {}, make("thead", {}, make("tr", {}, ["Frame", "Sharpness", "Exposure", "Verdict"].map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, set.places.map((place) => make("tr", {}, make("th", { scope: "row" }, place.label), cell(place, "sharpness"), cell(place, "exposure"), make("td", {}, spoken(place).slice(place.label.length + 2))))));
}

Object.assign(Review, { ring, table });
})();
