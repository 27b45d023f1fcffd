import { describe, expect, test } from 'vitest';
import { FleetDocument } from '../../api/schemas.ts';
import { type FleetState, planFleet } from './plan.ts';
import { ProblemsError } from './refusal.ts';

const main = { name: 'main', url: 'https://c.example', user: 'harp', password: 'secret' };
const declared = FleetDocument.parse({
  nextclouds: [main],
  offices: [{ name: 'north', subnets: ['10.1.0.0/16', '10.2.0.0/16'] }, { name: 'south' }],
  folders: [{ name: 'Projects', nextcloud: 'main', path: '/Projects/', offices: ['north', 'south'] }],
});
const existing: FleetState = {
  nextclouds: [{ id: 'nxc-1', ...main, caPem: null }],
  offices: [
    { id: 'off-n', name: 'north', subnets: ['10.2.0.0/16', '10.1.0.0/16'], region: null, timeZone: null, agents: 2 },
    { id: 'off-s', name: 'south', subnets: [], region: null, timeZone: null, agents: 0 },
  ],
  folders: [{ id: 'fld-p', name: 'Projects', nextcloud: 'main', path: '/Projects', offices: ['south', 'north'] }],
};
const nothing: FleetState = { nextclouds: [], offices: [], folders: [] };
const empty = FleetDocument.parse({});

const summary = (document: FleetDocument, state: FleetState, prune = false) => {
  const { changes, unlisted } = planFleet(document, state, { prune });
  const line = ({ action, kind, name, detail }: (typeof changes)[number]) =>
    `${action} ${kind} ${name}${detail === undefined ? '' : ` (${detail})`}`;
  return { changes: changes.map(line), unlisted: unlisted.map(line) };
};

test('an empty installation gets everything, what is referred to first', () => {
  expect(summary(declared, nothing)).toEqual({
    changes: [
      'create nextcloud main (https://c.example)',
      'create office north',
      'create office south',
      'create folder Projects (main:/Projects)',
      'create assignment Projects → north',
      'create assignment Projects → south',
    ],
    unlisted: [],
  });
});

test('what is as declared is left alone, whatever the spelling of path, address and order of subnets', () => {
  const spelled = FleetDocument.parse({ ...declared, nextclouds: [{ ...main, url: 'https://C.example:443/' }] });
  expect(summary(spelled, existing)).toEqual({ changes: [], unlisted: [] });
});

describe('a difference is one change', () => {
  test.each<{ name: string; change: (state: FleetState) => FleetState; says: string[] }>([
    {
      name: 'address, user and CA of a Nextcloud',
      change: (s) => ({
        ...s,
        nextclouds: [{ ...s.nextclouds[0]!, url: 'https://old.example', user: 'me', caPem: 'x' }],
      }),
      says: ['update nextcloud main (url https://old.example → https://c.example, user me → harp, CA certificate)'],
    },
    {
      name: 'a password, which is not shown',
      change: (s) => ({ ...s, nextclouds: [{ ...s.nextclouds[0]!, password: 'old' }] }),
      says: ['update nextcloud main (password)'],
    },
    {
      name: 'a password that cannot be unsealed any more',
      change: (s) => ({ ...s, nextclouds: [{ ...s.nextclouds[0]!, password: undefined }] }),
      says: ['update nextcloud main (password)'],
    },
    {
      name: 'subnets of an office',
      change: (s) => ({ ...s, offices: [{ ...s.offices[0]!, subnets: [] }, s.offices[1]!] }),
      says: ['update office north (subnets none → 10.1.0.0/16, 10.2.0.0/16)'],
    },
    {
      name: 'region and time zone of an office, which are taken away when they are not declared',
      change: (s) => ({
        ...s,
        offices: [{ ...s.offices[0]!, region: 'EU', timeZone: 'Europe/Paris' }, s.offices[1]!],
      }),
      says: ['update office north (region EU → none, time zone Europe/Paris → none)'],
    },
    {
      name: 'an office more for a folder',
      change: (s) => ({ ...s, folders: [{ ...s.folders[0]!, offices: ['north'] }] }),
      says: ['create assignment Projects → south'],
    },
  ])('$name', ({ change, says }) => {
    expect(summary(declared, change(existing))).toEqual({ changes: says, unlisted: [] });
  });
});

describe('what is not declared', () => {
  const unused: FleetState = { ...existing, offices: existing.offices.map((office) => ({ ...office, agents: 0 })) };
  const all = ['delete folder Projects', 'delete office north', 'delete office south', 'delete nextcloud main'];

  test('stays, and is named', () => {
    expect(summary(empty, unused)).toEqual({ changes: [], unlisted: all });
  });
  test('goes with prune, children before what they refer to', () => {
    expect(summary(empty, unused, true)).toEqual({ changes: all, unlisted: [] });
  });
  test('an office taken from a folder stays assigned without prune', () => {
    const less = FleetDocument.parse({ ...declared, folders: [{ ...declared.folders[0], offices: ['north'] }] });
    expect(summary(less, existing)).toEqual({ changes: [], unlisted: ['delete assignment Projects → south'] });
    expect(summary(less, existing, true)).toEqual({ changes: ['delete assignment Projects → south'], unlisted: [] });
  });
});

describe('a conflict says where and what to do', () => {
  test.each<{ name: string; document: FleetDocument; prune?: boolean; field: string; says: RegExp }>([
    {
      name: 'another path for a folder',
      document: { ...declared, folders: [{ ...declared.folders[0]!, path: '/Other' }] },
      field: 'folders[0].path',
      says: /distributes main:\/Projects, .*another name.*--prune/,
    },
    {
      name: 'another Nextcloud for a folder',
      document: {
        ...declared,
        nextclouds: [main, { ...main, name: 'second' }],
        folders: [{ ...declared.folders[0]!, nextcloud: 'second' }],
      },
      prune: true,
      field: 'folders[0].nextcloud',
      says: /give second:\/Projects a folder of its own/,
    },
    {
      name: 'another name for a folder',
      document: { ...declared, folders: [{ ...declared.folders[0]!, name: 'Work' }] },
      field: 'folders[0].path',
      says: /folder "Projects" distributes main:\/Projects already/,
    },
    {
      name: 'a name that differs in case from one that stays',
      document: { ...empty, offices: [{ name: 'North', subnets: [] }] },
      field: 'offices[0].name',
      says: /differs from the existing "north"/,
    },
    {
      name: 'the removal of an office that has agents',
      document: empty,
      prune: true,
      field: 'offices',
      says: /"north" is not in the file but has 2 agents: revoke them first/,
    },
  ])('$name', ({ document, prune = false, field, says }) => {
    let refusal: unknown;
    try {
      planFleet(document, existing, { prune });
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(ProblemsError);
    const { code, problems } = refusal as ProblemsError;
    expect(code).toBe('fleet.conflict');
    expect(problems).toEqual([{ field, message: expect.stringMatching(says) }]);
  });

  test('renaming a folder works when the old one is pruned', () => {
    const renamed = { ...declared, folders: [{ ...declared.folders[0]!, name: 'Work' }] };
    expect(summary(renamed, existing, true).changes).toEqual([
      'create folder Work (main:/Projects)',
      'create assignment Work → north',
      'create assignment Work → south',
      'delete folder Projects',
    ]);
  });
});
