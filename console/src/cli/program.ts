/** The command line's grammar. What a command does is in commands/. The names, options and exit statuses are an interface that others script against. */
import { Command, CommanderError } from 'commander';
import { type ApiClient, createApiClient } from './api-client.ts';
import { apply } from './commands/apply.ts';
import { exportChain, reindex, verify } from './commands/folders.ts';
import { createToken, listAgents, listTokens, revokeAgent, revokeToken } from './commands/people.ts';
import { status } from './commands/status.ts';
import { failureOf } from './failure.ts';
import { findServer } from './find-server.ts';
import { type CliPorts, type ExitStatus, exitStatus } from './ports.ts';
import { parseCount, parseDuration } from './quantities.ts';

const DEFAULT_WAIT_SECONDS = 600;
const WEEK_SECONDS = 7 * 86_400;

interface CommonOptions {
  json?: true;
  server?: string;
  apiKey?: string;
}

/** Runs the command line `args` (without program and script). Never throws; says on standard error what went wrong. */
export async function runCli(args: readonly string[], version: string, ports: CliPorts): Promise<ExitStatus> {
  let outcome: ExitStatus = exitStatus.ok;
  const program = new Command('harp')
    .description('Steers a Harp server: offices, folders, tokens, agents.')
    .version(version)
    .exitOverride()
    .configureOutput({ writeOut: ports.out, writeErr: ports.err })
    .showSuggestionAfterError()
    .addHelpText('after', '\nExit status: 0 done, 1 failed, 2 wrong usage, 3 verify found a fault.');

  /** Every command can speak JSON and can be told its server. */
  const command = (parent: Command, nameAndArguments: string, description: string) =>
    parent
      .command(nameAndArguments)
      .description(description)
      .option('--json', 'print JSON for programs')
      .option('--server <url>', 'address of the server (HARP_SERVER; default: the local one of HARP_DATA)')
      .option('--api-key <key>', 'API key for --server (HARP_API_KEY)');
  const withClient = async (options: CommonOptions, run: (client: ApiClient) => Promise<void>) => {
    const client = createApiClient(findServer(options, ports));
    try {
      await run(client);
    } finally {
      await client.close();
    }
  };

  command(program, 'apply', 'make the fleet what a file declares; applying it twice changes nothing')
    .requiredOption('-f, --file <fleet.yaml>', 'the file')
    .option('--dry-run', 'say what would change, and change nothing')
    .option('--prune', 'remove what exists but does not stand in the file')
    .option('--wait [seconds]', `wait until folders are indexed and shared (${DEFAULT_WAIT_SECONDS} s)`, parseCount)
    .action((options: CommonOptions & { file: string; dryRun?: true; prune?: true; wait?: number | true }) =>
      withClient(options, (client) =>
        apply(
          client,
          {
            file: options.file,
            dryRun: options.dryRun ?? false,
            prune: options.prune ?? false,
            wait: options.wait === true ? DEFAULT_WAIT_SECONDS : options.wait,
            json: options.json ?? false,
          },
          ports,
        ),
      ),
    );
  command(program, 'status', 'offices and folders with their state')
    .option('--watch', 'show it again every two seconds')
    .action((options: CommonOptions & { watch?: true }) =>
      withClient(options, (client) =>
        status(client, { watch: options.watch ?? false, json: options.json ?? false }, ports),
      ),
    );
  command(program, 'verify <folder>', 'check a folder’s whole chain in the data centre').action(
    (folder: string, options: CommonOptions) =>
      withClient(options, async (client) => {
        outcome = await verify(client, { folder, json: options.json ?? false }, ports);
      }),
  );

  const chain = program.command('chain').description('the signed history of folders');
  command(chain, 'export <folder>', 'write everything needed to verify a folder offline')
    .requiredOption('--out <dir>', 'folder to write to')
    .action((folder: string, options: CommonOptions & { out: string }) =>
      withClient(options, (client) =>
        exportChain(client, { folder, out: options.out, json: options.json ?? false }, ports),
      ),
    );

  const folders = program.command('folder').description('folders that are distributed');
  command(folders, 'reindex <folder>', 'look for changes in Nextcloud now').action(
    (folder: string, options: CommonOptions) =>
      withClient(options, (client) => reindex(client, { folder, json: options.json ?? false }, ports)),
  );

  const token = program.command('token').description('tokens with which PCs enrol');
  command(token, 'create', 'make a token; standard output is the token alone')
    .requiredOption('--office <name>', 'the office whose PCs may use it')
    .option('--uses <count>', 'PCs that may enrol with it', parseCount, 1)
    .option('--expires <duration>', 'how long it works, such as 12h or 7d', parseDuration, WEEK_SECONDS)
    .action((options: CommonOptions & { office: string; uses: number; expires: number }) =>
      withClient(options, (client) =>
        createToken(
          client,
          {
            office: options.office,
            uses: options.uses,
            expiresInSeconds: options.expires,
            json: options.json ?? false,
          },
          ports,
        ),
      ),
    );
  command(token, 'list', 'tokens without their secrets').action((options: CommonOptions) =>
    withClient(options, (client) => listTokens(client, { json: options.json ?? false }, ports)),
  );
  command(token, 'revoke <id>', 'let nobody enrol with it any more').action((id: string, options: CommonOptions) =>
    withClient(options, (client) => revokeToken(client, { id, json: options.json ?? false }, ports)),
  );

  const agent = program.command('agent').description('PCs that have enrolled');
  command(agent, 'list', 'agents and their state')
    .option('--office <name>', 'of one office only')
    .action((options: CommonOptions & { office?: string }) =>
      withClient(options, (client) =>
        listAgents(client, { office: options.office, json: options.json ?? false }, ports),
      ),
    );
  command(agent, 'revoke <id>', 'shut an agent out for ever').action((id: string, options: CommonOptions) =>
    withClient(options, (client) => revokeAgent(client, { id, json: options.json ?? false }, ports)),
  );

  try {
    await program.parseAsync([...args], { from: 'user' });
    return outcome;
  } catch (error) {
    // Commander has said it already; help and version end this way too.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage;
    return tellFailure(error, args.includes('--json'), ports);
  }
}

function tellFailure(error: unknown, json: boolean, { out, err }: CliPorts): ExitStatus {
  const { code, lines, status: outcome, problems, message } = failureOf(error);
  if (json) out(`${JSON.stringify({ error: { code, message, ...(problems === undefined ? {} : { problems }) } })}\n`);
  for (const line of lines) err(`harp: ${line}\n`);
  return outcome;
}
