/** Who may do what: the actions there are, the roles people have, and the one table of both. The server decides by it, the pages explain by it. */

/** From the one who may most to the one who may least. */
export const roles = ['owner', 'manager', 'helpdesk', 'viewer'] as const;
export type Role = (typeof roles)[number];

const everybody = roles;
const supporters = ['owner', 'manager', 'helpdesk'] as const;
const managers = ['owner', 'manager'] as const;
const owners = ['owner'] as const;

/** Every action, and the roles that may do it. */
export const rolesThatMay = {
  /** See offices, PCs, traffic, events, problems. */
  'fleet.read': everybody,
  /** Make the fleet what a document declares. */
  'fleet.write': managers,
  /** See folders, files and chains. */
  'content.read': everybody,
  /** Have a folder indexed or verified now, export its chain, end such work. Changes nothing that is distributed. */
  'content.check': supporters,
  /** Change what is distributed. */
  'content.write': managers,
  /** Read the logs of PCs, and of the server where the role holds everywhere. */
  'logs.read': supporters,
  /** Let waiting PCs in. */
  'enrol.approve': supporters,
  /** Make, see and revoke enrolment tokens. */
  'enrol.token': managers,
  /** Shut a PC out. For ever, therefore not for the helpdesk. */
  'agent.revoke': managers,
  'policy.write': managers,
  'policy.publish': managers,
  /** See who changed what. */
  'audit.read': managers,
  /** Check the log's chain and take the log away: both only whole. */
  'audit.export': managers,
  /** See who has which role. */
  'people.read': managers,
  /** Invite people, give and take roles. Whoever may do this may do everything. */
  'people.write': owners,
  /** Change settings that hold for everybody. */
  'settings.write': owners,
  /** Change what the server connects to and with which secrets. */
  'server.write': owners,
} as const satisfies Record<string, readonly Role[]>;

export type Action = keyof typeof rolesThatMay;

/** Every action, in the order of the table. */
export const actions = Object.keys(rolesThatMay) as [Action, ...Action[]];

/** What concerns everybody at once: only a role that holds in the whole organisation is enough. */
export const organisationWide: ReadonlySet<Action> = new Set<Action>([
  'fleet.write',
  'audit.export',
  'people.read',
  'people.write',
  'settings.write',
  'server.write',
]);

/** Whether a role may do something where it holds. */
export function roleMay(role: Role, action: Action): boolean {
  return (rolesThatMay[action] as readonly Role[]).includes(role);
}
