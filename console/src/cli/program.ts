/** The command line's grammar. What a command does is in commands/. The names, options and exit statuses are an interface that others script against. */
import type { MasterKeyOptions } from '@harp/broker/protocol/node';
import { Command, CommanderError } from 'commander';
import { type ApiClient, createApiClient } from './api-client.ts';
import { type AuthorityClient, createAuthorityClient } from './authority-client.ts';
import { apply } from './commands/apply.ts';
import { AUDIT_LOG, exportAudit, verifyAudit } from './commands/audit.ts';
import { caExport, caRotate, caStatus } from './commands/ca.ts';
import { decideEnrolments, listEnrolments, undoEnrolments } from './commands/enrolments.ts';
import { exportChain, reindex, verify } from './commands/folders.ts';
import { rotateMaster } from './commands/keys.ts';
import { configureMosquitto, issueBrokerCertificate } from './commands/mqtt.ts';
import {
  createToken,
  listAgents,
  listPeople,
  listTokens,
  revokeAgent,
  revokeToken,
  unlockPerson,
} from './commands/people.ts';
import { status } from './commands/status.ts';
import { failureOf } from './failure.ts';
import { findDataFolder, findServer } from './find-server.ts';
import { type CliPorts, type ExitStatus, exitStatus } from './ports.ts';
import { parseCount, parseDuration } from './quantities.ts';

const DEFAULT_WAIT_SECONDS = 600;
const WEEK_SECONDS = 7 * 86_400;
const MQTTS_PORT = 8883;

interface TokenOptions {
  office?: string;
  name?: string;
  tag: string[];
  cidr: string[];
  approval: string;
  expected?: number;
  uses: number;
  expires: number;
}

