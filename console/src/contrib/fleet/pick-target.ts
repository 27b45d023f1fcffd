/** Asking a person for an office or an agent. */
import type { Message } from '../../i18n/messages.ts';
import type { WorkbenchServices } from '../../workbench/model.ts';
import { cutName } from './display-name.ts';
import type { FleetAccess } from './fleet-access.ts';
import { messages } from './messages.ts';
import { agentTarget, type FleetTarget, officeTarget } from './targets.ts';

export interface PickTargetOptions {
  /** The title when the question is only one step of it. */
  title?: Message;
  step?: readonly [number, number];
  /** An id that is not offered. */
  except?: string;
}

/** What the person chose; undefined when nothing was, or when the fleet is not read yet, which the person is told. */
export async function pickTarget(
  services: WorkbenchServices,
  access: FleetAccess,
  kind: FleetTarget['kind'],
  question: Message,
  { title = question, step, except }: PickTargetOptions = {},
): Promise<FleetTarget | undefined> {
  const { quickInput, notifications, text } = services;
  const targets = kind === 'office' ? access.offices().map(officeTarget) : access.agents().map(agentTarget);
  const offered = targets.filter(({ id }) => id !== except);
  if (offered.length === 0) {
    notifications.show({
      severity: 'info',
      source: text(messages.fleet),
      message: text(messages.noneLoaded),
      key: 'fleet.noneLoaded',
    });
    return undefined;
  }
  const chosen = await quickInput.pick({
    title: text(title),
    placeholder: text(question),
    ...(step === undefined ? {} : { step }),
    items: offered.map(({ id, name }) => ({
      id,
      label: cutName(name),
      icon: kind === 'office' ? 'organization' : 'vm',
      description: kind === 'office' ? '' : cutName(access.office(access.agent(id)?.officeId ?? '')?.name ?? ''),
      accept: () => {},
    })),
  });
  return offered.find(({ id }) => id === chosen?.id);
}
