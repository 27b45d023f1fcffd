/** What is read on the machine of whoever starts it, from a string or a file: by the real code in this process, and now and then by the real command. */
import type fc from 'fast-check';
import type { Finished } from '../harness/process.ts';
import { type Run, sendAll } from './run.ts';
import { type Counter, HANG_MS } from './tally.ts';

/** Commands take a process each: one of so many inputs is given to one, and of no run more than a few. */
const INPUTS_PER_COMMAND = 150;
const MOST_COMMANDS = 20;
/** For a process to start, and then what anything may take. */
const COMMAND_MS = HANG_MS + 10_000;

/** `read`, `refused` (by name, as everything that cannot be read has to be), or what happened instead. */
type Reading = string;

interface Reader {
  inputs: fc.Arbitrary<string>;
  read(text: string): Reading | Promise<Reading>;
  /** The command that reads it, for a text that is refused. */
  command(text: string): Promise<Finished>;
}

/** An entrance that reads texts. */
export function readingEntrance({ inputs, read, command }: Reader): (run: Run, counter: Counter) => Promise<void> {
  return async (run, counter) => {
    const refused: string[] = [];
    const commands = Math.min(MOST_COMMANDS, Math.floor(run.inputs / INPUTS_PER_COMMAND));
    const readOne = async (text: string, index: number) => {
      const startedAt = performance.now();
      const reading = await read(text);
      const tookMs = performance.now() - startedAt;
      const isDue = reading === 'read' || reading === 'refused';
      counter.ended(isDue ? reading : 'broken', tookMs, text);
      if (!isDue) counter.fault(index, reading, text);
      if (tookMs > HANG_MS) counter.fault(index, `took ${Math.round(tookMs)} ms`, text);
      // Evenly from all of them; what is good would do something.
      const isWanted = refused.length < commands && index * commands >= refused.length * run.inputs;
      if (reading === 'refused' && isWanted) refused.push(text);
    };
    await sendAll(run, inputs, [readOne]);
    for (const [index, text] of refused.entries()) {
      const startedAt = performance.now();
      countCommand(counter, await command(text), index, text, performance.now() - startedAt);
    }
  };
}

/** A command that refuses says why in its own words, and ends. */
function countCommand(
  counter: Counter,
  { code, stderr, stdout }: Finished,
  index: number,
  input: string,
  tookMs: number,
): void {
  counter.ended(`command ended with ${code}`, 0, input);
  const said = `${stderr}${stdout}`;
  if (code === 0 || code >= 128) counter.fault(index, `the command ended with ${code}: ${said.slice(0, 300)}`, input);
  if (/\n\s+at .+:\d+:\d+/.test(said)) counter.fault(index, `the command broke: ${said.slice(0, 600)}`, input);
  if (tookMs > COMMAND_MS) counter.fault(index, `the command took ${Math.round(tookMs)} ms`, input);
}
