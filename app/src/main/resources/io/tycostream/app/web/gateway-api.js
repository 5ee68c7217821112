// The gateway's HTTP side: what it says about its sources and clients, and what the demo can cut.

const TIMEOUT_MS = 4_000;

let token = null;

/** Shows this token from now on, or none for null. */
export function authorize(credentials) {
  token = credentials;
}

/** The gateway said no, and why. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.name = "Refused";
    this.status = status;
  }
}

function authorized(headers) {
  return token === null ? headers : { ...headers, Authorization: `Bearer ${token}` };
}

async function refusal(response, what) {
  const answer = await response.json().catch(() => ({}));
  return new Refused(response.status, answer.error ?? `${what} answered ${response.status}`);
}

async function getJson(path) {
  const response = await fetch(path, {
    headers: authorized({ Accept: "application/json" }),
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    throw await refusal(response, path);
  }
  return response.json();
}

export async function sources() {
  return (await getJson("/v1/sources")).sources;
}

/** `{total, clients}`: the so many for which most waits, of those whose names contain the search. */
export function clients(limit, search) {
  return getJson(`/v1/clients?limit=${limit}&search=${encodeURIComponent(search)}`);
}

/** `{"database": "running" | "stopped"}`; fails where this gateway is not the demo. */
export function demo() {
  return getJson("/demo");
}

/** The custom header is what a foreign page cannot send. */
export async function cut(action) {
  const response = await fetch(`/demo/${action}`, {
    method: "POST",
    headers: authorized({ "X-Tycostream-Demo": "1" }),
  });
  if (!response.ok) {
    throw await refusal(response, "the gateway");
  }
}
