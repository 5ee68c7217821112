/**
 * Checks whether a gateway keeps to docs/protocol.md. Writes TAP; exits with 0 when all checks hold, with 1 when one does not,
 * with 2 when it cannot be run. README.md says what is checked.
 */
import { parseArgs } from "node:util";

const USAGE = `usage: node conformance.mjs URL SOURCE [--token TOKEN] [--filter JSON] [--only TEXT] [--patience SECONDS]

  URL         of the gateway's WebSocket: ws://127.0.0.1:8080/v1/stream
  SOURCE      one whose rows change
  --token     credentials, where the gateway asks for them
  --filter    the where of the checks about filters; without it they choose one themselves
  --only      only the checks whose names have this text in them
  --patience  how long something is waited for, 15 seconds unless told otherwise`;

function cannotRun(reason) {
  console.error(`conformance: ${reason}`);
  process.exit(2);
}

function readArguments() {
  const text = { type: "string" };
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { token: text, filter: text, only: text, patience: text, help: { type: "boolean" } },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const [url, source, ...more] = positionals;
    if (!source || more.length > 0) throw new Error("a URL and a source are needed");
    if (!/^wss?:$/.test(new URL(url).protocol)) throw new Error(`${url} does not begin with ws:// or wss://`);
    const patience = Number(values.patience ?? 15);
    if (!(patience > 0)) throw new Error(`${values.patience} is no number of seconds`);
    return { ...values, url, source, patience, filter: values.filter && JSON.parse(values.filter) };
  } catch (wrong) {
    return cannotRun(`${wrong.message}\n${USAGE}`);
  }
}

const options = readArguments();
const { bePatientFor, Connection, mostParts } = await import("./client.mjs").catch((missing) =>
  cannotRun(`the package ws is missing (${missing.message}); run npm ci in this folder`));
const { default: checks, Gateway, Skipped } = await import("./checks.mjs");

/** A value below a check that does not hold, as YAML takes it. */
const shown = (value) => JSON.stringify(value instanceof Error ? value.message : value)?.slice(0, 2_000) ?? "nothing";

bePatientFor(options.patience * 1_000);
const gateway = new Gateway(options);
await Connection.open(options.url).then(
  (first) => (first instanceof Connection ? first.cut() : cannotRun(`${options.url} answered ${first} and no WebSocket`)),
  (failed) => cannotRun(`${options.url} cannot be reached: ${failed.message || failed.code}`));

console.log("TAP version 13");
// The checks before the one that begins the witness, and that one, are needed by those behind it.
const isNeeded = (_, index) => index <= checks.findIndex(({ sentence }) => sentence.includes("right behind hello"));
const chosen = checks.filter((each, index) => !options.only || isNeeded(each, index) || each.sentence.includes(options.only));
let failures = 0;
for (const [index, { sentence, run }] of chosen.entries()) {
  const name = `${index + 1} - ${sentence.replaceAll("#", "\\#")}`;
  try {
    await run(gateway);
    console.log(`ok ${name}`);
  } catch (failed) {
    if (failed instanceof Skipped) {
      console.log(`ok ${name} # SKIP ${failed.message}`);
    } else {
      failures++;
      console.log(`not ok ${name}\n  ---\n  what: ${shown(failed.message)}`);
      if ("expected" in failed) console.log(`  expected: ${shown(failed.expected)}\n  got: ${shown(failed.got)}`);
      else console.log(`  stack: ${shown(failed.stack)}`);
      console.log("  ...");
    }
  }
  gateway.endConnections();
}
gateway.witness?.connection.cut();
console.log(`1..${chosen.length}`);
console.log(`# snapshots in up to ${mostParts.snapshot} parts, batches in up to ${mostParts.batch}`);
console.log(`# ${chosen.length - failures} of ${chosen.length} checks hold`);
process.exit(failures === 0 ? 0 : 1);
