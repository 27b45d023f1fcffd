/** `harp enrolments …`: PCs that ask to be let in, and what is decided of them. */
import type { DecisionRequest, EnrolmentSummary } from '../../api/schemas.ts';
import { didYouMean } from '../../api/suggest.ts';
import type { ApiClient } from '../api-client.ts';
import { CliFailure } from '../failure.ts';
import type { CliPorts } from '../ports.ts';
import { ageInWords } from '../quantities.ts';
import { tableLines } from '../table.ts';

export async function listEnrolments(
  client: ApiClient,
  { state, search, json }: { state: string; search: string | undefined; json: boolean },
  { out, nowMs }: CliPorts,
): Promise<void> {
  const enrolments = await client.enrolments({
    ...(state === 'all' ? {} : { state }),
    ...(search === undefined ? {} : { search }),
  });
  if (json) out(`${JSON.stringify({ enrolments })}\n`);
  else if (enrolments.length === 0) out(state === 'waiting' ? 'No PC waits.\n' : 'No PCs.\n');
  else
    out(
      `${tableLines(
        ['ID', 'HOST', 'USER', 'SERIAL', 'ADDRESS', 'OFFICE', 'BY', 'STATE', 'WHY', 'ASKED'],
        enrolments.map((row) => [
          row.id,
          row.hostname,
          row.userName ?? '—',
          row.serial ?? '—',
          row.seenAddress,
          row.officeName ?? '—',
          row.officeWhy ?? row.officeBy,
          row.state,
          whyOf(row),
          ageInWords(row.createdAtMs, nowMs()),
        ]),
      ).join('\n')}\n`,
    );
}

function whyOf({ cause, duplicateOf }: EnrolmentSummary): string {
  return duplicateOf === null ? (cause ?? '—') : `${cause ?? 'duplicate'} (${duplicateOf.hostname})`;
}

const done: Readonly<Record<DecisionRequest['decision'], string>> = {
  approve: 'approved',
  assign: 'assigned',
  reject: 'rejected',
  block: 'blocked',
};

/** Decides of PCs by their ids. @throws {CliFailure} if it was decided of none */
export async function decideEnrolments(
  client: ApiClient,
  asked: {
    ids: string[];
    decision: DecisionRequest['decision'];
    office?: string | undefined;
    code?: string | undefined;
    json: boolean;
  },
  { out, err }: CliPorts,
): Promise<void> {
  const { ids, decision, office, code, json } = asked;
  const result = await client.decide({
    ids,
    decision,
    ...(office === undefined ? {} : { officeId: await officeIdOf(client, office) }),
    ...(code === undefined ? {} : { code }),
  });
  if (json) out(`${JSON.stringify(result)}\n`);
  for (const { id, cause } of result.skipped) err(`${id}: not done, ${cause}\n`);
  if (result.decided.length === 0)
    throw new CliFailure('api.not_found', ['none of these PCs waits for that (harp enrolments list)']);
  if (json) return;
  const pcs = result.decided.length === 1 ? 'One PC' : `${result.decided.length} PCs`;
  out(
    `${pcs} ${done[decision]}. Within ten seconds it can be undone: harp enrolments undo ${result.decided.join(' ')}\n`,
  );
}

export async function undoEnrolments(
  client: ApiClient,
  { ids, json }: { ids: string[]; json: boolean },
  { out, err }: CliPorts,
): Promise<void> {
  const { undone, late } = await client.undo(ids);
  if (json) out(`${JSON.stringify({ undone, late })}\n`);
  for (const id of late) err(`${id}: too late, or nothing was decided\n`);
  if (undone.length === 0) throw new CliFailure('api.not_found', ['nothing could be undone']);
  if (!json) out(`${undone.length === 1 ? 'One PC waits' : `${undone.length} PCs wait`} again.\n`);
}

async function officeIdOf(client: ApiClient, nameOrId: string): Promise<string> {
  const offices = await client.offices();
  const found = offices.find(({ id, name }) => name === nameOrId || id === nameOrId);
  if (found !== undefined) return found.id;
  const names = offices.map(({ name }) => name);
  throw new CliFailure('api.not_found', [`no office is called "${nameOrId}"${didYouMean(nameOrId, names)}`]);
}
