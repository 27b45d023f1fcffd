/** The one list of features. The shell takes it as it is. */
import { sessionContribution } from '../session/session.contribution.ts';
import { joinContributions } from '../workbench/model.ts';
import { shellContributions } from '../workbench/shell-contributions.ts';
import { accessibilityContribution } from './accessibility/accessibility.contribution.ts';
import { accountContribution } from './account/account.contribution.ts';
import { auditContribution } from './audit/audit.contribution.ts';
import { contentContribution } from './content/content.contribution.ts';
import { enrolmentContribution } from './enrolment/enrolment.contribution.ts';
import { eventsContribution } from './events/events.contribution.ts';
import { fleetContribution } from './fleet/fleet.contribution.ts';
import { jobsContribution } from './jobs/jobs.contribution.ts';
import { keyboardContribution } from './keyboard/keyboard.contribution.ts';
import { outputContribution } from './output/output.contribution.ts';
import { peopleContribution } from './people/people.contribution.ts';
import { problemsContribution } from './problems/problems.contribution.ts';
import { savingsContribution } from './savings/savings.contribution.ts';
import { settingsContribution } from './settings/settings.contribution.ts';
import { themesContribution } from './themes/themes.contribution.ts';
import { transfersContribution } from './transfers/transfers.contribution.ts';

export const contributions = joinContributions([
  ...shellContributions,
  sessionContribution,
  accountContribution,
  peopleContribution,
  fleetContribution,
  contentContribution,
  enrolmentContribution,
  auditContribution,
  savingsContribution,
  problemsContribution,
  eventsContribution,
  outputContribution,
  transfersContribution,
  jobsContribution,
  settingsContribution,
  keyboardContribution,
  themesContribution,
  accessibilityContribution,
]);
