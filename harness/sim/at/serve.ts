import { Refusal } from "../rom/refusal.js";
import { Restart } from "../rom/restart.js";
import type { Board } from "../rom/rom.js";
import { RomFlash } from "../rom/rom-flash.js";
import { Transport } from "../spi/transport.js";
import { until } from "../time/until.js";
import { type Ending, obey, type Session } from "./commands.js";
import { AtError } from "./error.js";
import { Inbox } from "./inbox.js";
import { Talk } from "./talk.js";

/**
 * The application's AT server on SPI: says `ready`, then answers one command after the other.
 *
 * @param body of the firmware that runs.
 * @throws Restart when a command asks for it.
 */
export async function serveAt(board: Board, body: Uint8Array, signal: AbortSignal): Promise<never> {
  const { options, clock, silicon, spi } = board;
  const { ncp } = options;
  const inbox = new Inbox(() => talk.end("busy p..."));
  const heard = (payload: Uint8Array) => inbox.hear(payload);
  const transport = new Transport({ ncp, clock, pin: spi.ready, signal, heard });
  const talk = new Talk(transport, ncp);
  using flash = new RomFlash({ ...board, nor: silicon.nor, signal });
  const session: Session = {
    board,
    body,
    flash,
    talk,
    inbox,
    until: (work) => until(work, signal),
    echo: ncp.echo,
    update: undefined,
  };
  const ready = inbox.line();
  spi.start(transport);
  talk.say("\r\nready\r\n");
  talk.flush();
  for (let next = ready; ; next = inbox.line()) {
    const command = await until(next, signal);
    await clock.sleep(ncp.answerMs, signal);
    if (session.echo) talk.line(command);
    const ending = await answered(session, command);
    if (ending === "ok") talk.end("OK");
    if (ending === "restart") {
      talk.end("OK");
      const taken = until(transport.taken(), signal);
      await Promise.race([taken, clock.sleep(ncp.restartMs, signal)]);
      throw new Restart();
    }
  }
}

/** What fails ends an update. */
async function answered(session: Session, command: string): Promise<Ending> {
  try {
    return await obey(session, command);
  } catch (error) {
    if (!(error instanceof AtError || error instanceof Refusal)) throw error;
    if (command.startsWith("AT+OTA")) session.update = undefined;
    session.talk.end("ERROR");
    return "ended";
  }
}
