import { expect, test } from "@jest/globals";
import { Standing } from "../../harness/farm/rig-state.js";

test("a rig is unknown until it was looked at, and healthy then", () => {
  const standing = new Standing();
  expect(standing).toMatchObject({ state: "unknown", isDue: true });
  standing.examined({});
  expect(standing).toMatchObject({ state: "healthy", reason: undefined, isDue: false });
});

test("a doubt degrades it, and it works all the same", () => {
  const standing = new Standing();
  standing.examined({ doubt: "no reference firmware" });
  expect(standing).toMatchObject({ state: "degraded", reason: "no reference firmware", isDue: false });
  standing.good();
  expect(standing.state).toBe("degraded");
});

test("after a fault it is looked at, and is degraded until a job went well", () => {
  const standing = new Standing();
  standing.examined({});
  standing.fault("a wire");
  expect(standing).toMatchObject({ state: "degraded", reason: "a wire", isDue: true });
  standing.examined({});
  expect(standing).toMatchObject({ state: "degraded", reason: "1 fault of its own in a row", isDue: false });
  standing.good();
  expect(standing.state).toBe("healthy");
});

test("three faults in a row, found in jobs or by looking, and it gets no work", () => {
  const standing = new Standing();
  standing.fault("a wire");
  standing.examined({});
  standing.fault("a wire");
  standing.examined({ fault: "doctor: gpio" });
  expect(standing).toMatchObject({ state: "failing", reason: "doctor: gpio", isDue: false });
});

test("a job that went well ends the row", () => {
  const standing = new Standing();
  for (let round = 0; round < 5; round++) {
    standing.fault("a wire");
    standing.fault("a wire");
    standing.examined({});
    standing.good();
  }
  expect(standing.state).toBe("healthy");
});

test("lines that did not become safe end it at once", () => {
  const standing = new Standing();
  standing.examined({});
  standing.retire("its lines did not become safe");
  expect(standing).toMatchObject({ state: "failing", isDue: false });
});
