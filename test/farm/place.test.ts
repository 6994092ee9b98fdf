import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { HarnessError } from "../../harness/base/errors.js";
import { REDIS_VARIABLE, redisPlace } from "../../harness/farm/connection.js";

const inVariable = (url: string) => redisPlace(undefined, { [REDIS_VARIABLE]: url });

/** What a refusal says to people, all of it. */
function refusal(read: () => unknown): string {
  try {
    return `accepted ${JSON.stringify(read())}`;
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error;
    const { code, message, advice, details, cause } = error;
    return [code, message, advice, JSON.stringify(details), String(cause)].join("\n");
  }
}

test.each([
  ["redis://pi.local", "redis://pi.local:6379", { host: "pi.local", port: 6379, db: 0 }],
  ["redis://pi.local:7000/", "redis://pi.local:7000", { host: "pi.local", port: 7000, db: 0 }],
  ["redis://[fe80::1]:7000/3", "redis://[fe80::1]:7000/3", { host: "fe80::1", port: 7000, db: 3 }],
  [
    "rediss://pi.local",
    "rediss://pi.local:6379",
    { host: "pi.local", port: 6379, db: 0, tls: { servername: "pi.local" } },
  ],
  // Node warns of a certificate that is asked for by an address.
  ["rediss://[::1]", "rediss://[::1]:6379", { host: "::1", port: 6379, db: 0, tls: {} }],
  ["rediss://10.0.0.1", "rediss://10.0.0.1:6379", { host: "10.0.0.1", port: 6379, db: 0, tls: {} }],
  ["redis://rig@pi.local", "redis://pi.local:6379", { host: "pi.local", port: 6379, db: 0, username: "rig" }],
  ["redis://rig:@pi.local", "redis://pi.local:6379", { host: "pi.local", port: 6379, db: 0, username: "rig" }],
  ["unix:/run/redis.sock", "unix:/run/redis.sock", { path: "/run/redis.sock" }],
  ["unix:///run/redis.sock", "unix:/run/redis.sock", { path: "/run/redis.sock" }],
])("%s, as an argument and in the variable", (url, shown, options) => {
  expect(redisPlace(url, {})).toEqual({ shown, options });
  expect(inVariable(url)).toEqual({ shown, options });
});

test.each([
  ["redis://:p%40ss%25%2F@h", undefined, "p@ss%/"],
  ["redis://us%3Aer:p%C3%A4ss@h", "us:er", "päss"],
  ["redis://u:päss@h", "u", "päss"],
  ["redis://u:a@b@h", "u", "a@b"],
  ["redis://u:a:b@h", "u", "a:b"],
])("user and password of %s are taken from the variable, and shown by nothing", (url, username, password) => {
  const { shown, options } = inVariable(url);
  expect({ shown, username: options.username, password: options.password }).toEqual({
    shown: "redis://h:6379",
    username,
    password,
  });
});

test("the argument counts before the variable; an empty one is none", () => {
  const env = { [REDIS_VARIABLE]: "redis://there" };
  expect(redisPlace("redis://here", env).shown).toBe("redis://here:6379");
  expect(redisPlace("", env).shown).toBe("redis://there:6379");
  for (const nothing of [{}, { [REDIS_VARIABLE]: "" }])
    for (const given of [undefined, ""])
      expect(refusal(() => redisPlace(given, nothing))).toMatch(
        /^USAGE\n--redis is missing, and so is ST67_HIL_REDIS: expected redis:/,
      );
});

test.each([
  "localhost:6379",
  "http://h",
  "redis:",
  "redis://",
  "redis:///1",
  "redis://:6379",
  "redis://h:0",
  "redis://h:65536",
  "redis://h/one",
  "redis://h/1/2",
  "redis://h/123456",
  "redis://h?db=1",
  "redis://h#1",
  "redis://[::1",
  " redis://h",
  "redis://h\n",
  "unix:",
  "unix:run/redis.sock",
  "unix:/",
  "unix://run/redis.sock",
  "unix:/run/redis.sock?db=1",
  "unix:/run/\u0000.sock",
])("%j is refused, told by where it was given", (url) => {
  expect(refusal(() => redisPlace(url, {}))).toMatch(/^USAGE\n--redis: /);
  expect(refusal(() => inVariable(url))).toMatch(/^USAGE\nST67_HIL_REDIS: /);
});

const SECRET = "hunter2";

test.each([
  `redis://:${SECRET}@h`,
  `redis://u:${SECRET}@h`,
  `rediss://u:${SECRET}%@h`,
  `redis://u:${SECRET}/@h`,
  `redis://u:${SECRET}#@h`,
  `redis://u:${SECRET}?@h`,
  `redis://u:12/${SECRET}@h`,
  `redis://u:12?${SECRET}@h`,
  `redis://u:${SECRET}@`,
  `redis://:${SECRET}`,
  `redis://h?password=${SECRET}`,
  `redis:/u:${SECRET}@h`,
  `redis//u:${SECRET}@h`,
  `u:${SECRET}@h:6379`,
  `unix://u:${SECRET}@/run/redis.sock`,
  `unix:/run/redis.sock?password=${SECRET}`,
  `unix:u:${SECRET}@/run/redis.sock`,
])("a password as an argument, %s, is refused and repeated by nothing", (url) => {
  const told = refusal(() => redisPlace(url, {}));
  expect(told).toMatch(/^USAGE\n--redis: /);
  expect(told).not.toContain(SECRET);
});

test("a % that begins no character is a mistake of the URL, and no bug of ours", () => {
  for (const url of ["redis://u:100%@h", "redis://100%:p@h", "redis://u:%ff@h", "redis://u:%zz@h"])
    expect(refusal(() => inVariable(url))).toBe(
      "USAGE\nST67_HIL_REDIS: a % in user or password is not followed by the code of a character\nWrite % itself as %25.\n{}\nundefined",
    );
});

/** What people see of a URL: the place, or the refusal. */
function seen(url: string, asArgument: boolean): string {
  let shown: string | undefined;
  const told = refusal(() => {
    ({ shown } = asArgument ? redisPlace(url, {}) : inVariable(url));
  });
  return shown ?? told;
}

test("what is seen is the same for any two passwords that are written as URLs want it", () => {
  const password = fc.string({ minLength: 1, unit: "binary" });
  fc.assert(
    fc.property(password, password, fc.boolean(), (one, other, asArgument) => {
      const url = (text: string) => `redis://user:${encodeURIComponent(text)}@h:7/2`;
      expect(seen(url(one), asArgument)).toBe(seen(url(other), asArgument));
      expect(inVariable(url(one)).options.password).toBe(one);
    }),
  );
});

test("a password that is written as it is shows in no message, whatever the URL is taken for", () => {
  const wild = fc.string({ unit: fc.constantFrom(..."%/?#@:[]\\ \t\n;&=+é😀\ud800") });
  const form = fc.constantFrom<(secret: string) => string>(
    (secret) => `redis://u:${secret}@h`,
    (secret) => `redis://:${secret}@h:7/1`,
    (secret) => `rediss://u:${secret}@[::1]`,
    (secret) => `unix://u:${secret}@/run/redis.sock`,
    (secret) => `unix:/run/redis.sock?password=${secret}`,
    (secret) => `redis://h?password=${secret}`,
  );
  fc.assert(
    fc.property(wild, wild, form, fc.boolean(), (before, after, url, asArgument) => {
      expect(seen(url(`${before}${SECRET}${after}`), asArgument)).not.toContain(SECRET);
    }),
  );
});
