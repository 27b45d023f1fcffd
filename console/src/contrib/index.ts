/** The one list of features. The shell takes it as it is. */
import { sessionContribution } from '../session/session.contribution.ts';
import { joinContributions } from '../workbench/model.ts';
import { notificationsContribution } from '../workbench/notifications/notifications.contribution.ts';
import { quickInputContribution } from '../workbench/quick-input/quick-input.contribution.ts';
import { shellContribution } from '../workbench/shell.contribution.ts';
import { contentContribution } from './content/content.contribution.ts';
import { eventsContribution } from './events/events.contribution.ts';
import { fleetContribution } from './fleet/fleet.contribution.ts';
import { savingsContribution } from './savings/savings.contribution.ts';
import { transfersContribution } from './transfers/transfers.contribution.ts';

export const contributions = joinContributions([
  shellContribution,
  quickInputContribution,
  notificationsContribution,
  sessionContribution,
  fleetContribution,
  contentContribution,
  savingsContribution,
  transfersContribution,
  eventsContribution,
]);
