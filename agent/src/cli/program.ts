import { resolve } from 'node:path';
import { HarpError } from '@harp/broker/protocol';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { AGENT_VERSION } from '../version.ts';
import { type ExitCode, exitCode, exitCodeHelp, explain, explanationText } from './explain.ts';

/** Where neighbours connect, unless `--peer-port` says otherwise: next to the server's ports 8420–8422. */
const PEER_PORT = 8424;

export interface EnrolOptions {
  state: string;
  token?: string;
  tokenFile?: string;
  json: boolean;
}
interface RunOptions {
  state: string;
  files: string;
  peerPort: number;
  peerHost?: string;
  mdns: boolean;
}
interface StatusOptions {
  state: string;
  json: boolean;
}
interface VerifyOptions {
  state: string;
  files: string;
  folder?: string;
  json: boolean;
}

/** What the subcommands do. They throw HarpErrors; the program turns those into words and exit codes. */
export interface Commands {
  enrol(options: EnrolOptions): Promise<ExitCode>;
  run(options: RunOptions): Promise<ExitCode>;
  status(options: StatusOptions): Promise<ExitCode>;
  verify(options: VerifyOptions): Promise<ExitCode>;
}

/** Where text goes. */
export interface Terminal {
  out(text: string): void;
  error(text: string): void;
  /** Stack traces as well. */
  debug: boolean;
}

/** Parses `argv` (without node and script), runs the command and returns the exit code. Never throws. */
export async function runProgram(argv: readonly string[], commands: Commands, terminal: Terminal): Promise<ExitCode> {
  let result: ExitCode = exitCode.done;
  const program = createProgram(commands, terminal, (code) => {
    result = code;
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
    return result;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCode.done : exitCode.usage;
    const explanation = explain(error);
    if (argv.includes('--json')) {
      const { code, title, cause, next } = explanation;
      terminal.out(`${JSON.stringify({ error: { code, title, cause, next } })}\n`);
    } else {
      terminal.error(explanationText(explanation));
    }
    if (terminal.debug && error instanceof Error) terminal.error(`${stackOf(error)}\n`);
    return explanation.exitCode;
  }
}

function createProgram(commands: Commands, terminal: Terminal, done: (code: ExitCode) => void): Command {
  const program = new Command('harp-agent')
    .description(
      'Harp on this computer: brings the folders that were assigned to its office, from neighbours where possible, and proves every byte.',
    )
    .version(AGENT_VERSION)
    .exitOverride()
    .configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.error(text) })
    .showHelpAfterError('(“harp-agent --help” shows every command and option)')
    .addHelpText('after', exitCodeHelp);

  program
    .command('enrol')
    .description('make this computer an agent of an office; needed once')
    .requiredOption('--state <dir>', 'folder for keys and state, readable by this user only; keep it for “run”', folder)
    .option('--token <token>', 'the enrolment token, from “harp token create” or the console')
    .option(
      '--token-file <file>',
      'read the token from a file, so that it does not show in the process list; - is stdin',
    )
    .option('--json', 'print the result as JSON', false)
    .addHelpText(
      'after',
      `
Without --token and --token-file, the environment variable HARP_TOKEN is read. Without any token it looks for the server:
in enrol.json (in the state folder, or where the system keeps settings), by asking enrolled neighbours, in DNS (_harp._tcp).
It then waits until somebody lets it in. Where a code is shown, they have to type it: only then this computer trusts the server.
A token names the server and its certificate: nothing is sent to anybody else.
If this was interrupted, run it again with the same --state.

Example: harp-agent enrol --token harp1.eyJm... --state /var/lib/harp`,
    )
    .action(async (options: EnrolOptions) => done(await commands.enrol(options)));

  program
    .command('run')
    .description(
      'keep the folders of this office up to date; runs until it is stopped; enrols first where that is still to be done',
    )
    .requiredOption('--state <dir>', 'folder for keys and state, as for “enrol”', folder)
    .requiredOption('--files <dir>', 'where the files go: folder NAME lands in <dir>/NAME', folder)
    .option('--peer-port <port>', 'port on which neighbours connect; 0 takes any free one', portNumber, PEER_PORT)
    .option('--peer-host <address>', 'address of this computer on which neighbours connect (default: all)')
    .option('--no-mdns', 'do not look for neighbours by multicast; those the server lists are found all the same')
    .addHelpText(
      'after',
      `
Prints one line of JSON on stdout when it is ready and its log on stderr (HARP_LOG=silent|error|warn|info|debug).
HARP_HOSTNAME changes the name under which the console shows this computer. If it is not enrolled, it looks for its server as
“enrol” does without a token and waits to be let in; “harp-agent status” shows the code.
Files already in <dir>/NAME are adopted, not fetched again; files changed by hand are kept aside, never overwritten.
Stop it with Ctrl-C or SIGTERM; nothing is lost when it is killed.`,
    )
    .action(async (options: RunOptions) => done(await commands.run(options)));

  program
    .command('status')
    .description('tell whether the agent runs, whom it reaches and how far its folders are')
    .requiredOption('--state <dir>', 'the folder given to “enrol”', folder)
    .option('--json', 'print everything it knows as JSON', false)
    .action(async (options: StatusOptions) => done(await commands.status(options)));

  program
    .command('verify')
    .description('hash the files on disk and compare them with what the data centre signed; changes nothing')
    .argument('[folder]', 'name or id of one folder (default: all)')
    .requiredOption('--state <dir>', 'the folder given to “enrol”', folder)
    .requiredOption('--files <dir>', 'the folder given to “run”', folder)
    .option('--json', 'print the result as JSON', false)
    .action(async (name: string | undefined, options: VerifyOptions) =>
      done(await commands.verify({ ...options, ...(name === undefined ? {} : { folder: name }) })),
    );

  return program;
}

function folder(path: string): string {
  return resolve(path);
}

function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError('A port is a number from 0 to 65535.');
  return port;
}

/** The stack of an error and of what caused it. */
function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : '';
  const code = error instanceof HarpError ? ` ${JSON.stringify(error.facts)}` : '';
  return `${error.stack ?? error.message}${code}${cause}`;
}
