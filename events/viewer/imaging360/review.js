// The reviewer's page: which sets wait, one set as a ring, one frame and its reasons; and one key for each decision.

(() => {
"use strict";
const Review = globalThis.Review;
const { make, call, list, counted, pause } = Review;
const KEYS = "vitrine.review.keys"; // whether single keys act (WCAG 2.1.4): in localStorage, as it is a person's habit
const DRAFT = "vitrine.review.draft"; // in sessionStorage: a reason whose decision did not get through
const AGAIN_MS = { calm: 30000, judging: 3000 };
const VERDICT = { open: "Being shot", judging: "Being judged", complete: "Ready", incomplete: "Frames are missing", failed: "Has faults" };
const JUDGED_TRIES = 30; // times 2 s
const MAY = new Set(["reviewer", "admin"]);

const state = { sessions: [], session: null, set: null, at: 0, filter: "waiting", site: "", query: "", work: 0, most: 200, total: 0 };
const page = {};

// -- the frame of the page

function start() {
  document.body.replaceChildren(make("main", { class: "alone", "aria-busy": "true" }, make("h1", {}, "Review"), make("p", {}, "One moment …")));
  Review.signedOut = () => welcome("You have been signed out.");
  Review.comeBack().then(() => (Review.person() ? open() : welcome()), (error) => welcome(error.message));
}

function welcome(message = "") {
  clearTimeout(page.timer);
  document.querySelector("dialog")?.close();
  const button = make("button", { class: "main", onclick: () => Review.signIn().catch((error) => welcome(error.message)) }, "Sign in");
  document.body.replaceChildren(make("main", { class: "alone" }, make("h1", {}, "Review"), make("p", {}, "See what the cameras sent, decide what is good, publish it."), make("p", { role: "alert", class: "alert" }, message), button));
  button.focus();
}

function open() {
  const who = Review.person();
  page.queue = make("ul", { class: "sessions" });
  page.older = make("button", { hidden: true, onclick: () => ((state.most += 200), refresh()) }, "Look through older sets");
  page.count = make("p", { class: "count", role: "status" });
  page.search = make("input", { type: "search", placeholder: "VIN or stock number", "aria-label": "Search by VIN or stock number", oninput: () => ((state.query = page.search.value), listed()) });
  page.site = make("select", { "aria-label": "Site", onchange: () => ((state.site = page.site.value), listed()) });
  page.tabs = make("div", { class: "tabs", role: "group", "aria-label": "Which sets" }, ["waiting", "open", "all"].map((name) => make("button", { "aria-pressed": String(name === state.filter), onclick: () => filtered(name) }, name[0].toUpperCase() + name.slice(1))));
  page.title = make("h1", { tabindex: "-1" }, "Review");
  page.facts = make("p", { class: "under" });
  page.ring = make("div", { class: "holder" });
  page.legend = make("div", { class: "legend", "aria-hidden": "true" }, make("span", { class: "sharpness" }, "Sharpness"), make("span", { class: "exposure" }, "Exposure"), make("span", { class: "threshold" }, "Threshold"));
  page.table = make("details", { class: "numbers" }, make("summary", {}, "As a table"));
  page.frameHost = make("div", { class: "frame" });
  page.frame = new Review.Frame(page.frameHost, (by) => choose(state.at + by));
  page.spin = make("div", { class: "turn", hidden: true });
  page.toast = make("p", { class: "toast", role: "status" });
  page.trouble = make("p", { class: "trouble", role: "alert", hidden: true });
  page.actions = actions(who);
  page.work = make("section", { class: "work", hidden: true, "aria-label": "The set" }, make("div", { class: "set" }, make("header", {}, page.title, page.facts), page.ring, page.legend, page.table), make("div", { class: "one" }, page.frameHost, page.spin));
  page.advice = make("p", {}, "One moment …");
  page.empty = make("div", { class: "empty" }, make("h1", {}, "Review"), page.advice);
  const bar = make("header", { class: "top" }, make("span", { class: "brand" }, "Vitrine"), make("button", { class: "to-list", onclick: () => document.body.classList.toggle("listing") }, "Sets"),
    make("span", { class: "grow" }), make("button", { onclick: help, "aria-haspopup": "dialog" }, "Keys"), make("span", { class: "who" }, [who.name, who.role].filter(Boolean).join(" · ")), make("button", { onclick: Review.signOut }, "Sign out"));
  const queue = make("nav", { class: "queue", "aria-label": "Sets" }, page.tabs, make("div", { class: "find" }, page.search, page.site), page.count, page.queue, page.older);
  document.body.replaceChildren(bar, queue, make("main", {}, page.trouble, page.empty, page.work), page.actions, page.toast);
  document.body.classList.toggle("reads", !MAY.has(who.role));
  addEventListener("keydown", pressed);
  addEventListener("keyup", released);
  addEventListener("blur", () => page.frame.rest());
  addEventListener("hashchange", () => linked());
  addEventListener("online", () => Review.person() && refresh());
  refresh(true);
}

function actions(who) {
  const button = (key, label, act, kind = "") => make("button", { class: kind, "aria-keyshortcuts": key, onclick: act }, label, make("kbd", { "aria-hidden": "true" }, key));
  const view = make("div", { class: "view", role: "group", "aria-label": "Look closer" }, button("F", "Flicker", () => flickered()), button("B", "Before, after", () => page.frame.toggleCompare()), button("T", "Turn", turned), button("N", "Next fault", nextFault));
  const decide = make("div", { class: "decide", role: "group", "aria-label": "Decide" }, button("P", "Pass", () => review(true)), button("R", "Reshoot", () => review(false)), button("U", "Publish", publish, "main"));
  return make("footer", { class: "actions", hidden: true }, view, MAY.has(who.role) ? decide : make("p", { class: "who" }, "Reviewers decide."));
}

// -- which sets wait

async function refresh(first = false) {
  clearTimeout(page.timer);
  try {
    const found = await list("/v1/sessions", state.most);
    Object.assign(state, { sessions: found.data, total: found.total });
    listed();
    const link = first || !state.listed;
    state.listed = true;
    if (link) linked();
    else if (state.session) await load(state.session.id, false);
    page.trouble.hidden = true;
  } catch (error) {
    page.trouble.textContent = `${error.message} What is shown may be old; the page tries again by itself.`;
    page.trouble.hidden = false;
  }
  if (Review.person()) page.timer = setTimeout(refresh, state.session?.set?.status === "judging" || state.work ? AGAIN_MS.judging : AGAIN_MS.calm);
}

const published = (session) => Number.isFinite(session.published_version);
const waits = (session) => !published(session) && ["complete", "incomplete", "failed"].includes(verdictOf(session)) && !["abandoned", "failed"].includes(session.status);
const verdictOf = (session) => session.set_status ?? session.set?.status ?? (session.status === "complete" ? "complete" : "open");
const siteOf = (session) => session.site?.name ?? state.sessions.find(({ id }) => id === session.id)?.site?.name;
const nameOf = (session) => session.vehicle?.stock || session.vehicle?.vin || "Unnamed vehicle";

function filtered(name) {
  state.filter = name;
  for (const tab of page.tabs.children) tab.setAttribute("aria-pressed", String(tab.textContent.toLowerCase() === name));
  listed();
}

function chosen() {
  const kind = { waiting: waits, open: (session) => ["open", "judging"].includes(verdictOf(session)), all: () => true }[state.filter];
  const text = state.query.trim().toLowerCase();
  return state.sessions.filter((session) => kind(session) && (!state.site || session.site?.id === state.site) && `${session.vehicle?.vin} ${session.vehicle?.stock}`.toLowerCase().includes(text));
}

function listed() {
  const shown = chosen();
  const sites = new Map(state.sessions.map(({ site }) => [site?.id, site?.name]).filter(([id]) => id));
  if (page.site.options.length !== sites.size + 1) page.site.replaceChildren(make("option", { value: "" }, "All sites"), ...[...sites].map(([id, name]) => make("option", { value: id, selected: id === state.site }, name)));
  page.count.textContent = `${shown.length ? counted(shown.length, "set", "sets") : nothing()}${state.query && state.total > state.sessions.length ? ` Looked for in the newest ${state.sessions.length} of ${state.total}.` : ""}`;
  page.advice.textContent = shown.length ? "Choose a set." : nothing();
  const rows = shown.map(row);
  const same = rows.length === page.queue.children.length && rows.every((each, i) => each.outerHTML === page.queue.children[i].outerHTML);
  if (!same) replaced(page.queue, rows, ".session", shown.findIndex((session) => session.id === page.queue.querySelector(".session:focus")?.dataset.id));
  page.older.hidden = state.total <= state.sessions.length;
}

/** Why the list is empty. */
function nothing() {
  if (state.query || state.site) return "No set fits what you search for.";
  return { waiting: "Nothing waits for you. Sets come here when their frames are judged.", open: "No set is being shot now.", all: "There are no sets yet." }[state.filter];
}

/** New children; who works by keyboard stays where the `focused` one is now. */
function replaced(host, children, what, focused) {
  host.replaceChildren(...children);
  if (focused >= 0) children[focused].querySelector(what).focus();
}

function row(session) {
  const verdict = published(session) ? "published" : verdictOf(session);
  const here = session.id === state.session?.id;
  return make("li", {}, make("button", { class: "session", "data-id": session.id, "aria-current": here ? "true" : null, onclick: () => go(session.id) }, make("span", { class: "name" }, nameOf(session)),
    make("span", { class: `chip ${verdict}` }, published(session) ? "Published" : VERDICT[verdict] ?? verdict),
    make("span", { class: "more" }, `${counted(session.image_count ?? 0, "frame", "frames")} · ${session.site?.name ?? ""} · ${ago(session.started_at)}`)));
}

function ago(moment) {
  const minutes = Math.max(0, Math.round((Date.now() - new Date(moment)) / 60000));
  const say = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  return minutes < 60 ? say.format(-minutes, "minute") : minutes < 1440 ? say.format(-Math.round(minutes / 60), "hour") : say.format(-Math.round(minutes / 1440), "day");
}

// -- one set

const go = (id, at = null) => (location.hash = new URLSearchParams({ session: id, ...(at === null ? {} : { frame: at + 1 }) }));

function linked() {
  const asked = new URLSearchParams(location.hash.slice(1));
  const id = asked.get("session");
  const at = asked.has("frame") ? Number(asked.get("frame")) - 1 : null;
  document.body.classList.toggle("listing", !id);
  if (!id) return;
  if (id === state.session?.id) return at === null || at === state.at ? undefined : choose(at, false);
  state.at = at ?? -1;
  load(id, true).catch((error) => told(error.message));
}

async function load(id, anew) {
  const [session, images] = await Promise.all([call("GET", `/v1/sessions/${id}`), call("GET", `/v1/images?session_id=${id}&versions=true`)]);
  if (!anew && session.id !== state.session?.id) return; // somebody went on meanwhile
  state.publication = published(session) ? await call("GET", `/v1/sessions/${id}/publication`) : null;
  const image = anew ? null : state.set?.places[state.at]?.image;
  const seen = JSON.stringify([session, images.data.map(({ thumb_urls, ...rest }) => rest)]);
  Object.assign(state, { session, set: Review.setOf(session, images.data) });
  // Nothing has changed but the pictures' addresses: what somebody looks at, or has the focus in, stays as it is.
  if (!anew && !state.stale && seen === state.seen) return page.frame.renew(state.set);
  state.seen = seen;
  page.empty.hidden = true;
  page.work.hidden = page.actions.hidden = false;
  page.title.textContent = nameOf(session);
  document.title = `${nameOf(session)} · Review`;
  page.facts.replaceChildren(...facts(session));
  const focused = page.ring.contains(document.activeElement);
  page.mark = Review.ring(page.ring, state.set, (at) => choose(at));
  page.table.replaceChildren(page.table.firstChild, Review.table(state.set));
  listed();
  if (anew) turnedBack();
  // A look that is being had is not disturbed by the same picture coming again.
  const same = image && state.set.places[state.at]?.image?.id === image.id && JSON.stringify(image.qc) === JSON.stringify(state.set.places[state.at].image.qc);
  if (same && !state.stale) return page.frame.renew(state.set), page.mark(state.at, focused);
  state.stale = false;
  choose(state.set.places[state.at] ? state.at : Math.max(0, faulty(-1)), false);
  page.mark(state.at, focused);
}

function facts(session) {
  const verdict = published(session) ? "published" : verdictOf(session);
  const { set } = session;
  const low = set?.confidence !== undefined && set.confidence < 0.6 ? "low confidence" : null;
  const direction = { clockwise: "clockwise", counter_clockwise: "counter-clockwise" }[set?.direction];
  const whole = Object.values(set?.checks ?? {}).filter((check) => check.status && check.status !== "pass").map((check) => make("span", { class: `set-check ${check.status}` }, check.message));
  const text = [session.vehicle?.vin && session.vehicle.stock && session.vehicle.vin, session.mode, siteOf(session), session.operator?.name ?? session.device?.model, direction, low].filter(Boolean).join(" · ");
  return [make("span", { class: `chip ${verdict}` }, published(session) ? "Published" : VERDICT[verdict] ?? verdict), ` ${text}`, published(session) ? share(session) : null, ...whole].filter(Boolean);
}

/** Where everybody sees it, and what a dealer's page takes to show it. */
function share(session) {
  const key = state.publication?.manifest_url?.match(/published\/([^/]+)\/manifest\.json/)?.[1];
  if (!key) return null;
  const address = `${Review.BASE}/v1/view/${key}`;
  const tag = `<iframe src="${address}" title="${nameOf(session).replace(/[&"<>]/g, "")}, from all sides" sandbox="allow-scripts allow-same-origin" allow="fullscreen" width="800" height="640" loading="lazy"></iframe>`;
  const copy = () => navigator.clipboard.writeText(tag).then(() => told("The tag is copied."), () => told(tag));
  return make("span", { class: "share" }, make("a", { href: address, target: "_blank", rel: "noopener" }, "Public page"), make("button", { onclick: copy }, "Copy embed tag"));
}

function choose(at, link = true) {
  const n = state.set.places.length;
  if (!n) return;
  state.at = ((at % n) + n) % n;
  page.mark(state.at, false);
  page.frame.show(state.set, state.at);
  for (const near of [1, -1]) preload(state.set.places[(state.at + near + n) % n]);
  const spin = page.spin.querySelector("vitrine-spin");
  if (spin && state.at < state.set.turn.length && spin.frame !== state.at) spin.frame = state.at;
  if (link) history.replaceState(null, "", `#${new URLSearchParams({ session: state.session.id, frame: state.at + 1 })}`);
}

const preload = (place) => (new Image().src = Review.thumb(place.image, "1200") || "data:,");

function faulty(from, status = ["fail", "gap"]) {
  const { places } = state.set;
  for (let i = 1; i <= places.length; i++) {
    const at = (((from + i) % places.length) + places.length) % places.length;
    if (status.includes(places[at].status)) return at;
  }
  return status.includes("warn") ? -1 : faulty(from, ["warn"]);
}

function nextFault() {
  const at = faulty(state.at);
  at < 0 ? told("No frame has a fault.") : choose(at);
}

function flickered() {
  page.frame.flickers ? page.frame.rest() : page.frame.flicker();
}

// -- the set as it will be seen

function turned() {
  if (!page.spin.hidden) return turnedBack();
  const manifest = Review.manifestOf(state.set);
  if (!manifest.frames.length) return told("There is no frame to turn yet.");
  const spin = make("vitrine-spin", { label: nameOf(state.session) });
  spin.addEventListener("turn", ({ detail }) => page.spin.hidden || choose(detail.frame));
  spin.addEventListener("ready", () => (spin.frame = state.at), { once: true });
  page.spin.replaceChildren(spin);
  spin.manifest = manifest;
  page.spin.hidden = false;
  page.frameHost.classList.add("behind");
}

function turnedBack() {
  page.spin.hidden = true;
  page.spin.replaceChildren();
  page.frameHost.classList.remove("behind");
}

// -- decisions

async function review(passed) {
  const place = state.set.places[state.at];
  if (!place.image) return told(passed ? "A frame that is missing cannot pass." : "This frame is on the list already: it is missing.");
  const bad = place.checks.filter((check) => check.status === "fail");
  if (passed && !bad.length && place.image.review?.passed !== false) return told("This frame passes already."), nextFault();
  const ask = passed ? ["Pass this frame", "Why is it good enough?", bad.map((check) => check.message).join(" "), ""] : ["Shoot this frame again", "What is wrong with it?", "", bad[0]?.message ?? ""];
  const draft = `${place.image.id} ${passed}`;
  const reason = await asked(ask[0], place.label, ask[1], ask[2], drafted(draft) ?? ask[3], passed ? "Pass" : "Reshoot");
  if (reason === null) return;
  await doing(() => call("POST", `/v1/images/${place.image.id}/review`, { decision: passed ? "pass" : "reshoot", reason }), passed ? "Passed." : "On the list to shoot again.", { key: draft, reason });
}

/** The reason that was written for a decision, when the decision did not get through. */
function drafted(key) {
  const kept = JSON.parse(sessionStorage.getItem(DRAFT) ?? "null");
  return kept?.key === key ? kept.reason : null;
}

async function publish() {
  const { session, set } = state;
  const count = (status) => set.places.filter((place) => place.status === status).length;
  const [bad, gaps] = [count("fail"), count("gap")];
  const faults = [bad && counted(bad, "frame fails", "frames fail"), gaps && counted(gaps, "is missing", "are missing"), verdictOf(session) === "judging" && "the set is still being judged"].filter(Boolean).join(", ");
  const good = set.places.length - gaps;
  const reason = await asked(`Publish ${nameOf(session)}`, `${counted(good, "frame becomes", "frames become")} public, with plates hidden as your organisation wants it.`, faults ? "Why publish it all the same?" : null, faults ? `Not all is well: ${faults}.` : "", drafted(session.id) ?? "", "Publish");
  if (reason === null) return;
  state.work++;
  try {
    const asks = () => call("POST", `/v1/sessions/${session.id}/publish`, reason ? { override_reason: reason } : {});
    if (await doing(() => judgedFirst(asks), "Publishing …", { key: session.id, reason })) await publishedSoon(session);
  } catch (error) {
    told(error.message);
  } finally {
    state.work--;
  }
}

/** A set that was changed a moment ago is judged anew first, which takes some seconds; then it is published. */
async function judgedFirst(asks) {
  for (let tries = 0; ; tries++) {
    try {
      return await asks();
    } catch (error) {
      if (error.code !== "SET_BEING_JUDGED" || tries === JUDGED_TRIES) throw error;
      told("The set is judged anew; it is published when that is over.");
      await pause(2);
    }
  }
}

/** Publishing takes some seconds; the publication says when it is over. */
async function publishedSoon({ id }) {
  for (let tries = 0; tries < 120 && state.session?.id === id; tries++) {
    const { status, error } = await call("GET", `/v1/sessions/${id}/publication`);
    if (status === "published") return await refresh(), told("Published.");
    if (status !== "publishing") return told(error?.message ?? "It could not be published.");
    await pause(1);
  }
  if (state.session?.id === id) told("Publishing takes longer than usual. This page shows it when it is done.");
}

/** A decision, and the set as it is then. One that fails keeps its reason for the next try; one that met another state
 *  than was shown (somebody else decided, the set went on) shows that state. */
async function doing(act, done, draft) {
  try {
    await act();
    sessionStorage.removeItem(DRAFT);
    told(done);
    state.stale = true;
    await load(state.session.id, false);
    return true;
  } catch (error) {
    if (draft.reason) sessionStorage.setItem(DRAFT, JSON.stringify(draft));
    told(error.message);
    state.stale = true;
    if ([404, 409, 412].includes(error.status)) await load(state.session.id, false).catch(() => {});
  }
}

/** A dialog for a decision; resolves to the reason ("" where none is asked), or null. */
function asked(title, about, question, warning, given, label) {
  return new Promise((settle) => {
    const text = question ? make("textarea", { rows: "3", required: true, maxlength: "500", "aria-label": question, placeholder: question }) : null;
    if (text) text.value = given;
    const end = (value) => (dialog.close(), dialog.remove(), settle(value));
    const agree = () => (text && !text.value.trim() ? text.focus() : end(text?.value.trim() ?? ""));
    const dialog = make("dialog", { "aria-label": title }, make("h2", {}, title), make("p", {}, about), warning ? make("p", { class: "warning" }, warning) : null, text,
      make("div", { class: "buttons" }, make("button", { onclick: () => end(null) }, "Cancel"), make("button", { class: "main", onclick: agree }, label)));
    dialog.addEventListener("cancel", () => end(null));
    dialog.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.target.tagName === "BUTTON") return;
      event.preventDefault();
      agree();
    });
    document.body.append(dialog);
    dialog.showModal();
    (text ?? dialog.querySelector(".main")).focus();
    text?.select();
  });
}

