// The gateway's HTTP side: what it says about its sources and clients, and what the demo can cut.

const TIMEOUT_MS = 4_000;

async function getJson(path) {
  const response = await fetch(path, {
    headers: { Accept: "application/json" },
    cache: "no-store",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (!response.ok) {
    throw new Error(`${path} answered ${response.status}`);
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
    headers: { "X-Tycostream-Demo": "1" },
  });
  if (!response.ok) {
    const answer = await response.json().catch(() => ({}));
    throw new Error(answer.error ?? `the gateway answered ${response.status}`);
  }
}
