// What a published set's manifest says, in words: which vehicle, when it was photographed, what was changed.

(() => {
"use strict";
const spin = document.querySelector("vitrine-spin");
const about = document.querySelector("#about");
const base = new URL(spin.getAttribute("src"), location.href);
const PLATES = { blur: "number plates hidden", box: "number plates hidden", off: "number plates shown" };

function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null));
  return made;
}

const day = (moment) => new Date(moment).toLocaleDateString(undefined, { year: "numeric", month: "long", day: "numeric" });
const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;

function tell(manifest) {
  const { vehicle = {}, frames = [], stills = [], missing = [] } = manifest;
  const name = vehicle.stock || vehicle.vin || "This vehicle";
  const edits = [...new Set([...frames, ...stills].flatMap((frame) => frame.edits ?? []))].map((edit) => edit.replaceAll("_", " "));
  const facts = [manifest.captured_from && `Photographed ${day(manifest.captured_from)}`, count(frames.length + stills.length, "picture", "pictures"), missing.length ? `${missing.length} missing` : null, PLATES[manifest.redaction]];
  document.title = `${name} from all sides`;
  document.querySelector("h1").textContent = document.title;
  about.replaceChildren(make("p", { class: "name" }, make("strong", {}, name), vehicle.vin && vehicle.vin !== name ? make("span", {}, vehicle.vin) : null), make("p", {}, facts.filter(Boolean).join(" · ")),
    stills.length ? make("div", { class: "stills" }, ...stills.map(still)) : "", proof(manifest, edits));
}

function still(frame) {
  const label = (frame.shot_name ?? "picture").replaceAll("_", " ");
  return make("figure", {}, make("img", { src: new URL(frame.published.name, base), alt: label, loading: "lazy" }), make("figcaption", {}, label));
}

/** Who wants to be sure compares the fingerprints; `vitrine verify` does it. */
function proof(manifest, edits) {
  const { package: pack } = manifest;
  return make("details", {}, make("summary", {}, "Are these the pictures that were taken?"),
    make("p", {}, edits.length ? `What was changed: ${edits.join(", ")}.` : "Nothing was changed."),
    manifest.override?.reason ? make("p", {}, `Published with a remark: ${manifest.override.reason}`) : "",
    make("p", {}, "The ", make("a", { href: new URL("manifest.json", base) }, "manifest"), " has each picture's fingerprint (SHA-256) from the camera to this page."),
    pack ? make("p", {}, make("a", { href: new URL(pack.name, base) }, pack.name), make("code", {}, ` ${pack.sha256}`)) : "");
}

spin.addEventListener("ready", () => tell(spin.manifest));
spin.addEventListener("fault", () => about.replaceChildren(make("p", { role: "status" }, "There is no published set at this address.")));
})();
