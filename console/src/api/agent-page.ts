/**
 * Reads pages of agents in the browser. Ten thousand agents with their folders are four megabytes; the page's content policy forbids zod to compile
 * its schemas, and without that they take half a second. This check is written out and holds what the browser relies on.
 */
import { z } from 'zod';
import type { AgentPage, AgentSummary, AgentsDelta } from './schemas.ts';

type Fields = Record<string, unknown>;

const agentStates: ReadonlySet<unknown> = new Set(['online', 'offline', 'revoked'] satisfies AgentSummary['state'][]);
const syncStates: ReadonlySet<unknown> = new Set([
  'starting',
  'syncing',
  'complete',
  'blocked',
] satisfies AgentSummary['folders'][number]['state'][]);

/** A page of `GET /agents`, as `AgentPage` describes it. */
export const QuickAgentPage = z.custom<AgentPage>(
  (value) => isFields(value) && isListOf(value.agents, isAgent) && isTextOrNull(value.nextCursor),
);

/** Rows of the live stream, as `AgentsDelta` describes them. */
export const QuickAgentsDelta = z.custom<AgentsDelta>(
  (value) => isFields(value) && isListOf(value.changed, isAgent) && isListOf(value.removed, isText),
);

/** Whether a value has every field of an AgentSummary with the right type. */
function isAgent(value: unknown): value is AgentSummary {
  return (
    isFields(value) &&
    isText(value.id) &&
    isText(value.officeId) &&
    isText(value.hostname) &&
    isText(value.platform) &&
    isText(value.version) &&
    agentStates.has(value.state) &&
    isNumberOrNull(value.lastSeenAtMs) &&
    isNumber(value.enrolledAtMs) &&
    isListOf(value.addresses, isText) &&
    isNumberOrNull(value.peers) &&
    isListOf(value.folders, isFolder)
  );
}

function isFolder(value: unknown): boolean {
  return (
    isFields(value) &&
    isText(value.id) &&
    syncStates.has(value.state) &&
    isTextOrNull(value.reason) &&
    isNumber(value.seq) &&
    isNumber(value.filesTotal) &&
    isNumber(value.filesDone) &&
    isNumber(value.bytesTotal) &&
    isNumber(value.bytesDone)
  );
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}

function isNumber(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}

function isNumberOrNull(value: unknown): boolean {
  return value === null || isNumber(value);
}