function told(text) {
  page.toast.textContent = text;
  page.toast.classList.add("seen");
  clearTimeout(page.fade);
  page.fade = setTimeout(() => page.toast.classList.remove("seen"), 6000);
}

// -- keys

const HELP = [["← →", "frame before, frame after"], ["Home", "first frame"], ["N", "next frame with a fault"], ["J K", "next set, set before"], ["F", "flicker against the next frame: hold, or press"], ["B", "before and after of a frame that was shot again"], ["T", "turn the set as it will be seen"], ["P", "pass this frame"], ["R", "have this frame shot again"], ["U", "publish the set"], ["?", "these keys"]];
const single = () => localStorage.getItem(KEYS) !== "off";
const ACTIONS = {
  n: nextFault, b: () => page.frame.toggleCompare(), t: turned, p: () => MAY.has(Review.person().role) && review(true), r: () => MAY.has(Review.person().role) && review(false), u: () => MAY.has(Review.person().role) && publish(),
  j: () => neighbour(1), k: () => neighbour(-1),
};

function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog") || !Review.person() || !page.actions.isConnected) return;
  const types = event.target.closest?.("input:not([type=range]), textarea, select, vitrine-spin");
  const slides = event.target.closest?.("input[type=range]") && /^(Arrow|Home|End|Page)/.test(event.key);
  if ((types || slides) && event.key !== "Escape") return;
  const moves = { ArrowRight: () => choose(state.at + 1), ArrowLeft: () => choose(state.at - 1), Home: () => choose(0), End: () => choose(state.set.places.length - 1), Escape: () => (page.frame.rest(), turnedBack()) };
  if (event.key === "?") return help();
  if (!state.set) return single() && ["j", "k"].includes(event.key) ? ACTIONS[event.key]() : undefined;
  if (event.key.toLowerCase() === "f" && single()) return event.repeat ? undefined : held(event);
  const act = moves[event.key] ?? (single() && !event.repeat ? ACTIONS[event.key.toLowerCase()] : null);
  if (!act) return;
  event.preventDefault();
  act();
  if (moves[event.key]) page.mark(state.at, document.activeElement?.role === "option");
}

let since = 0;
function held(event) {
  since = event.timeStamp;
  flickered();
}

/** A key that was held ends the flicker when it is let go; one that was only pressed leaves it running. */
function released(event) {
  if (event.key.toLowerCase() === "f" && event.timeStamp - since > 400) page.frame.rest();
}

function neighbour(by) {
  const shown = chosen();
  const at = shown.findIndex((session) => session.id === state.session?.id);
  const next = shown[at < 0 ? 0 : at + by];
  next ? go(next.id) : told("There is no other set in this list.");
}

function help() {
  const toggle = make("input", { type: "checkbox", id: "single", onchange: () => localStorage.setItem(KEYS, toggle.checked ? "on" : "off") });
  toggle.checked = single();
  const dialog = make("dialog", { "aria-label": "Keys" }, make("h2", {}, "Keys"), make("dl", { class: "keys" }, HELP.flatMap(([key, what]) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, what)])),
    make("p", {}, toggle, make("label", { for: "single" }, " Single letters act")), make("div", { class: "buttons" }, make("button", { class: "main", onclick: () => dialog.close() }, "Close")));
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

start();
})();