/** An option that may be given several times. */
function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

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
    const client = createApiClient(findServer(options, ports), ports.operator);
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
  command(
    program,
    'verify <folder>',
    'check a folder’s whole chain in the data centre, or the log of changes: audit',
  ).action((folder: string, options: CommonOptions) =>
    withClient(options, async (client) => {
      const json = options.json ?? false;
      outcome =
        folder === AUDIT_LOG
          ? await verifyAudit(client, { json }, ports)
          : await verify(client, { folder, json }, ports);
    }),
  );

  const audit = program.command('audit').description('the log of who changed what');
  command(audit, 'export', 'write the log as lines of JSON')
    .requiredOption('--out <file>', 'file to write to')
    .option('--after <seq>', 'only what follows this entry', parseCount, 0)
    .action((options: CommonOptions & { out: string; after: number }) =>
      withClient(options, (client) =>
        exportAudit(client, { out: options.out, after: options.after, json: options.json ?? false }, ports),
      ),
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
    .option('--office <name>', 'the office for PCs that no office’s subnets claim; without it they are unassigned')
    .option('--name <name>', 'what people call these PCs')
    .option('--tag <tag>', 'a word that its PCs are marked with; more than once for several', collect, [])
    .option('--cidr <network>', 'a network it may be used from; more than once for several', collect, [])
    .option('--approval <mode>', 'automatic, or manual: a person or a rule lets each PC in', 'automatic')
    .option('--expected <count>', 'PCs that are expected', parseCount)
    .option('--uses <count>', 'PCs that may enrol with it', parseCount, 1)
    .option('--expires <duration>', 'how long it works, such as 12h or 7d', parseDuration, WEEK_SECONDS)
    .action((options: CommonOptions & TokenOptions) =>
      withClient(options, (client) =>
        createToken(
          client,
          {
            ...(options.office === undefined ? {} : { office: options.office }),
            ...(options.name === undefined ? {} : { name: options.name }),
            ...(options.expected === undefined ? {} : { expected: options.expected }),
            tags: options.tag,
            cidrs: options.cidr,
            // What it is not, the server says.
            approval: options.approval as 'automatic' | 'manual',
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

  const enrolments = program.command('enrolments').description('PCs that ask to be let in');
  command(enrolments, 'list', 'PCs that wait; with --state others')
    .option('--state <state>', 'waiting, approved, enrolled, rejected, blocked, refused, or all', 'waiting')
    .option('--search <words>', 'words in host name, serial, user, domain or address')
    .action((options: CommonOptions & { state: string; search?: string }) =>
      withClient(options, (client) =>
        listEnrolments(client, { state: options.state, search: options.search, json: options.json ?? false }, ports),
      ),
    );
  command(enrolments, 'approve <id...>', 'let PCs in; takes effect after ten seconds')
    .option('--office <name>', 'the office they go to')
    .option('--code <code>', 'the code that the PC shows, if a neighbour or DNS sent it')
    .action((ids: string[], options: CommonOptions & { office?: string; code?: string }) =>
      withClient(options, (client) =>
        decideEnrolments(
          client,
          { ids, decision: 'approve', office: options.office, code: options.code, json: options.json ?? false },
          ports,
        ),
      ),
    );
  for (const [decision, description] of [
    ['reject', 'send PCs away; they may ask again later'],
    ['block', 'send PCs away until somebody unblocks them'],
  ] as const)
    command(enrolments, `${decision} <id...>`, description).action((ids: string[], options: CommonOptions) =>
      withClient(options, (client) => decideEnrolments(client, { ids, decision, json: options.json ?? false }, ports)),
    );
  command(enrolments, 'undo <id...>', 'take decisions back that are not ten seconds old').action(
    (ids: string[], options: CommonOptions) =>
      withClient(options, (client) => undoEnrolments(client, { ids, json: options.json ?? false }, ports)),
  );

  const agent = program.command('agent').description('PCs that have enrolled');
  command(agent, 'list', 'agents and their state')
    .option('--office <name>', 'of one office only')
    .action((options: CommonOptions & { office?: string }) =>
      withClient(options, (client) =>
        listAgents(client, { office: options.office, json: options.json ?? false }, ports),
      ),
    );
  command(agent, 'revoke <id>', 'shut an agent out until it is unblocked').action(
    (id: string, options: CommonOptions) =>
      withClient(options, (client) => revokeAgent(client, { id, json: options.json ?? false }, ports)),
  );

  const people = program.command('people').description('people who sign in');
  command(people, 'list', 'people, their roles, and who is locked').action((options: CommonOptions) =>
    withClient(options, (client) => listPeople(client, { json: options.json ?? false }, ports)),
  );
  command(people, 'unlock <name>', 'let somebody try their password again, after too many failed tries').action(
    (name: string, options: CommonOptions) =>
      withClient(options, (client) => unlockPerson(client, { name, json: options.json ?? false }, ports)),
  );

  const ca = program.command('ca').description('the certificate authority, on the server’s own machine');
  const withAuthority = (run: (client: AuthorityClient, place: MasterKeyOptions) => Promise<void>) => {
    const place = findDataFolder(ports);
    return run(createAuthorityClient(place, ports.operator), place);
  };
  const rootFolder = ['--root <dir>', 'folder the root CA was exported to'] as const;
  const passphraseFile = ['--passphrase-file <file>', 'file whose first line is the passphrase of the copy'] as const;
  ca.command('status')
    .description('roots and intermediate, until when they are valid, and which agents trust them')
    .option('--json', 'print JSON for programs')
    .action((options: { json?: true }) =>
      withAuthority((client) => caStatus(client, { json: options.json ?? false }, ports)),
    );
  ca.command('rotate <what>')
    .description('replace the intermediate (issuing) or, step by step, the root (root)')
    .option('--force', 'take the next step of replacing the root although agents are behind')
    .option(...rootFolder)
    .option(...passphraseFile)
    .option('--json', 'print JSON for programs')
    .action((what: string, options: { force?: true; root?: string; passphraseFile?: string; json?: true }) =>
      withAuthority((client, place) =>
        caRotate(
          client,
          place,
          {
            what,
            force: options.force ?? false,
            root: options.root,
            passphraseFile: options.passphraseFile,
            json: options.json ?? false,
          },
          ports,
        ),
      ),
    );
  ca.command('export')
    .description('copy the root CA to a folder; standard output is the passphrase of the copy')
    .requiredOption('--root <dir>', 'folder to copy it to')
    .option('--remove', 'remove the key from this server when the copy has been read back')
    .option(...passphraseFile)
    .option('--json', 'print JSON for programs')
    .action((options: { root: string; remove?: true; passphraseFile?: string; json?: true }) =>
      withAuthority((_, place) =>
        caExport(
          place,
          {
            root: options.root,
            remove: options.remove ?? false,
            passphraseFile: options.passphraseFile,
            json: options.json ?? false,
          },
          ports,
        ),
      ),
    );

  const brokerFolder = ['--out <dir>', 'folder to write to'] as const;
  const brokerName = [
    '--name <host>',
    'host name or address for its certificate; more than once for several (default: the host in HARP_MQTT_URL)',
  ] as const;
  ca.command('issue-broker')
    .description('make a key and a certificate of 90 days for an MQTT broker that you run')
    .requiredOption(...brokerFolder)
    .option(...brokerName, collect, [])
    .option('--renew-before <days>', 'do nothing if the certificate there has more than this left', parseCount)
    .option('--json', 'print JSON for programs')
    .action((options: { out: string; name: string[]; renewBefore?: number; json?: true }) =>
      withAuthority((client) =>
        issueBrokerCertificate(
          client,
          {
            out: options.out,
            names: options.name,
            renewBeforeDays: options.renewBefore,
            json: options.json ?? false,
          },
          ports,
        ),
      ),
    );

  program
    .command('mqtt')
    .description('an MQTT broker that you run, on the server’s own machine')
    .command('config')
    .description('write what a Mosquitto needs to carry this fleet: configuration, rights, certificate')
    .requiredOption(...brokerFolder)
    .option('--listen <port>', 'port it listens on', parseCount, MQTTS_PORT)
    .option(...brokerName, collect, [])
    .option('--place <dir>', 'folder in which it will find the files (default: the folder of --out)')
    .option('--data <dir>', 'folder in which it keeps retained messages', '/var/lib/mosquitto')
    .option('--json', 'print JSON for programs')
    .action((options: { out: string; listen: number; name: string[]; place?: string; data: string; json?: true }) =>
      withAuthority((client) =>
        configureMosquitto(
          client,
          {
            out: options.out,
            names: options.name,
            listen: options.listen,
            place: options.place,
            data: options.data,
            json: options.json ?? false,
          },
          ports,
        ),
      ),
    );

  program
    .command('keys')
    .description('keys at rest, on the server’s own machine')
    .command('rotate-master')
    .description('seal everything with a new master key; Harp must be stopped')
    .option('--json', 'print JSON for programs')
    .action((options: { json?: true }) => rotateMaster(findDataFolder(ports), { json: options.json ?? false }, ports));

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
