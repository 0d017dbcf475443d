// Signing in (OpenID Connect: authorization code with PKCE) and calling the API. The tokens are this tab's alone.

(() => {
"use strict";
const Review = (globalThis.Review ??= {});
const BASE = location.href.replace(/\/review(\/?[?#].*|\/?)$/, "");
const HERE = `${BASE}/review`;
const { issuer, client } = document.documentElement.dataset;
const KEPT = "vitrine.review"; // in sessionStorage: gone with the tab
const ASKED = "vitrine.review.asked";

const base64url = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
const stored = (key) => JSON.parse(sessionStorage.getItem(key) ?? "null");

/** What the API said against a request, in its own words. */
class Refused extends Error {
  constructor(status, body, retryAfter) {
    super(body?.error?.message ?? "The service does not answer as it should.");
    Object.assign(this, { status, code: body?.error?.code, details: body?.error?.details ?? {}, retryAfter });
  }
}

async function discovered() {
  const answer = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (!answer.ok) throw new Error("The identity provider does not answer.");
  return answer.json();
}

/** Goes to the provider's page, and comes back here with a code. */
async function signIn() {
  const { authorization_endpoint: where } = await discovered();
  const asked = { verifier: random(), state: random(), nonce: random(), hash: location.hash };
  sessionStorage.setItem(ASKED, JSON.stringify(asked));
  const challenge = base64url(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(asked.verifier)));
  const parameters = { client_id: client, redirect_uri: HERE, response_type: "code", scope: "openid profile email", state: asked.state,
    nonce: asked.nonce, code_challenge: challenge, code_challenge_method: "S256" };
  location.assign(`${where}?${new URLSearchParams(parameters)}`);
}

/** The token that the code in the address stands for. Our own token comes from the API, for the provider's ID token. */
async function comeBack() {
  const given = new URLSearchParams(location.search);
  if (!given.has("state")) return;
  const asked = stored(ASKED);
  sessionStorage.removeItem(ASKED);
  history.replaceState(null, "", HERE + (asked?.hash ?? ""));
  if (!asked || given.get("state") !== asked.state) throw new Error("The sign-in was begun somewhere else. Please sign in again.");
  if (given.has("error")) throw new Error(given.get("error_description") || "The identity provider refused to sign you in.");
  const { token_endpoint: where } = await discovered();
  const form = { grant_type: "authorization_code", code: given.get("code"), code_verifier: asked.verifier, client_id: client, redirect_uri: HERE };
  const answer = await fetch(where, { method: "POST", body: new URLSearchParams(form) });
  const { id_token: token } = answer.ok ? await answer.json() : {};
  if (!token) throw new Error("The identity provider gave no ID token.");
  if (claimsOf(token).nonce !== asked.nonce) throw new Error("The ID token belongs to another sign-in.");
  keep(await call("POST", "/v1/auth/login", { id_token: token }), claimsOf(token).name);
}

const claimsOf = (token) => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0))));

function keep(answer, name) {
  const { role } = claimsOf(answer.access_token);
  sessionStorage.setItem(KEPT, JSON.stringify({ token: answer.access_token, role, name, until: Date.now() + 1000 * answer.expires_in }));
}

/** Who is signed in: {token, role, name}, or null. */
function person() {
  const kept = stored(KEPT);
  return kept && kept.until > Date.now() ? kept : null;
}

function signOut() {
  sessionStorage.removeItem(KEPT);
  Review.signedOut?.();
}

/** The answer of one call. Raises Refused, with status 0 where nobody answers; a token that no longer holds signs out.
 *  A 429 is waited out once, and what got no answer is asked once more under the same key, which does nothing twice. */
async function call(method, path, body, again = true, key = crypto.randomUUID()) {
  const headers = {};
  const token = person()?.token;
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  if (method === "POST" && token) headers["Idempotency-Key"] = key;
  const answer = await fetch(BASE + path, { method, headers, body: body && JSON.stringify(body) }).catch(() => null);
  if (!answer) {
    if (!again) throw new Refused(0, { error: { message: `There is no connection to the service.${method === "GET" ? "" : " Nothing was decided; try again."}` } });
    await pause(1);
    return call(method, path, body, false, key);
  }
  const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : null;
  if (answer.ok) return said;
  const wait = Number(answer.headers.get("Retry-After") ?? 0);
  if (answer.status === 429 && again && wait <= 10) {
    await pause(wait);
    return call(method, path, body, false, key);
  }
  if (answer.status === 401 && token) signOut();
  throw new Refused(answer.status, said);
}

const pause = (seconds) => new Promise((done) => setTimeout(done, 1000 * seconds));

/** The first `most` of a list, page by page: {data, total}. */
async function list(path, most) {
  const data = [];
  for (;;) {
    const page = await call("GET", `${path}?limit=100&offset=${data.length}`);
    data.push(...page.data);
    if (!page.data.length || data.length >= Math.min(page.total, most)) return { data, total: page.total };
  }
}

Object.assign(Review, { BASE, Refused, signIn, comeBack, person, signOut, call, list, pause });
})();
