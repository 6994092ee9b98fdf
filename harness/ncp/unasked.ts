/** How lines begin that nobody asked for. */
const EVENTS = ["+CW:", "+BLE:", "+CIP:", "+MQTT:", "+IPD:", "+CWLAP:", "+PING:"];

/** Whether a line is no part of the answer to `command`. `+CWLAP:` is one of `AT+CWLAP`, and an event at any other time. */
export const isEvent = (line: string, command: string): boolean =>
  line === "ready" ||
  EVENTS.some((event) => line.startsWith(event) && !command.toUpperCase().startsWith(`AT${event.slice(0, -1)}`));
