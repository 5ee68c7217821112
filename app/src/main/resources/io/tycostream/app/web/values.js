// How a value of a database type is shown and sorted. The types are PostgreSQL's short names.

const LONGEST_SHOWN = 160;
const floats = new Set(["int2", "int4", "float4", "float8", "oid"]);
const decimals = new Set(["int8", "uint8", "numeric"]);
const times = new Set(["timestamp", "timestamptz", "date", "time", "timetz"]);

export function isNumeric(type) {
  return floats.has(type) || decimals.has(type);
}

export function isTime(type) {
  return times.has(type);
}

/** The text of a cell; every digit is kept, only long texts are cut. */
export function textOf(value, type) {
  if (value === null || value === undefined) {
    return "null";
  }
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  if (type === "timestamptz" || type === "timestamp") {
    return text.replace("T", " ");
  }
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
}

/** What a value is compared by, computed once per change and not once per comparison. */
export function sortKey(value, type) {
  if (value === null || value === undefined) {
    return null;
  }
  if (isNumeric(type)) {
    return { number: Number(value), text: String(value) };
  }
  if (isTime(type)) {
    // 16.1Z comes before 16.12Z, which the letter would turn round.
    return String(value).replace(/Z$/, "");
  }
  return typeof value === "object" ? JSON.stringify(value) : value;
}

/** Ascending order of two sort keys of one type; null is not theirs to place. */
export function compareKeys(a, b) {
  if (typeof a === "object") {
    return compareNumbers(a, b);
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

/** NaN is the greatest, as in PostgreSQL; digits beyond a double's precision count. */
function compareNumbers(a, b) {
  if (a.number < b.number) {
    return -1;
  }
  if (a.number > b.number) {
    return 1;
  }
  if (Number.isNaN(a.number) || Number.isNaN(b.number)) {
    return Number(Number.isNaN(a.number)) - Number(Number.isNaN(b.number));
  }
  return a.text === b.text ? 0 : compareDecimals(a.text, b.text);
}

function compareDecimals(a, b) {
  const [aWhole, aFraction = ""] = a.split(".");
  const [bWhole, bFraction = ""] = b.split(".");
  const digits = Math.max(aFraction.length, bFraction.length);
  try {
    const aScaled = BigInt(aWhole + aFraction.padEnd(digits, "0"));
    const bScaled = BigInt(bWhole + bFraction.padEnd(digits, "0"));
    return aScaled < bScaled ? -1 : aScaled > bScaled ? 1 : 0;
  } catch {
    return 0; // an exponent: as a double it is exact enough to stand beside its equal
  }
}
