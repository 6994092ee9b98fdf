import { labels, own } from "./lane-run.js";

/** Each of them is a careless scenario, or one that has a right to what it does; all of them are one run. */
export const FILES = {
  a_exits: own("exits", 'if (label === "second") process.exit(0);', labels("first", "second", "third")),
  b_rejects: own(
    "rejects",
    'if (label === "makes") void Promise.reject(new Error("nobody awaits"));',
    labels("makes", "next", "last"),
  ),
  b_unawaited: own(
    "unawaited",
    `const claim = async () => { await deadline.sleep(5); expect(1).toBe(2); };
     void deadline[label](claim());
     await deadline.sleep(50);`,
    labels("race", "raceAlong"),
  ),
  c_late: own(
    "late",
    `if (label === "makes") setTimeout(() => void Promise.reject(new Error("too late")), 50).unref();
     else await new Promise((done) => setTimeout(done, 100));`,
    labels("makes", "next", "last"),
  ),
  d_left_error: own("left error", 'setTimeout(() => { throw new Error("after its end"); }, 50);'),
  e_compares: own(
    "compares",
    `const other = new Uint8Array(1 << 20);
     other[700_000] = 1;
     expect(new Uint8Array(1 << 20)).toEqual(other);`,
  ),
  f_spins: own("spins", "for (;;);", "timeoutMs: 1000,"),
  g_waits: own(
    "waits",
    `const { execFile } = await import("node:child_process");
     const { existsSync } = await import("node:fs");
     const { connect, createServer } = await import("node:net");
     const pause = (ms) => new Promise((done) => setTimeout(done, ms));
     if (label === "timer") await pause(200);
     if (label === "child") await new Promise((done) => execFile("sleep", ["0.2"], done));
     if (label === "file") {
       const file = process.env.ST67_HIL_TEST_RUN + "/by-another";
       execFile("sh", ["-c", 'sleep 0.2; echo > "$0"', file]);
       while (!existsSync(file)) await pause(5);
     }
     if (label === "socket") {
       const server = createServer((client) => setTimeout(() => client.end("there"), 100));
       await new Promise((done) => server.listen(0, "127.0.0.1", done));
       const client = connect(server.address().port, "127.0.0.1");
       let heard = "";
       for await (const bytes of client) heard += bytes;
       expect(heard).toBe("there");
       await new Promise((done) => server.close(done));
     }`,
    labels("timer", "child", "file", "socket"),
  ),
  h_leaves: own(
    "leaves",
    `const { createServer } = await import("node:net");
     await new Promise((done) => createServer().listen(0, "127.0.0.1", done));
     setInterval(() => undefined, 50);`,
  ),
  i_temp: own("temp", 'attach("log.txt", label);', labels("+5", "-5", "5")),
  j_huge: own(
    "huge",
    `for (let count = 0; count < 100; count++) note(count + "n".repeat(1024 * 1024));
     throw new Error("m".repeat(20 * 1024 * 1024) + "the end");`,
  ),
  k_throws: own("throws", 'throw new Error("x");'),
  l_both: own("both", 'throw new AggregateError([new TypeError("the first"), new RangeError("the second")]);'),
  m_expects: own("expects", "expect({ volts: 3 }).toEqual({ volts: 5 });"),
  n_tla: "await new Promise(() => undefined);\nexport default {};",
  o_load_throws: 'throw new Error("while it was loaded");',
  p_load_exits: "process.exit(0);",
  q_no_code: "export default {{",
  r_needs: own("needs", "", 'needs: ["an-analyzer"],'),
  s_kills: own("kills", 'process.kill(process.pid, "SIGKILL");'),
  t_deaf: own(
    "spoils",
    `if (label === "JSON") JSON.parse = () => ({});
     if (label === "orders") (await import("node:fs")).closeSync(4);
     if (label === "timers") globalThis.setTimeout = () => 0;
     if (label === "prototype") Object.prototype.verdict = "passed";`,
    labels("JSON", "after JSON", "orders", "after orders", "timers", "after timers", "prototype", "after prototype"),
  ),
  u_late_exit: own(
    "late exit",
    `if (label === "makes") setTimeout(() => process.exit(0), 50).unref();
     else await new Promise((done) => setTimeout(done, 200));`,
    labels("makes", "is ended by it"),
  ),
  v_detached: own(
    "detached",
    `const { spawn } = await import("node:child_process");
     const child = spawn("sleep", ["600"], { detached: true, stdio: "inherit" });
     attach("pid.txt", String(child.pid));
     child.unref();`,
  ),
  w_last: own("last", ""),
};
