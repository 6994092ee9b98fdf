import { ERRORS } from "../../harness/base/errors.js";
import type { Fault } from "../../harness/base/events.js";
import { WHOSE } from "../verdict-sentence.js";
import { longText, Pre, short } from "./words.js";

/** Whose a fault is, in words; of another version of the harness nobody's known here. */
export const whoseOf = ({ blame }: Fault): string => (Object.hasOwn(WHOSE, blame) ? WHOSE[blame] : WHOSE.unknown);

/** All that is known of why a case ended as it did. */
export const FaultBlock = ({ fault }: { readonly fault: Fault }) => {
  const { code, message, advice, diagnosis = [], details = {}, at } = fault;
  return (
    <div class="fault">
      <p>
        <code class="code">{short(code, 60)}</code> <span class="blame">blame: {short(fault.blame, 20)}</span>, it is{" "}
        {whoseOf(fault)}
      </p>
      <Pre>{longText(message)}</Pre>
      <p class="advice">{longText(advice || (Object.hasOwn(ERRORS, code) ? ERRORS[code].advice : ""), 1500)}</p>
      {diagnosis.length > 0 && (
        <ul class="diagnosis">
          {diagnosis.slice(0, 6).map((line) => (
            <li>{short(line, 500)}</li>
          ))}
        </ul>
      )}
      {Object.keys(details).length > 0 && (
        <dl class="details">
          {Object.entries(details)
            .slice(0, 40)
            .map(([name, value]) => (
              <>
                <dt>{short(name, 60)}</dt>
                <dd>{detail(name, value)}</dd>
              </>
            ))}
        </dl>
      )}
      {at !== undefined && (
        <p>
          thrown at <code>{short(at, 200)}</code>
        </p>
      )}
    </div>
  );
};

/** Addresses are read in hex. */
function detail(name: string, value: unknown): string {
  if (typeof value === "number" && /address|first|last|offset/i.test(name) && Number.isInteger(value) && value >= 0)
    return `0x${value.toString(16)} (${value})`;
  return short(typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing"), 1000);
}
